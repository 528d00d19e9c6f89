"""Loading a workshop folder: `workshop.toml`, and a package a step under `steps/`.

All that can be wrong with a folder is found here, before anything runs, and said with file and way out.
"""

from __future__ import annotations

import hashlib
import importlib.util
import inspect
import sys
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping
    from types import ModuleType

    from workshop_tui.authoring import CheckMark
    from workshop_tui.findings import Finding, Scope

KINDS = frozenset({"observe", "change"})


class WorkshopError(Exception):
    """A workshop folder cannot be used; the message names the file and what to do."""


class UnknownStepError(WorkshopError):
    """Somebody named a step that the workshop does not have."""


@dataclass(frozen=True, slots=True)
class Link:
    """Something to read further."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Check:
    """One check of a step. `id` is unique within its step; `judge` is pure."""

    id: str
    title: str
    scope: Scope
    judge: Callable[..., Finding] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Step:
    """One step: its page and its code.

    Attributes:
        id: lower-case with hyphens, unique in the workshop.
        number: its place, from 1.
        kind: `observe` (only looks) or `change` (acts).
        needs: ids of the steps that must have passed before it opens.
        bonus: counts in a verdict only when asked for.
        page: Markdown with `{{ NAME }}` for the learner's values.
        action, reset: functions as `authoring` describes them, or None.

    """

    id: str
    number: int
    title: str
    kind: str
    needs: tuple[str, ...]
    bonus: bool
    minutes: int
    summary: str
    why: str
    hints: tuple[str, ...]
    further: tuple[Link, ...]
    page: str = field(repr=False)
    checks: tuple[Check, ...] = ()
    action: Callable[..., Any] | None = field(default=None, repr=False)
    reset: Callable[..., Any] | None = field(default=None, repr=False)


@dataclass(frozen=True)
class Workshop:
    """A loaded workshop, its steps in order."""

    id: str
    title: str
    level: str
    minutes: int
    folder: Path
    steps: tuple[Step, ...]

    @cached_property
    def by_id(self) -> Mapping[str, Step]:
        """The steps by their ids."""
        return {step.id: step for step in self.steps}

    def step(self, step_id: str) -> Step:
        """Return the step of that id.

        Raises:
            UnknownStepError: there is none; the message suggests the nearest.

        """
        found = self.by_id.get(step_id)
        if found is None:
            raise UnknownStepError(_no_such_step(step_id, self.by_id))
        return found


def find_bundled() -> Path:
    """Return the bundled workshop's folder: the checkout's if there is one, else the installed copy."""
    package = Path(__file__).resolve().parent
    for folder in (package.parent, package / "bundled"):
        if (folder / "workshop.toml").is_file() and (folder / "steps").is_dir():
            return folder
    raise WorkshopError(
        "The bundled workshop is missing from this installation. Reinstall workshop-tui, or name a workshop"
        " folder with --workshop."
    )


def load_workshop(folder: Path, *, knows: Callable[[type], bool] | None = None) -> Workshop:
    """Load and validate the workshop in `folder`.

    `knows` says whether a fact or service of a type can be had; with it, each check's needs are validated.

    Raises:
        WorkshopError: the folder, a page or a step's code is not as it must be.

    """
    settings_file = folder / "workshop.toml"
    if not settings_file.is_file():
        raise WorkshopError(
            f"{folder} is not a workshop: it has no workshop.toml. Name one that has with --workshop."
        )
    try:
        settings = tomllib.loads(settings_file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkshopError(f"{settings_file}: not valid TOML: {error}") from error
    missing = [name for name in ("id", "title", "steps") if not settings.get(name)]
    if missing:
        raise WorkshopError(f"{settings_file}: {missing[0]} is missing or empty.")
    entries = settings["steps"]
    _validate_order(settings_file, entries)
    steps = tuple(_load_step(folder, entry, number, knows) for number, entry in enumerate(entries, start=1))
    return Workshop(
        id=settings["id"],
        title=settings["title"],
        level=settings.get("level", ""),
        minutes=settings.get("minutes", sum(step.minutes for step in steps)),
        folder=folder,
        steps=steps,
    )


def _validate_order(settings_file: Path, entries: list[dict[str, Any]]) -> None:
    ids = [entry.get("id") for entry in entries]
    for entry, step_id in zip(entries, ids, strict=True):
        if not isinstance(step_id, str) or not step_id:
            raise WorkshopError(f"{settings_file}: a step has no id.")
        if ids.count(step_id) > 1:
            raise WorkshopError(f"{settings_file}: the step {step_id} stands there twice.")
        if entry.get("kind") not in KINDS:
            raise WorkshopError(f"{settings_file}: step {step_id}: kind must be observe or change.")
        for needed in entry.get("needs", ()):
            if needed not in ids:
                message = _no_such_step(needed, [known for known in ids if known])
                raise WorkshopError(f"{settings_file}: step {step_id} needs {needed}. {message}")
    try:
        TopologicalSorter({entry["id"]: entry.get("needs", ()) for entry in entries}).prepare()
    except CycleError as error:
        circle = " → ".join(error.args[1])
        raise WorkshopError(f"{settings_file}: these steps need each other: {circle}.") from error


def _load_step(
    folder: Path, entry: Mapping[str, Any], number: int, knows: Callable[[type], bool] | None
) -> Step:
    step_id = entry["id"]
    package = folder / "steps" / step_id.replace("-", "_")
    page_file, code_file = package / "step.md", package / "__init__.py"
    for file in (page_file, code_file):
        if not file.is_file():
            raise WorkshopError(f"Step {step_id}: {file} is missing.")
    front, page = _split_page(page_file)
    module = _import_step(folder, package.name, code_file)
    members = [value for value in vars(module).values() if inspect.isfunction(value)]
    checks = tuple(_checks(step_id, members, knows))
    if not checks:
        raise WorkshopError(f"{code_file}: the step has no check. Mark at least one function with @check.")
    return Step(
        id=step_id,
        number=number,
        title=_text(front, "title", page_file),
        kind=entry["kind"],
        needs=tuple(entry.get("needs", ())),
        bonus=bool(entry.get("bonus", False)),
        minutes=int(front.get("minutes", 5)),
        summary=_text(front, "summary", page_file),
        why=str(front.get("why", "")),
        hints=tuple(str(hint) for hint in front.get("hints", ())),
        further=tuple(Link(str(link["title"]), str(link["url"])) for link in front.get("further", ())),
        page=page,
        checks=checks,
        action=_only(members, "__workshop_action__", "@action", code_file),
        reset=_only(members, "__workshop_reset__", "@reset", code_file),
    )


def _split_page(file: Path) -> tuple[dict[str, Any], str]:
    """Split front matter from page; every fault names the file and its line."""
    lines = file.read_text(encoding="utf-8").splitlines()
    if not lines or lines[0].strip() != "---":
        raise WorkshopError(f"{file}:1: a page starts with front matter between two lines of ---.")
    try:
        end = next(index for index, line in enumerate(lines[1:], start=1) if line.strip() == "---")
    except StopIteration:
        raise WorkshopError(f"{file}:1: the front matter is not closed by a line of ---.") from None
    try:
        front = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise WorkshopError(f"{file}:{line}: front matter: {problem}.") from error
    if not isinstance(front, dict):
        raise WorkshopError(f"{file}:2: the front matter must be names with values, as in `title: …`.")
    body = "\n".join(lines[end + 1 :]).strip()
    if not body:
        raise WorkshopError(f"{file}:{end + 1}: the page is empty.")
    return front, body + "\n"


def _text(front: Mapping[str, Any], name: str, file: Path) -> str:
    value = front.get(name)
    if not isinstance(value, str) or not value.strip():
        raise WorkshopError(f"{file}:1: the front matter needs a {name}.")
    return value.strip()


def _import_step(folder: Path, name: str, code_file: Path) -> ModuleType:
    """Import the step's package under a name of its own, so that two workshops never mix."""
    prefix = f"workshop_steps_{hashlib.sha256(str(folder.resolve()).encode()).hexdigest()[:10]}"
    full_name = f"{prefix}_{name}"
    spec = importlib.util.spec_from_file_location(
        full_name, code_file, submodule_search_locations=[str(code_file.parent)]
    )
    if spec is None or spec.loader is None:
        raise WorkshopError(f"{code_file} cannot be imported.")
    module = importlib.util.module_from_spec(spec)
    sys.modules[full_name] = module
    try:
        spec.loader.exec_module(module)
    except Exception as error:
        # A step's code is its author's: whatever it raises, the learner needs the file and the reason.
        sys.modules.pop(full_name, None)
        raise WorkshopError(f"{code_file}: {type(error).__name__}: {error}") from error
    return module


def _checks(
    step_id: str, members: Iterable[Callable[..., Any]], knows: Callable[[type], bool] | None
) -> Iterable[Check]:
    from workshop_tui.facts.engine import needs_of  # noqa: PLC0415 - the engine is not needed for --help

    seen: set[str] = set()
    for function in members:
        mark: CheckMark | None = getattr(function, "__workshop_check__", None)
        if mark is None:
            continue
        if mark.id in seen:
            raise WorkshopError(f"Step {step_id}: two checks are called {mark.id}.")
        seen.add(mark.id)
        try:
            needs = needs_of(function)
        except (TypeError, NameError) as error:
            raise WorkshopError(f"Step {step_id}, check {mark.id}: {error}") from error
        unknown = [need for need in needs if knows is not None and not knows(need.kind)]
        if unknown:
            raise WorkshopError(
                f"Step {step_id}, check {mark.id}: nothing can read {unknown[0].kind.__name__}"
                f" (parameter {unknown[0].name})."
            )
        yield Check(mark.id, mark.title, mark.scope, function)


def _only(
    members: Iterable[Callable[..., Any]], attribute: str, mark: str, file: Path
) -> Callable[..., Any] | None:
    found = [function for function in members if getattr(function, attribute, False)]
    if len(found) > 1:
        raise WorkshopError(f"{file}: a step has at most one {mark}, here are {len(found)}.")
    return found[0] if found else None


def _no_such_step(step_id: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    near = get_close_matches(step_id, list(known), n=1, cutoff=0.4)
    hint = f"Did you mean {near[0]}?" if near else "The steps are: " + ", ".join(known) + "."
    return f"There is no step {step_id}. {hint}"
