"""What a drill is, and reading one from its file."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NoReturn

import yaml

from workshop_tui.causes import CATALOGUE
from workshop_tui.drills.templates import VALUES, names_in

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

DIFFICULTIES = {1: "easy", 2: "medium", 3: "hard"}
"""What the numbers are called."""
WAYS: Mapping[str, Mapping[str, tuple[frozenset[str], frozenset[str]]]] = {
    "arm": {
        "put": (frozenset({"path", "body"}), frozenset({"as"})),
        "merge": (frozenset({"path", "body"}), frozenset({"as"})),
        "patch": (frozenset({"path", "body"}), frozenset()),
        "stop": (frozenset({"path"}), frozenset()),
        "delete": (frozenset({"path"}), frozenset()),
    },
    "role": {
        "add": (frozenset({"principal", "role"}), frozenset({"scope", "principal_type"})),
        "remove": (frozenset({"principal"}), frozenset({"role", "scope"})),
    },
    "group": {"add": (frozenset({"name", "member"}), frozenset({"as"}))},
    "kubernetes": {
        "patch": (frozenset({"object", "body"}), frozenset({"namespace", "type"})),
        "apply": (frozenset({"body"}), frozenset()),
        "delete": (frozenset({"object"}), frozenset({"namespace"})),
        "restart": (frozenset({"object"}), frozenset({"namespace"})),
        "await": (frozenset({"object"}), frozenset({"namespace"})),
        "scale": (frozenset({"object", "replicas"}), frozenset({"namespace"})),
    },
    "file": {
        "replace": (frozenset({"path", "texts"}), frozenset()),
        "write": (frozenset({"path", "text"}), frozenset()),
        "delete": (frozenset({"path"}), frozenset()),
    },
    "image": {
        "delete": (frozenset(), frozenset()),
        "replace": (frozenset({"architecture"}), frozenset()),
        "copy": (frozenset({"repository"}), frozenset({"as"})),
    },
}
"""Every kind of change, what it can do, and the keys that this needs and may have."""
PATCH_TYPES = frozenset({"strategic", "merge", "json"})

_ID = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
AS_IT_STANDS = frozenset({"texts", "text"})
"""The arguments in which no `{name}` is filled in: code has braces of its own."""


class DrillError(Exception):
    """A drill cannot be started, stopped or asked for; the message says why and what to do."""


class UnknownDrillError(DrillError):
    """There is no drill of that name; the message has the nearest."""


class DrillFileError(DrillError):
    """A drill's file is not as it must be; the message says which, and what is wrong."""


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is done to the world: its kind, what is done, and with what. See `WAYS`."""

    kind: str
    do: str
    arguments: Mapping[str, Any]
    name: str = ""
    """What later changes call its answer by (`as` in the file), or empty."""


@dataclass(frozen=True, slots=True)
class Drill:
    """A find-the-fault exercise.

    Attributes:
        id: the file's name; public, never renamed.
        title: the symptom in a few words, as a colleague would report it; it does not give the answer away.
        difficulty: 1 to 3.
        symptom: what is told when it starts.
        causes: codes of the catalogue in the order of the trust chain; none where all is right, differently.
        steps: ids of the steps that it is about; those of the bonus must have been done.
        hints: from gentle to nearly telling.
        told: what was done to the world, and why that shows as it does.
        fix: what mends it, in words.
        changes: what is done, in this order.
        workstation: whether the checks of this machine count as well, which a self-check leaves out.

    """

    id: str
    title: str
    difficulty: int
    symptom: str
    causes: tuple[str, ...]
    steps: tuple[str, ...]
    hints: tuple[str, ...]
    told: str
    fix: str
    changes: tuple[Change, ...] = field(repr=False)
    workstation: bool = False

    @property
    def harmless(self) -> bool:
        """Whether nothing is wrong: it is only done differently."""
        return not self.causes


def read_drill(file: Path) -> Drill:
    """Read a drill.

    Raises:
        DrillFileError: the file is not as it must be.

    """
    try:
        document = tomllib.loads(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise DrillFileError(f"{file.name} cannot be read: {error}.") from error
    return _Reader(file.name).drill(file.stem, document)


class _Reader:
    """Takes one document apart; what is wrong is told with the file's name."""

    def __init__(self, where: str) -> None:
        self._where = where

    def drill(self, name: str, document: dict[str, Any]) -> Drill:
        if not _ID.fullmatch(name):
            self._refuse("its name must be lower-case words with hyphens")
        rest = dict(document)
        known: set[str] = set()
        drill = Drill(
            id=name,
            title=self._take(rest, "title", str),
            difficulty=self._take(rest, "difficulty", int),
            symptom=self._take(rest, "symptom", str).strip(),
            causes=self._texts(rest, "causes"),
            steps=self._texts(rest, "steps"),
            hints=self._texts(rest, "hints"),
            told=self._take(rest, "told", str).strip(),
            fix=self._take(rest, "fix", str).strip(),
            changes=tuple(self._change(item, known) for item in self._take(rest, "change", list)),
            workstation=rest.pop("workstation", False) is True,
        )
        if rest:
            self._refuse(f"there is no key {', '.join(sorted(rest))}")
        self._validate(drill)
        return drill

    def _validate(self, drill: Drill) -> None:
        unknown = [code for code in drill.causes if code not in CATALOGUE]
        if unknown:
            self._refuse(f"the catalogue has no cause {', '.join(unknown)}")
        if drill.difficulty not in DIFFICULTIES:
            self._refuse("its difficulty must be 1, 2 or 3")
        if not (drill.hints and drill.steps and drill.changes):
            self._refuse("it needs hints, steps and at least one [[change]]")

    def _change(self, item: object, known: set[str]) -> Change:
        if not isinstance(item, dict):
            self._refuse("[[change]] must be a table")
        rest = dict(item)
        kind, do = self._take(rest, "kind", str), self._take(rest, "do", str)
        if do not in WAYS.get(kind, {}):
            self._refuse(f"there is no change of kind {kind} that does {do}")
        needed, allowed = WAYS[kind][do]
        if needed - rest.keys() or rest.keys() - needed - allowed:
            self._refuse(
                f"{kind} {do} needs {', '.join(sorted(needed)) or 'nothing'}"
                f" and may have {', '.join(sorted(allowed)) or 'nothing else'}"
            )
        if rest.get("type", "strategic") not in PATCH_TYPES:
            self._refuse(f"a patch's type is one of {', '.join(sorted(PATCH_TYPES))}")
        name = str(rest.pop("as", ""))
        arguments = {key: self._parsed(value) if key == "body" else value for key, value in rest.items()}
        filled = {key: value for key, value in arguments.items() if key not in AS_IT_STANDS}
        for asked in names_in(filled):
            if asked.partition(".")[0] not in VALUES | known:
                self._refuse(f"nothing is known as {{{asked}}}")
        known.update({name} - {""})
        return Change(kind, do, arguments, name)

    def _parsed(self, body: object) -> object:
        """Return a body: a table as it is, a text as the YAML that it is."""
        if not isinstance(body, str):
            return body
        try:
            return yaml.safe_load(body)
        except yaml.YAMLError as error:
            self._refuse(f"a body is no YAML: {error}")

    def _take(self, rest: dict[str, Any], key: str, kind: type) -> Any:  # noqa: ANN401 - of that very type
        value = rest.pop(key, None)
        if type(value) is not kind or value == "":
            self._refuse(f"{key} must be there, as {kind.__name__}")
        return value

    def _texts(self, rest: dict[str, Any], key: str) -> tuple[str, ...]:
        values = self._take(rest, key, list)
        if not all(isinstance(value, str) and value for value in values):
            self._refuse(f"{key} must be texts")
        return tuple(values)

    def _refuse(self, why: str) -> NoReturn:
        raise DrillFileError(f"The drill {self._where} cannot be used: {why}.")
