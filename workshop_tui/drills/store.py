"""What is remembered of drills: which one runs, what was there before it, and which were solved.

One file, `drills.json` in the home folder, replaced whole at every change: a kill anywhere leaves either what
was there before or what is there after. It can hold documents of the practice cloud, so only its owner may
read it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, field, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.atomic import replace_file
from workshop_tui.drills.drill import DrillError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

FILE = "drills.json"


@dataclass(frozen=True, slots=True)
class Kept:
    """One thing of the world as it was before a drill touched it.

    Attributes:
        kind: whose injector reads it and puts it back: a kind of change.
        key: which thing: an ARM id, `Kind/namespace/name`, a path, an image's reference.
        before: what was there, or None where there was nothing.
        made: what the drill left there, where that decides whether to put back: it may be mended by then.

    """

    kind: str
    key: str
    before: Any = field(repr=False)
    made: str = ""


@dataclass(frozen=True, slots=True)
class Running:
    """The drill that runs.

    Attributes:
        drill: its id.
        started: when, in ISO 8601.
        seen: whether the checks have shown it, so that their being green means that it is mended.
        hints: how many hints were given.
        revealed: whether the answer was told: then it does not count as solved.
        kept: what was there before.

    """

    drill: str
    started: str
    seen: bool = False
    hints: int = 0
    revealed: bool = False
    kept: tuple[Kept, ...] = ()

    @property
    def since(self) -> str:
        """The time of day at which it was started."""
        return datetime.fromisoformat(self.started).astimezone().strftime("%H:%M")


class DrillStore:
    """The running drill and the solved ones, kept in one home folder's file."""

    def __init__(self, home: Path) -> None:
        """Take the home folder; nothing is read yet."""
        self._file = home / FILE

    def running(self) -> Running | None:
        """Return the drill that runs, or None.

        Raises:
            DrillError: the file cannot be read.

        """
        found = self._read().get("running")
        if not found:
            return None
        try:
            running = Running(**{**found, "kept": tuple(Kept(**item) for item in found["kept"])})
            datetime.fromisoformat(running.started)
        except (KeyError, TypeError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        return running

    def solved(self) -> Mapping[str, str]:
        """Return the ids of the drills that were solved, each with when in ISO 8601."""
        solved = self._read().get("solved", {})
        if not isinstance(solved, dict):
            raise self._unreadable("what is solved is no object")
        return solved

    def begin(self, drill_id: str) -> Running:
        """Note that a drill is being started."""
        running = Running(drill_id, datetime.now(UTC).isoformat(timespec="seconds"))
        self.keep(running)
        return running

    def keep(self, running: Running | None) -> None:
        """Note how it stands with the drill that runs; None when it is over."""
        self._write({**self._read(), "running": None if running is None else asdict(running)})

    def change(self, running: Running, **changes: Any) -> Running:  # noqa: ANN401 - its own fields
        """Note some changes, and return what is noted then."""
        changed = replace(running, **changes)
        self.keep(changed)
        return changed

    def note_solved(self, drill_id: str) -> None:
        """Note that a drill was solved; the first time counts."""
        document = self._read()
        now = datetime.now(UTC).isoformat(timespec="seconds")
        self._write({**document, "solved": {drill_id: now} | document.get("solved", {})})

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self._file.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {}
        except (OSError, ValueError) as error:
            raise self._unreadable(str(error)) from error
        if not isinstance(document, dict):
            raise self._unreadable("it holds no object")
        return document

    def _write(self, document: Mapping[str, Any]) -> None:
        if not self._file.exists():
            self._file.touch(mode=0o600)
            self._file.write_text("{}", encoding="utf-8")
        # The file's own permissions go over to the one that takes its place.
        replace_file(self._file, json.dumps(document, ensure_ascii=False, indent=1).encode())

    def _unreadable(self, why: str) -> DrillError:
        return DrillError(
            f"{self._file} cannot be read: {why}. Move it away; if a drill ran, `workshop-tui practice reset`"
            " makes a new world."
        )
