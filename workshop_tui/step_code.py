"""A step's code: importing its package, and finding its checks, action and reset."""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import traceback
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from workshop_tui.facts.engine import needs_of
from workshop_tui.workshop_error import WorkshopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from pathlib import Path

    from workshop_tui.authoring import CheckMark
    from workshop_tui.findings import Finding, Scope


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a step. `id` is unique within its step; `judge` is pure."""

    id: str
    title: str
    scope: Scope
    judge: Callable[..., Finding] = field(repr=False)


@dataclass(frozen=True, slots=True)
class StepCode:
    """What a step's package defines."""

    checks: tuple[Check, ...]
    action: Callable[..., Any] | None
    reset: Callable[..., Any] | None


def load_code(workshop_folder: Path, step_id: str) -> StepCode:
    """Import the step's package and return what it defines, checks in the order of their definition.

    Raises:
        WorkshopError: it cannot be imported, or is not as a step must be.

    """
    file = workshop_folder / "steps" / step_id.replace("-", "_") / "__init__.py"
    module = _import(workshop_folder, step_id.replace("-", "_"), file)
    members = list({id(item): item for item in vars(module).values() if inspect.isfunction(item)}.values())
    checks = tuple(_checks(members, file))
    if not checks:
        raise WorkshopError(f"{file}: the step has no check. Mark at least one function with @check.")
    action = _only(members, "__workshop_action__", "@action", file)
    if action is not None and not inspect.isasyncgenfunction(action):
        raise WorkshopError(f"{place(action)}: an @action is an `async def` that yields its progress.")
    reset = _only(members, "__workshop_reset__", "@reset", file)
    if reset is not None and (inspect.iscoroutinefunction(reset) or inspect.isasyncgenfunction(reset)):
        raise WorkshopError(f"{place(reset)}: a @reset is a plain function that returns a list of Undo.")
    for function in (action, reset):
        if function is not None:
            _validate_types(function)
    return StepCode(checks, action, reset)


def place(function: Callable[..., Any]) -> str:
    """Return `file:line` of the function."""
    code = function.__code__
    return f"{code.co_filename}:{code.co_firstlineno}"


def _import(workshop_folder: Path, name: str, file: Path) -> ModuleType:
    """Import the step's package below a parent of its workshop's own, so that two workshops never mix.

    The parent makes `from ..shared import …` work between the modules of one workshop.
    """
    folder = workshop_folder.resolve() / "steps"
    parent_name = f"workshop_steps_{hashlib.sha256(str(folder).encode()).hexdigest()[:10]}"
    if parent_name not in sys.modules:
        parent = ModuleType(parent_name)
        parent.__path__ = [str(folder)]
        sys.modules[parent_name] = parent
    full_name = f"{parent_name}.{name}"
    _forget(full_name)
    spec = importlib.util.spec_from_file_location(
        full_name, file, submodule_search_locations=[str(file.parent)]
    )
    if spec is None or spec.loader is None:
        raise WorkshopError(f"{file} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        # A step's code is its author's: whatever it raises, they need the file, the line and the reason.
        _forget(full_name)
        raise WorkshopError(f"{_where(error, file)}: {type(error).__name__}: {error}") from error
    return module


def _forget(full_name: str) -> None:
    for known in [name for name in sys.modules if name == full_name or name.startswith(f"{full_name}.")]:
        del sys.modules[known]


def _where(error: Exception, file: Path) -> str:
    if isinstance(error, SyntaxError) and error.filename:
        return f"{error.filename}:{error.lineno}"
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if frame.filename.startswith(str(file.parent.parent))
    ]
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else str(file)


def _checks(members: Iterable[Callable[..., Any]], file: Path) -> Iterable[Check]:
    seen: set[str] = set()
    for function in members:
        mark: CheckMark | None = getattr(function, "__workshop_check__", None)
        if mark is None:
            continue
        if mark.id in seen:
            raise WorkshopError(f"{file}: two checks are called {mark.id}. Give one another name.")
        seen.add(mark.id)
        if inspect.iscoroutinefunction(function) or inspect.isgeneratorfunction(function):
            raise WorkshopError(f"{place(function)}: a @check is a plain function that returns a Finding.")
        _validate_types(function)
        yield Check(mark.id, mark.title, mark.scope, function)


def _validate_types(function: Callable[..., Any]) -> None:
    try:
        needs_of(function)
    except (TypeError, NameError) as error:
        raise WorkshopError(f"{place(function)}: {error}. Name a fact's type of authoring.") from error


def _only(
    members: Iterable[Callable[..., Any]], attribute: str, mark: str, file: Path
) -> Callable[..., Any] | None:
    found = [function for function in members if getattr(function, attribute, False)]
    if len(found) > 1:
        raise WorkshopError(f"{file}: a step has at most one {mark}, here are {len(found)}.")
    return found[0] if found else None
