"""The edit of routers/description_generator.py, on its syntax tree.

What is found is looked for by meaning (which environment variable is read, which call makes the chat
service), so that other names, spacing, line endings and half-done edits by hand are all taken. What can't be
edited safely is refused, with what to do by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from .reading import (
    KEY,
    SWITCH,
    assigned_name,
    blocks,
    calls_of,
    demands,
    names_in,
    raises_about_key,
    reads,
    target_name,
)
from .service import CHAT_SERVICE, Service, ServiceError, is_credential_line

if TYPE_CHECKING:
    from collections.abc import Sequence

_IMPORT = "from azure.identity import DefaultAzureCredential"
_SWITCH_NAMES = ("useAzureAD", "use_azure_ad")
"""The new variable's name: as this file's own are written."""
_HARMLESS = frozenset({"isinstance", "str", "len", "bool", "lower", "strip", "None", "True", "False"})


class UneditableError(Exception):
    """The file is in a form that can't be edited safely; `by_hand` says what to do instead."""

    def __init__(self, why: str, by_hand: str) -> None:
        super().__init__(why)
        self.by_hand = by_hand


def sign_in_with_identity(text: str) -> str:
    """Return the source with the identity as the way to sign in when USE_AZURE_AD is `true`.

    The same text comes back where it is so already, in our words.

    Raises:
        UneditableError: it is not valid Python, or in a form that can't be edited safely.

    """
    try:
        module = cst.parse_module(text)
    except cst.ParserSyntaxError as error:
        raise UneditableError(
            f"line {error.raw_line} is not valid Python.", "Repair that line, then try again."
        ) from error
    edited = _with_import(module.visit(_Edit(_find(module), module)))
    return edited.code


@dataclass(frozen=True)
class _Found:
    """The places to edit. `switch` is None where the setting is not read yet."""

    key: cst.SimpleStatementLine
    key_name: str
    switch: cst.SimpleStatementLine | None
    switch_name: str
    demand: cst.If | None
    service: cst.BaseStatement
    made: Service


def _find(module: cst.Module) -> _Found:
    lines = [line for block in blocks(module) for line in block.body]
    key = _only_read(lines, KEY)
    if key is None:
        raise UneditableError(
            f"nothing reads {KEY} into a variable.", f"Read it, as in api_key = os.environ.get({KEY!r})."
        )
    switch = _only_read(lines, SWITCH)
    key_name = assigned_name(key)
    camel, snake = _SWITCH_NAMES
    switch_name = assigned_name(switch) if switch else (camel if "useAzureOpenAI" in module.code else snake)
    if switch is None:
        _is_free(lines, switch_name)
    demand = _demand(lines, key_name, switch_name)
    _in_order(module, key, switch, demand)
    service, made = _service(module, key_name, switch_name)
    return _Found(key, key_name, switch, switch_name, demand, service, made)


def _is_free(lines: Sequence[cst.CSTNode], switch_name: str) -> None:
    """Refuse a file that gives the switch's name to something else, which would undo the edit."""
    if any(isinstance(line, cst.SimpleStatementLine) and target_name(line) == switch_name for line in lines):
        raise UneditableError(
            f"{switch_name} is set, but not from {SWITCH}.",
            f"Read it, as in {switch_name} = os.environ.get({SWITCH!r}).",
        )


def _only_read(lines: Sequence[cst.CSTNode], variable: str) -> cst.SimpleStatementLine | None:
    """Return the one statement that assigns the environment variable, or None."""
    found = [
        line
        for line in lines
        if isinstance(line, cst.SimpleStatementLine) and target_name(line) and reads(line, variable)
    ]
    if len(found) > 1:
        raise UneditableError(f"{variable} is read in {len(found)} places.", "Read it in one place only.")
    return found[0] if found else None


def _demand(lines: Sequence[cst.CSTNode], key_name: str, switch_name: str) -> cst.If | None:
    found = [line for line in lines if isinstance(line, cst.If) and demands(line, key_name)]
    for line in found:
        others = names_in(line.test) - _HARMLESS - {key_name, switch_name, "os", "environ", "get", "getenv"}
        if others:
            raise UneditableError(
                f"the condition that demands {KEY} also looks at {', '.join(sorted(others))}.",
                f"Demand {KEY} in a condition of its own.",
            )
    inside = sum(raises_about_key(line) for line in found)
    everywhere = sum(raises_about_key(line) for line in lines if isinstance(line, cst.SimpleStatementLine))
    if len(found) > 1 or everywhere > inside:
        raise UneditableError(
            f"{KEY} is demanded in several places, or in a form that is not known here.",
            f"Demand {KEY} in one place: if it is missing and {SWITCH} is not true, raise.",
        )
    return found[0] if found else None


def _in_order(
    module: cst.Module, key: cst.CSTNode, switch: cst.CSTNode | None, demand: cst.CSTNode | None
) -> None:
    for block in blocks(module):
        body: list[cst.CSTNode] = list(block.body)
        if key not in body:
            continue
        used = [node for node in (switch, demand) if node is not None]
        if all(node in body for node in used):
            order = [body.index(node) for node in used]
            before_demand = demand is None or body.index(key) < body.index(demand)
            if order == sorted(order) and before_demand:
                return
    raise UneditableError(
        f"{SWITCH} or {KEY} is read after it is used, or elsewhere.",
        f"Read both next to each other, above the condition that demands {KEY}.",
    )


def _service(module: cst.Module, key_name: str, switch_name: str) -> tuple[cst.BaseStatement, Service]:
    targets = list(_service_statements(module, switch_name))
    if len(targets) != 1:
        count = "nothing makes" if not targets else f"{len(targets)} statements make"
        raise UneditableError(
            f"{count} {CHAT_SERVICE}.", f"Make {CHAT_SERVICE} in one place, or edit the file by hand."
        )
    try:
        return targets[0], Service.of(targets[0], key_name)
    except ServiceError as error:
        raise UneditableError(str(error), "Edit this part by hand, as the page shows.") from error


def _service_statements(block: cst.Module | cst.BaseSuite, switch_name: str) -> Sequence[cst.BaseStatement]:
    """Return the outermost statements to replace: a branch on the switch, or one that makes the service."""
    found: list[cst.BaseStatement] = []
    for line in block.body:
        if not isinstance(line, cst.BaseStatement) or not calls_of(line, CHAT_SERVICE):
            continue
        branches = isinstance(line, cst.If) and (
            switch_name in names_in(line.test) or reads(line.test, SWITCH)
        )
        if branches or isinstance(line, cst.SimpleStatementLine):
            found.append(line)
            continue
        for item in _own_blocks(line):
            found.extend(_service_statements(item, switch_name))
    return found


def _own_blocks(line: cst.BaseStatement) -> Sequence[cst.IndentedBlock]:
    """Return the blocks that the statement is made of, without the blocks inside of those."""
    inner = [item for item in blocks(line) if isinstance(item, cst.IndentedBlock)]
    deeper = {id(other) for item in inner for other in blocks(item) if other is not item}
    return [item for item in inner if id(item) not in deeper]


class _Edit(m.MatcherDecoratableTransformer):
    """Replaces what was found, block by block; all else stays as it was written, to the letter."""

    def __init__(self, found: _Found, module: cst.Module) -> None:
        super().__init__()
        self._found = found
        self._module = module

    def leave_Module(self, original_node: cst.Module, updated_node: cst.Module) -> cst.Module:  # noqa: N802
        return updated_node.with_changes(body=self._body(original_node.body, updated_node.body))

    def leave_IndentedBlock(  # noqa: N802 - the name that LibCST calls
        self, original_node: cst.IndentedBlock, updated_node: cst.IndentedBlock
    ) -> cst.IndentedBlock:
        return updated_node.with_changes(body=self._body(original_node.body, updated_node.body))

    def _body(self, original: Sequence[cst.CSTNode], updated: Sequence[cst.CSTNode]) -> list[cst.CSTNode]:
        found = self._found
        body: list[cst.CSTNode] = []
        settings = [line for line in original if line is found.key or line is found.switch]
        for before, after in zip(original, updated, strict=True):
            if before is found.key:
                body.append(_gentle(after))
                if found.switch is None:
                    body.append(self._read_switch())
            elif before is found.switch:
                body.append(_gentle(after))
            elif before is found.demand and isinstance(after, cst.If):
                body.append(after.with_changes(test=self._missing_key(after.test)))
            elif before is found.service:
                while body and is_credential_line(body[-1]):
                    body.pop()
                body.append(self._found.made.branch(before, self._snippet, found.switch_name))
            else:
                body.append(after)
            if found.demand is None and settings and before is settings[-1]:
                body.append(self._demand())
        return body

    def _read_switch(self) -> cst.BaseStatement:
        """Return the statement that reads the setting, in the way the key is read."""
        line = self._found.key.visit(_Renamer({self._found.key_name: self._found.switch_name}))
        assert isinstance(line, cst.SimpleStatementLine)  # noqa: S101 - for the type checker: it stays one
        return _gentle(line.with_changes(leading_lines=()))

    def _demand(self) -> cst.BaseStatement:
        return self._snippet(
            f"if {self._condition()}:\n"
            f'    raise Exception("{KEY} environment variable must be set when {SWITCH} is not true")\n'
        )

    def _missing_key(self, test: cst.BaseExpression) -> cst.BaseExpression:
        wanted = cst.parse_expression(self._condition())
        return test if test.deep_equals(wanted) else wanted

    def _condition(self) -> str:
        return f'not {self._found.key_name} and str({self._found.switch_name}).lower() != "true"'

    def _snippet(self, code: str) -> cst.BaseStatement:
        """Parse code in the file's own indentation and line endings."""
        code = code.replace("    ", self._module.default_indent).replace("\n", self._module.default_newline)
        statement = cst.parse_statement(code, config=self._module.config_for_parsing)
        assert isinstance(statement, cst.BaseStatement)  # noqa: S101 - for the type checker: it always is
        return statement


class _Renamer(cst.CSTTransformer):
    """Turns the reading of the key into the reading of the switch."""

    def __init__(self, names: dict[str, str]) -> None:
        super().__init__()
        self._names = names

    def leave_Name(self, original_node: cst.Name, updated_node: cst.Name) -> cst.Name:  # noqa: N802
        new = self._names.get(original_node.value)
        return updated_node.with_changes(value=new) if new else updated_node

    def leave_SimpleString(  # noqa: N802 - the name that LibCST calls
        self, original_node: cst.SimpleString, updated_node: cst.SimpleString
    ) -> cst.SimpleString:
        return updated_node.with_changes(value=original_node.value.replace(KEY, SWITCH))


def _gentle(line: cst.CSTNode) -> cst.BaseStatement:
    """Turn `environ["NAME"]`, which fails where the variable is not set, into `environ.get("NAME")`."""
    hard = m.Subscript(
        value=m.Attribute(attr=m.Name("environ")) | m.Name("environ"),
        slice=[m.SubscriptElement(slice=m.Index(value=m.SimpleString()))],
    )

    def soften(node: cst.CSTNode, _: object) -> cst.CSTNode:
        assert isinstance(node, cst.Subscript)  # noqa: S101 - for the type checker: the matcher saw to it
        index = node.slice[0].slice
        assert isinstance(index, cst.Index)  # noqa: S101 - as above
        return cst.Call(func=cst.Attribute(node.value, cst.Name("get")), args=[cst.Arg(index.value)])

    replaced = m.replace(line, hard, soften)
    assert isinstance(replaced, cst.BaseStatement)  # noqa: S101 - for the type checker: nothing is removed
    return replaced


def _with_import(module: cst.Module) -> cst.Module:
    """Import the credential at the top: below the docstring and `from __future__`, above all else."""
    wanted = m.ImportFrom(
        module=m.Attribute(value=m.Name("azure"), attr=m.Name("identity")),
        names=[
            m.ZeroOrMore(),
            m.ImportAlias(name=m.Name("DefaultAzureCredential"), asname=None),
            m.ZeroOrMore(),
        ],
    )
    if any(m.matches(line, m.SimpleStatementLine(body=[wanted])) for line in module.body):
        return module
    place = 0
    for index, line in enumerate(module.body):
        docstring = index == 0 and m.matches(
            line, m.SimpleStatementLine(body=[m.Expr(m.SimpleString() | m.ConcatenatedString())])
        )
        future = m.matches(line, m.SimpleStatementLine(body=[m.ImportFrom(module=m.Name("__future__"))]))
        if docstring or future:
            place = index + 1
    line = cst.parse_statement(f"{_IMPORT}{module.default_newline}", config=module.config_for_parsing)
    if place:
        line = line.with_changes(leading_lines=[cst.EmptyLine(indent=False)])
    return module.with_changes(body=[*module.body[:place], line, *module.body[place:]])
