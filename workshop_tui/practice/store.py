"""Durable documents of the practice cloud, in one SQLite file.

Every write is committed before it returns, so a `kill -9` at any moment loses nothing that was answered, and
leaves nothing half-written. The log is written ahead and synchronised now and then (`synchronous = NORMAL`):
after a crash of the whole machine the file is whole, too, but the last commits may be missing. FULL would
keep those at the price of one flush to disk per write, a hundred times as long.

The file is opened by one process at a time: its lock keeps a second practice cloud out of the folder, by
whatever path it came, and goes with the process that holds it.
"""

from __future__ import annotations

import json
import sqlite3
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Document = dict[str, Any]
"""A JSON object as it is stored: only what `json.dumps` takes."""


class StoreInUseError(RuntimeError):
    """Another practice cloud holds this state folder."""


class StoreUnusableError(OSError):
    """The file can't be written (a full disk, a read-only folder), or is damaged; the text says which."""


_PREPARE = (
    "PRAGMA locking_mode = EXCLUSIVE",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = NORMAL",
    """CREATE TABLE IF NOT EXISTS documents
    (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID""",
    "BEGIN EXCLUSIVE",
    "COMMIT",
)
_IN_USE = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)


@contextmanager
def _told_of(path: Path) -> Iterator[None]:
    """Turn what SQLite and the system say of the file into words for people."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        code = getattr(error, "sqlite_errorcode", 0) & 0xFF  # the rest of the number says where in SQLite
        if code in _IN_USE:
            raise StoreInUseError(
                f"another practice cloud uses {path.parent}, but does not answer: wait, or stop its process"
            ) from error
        if code in _DAMAGED:
            raise StoreUnusableError(
                f"{path} is damaged ({error}): begin anew with `workshop-tui practice reset`"
            ) from error
        raise _unusable(path, str(error)) from error
    except OSError as error:
        raise _unusable(path, error.strerror or str(error)) from error


def _unusable(path: Path, reason: str) -> StoreUnusableError:
    return StoreUnusableError(
        f"{path.parent} can't be written to ({reason}): make room there, or allow writing, and try again"
    )


class Store:
    """JSON documents by kind and key. Not thread-safe: it belongs to the thread that made it."""

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`, readable by its owner alone.

        Raises:
            StoreInUseError: another process has it open.
            StoreUnusableError: it can't be read or written, or is damaged.

        """
        self._path = path
        self._depth = 0
        with _told_of(path):
            path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
            path.touch(mode=0o600, exist_ok=True)
            self._connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
        try:
            with _told_of(path):
                self._prepare()
        except BaseException:
            self._connection.close()
            raise

    def _prepare(self) -> None:
        for line in _PREPARE:
            self._connection.execute(line)

    def _change(self, statement: str, parameters: tuple[str, ...] = ()) -> int:
        """Run a statement that writes; return how many documents it changed."""
        with _told_of(self._path):
            return self._connection.execute(statement, parameters).rowcount

    def read(self, kind: str, key: str) -> Document | None:
        """Return the document, a fresh copy, or None."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def write(self, kind: str, key: str, document: Document) -> None:
        """Create or replace the document."""
        self._change(
            "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(document, separators=(",", ":"))),
        )

    def remove(self, kind: str, key: str) -> bool:
        """Delete the document and say whether there was one."""
        return self._change("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key)) > 0

    def scan(self, kind: str, prefix: str = "") -> list[tuple[str, Document]]:
        """Return key and document of every document whose key starts with `prefix`, in order of key."""
        rows = self._connection.execute(
            "SELECT key, body FROM documents WHERE kind = ? AND substr(key, 1, ?) = ? ORDER BY key",
            (kind, len(prefix), prefix),
        )
        return [(key, json.loads(body)) for key, body in rows]

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Make the writes inside all happen or none. Nests: the outermost commits."""
        if self._depth == 0:
            self._change("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._roll_back()
            raise
        self._depth -= 1
        if self._depth == 0:
            try:
                self._change("COMMIT")
            except StoreUnusableError:
                self._roll_back()
                raise

    def _roll_back(self) -> None:
        if self._connection.in_transaction:  # SQLite itself rolls back when the disk is full
            self._connection.execute("ROLLBACK")

    def close(self) -> None:
        """Close the file; the next practice cloud may open it."""
        self._connection.close()
