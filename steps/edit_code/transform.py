"""The edit of routers/description_generator.py, on its syntax tree.

Where to edit is found by meaning (`places.py`); all that is not edited stays as it was written, line endings
and indentation included.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import libcst as cst
import libcst.matchers as m

from .places import Places, UneditableError, find_places
from .reading import KEY, SWITCH
from .service import is_credential_line

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["UneditableError", "sign_in_with_identity"]

_IMPORT = "from azure.identity import DefaultAzureCredential"


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
    edited = _with_import(module.visit(_Edit(find_places(module), module)))
    return edited.code


class _Edit(m.MatcherDecoratableTransformer):
    """Replaces what was found, block by block; all else stays as it was written, to the letter."""

    def __init__(self, found: Places, module: cst.Module) -> None:
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
