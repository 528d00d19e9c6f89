"""The small faults that one expression or statement can have."""

from __future__ import annotations

import ast
import copy
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

_OPPOSITE: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq,
    ast.Lt: ast.LtE,
    ast.LtE: ast.Lt,
    ast.Gt: ast.GtE,
    ast.GtE: ast.Gt,
    ast.In: ast.NotIn,
    ast.NotIn: ast.In,
    ast.Is: ast.IsNot,
    ast.IsNot: ast.Is,
}
_ORDERS = (ast.Lt, ast.LtE, ast.Gt, ast.GtE)
_FORGOTTEN = {"casefold", "lower", "upper", "strip", "rstrip", "lstrip"}
_SWAPPED = {"startswith": "endswith", "endswith": "startswith", "any": "all", "all": "any", "min": "max"}
_SWAPPED |= {"max": "min"}


@dataclass(frozen=True)
class Slot:
    """A place in the tree where a node hangs."""

    parent: ast.AST
    field: str
    index: int | None
    node: ast.AST

    def put(self, node: ast.AST) -> None:
        """Hang another node there."""
        if self.index is None:
            setattr(self.parent, self.field, node)
        else:
            getattr(self.parent, self.field)[self.index] = node


def faults(slot: Slot) -> Iterator[ast.AST]:
    """Yield what could stand in a place by mistake, one change each."""
    node = slot.node
    if isinstance(node, ast.Compare):
        for place, operator in enumerate(node.ops):
            if type(operator) in _OPPOSITE:
                operators = [*node.ops]
                operators[place] = _OPPOSITE[type(operator)]()
                yield ast.Compare(node.left, operators, node.comparators)
    elif isinstance(node, (ast.BoolOp, ast.UnaryOp, ast.BinOp)):
        yield from _operations(node)
    elif isinstance(node, ast.Constant):
        stripped = isinstance(slot.parent, ast.Call) and called_name(slot.parent) in _FORGOTTEN
        yield from (ast.Constant("~"),) if stripped else _constants(node)
    elif isinstance(node, ast.Call):
        yield from _calls(node)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, (ast.Continue, ast.Break)):
        yield ast.Break() if isinstance(node, ast.Continue) else ast.Continue()
    elif isinstance(node, ast.Expr) and isinstance(node.value, (ast.Yield, ast.YieldFrom)):
        # Still a generator, which yields nothing here.
        yield ast.Expr(ast.YieldFrom(ast.Tuple([], ast.Load())))
    if slot.field in {"test", "ifs"} and isinstance(node, ast.expr) and _can_be_turned(node):
        yield ast.UnaryOp(ast.Not(), node)


def _operations(node: ast.BoolOp | ast.UnaryOp | ast.BinOp) -> Iterator[ast.expr]:
    if isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
        for place in range(len(node.values)):
            left = node.values[:place] + node.values[place + 1 :]
            yield left[0] if len(left) == 1 else ast.BoolOp(node.op, left)
    elif isinstance(node, ast.UnaryOp):
        if isinstance(node.op, ast.Not):
            yield node.operand
    elif isinstance(node.op, (ast.Add, ast.Sub)):
        yield ast.BinOp(node.left, ast.Sub() if isinstance(node.op, ast.Add) else ast.Add(), node.right)


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _can_be_turned(node: ast.expr) -> bool:
    """Return whether turning a condition round is not what another fault does already."""
    if isinstance(node, ast.Compare):
        return any(isinstance(operator, _ORDERS) for operator in node.ops)
    return not isinstance(node, ast.UnaryOp)


def _constants(node: ast.Constant) -> Iterator[ast.expr]:
    if isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node.value, (int, float)):
        yield ast.Constant(node.value + 1)
    elif isinstance(node.value, str):
        yield ast.Constant(f"{node.value}~")


def _calls(node: ast.Call) -> Iterator[ast.expr]:
    if isinstance(node.func, ast.Attribute) and node.func.attr in _FORGOTTEN:
        yield node.func.value
    name = called_name(node)
    if name in _SWAPPED:
        changed = copy.copy(node)
        if isinstance(node.func, ast.Attribute):
            changed.func = ast.Attribute(node.func.value, _SWAPPED[name], ast.Load())
        else:
            changed.func = ast.Name(_SWAPPED[name], ast.Load())
        yield changed


def called_name(call: ast.Call) -> str:
    """Return the name of the function or method that is called, empty where it has none."""
    if isinstance(call.func, ast.Attribute):
        return call.func.attr
    return call.func.id if isinstance(call.func, ast.Name) else ""
