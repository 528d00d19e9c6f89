"""The statement that makes the chat service, and its two ways of signing in."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from .reading import calls_of

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

CHAT_SERVICE = "AzureChatCompletion"
_KEY_PLACE = 2
"""`AzureChatCompletion(deployment_name, endpoint, api_key, …)`: the key is the third argument."""
_MARKS = frozenset({"ad_auth", "ad_token", "ad_token_provider", "azure_ad_token"})
_TOKEN_SCOPE = "https://cognitiveservices.azure.com/.default"  # noqa: S105 - a scope's public name


class ServiceError(Exception):
    """The chat service is made in a form that can't be edited safely."""


@dataclass(frozen=True)
class Service:
    """A statement that makes the chat service, in its form with a key and in its form with a token."""

    with_key: cst.SimpleStatementLine
    with_token: cst.SimpleStatementLine

    @classmethod
    def of(cls, statement: cst.BaseStatement, key_name: str) -> Service:
        """Read it out of a single statement, or out of a branch that makes it both ways.

        Raises:
            ServiceError: there is something in it that would be lost.

        """
        makers = []
        for line in _simple_lines(statement):
            calls = calls_of(line, CHAT_SERVICE)
            if len(calls) > 1:
                raise ServiceError(f"one line makes {CHAT_SERVICE} more than once.")
            if calls:
                makers.append((line, calls[0]))
            elif not _expendable(line):
                code = cst.Module([line.with_changes(leading_lines=())]).code.strip()
                raise ServiceError(f"beside {CHAT_SERVICE} there is another line: {code}")
        plain = [maker for maker in makers if not _is_marked(maker[1])]
        line, call = (plain or makers)[0]
        key = cst.Name(key_name)
        return cls(
            with_key=_replaced(line, call, _signed(call, key, marked=False)),
            with_token=_replaced(
                line, call, _signed(call, cst.parse_expression("access_token.token"), marked=True)
            ),
        )

    def branch(
        self, old: cst.CSTNode, snippet: Callable[[str], cst.BaseStatement], switch_name: str
    ) -> cst.CSTNode:
        """Return the branch on the switch that takes the old statement's place; the old where it is equal."""
        if is_right_branch(old):
            return old
        frame = snippet(
            f'if str({switch_name}).lower() == "true":\n'
            "    # The pod, or whoever runs this, signs in as itself: no key is needed.\n"
            "    credential = DefaultAzureCredential()\n"
            f'    access_token = credential.get_token("{_TOKEN_SCOPE}")\n'
            "else:\n"
            "    pass\n"
        )
        assert isinstance(frame, cst.If)  # noqa: S101 - for the type checker: see its text
        assert isinstance(frame.orelse, cst.Else)  # noqa: S101 - as above
        new = frame.with_changes(
            body=frame.body.with_changes(body=[*frame.body.body, self.with_token]),
            orelse=frame.orelse.with_changes(body=cst.IndentedBlock([self.with_key])),
            leading_lines=getattr(old, "leading_lines", ()),
        )
        return old if _code(old) == _code(new) else new


def is_right_branch(statement: cst.CSTNode) -> bool:
    """Say whether a statement branches on the text true, to the token's form and to the key's."""
    if not isinstance(statement, cst.If) or not isinstance(statement.orelse, cst.Else):
        return False
    on_true = m.findall(statement.test, m.SimpleString(m.MatchIfTrue(lambda text: text[1:-1] == "true")))
    turned = m.findall(statement.test, m.NotEqual() | m.Not())
    asks = m.findall(statement.body, m.SimpleString(m.MatchIfTrue(lambda text: text[1:-1] == _TOKEN_SCOPE)))
    token_form = [_is_marked(call) for call in calls_of(statement.body, CHAT_SERVICE)]
    key_form = [_is_marked(call) for call in calls_of(statement.orelse, CHAT_SERVICE)]
    return bool(on_true and asks and not turned) and token_form == [True] and key_form == [False]


def is_credential_line(line: cst.CSTNode) -> bool:
    """Say whether a line only gets a credential or a token: what a half-done edit leaves before the call."""
    gets = m.Assign(
        value=m.Call(func=m.Name(m.MatchIfTrue(lambda name: name.endswith("Credential"))))
        | m.Call(func=m.Attribute(attr=m.Name("get_token")))
    ) | m.AnnAssign(
        value=m.Call(func=m.Name(m.MatchIfTrue(lambda name: name.endswith("Credential"))))
        | m.Call(func=m.Attribute(attr=m.Name("get_token")))
    )
    return m.matches(line, m.SimpleStatementLine(body=[gets]))


def _code(node: cst.CSTNode) -> str:
    return cst.Module([node]).code  # type: ignore[list-item] # any node can be written out so


def _simple_lines(statement: cst.BaseStatement) -> Iterator[cst.SimpleStatementLine]:
    if isinstance(statement, cst.SimpleStatementLine):
        yield statement
        return
    if isinstance(statement, cst.If):
        parts: list[cst.BaseSuite | cst.If] = [statement.body]
        if isinstance(statement.orelse, cst.If):
            parts.append(statement.orelse)
        elif isinstance(statement.orelse, cst.Else):
            parts.append(statement.orelse.body)
        for part in parts:
            lines = [part] if isinstance(part, cst.If) else part.body
            for line in lines:
                if not isinstance(line, cst.BaseStatement):
                    raise ServiceError("a branch is written on one line.")
                yield from _simple_lines(line)
        return
    raise ServiceError(f"{CHAT_SERVICE} is made inside of something that is not known here.")


def _expendable(line: cst.SimpleStatementLine) -> bool:
    """Say whether the line may be replaced: a message, `pass`, or the getting of a token."""
    says = m.Expr(m.Call(func=m.Name("print") | m.Attribute(value=m.Name("logging") | m.Name("logger"))))
    return is_credential_line(line) or m.matches(line, m.SimpleStatementLine(body=[says | m.Pass()]))


def _is_marked(call: cst.Call) -> bool:
    return any(item.keyword is not None and item.keyword.value in _MARKS for item in call.args)


def _signed(call: cst.Call, secret: cst.BaseExpression, *, marked: bool) -> cst.Call:
    """Return the call with the secret as its key, marked as a token or not."""
    if any(item.star for item in call.args):
        raise ServiceError(f"{CHAT_SERVICE} is called with unpacked arguments.")
    kept = [item for item in call.args if item.keyword is None or item.keyword.value not in _MARKS]
    place = next(
        (
            index
            for index, item in enumerate(kept)
            if item.keyword is not None and item.keyword.value == "api_key"
        ),
        _KEY_PLACE if len(kept) > _KEY_PLACE and kept[_KEY_PLACE].keyword is None else None,
    )
    if place is None:
        raise ServiceError(f"it can't be told where {CHAT_SERVICE} takes its key.")
    args = [item.with_changes(value=secret) if index == place else item for index, item in enumerate(kept)]
    if marked:
        last = args[-1]
        ending = call.args[-1].comma
        comma = ending if isinstance(ending, cst.Comma) else cst.MaybeSentinel.DEFAULT
        mark = cst.Arg(
            keyword=cst.Name("ad_auth"),
            value=cst.Name("True"),
            equal=cst.AssignEqual(cst.SimpleWhitespace(""), cst.SimpleWhitespace("")),
            comma=comma,
        )
        separator = cst.Comma(whitespace_after=cst.SimpleWhitespace(" "))
        args = [*args[:-1], last.with_changes(comma=separator), mark]
    elif len(kept) < len(call.args):
        args[-1] = args[-1].with_changes(comma=call.args[-1].comma)
    return call.with_changes(args=args)


def _replaced(line: cst.SimpleStatementLine, old: cst.Call, new: cst.Call) -> cst.SimpleStatementLine:
    replaced = line.deep_replace(old, new)
    assert isinstance(replaced, cst.SimpleStatementLine)  # noqa: S101 - for the type checker
    return replaced.with_changes(leading_lines=())
