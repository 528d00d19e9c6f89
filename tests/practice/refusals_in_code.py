"""Every refusal the practice cloud's code can give, read from its syntax trees: status, code and words.

A text is a template: `{}` stands for what is filled in at run time. Where code or text are filled in as a
whole, a helper was found; its calls are read instead.
"""

from __future__ import annotations

import ast
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import workshop_tui.practice

if TYPE_CHECKING:
    from collections.abc import Iterator

ROOT = Path(workshop_tui.practice.__file__).parent
FILLED = "{}"


@dataclass(frozen=True, slots=True, order=True)
class Refusal:
    """One answer that says no."""

    service: str
    status: int
    code: str
    text: str

    def __str__(self) -> str:
        """As the list of the unproven shows it."""
        words = self.text if len(self.text) < 70 else f"{self.text[:69]}…"  # a line's width
        return f"{self.service} {self.status} {self.code}: {words}"


@dataclass(frozen=True, slots=True)
class _Maker:
    """How a call that makes a refusal carries its parts: the place of an argument, or the value itself."""

    name: str
    status: int | ast.Constant
    code: int | str | ast.Constant
    text: int
    otherwise: str = ""


def _is(value: int | str) -> ast.Constant:
    return ast.Constant(value)


_ARM = (
    _Maker("Refused", 0, 1, 2),
    _Maker("bad_request", _is(400), 1, 0, otherwise="BadRequest"),
    _Maker("_unauthorized", _is(401), 0, 1),
)
_CLUSTER = (
    _Maker("ApiError", 0, 1, 2),
    _Maker("bad_request", _is(400), _is("BadRequest"), 0),
    _Maker("_denied", _is(400), _is(""), 0),
    _Maker("_unreachable", _is(500), _is("InternalError"), 0),
    _Maker("PatchError", _is(500), _is(""), 0),
    _Maker("MalformedPatchError", _is(400), _is("BadRequest"), 0),
    _Maker("SelectorError", _is(400), _is("BadRequest"), 0),
    _Maker("ProtobufError", _is(415), _is("UnsupportedMediaType"), 0),
    _Maker("forbidden", _is(403), _is("Forbidden"), 2),
    _Maker("conflict", _is(409), _is("Conflict"), 2),
    _Maker("Fault", _is(422), 0, 2),
    _Maker("invalid_value", _is(422), _is("FieldValueInvalid"), 2),
    _Maker("required_value", _is(422), _is("FieldValueRequired"), 1),
    _Maker("forbidden_value", _is(422), _is("FieldValueForbidden"), 1),
    _Maker("_invalid", _is(422), _is("FieldValueInvalid"), 2),
    _Maker("_forbidden", _is(422), _is("FieldValueForbidden"), 1),
    _Maker("_required", _is(422), _is("FieldValueRequired"), 1),
)
_MAKERS: tuple[tuple[str, str, tuple[_Maker, ...]], ...] = (
    ("arm", "arm/**/*.py", _ARM),
    ("entra", "entra/**/*.py", (_Maker("Refusal", 2, 0, 3),)),
    ("graph", "graph*.py", (_Maker("RefusedGraph", 0, 1, 2),)),
    ("openai", "openai.py", (_Maker("refused", 0, 1, 2), _Maker("RefusedChat", 0, _is("(flat)"), 1))),
    ("openai", "model_text.py", (_Maker("InvalidChatError", _is(400), _is("invalid_request_error"), 0),)),
    ("issuer", "cluster/issuer.py", (_Maker("HTTPException", 0, _is("Not Found"), 1),)),
    ("registry", "registry/**/*.py", (_Maker("RegistryError", 0, 1, 2),)),
    *(
        ("kubernetes", f"cluster/{place}*.py", _CLUSTER)
        for place in ("", "api/", "patch/", "schema/", "validating/", "streams/")
    ),
)


def refusals_in_code() -> list[Refusal]:
    """Return them all, sorted, each once."""
    found: set[Refusal] = set()
    for service, pattern, makers in _MAKERS:
        by_name = {each.name: each for each in makers}
        for file in ROOT.glob(pattern):
            found.update(_in_file(service, ast.parse(file.read_text("utf-8")), by_name))
    return sorted(found)


def _in_file(service: str, tree: ast.Module, makers: dict[str, _Maker]) -> Iterator[Refusal]:
    for scope in [tree, *(each for each in ast.walk(tree) if isinstance(each, _FUNCTIONS))]:
        for call in _calls_of(scope):
            maker = makers.get(_name_of(call.func))
            made = maker and _read(service, call, maker, [scope, tree])
            if made:
                yield made


_FUNCTIONS = (ast.FunctionDef, ast.AsyncFunctionDef)


def _calls_of(scope: ast.AST) -> Iterator[ast.Call]:
    """Return the calls of a function, or of a module outside its functions."""
    for child in ast.iter_child_nodes(scope):
        if isinstance(child, _FUNCTIONS):
            continue
        if isinstance(child, ast.Call):
            yield child
        yield from _calls_of(child)


def _name_of(function: ast.expr) -> str:
    return function.attr if isinstance(function, ast.Attribute) else getattr(function, "id", "")


def _read(service: str, call: ast.Call, maker: _Maker, scopes: list[ast.AST]) -> Refusal | None:
    status = _argument(call, maker.status)
    code = _argument(call, maker.code) or (_is(maker.otherwise) if maker.otherwise else None)
    text = _argument(call, maker.text)
    if not (isinstance(status, ast.Constant) and isinstance(code, ast.Constant)):
        return None
    if text is None and service != "issuer":
        return None  # a helper's default words are read where the helper is written
    words = "" if text is None else _words(text, scopes)
    if words == FILLED:
        return None  # a helper, or somebody else's words handed on: read where they are made
    return Refusal(service, int(str(status.value)), str(code.value), " ".join(words.split()))


def _argument(call: ast.Call, place: int | str | ast.Constant) -> ast.expr | None:
    if isinstance(place, ast.Constant):
        return place
    return call.args[place] if isinstance(place, int) and place < len(call.args) else None


def _words(node: ast.expr, scopes: list[ast.AST]) -> str:  # noqa: PLR0911  # a return per kind of node
    match node:
        case ast.Constant(value=str(text)):
            return text
        case ast.JoinedStr(values=parts):
            return "".join(_words(part, scopes) for part in parts)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _words(left, scopes) + _words(right, scopes)
        case ast.Dict(values=values):
            found = [_words(each, scopes) for each in values if not isinstance(each, ast.Constant)]
            return found[0] if found else FILLED
        case ast.FormattedValue(value=ast.Name() as inside):
            return _words(inside, scopes) if _is_fixed(inside.id, scopes) else FILLED
        case ast.Name(id=name):
            return _assigned(name, node.lineno, scopes)
        case _:
            return FILLED


def _is_fixed(name: str, scopes: list[ast.AST]) -> bool:
    """Whether a name in the midst of a text has one value: else it is filled in at run time."""
    made = [each for each in ast.walk(scopes[0]) if isinstance(each, ast.Assign)]
    within = [each for each in made if [_name_of(target) for target in each.targets] == [name]]
    return len(within) <= 1 or isinstance(scopes[0], ast.Module)


def _assigned(name: str, line: int, scopes: list[ast.AST]) -> str:
    """Return the words a name stands for at a line: its last assignment before, and what was added since."""
    for scope in scopes:
        whole: str | None = None
        within = scope.body if isinstance(scope, ast.Module) else ast.walk(scope)
        made = [each for each in within if isinstance(each, ast.Assign | ast.AugAssign)]
        for node in sorted(made, key=lambda each: each.lineno):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            if node.lineno < line and [_name_of(each) for each in targets] == [name]:
                words = _words(node.value, scopes)
                whole = (whole or "") + words if isinstance(node, ast.AugAssign) else words
        if whole is not None:
            return whole
    return FILLED
