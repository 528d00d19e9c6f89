"""The journal: an append-only SQLite log of what happened, per workshop and target.

It is for people, for resuming and for evidence; a check never takes a verdict from it. Several processes may
write at once; only one at a time may act (`acting`).
"""

from __future__ import annotations

import hashlib
import json
import logging
import os
import shutil
import sqlite3
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workshop_tui.journal_lines import entry_of, evidence_of, moment_of, readable, recalled
from workshop_tui.model import Sightings

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from workshop_tui.findings import Finding
    from workshop_tui.journal_lines import Entry
    from workshop_tui.model import Evidence

_log = logging.getLogger(__name__)

_SCHEMA = """
CREATE TABLE IF NOT EXISTS entries (
  id INTEGER PRIMARY KEY, at TEXT NOT NULL, scope TEXT NOT NULL,
  kind TEXT NOT NULL, step TEXT NOT NULL, body TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS entries_by_kind ON entries (scope, kind, id);
CREATE TABLE IF NOT EXISTS sightings (
  scope TEXT NOT NULL, thing TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (scope, thing));
"""


_LEAST_ROOM = 64 * 1024
"""Bytes without which SQLite cannot even open a journal."""


class BusyError(Exception):
    """Another process is acting on the same workshop and target; the message says which and since when."""


class JournalError(Exception):
    """The journal cannot be read or written; the message says where it is and what to do."""


class Journal:
    """The journal of one workshop on one target."""

    def __init__(self, folder: Path, scope: str) -> None:
        """Open `folder/journal.sqlite`; `scope` is the workshop's id and the target's, kept apart inside.

        Raises:
            JournalError: it cannot be opened.

        """
        self.at_work = ""
        """What this process is changing just now, as `acting` was told; empty while it changes nothing."""
        self._scope = scope
        self._path = folder / "journal.sqlite"
        self._lock_file = folder / f"acting-{hashlib.sha256(scope.encode()).hexdigest()[:12]}.lock"
        with self._explained():
            folder.mkdir(parents=True, exist_ok=True, mode=0o700)
            self._path.touch(mode=0o600, exist_ok=True)
            self._connection = sqlite3.connect(self._path, isolation_level=None, timeout=5)
            self._connection.execute("PRAGMA journal_mode = WAL")
            # With the write-ahead log this still survives a kill -9, and spares a disk flush a finding.
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.executescript(_SCHEMA)

    @contextmanager
    def _explained(self) -> Iterator[None]:
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            full = self._path.parent.is_dir() and shutil.disk_usage(self._path.parent).free < _LEAST_ROOM
            why = "its disk is full" if full else str(error)
            raise JournalError(
                f"The journal {self._path} cannot be used: {why}. Mend that (free the disk, the rights), or"
                " move the file away: your world is not in it, and is read anew."
            ) from error

    def close(self) -> None:
        """Close the file."""
        self._connection.close()

    def write(self, kind: str, step: str = "", **body: str) -> None:
        """Append an entry.

        Raises:
            JournalError: it cannot be written.

        """
        with self._explained():
            self._connection.execute(
                "INSERT INTO entries (at, scope, kind, step, body) VALUES (?, ?, ?, ?, ?)",
                (
                    datetime.now(UTC).isoformat(),
                    self._scope,
                    kind,
                    step,
                    json.dumps(body, ensure_ascii=False),
                ),
            )

    def write_finding(self, step: str, check: str, finding: Finding) -> None:
        """Append a finding, unless the newest one of that check says the same already.

        A full disk does not keep anybody from checking: what cannot be written is only logged.
        """
        body = {
            "check": check,
            "verdict": finding.verdict.value,
            "cause": finding.cause or "",
            "observed": finding.observed,
        }
        try:
            newest = next(iter(self.entries("finding", step=step, check=check, limit=1)), None)
            if newest is None or dict(newest.body) != body:
                self.write("finding", step, **body)
        except JournalError:
            _log.exception("a finding could not be kept")

    def note_passed(self, step: str) -> None:
        """Note that a step has passed; once, until it is undone. What cannot be written is only logged."""
        try:
            if step not in self.passed_before():
                self.write("passed", step)
        except JournalError:
            _log.exception("a pass could not be kept")

    def passed_before(self) -> frozenset[str]:
        """Return the ids of the steps that have passed at some time and were not undone by a reset since.

        For people to be told what broke; whether a step passes is read from the world.

        Raises:
            JournalError: it cannot be read.

        """
        with self._explained():
            rows = self._connection.execute(
                "SELECT step, kind FROM entries WHERE id IN (SELECT max(id) FROM entries"
                " WHERE scope = ? AND kind IN ('passed', 'undone') GROUP BY step)",
                (self._scope,),
            ).fetchall()
        return frozenset(step for step, kind in rows if kind == "passed")

    def entries(self, kind: str, *, step: str = "", check: str = "", limit: int = 100) -> Iterable[Entry]:
        """Return entries of a kind, newest first."""
        query = "SELECT at, kind, step, body FROM entries WHERE scope = ? AND kind = ?"
        values: list[str | int] = [self._scope, kind]
        if step:
            query += " AND step = ?"
            values.append(step)
        if check:
            query += " AND json_extract(CASE WHEN json_valid(body) THEN body END, '$.check') = ?"
            values.append(check)
        with self._explained():
            rows = self._connection.execute(f"{query} ORDER BY id DESC LIMIT ?", (*values, limit)).fetchall()
        return readable(entry_of, rows)

    def last_step(self) -> str:
        """Return the step that was open last, or an empty string."""
        newest = next(iter(self.entries("opened", limit=1)), None)
        return newest.step if newest else ""

    def keep(self, step: str, evidence: Evidence) -> None:
        """Keep evidence of what leaves no trace in the world; what is known already is not written twice."""
        newest = self.latest(evidence.kind)
        if newest is not None and (newest.fingerprint, newest.data) == (
            evidence.fingerprint,
            dict(evidence.data),
        ):
            return
        self.write(
            "evidence",
            step,
            evidence=evidence.kind,
            fingerprint=evidence.fingerprint,
            seen=evidence.at.isoformat(),
            data=json.dumps(dict(evidence.data)),
        )

    def latest(self, kind: str) -> Evidence | None:
        """Return the newest evidence of that kind; one without a fingerprint says that it no longer holds."""
        with self._explained():
            row = self._connection.execute(
                "SELECT body FROM entries WHERE scope = ? AND kind = 'evidence'"
                " AND json_extract(CASE WHEN json_valid(body) THEN body END, '$.evidence') = ?"
                " ORDER BY id DESC LIMIT 1",
                (self._scope, kind),
            ).fetchone()
        found = readable(lambda found: evidence_of(kind, found[0]), [row] if row else [])
        return next(iter(found), None)

    def forget(self, kind: str) -> None:
        """Make all evidence of that kind void, by a newer entry that says so."""
        self.write("evidence", evidence=kind, fingerprint="", seen="", data="{}")

    def sight(self, things: Iterable[str], at: datetime) -> None:
        """Note that these things exist; the first time counts."""
        with self._explained():
            self._connection.executemany(
                "INSERT OR IGNORE INTO sightings VALUES (?, ?, ?)",
                [(self._scope, thing, at.isoformat()) for thing in things],
            )

    def sightings(self) -> Sightings:
        """Return when each thing was first seen."""
        with self._explained():
            rows = self._connection.execute(
                "SELECT thing, at FROM sightings WHERE scope = ?", (self._scope,)
            ).fetchall()
        return Sightings(dict(readable(lambda row: (str(row[0]), moment_of(row[1])), rows)))

    @contextmanager
    def acting(self, what: str) -> Iterator[None]:
        """Hold the right to change the world; released by the kernel even at a kill -9.

        Raises:
            BusyError: another process holds it.

        """
        import fcntl  # noqa: PLC0415 - POSIX only, and needed only here

        handle = os.open(self._lock_file, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                holder = os.pread(handle, 500, 0).decode(errors="replace").strip() or "something"
                raise BusyError(
                    f"Another workshop-tui is at work here: {holder}. Wait for it to end, or stop it."
                ) from None
            os.ftruncate(handle, 0)
            since = datetime.now().astimezone().strftime("%H:%M:%S")
            os.pwrite(handle, f"{what}, process {os.getpid()}, since {since}".encode(), 0)
            self.at_work = what
            try:
                yield
            finally:
                self.at_work = ""
                os.ftruncate(handle, 0)
        finally:
            os.close(handle)


_NEWEST = """
SELECT scope, at, kind, step, body FROM (SELECT * FROM entries ORDER BY id DESC LIMIT ?) ORDER BY id"""
_LAST_FINDINGS = """
SELECT scope, at, kind, step, body FROM entries WHERE id IN
  (SELECT max(id) FROM entries WHERE kind = 'finding'
   GROUP BY scope, step, json_extract(CASE WHEN json_valid(body) THEN body END, '$.check'))
ORDER BY id"""


def recall(folder: Path, *, limit: int) -> tuple[list[tuple[str, Entry]], list[tuple[str, Entry]]]:
    """Return what a folder's journal holds, each with its scope: the newest entries, and the last findings.

    For people to read, over all workshops and targets, oldest first; it only reads, and makes no journal.

    Raises:
        JournalError: there is one that cannot be read.

    """
    path = folder / "journal.sqlite"
    if not path.exists():
        return [], []
    place = f"{path.absolute().as_uri()}?mode=ro"
    try:
        with closing(sqlite3.connect(place, uri=True, timeout=5)) as connection:
            newest = readable(recalled, connection.execute(_NEWEST, (limit,)))
            return newest, readable(recalled, connection.execute(_LAST_FINDINGS))
    except (sqlite3.Error, ValueError) as error:
        raise JournalError(f"The journal {path} cannot be read: {error}.") from error
