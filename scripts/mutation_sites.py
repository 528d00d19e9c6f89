"""Small faults for Python code: every place where one can be put, and the code with it in.

A fault is one change of one expression or statement: another comparison, `and` for `or`, a part of a
condition left out, a condition turned round, another constant, a function that returns nothing, `casefold`
forgotten … What is only said to people is left alone: wording is no judgement, and commands are proven by
running them.
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import TYPE_CHECKING

from mutation_faults import Slot, called_name, faults

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path
    from types import CodeType

NOTE = "__note_call__"
"""The built-in function that noting code calls."""
_LONGEST = 90
"""How many characters of code a fault is named with."""
_SAYING = {"passed", "command", "kubectl", "kubectl_apply", "visible", "difference"}
"""Calls of which every argument is for people, or a command's word."""
_CAUSE_FIRST = {"failed", "pending", "unknown", "Refusal", "Trouble"}
"""Calls of which every argument but the first is for people."""
_PATTERNS = {"compile", "search", "fullmatch", "match", "sub", "findall", "split"}
_WORDS = {"observed", "expected", "remedy", "command", "annotation", "returns"}
"""Fields and keywords that hold wording, or types."""


@dataclass(frozen=True)
class Mutant:
    """One fault: in which function (empty: a constant of the module), what stands there, and what instead."""

    file: str
    function: str
    line: int
    before: str
    after: str
    slot: int
    choice: int
    digest: str
    """Of the whole function's text, or the constant's: what was found of the fault holds while it is that."""
    nth: int = 0

    @property
    def name(self) -> str:
        """What it is called in the list of those that may live: holds while its function stays as it is."""
        again = f" ({self.nth + 1})" if self.nth else ""
        return f"{self.function or 'module'}: {self.before} → {self.after}{again}"

    @property
    def place(self) -> str:
        """Its name with its file."""
        return f"{self.file}: {self.name}"


def mutants_of(root: Path, file: Path, *, judging: set[str] | None = None) -> list[Mutant]:
    """Return every fault that can be put into a file; with `judging`, into those functions alone."""
    found: list[Mutant] = []
    for name, unit in _units(ast.parse(file.read_text(encoding="utf-8"))):
        if judging is not None and name and name not in judging:
            continue
        seen: Counter[tuple[str, str]] = Counter()
        where, digest = file.relative_to(root).as_posix(), sha256(ast.unparse(unit).encode()).hexdigest()[:16]
        for number, slot in enumerate(_slots(unit, constant=not name)):
            for choice, node in enumerate(faults(slot)):
                before, after = _text(slot.node), _text(node)
                nth = seen[before, after]
                seen[before, after] += 1
                line = getattr(slot.node, "lineno", unit.lineno)
                found.append(Mutant(where, name, line, before, after, number, choice, digest, nth))
    return found


def code_with(root: Path, mutant: Mutant) -> tuple[CodeType, list[ast.stmt]]:
    """Return the module's code with the fault in it; and its constants from the faulty one on, if one is."""
    file = root / mutant.file
    tree = ast.parse(file.read_text(encoding="utf-8"))
    units = list(_units(tree))
    for place, (name, unit) in enumerate(units):
        if name != mutant.function:
            continue
        slots = list(_slots(unit, constant=not name))
        if mutant.slot >= len(slots) or _text(slots[mutant.slot].node) != mutant.before:
            continue
        slot = slots[mutant.slot]
        node = list(faults(slot))[mutant.choice]
        if _text(node) != mutant.after or getattr(slot.node, "lineno", mutant.line) != mutant.line:
            continue
        slot.put(node)
        ast.fix_missing_locations(tree)
        # Later constants are made out of earlier ones.
        constants = [] if name else [later for function, later in units[place:] if not function]
        return compile(tree, str(file), "exec", dont_inherit=True), constants
    raise LookupError(mutant.name)


def code_that_notes(file: Path) -> CodeType:
    """Return the module's code in which every function tells the built-in NOTE that it was called."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    for name, unit in _units(tree):
        if isinstance(unit, (ast.FunctionDef, ast.AsyncFunctionDef)):
            words = [ast.Constant(str(file)), ast.Constant(name)]
            call = ast.Expr(ast.Call(ast.Name(NOTE, ast.Load()), words, []))
            unit.body.insert(0, ast.copy_location(call, unit.body[0]))
    ast.fix_missing_locations(tree)
    return compile(tree, str(file), "exec", dont_inherit=True)


def judging_functions(folder: Path) -> set[str]:
    """Return the functions of a step's package that are checks, or are called by one."""
    functions, neighbours = {}, set()
    for file in sorted(folder.glob("*.py")):
        tree = ast.parse(file.read_text(encoding="utf-8"))
        # A step's action and reset judge nothing, whatever a check calls its variables.
        functions |= {name: unit for name, unit in _units(tree) if name and not _changes(unit)}
        imports = [item for item in ast.walk(tree) if isinstance(item, ast.ImportFrom) and item.level]
        neighbours |= {alias.asname or alias.name for item in imports for alias in item.names}
    reached = {name for name, unit in functions.items() if _is_check(unit)}
    waiting = sorted(reached)
    while waiting:
        new = (_names_in(functions[waiting.pop()], neighbours) & functions.keys()) - reached
        reached |= new
        waiting += sorted(new)
    return reached


def _names_in(unit: ast.stmt, modules: set[str]) -> set[str]:
    """Return the names that a function uses, and those that it takes from modules beside its own."""
    names = {item.id for item in ast.walk(unit) if isinstance(item, ast.Name)}
    taken = [item for item in ast.walk(unit) if isinstance(item, ast.Attribute)]
    return names | {
        item.attr for item in taken if isinstance(item.value, ast.Name) and item.value.id in modules
    }


def _changes(unit: ast.stmt) -> bool:
    decorators = getattr(unit, "decorator_list", ())
    return any(isinstance(item, ast.Name) and item.id in {"action", "reset"} for item in decorators)


def _is_check(unit: ast.stmt) -> bool:
    return any(
        isinstance(item, ast.Call) and isinstance(item.func, ast.Name) and item.func.id == "check"
        for item in getattr(unit, "decorator_list", ())
    )


def _units(tree: ast.Module) -> Iterator[tuple[str, ast.stmt]]:
    """Yield functions and methods by their names, and the module's constants without one."""
    for item in tree.body:
        if isinstance(item, (ast.FunctionDef, ast.AsyncFunctionDef)):
            yield item.name, item
        elif isinstance(item, ast.ClassDef):
            for method in item.body:
                if isinstance(method, (ast.FunctionDef, ast.AsyncFunctionDef)):
                    yield f"{item.name}.{method.name}", method
        elif isinstance(item, (ast.Assign, ast.AnnAssign)):
            yield "", item


def _slots(unit: ast.AST, *, constant: bool, spoken: bool = False) -> Iterator[Slot]:
    """Yield the places below a node, from the top; not those of wording, types and decorators."""
    for field, value in ast.iter_fields(unit):
        if field in {"decorator_list", "annotation", "returns", "targets", "target"}:
            continue
        values = list(enumerate(value)) if isinstance(value, list) else [(None, value)]
        for index, node in values:
            if not isinstance(node, ast.AST) or isinstance(node, ast.arguments) or _is_documentation(node):
                continue
            said = spoken or _is_spoken(unit, field, index, node, constant=constant)
            if not said:
                yield Slot(unit, field, index, node)
            yield from _slots(node, constant=constant, spoken=said)


def _is_documentation(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _is_spoken(parent: ast.AST, field: str, index: int | None, node: ast.AST, *, constant: bool) -> bool:
    """Return whether a node is for people: a finding's wording, a sentence, a mapping's text."""
    if isinstance(parent, ast.keyword) and parent.arg in _WORDS:
        return True
    called = called_name(parent) if isinstance(parent, ast.Call) and field == "args" else ""
    if called in _SAYING or (called in _CAUSE_FIRST and index):
        return True
    if isinstance(node, ast.JoinedStr) and called not in _PATTERNS:
        return any(isinstance(part, ast.Constant) and " " in str(part.value) for part in node.values)
    if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or " " not in node.value:
        return False
    if constant and isinstance(parent, (ast.Tuple, ast.Assign, ast.AnnAssign)):
        return node.value[0].isupper()
    return called not in _PATTERNS and not isinstance(parent, ast.Compare)


def _text(node: ast.AST) -> str:
    try:
        text = " ".join(ast.unparse(node).split())
    except ValueError:  # a piece of an f-string has no text of its own
        text = repr(getattr(node, "value", node))
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]}…"


def renumbered(mutants: list[Mutant]) -> list[Mutant]:
    """Return them with equal names of one file told apart."""
    seen: Counter[tuple[str, str]] = Counter()
    found = []
    for mutant in mutants:
        key = (mutant.file, replace(mutant, nth=0).name)
        found.append(replace(mutant, nth=seen[key]))
        seen[key] += 1
    return found
