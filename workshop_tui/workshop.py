"""Loading a workshop folder: `workshop.toml`, and a package a step under `steps/`.

All that can be wrong with a folder is found here, before anything runs, and said with file and way out.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.facts.engine import needs_of
from workshop_tui.pages import Link, read_page, see_names
from workshop_tui.step_code import Check, load_code, place
from workshop_tui.variables import VARIABLES
from workshop_tui.workshop_error import UnknownStepError, WorkshopError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

__all__ = [
    "Check",
    "Link",
    "Step",
    "UnknownStepError",
    "Workshop",
    "WorkshopError",
    "find_bundled",
    "load_workshop",
    "validate_needs",
]

KINDS = frozenset({"observe", "change"})
_NAMES = ("id", "title", "level", "minutes", "proves", "steps")
_STEP_NAMES = ("id", "kind", "needs", "bonus")
_STEP_ID = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")


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
    """A loaded workshop, its steps in order; `proves` is what is true when all of them have passed."""

    id: str
    title: str
    level: str
    minutes: int
    folder: Path
    steps: tuple[Step, ...]
    proves: str = ""

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

    def needed_for(self, steps: Iterable[Step]) -> list[Step]:
        """Return these steps and all that they need, through as many others as it takes, in their order."""
        waiting, needed = [step.id for step in steps], set[str]()
        while waiting:
            step_id = waiting.pop()
            if step_id not in needed:
                needed.add(step_id)
                waiting.extend(self.step(step_id).needs)
        return [step for step in self.steps if step.id in needed]


def find_bundled() -> Path:
    """Return the bundled workshop's folder: the checkout's if there is one, else the installed copy.

    Raises:
        WorkshopError: neither is there.

    """
    package = Path(__file__).resolve().parent
    for folder in (package.parent, package / "bundled"):
        if (folder / "workshop.toml").is_file() and (folder / "steps").is_dir():
            return folder
    raise WorkshopError(
        "The bundled workshop is missing from this installation. Reinstall workshop-tui, or name a workshop"
        " folder with --workshop."
    )


def load_workshop(folder: Path) -> Workshop:
    """Load and validate the workshop in `folder`.

    Raises:
        WorkshopError: the folder, a page or a step's code is not as it must be.

    """
    file = folder / "workshop.toml"
    if not file.is_file():
        raise WorkshopError(
            f"{folder} is not a workshop: it has no workshop.toml."
            " Name a folder that has one with --workshop."
        )
    try:
        settings = tomllib.loads(file.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise WorkshopError(f"{file}: not valid TOML: {error}.") from error
    for name in ("id", "title"):
        if not isinstance(settings.get(name), str) or not settings[name].strip():
            raise WorkshopError(f"{file}: {name} is missing or empty. Add a line `{name} = …`.")
    see_names(str(file), settings, _NAMES)
    entries = settings.get("steps")
    if not isinstance(entries, list) or not entries or not all(isinstance(item, dict) for item in entries):
        raise WorkshopError(f"{file}: no steps. Each step is a table [[steps]] with id, kind and needs.")
    _validate_order(file, entries)
    steps = tuple(_load_step(folder, entry, number) for number, entry in enumerate(entries, start=1))
    return Workshop(
        id=settings["id"],
        title=settings["title"],
        level=str(settings.get("level", "")),
        minutes=int(settings.get("minutes", sum(step.minutes for step in steps))),
        folder=folder,
        steps=steps,
        proves=str(settings.get("proves", "")),
    )


def validate_needs(workshop: Workshop, knows: Callable[[type], bool]) -> None:
    """See that all that checks, actions and resets ask for can be had; `knows` says whether a type can.

    Raises:
        WorkshopError: nothing gives one of them.

    """
    for step in workshop.steps:
        functions = (*(check.judge for check in step.checks), step.action, step.reset)
        for function in functions:
            if function is None:
                continue
            strange = next((need for need in needs_of(function) if not knows(need.kind)), None)
            if strange is not None:
                raise WorkshopError(
                    f"{place(function)}: nothing can give {strange.kind.__name__}, which the parameter"
                    f" {strange.name} of {function.__name__} asks for. Use a type of workshop_tui.authoring."
                )


def _validate_order(file: Path, entries: list[dict[str, Any]]) -> None:
    ids = [entry.get("id") for entry in entries]
    for entry, step_id in zip(entries, ids, strict=True):
        if not isinstance(step_id, str) or not _STEP_ID.fullmatch(step_id):
            raise WorkshopError(
                f"{file}: a step's id must be lower-case words with hyphens, not {step_id!r}."
            )
        if ids.count(step_id) > 1:
            raise WorkshopError(f"{file}: the step {step_id} stands there twice. Remove or rename one.")
        see_names(f"{file}: step {step_id}", entry, _STEP_NAMES)
        if entry.get("kind") not in KINDS:
            raise WorkshopError(f"{file}: step {step_id}: kind must be observe or change.")
        for needed in entry.get("needs", ()):
            if needed not in ids:
                message = _no_such_step(needed, [known for known in ids if known])
                raise WorkshopError(f"{file}: step {step_id} needs {needed}. {message}")
    try:
        TopologicalSorter({entry["id"]: entry.get("needs", ()) for entry in entries}).prepare()
    except CycleError as error:
        circle = " → ".join(reversed(error.args[1]))
        raise WorkshopError(
            f"{file}: these steps need each other: {circle}. Take one of the needs away."
        ) from error


def _load_step(folder: Path, entry: Mapping[str, Any], number: int) -> Step:
    step_id = entry["id"]
    package = folder / "steps" / step_id.replace("-", "_")
    for name in ("step.md", "__init__.py"):
        if not (package / name).is_file():
            raise WorkshopError(f"Step {step_id}: {package / name} is missing. Add it to the step's folder.")
    page = read_page(package / "step.md", VARIABLES)
    code = load_code(folder, step_id)
    return Step(
        id=step_id,
        number=number,
        title=page.title,
        kind=entry["kind"],
        needs=tuple(entry.get("needs", ())),
        bonus=bool(entry.get("bonus", False)),
        minutes=page.minutes,
        summary=page.summary,
        why=page.why,
        hints=page.hints,
        further=page.further,
        page=page.markdown,
        checks=code.checks,
        action=code.action,
        reset=code.reset,
    )


def _no_such_step(step_id: str, known: Iterable[str]) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only on the way to an error

    names = list(known)
    near = get_close_matches(step_id, names, n=3) or get_close_matches(step_id, names, n=1, cutoff=0.4)
    hint = f"Did you mean {' or '.join(near)}?" if near else "The steps are: " + ", ".join(names) + "."
    return f"There is no step {step_id}. {hint}"
