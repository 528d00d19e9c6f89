"""Durable documents of the practice cloud, in one SQLite file.

Every write is committed before it returns, so a `kill -9` at any moment loses nothing that was answered.
The file is opened by one process at a time: `exclusive` keeps a second practice cloud out of the folder.
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


class Store:
    """JSON documents by kind and key. Not thread-safe: it belongs to the thread that made it."""

    def __init__(self, path: Path) -> None:
        """Open or create the file at `path`, readable by its owner alone.

        Raises:
            StoreInUseError: another process has it open.

        """
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        path.touch(mode=0o600, exist_ok=True)
        self._connection = sqlite3.connect(path, isolation_level=None, timeout=0.2)
        self._depth = 0
        try:
            self._connection.execute("PRAGMA locking_mode = EXCLUSIVE")
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute(
                "CREATE TABLE IF NOT EXISTS documents"
                " (kind TEXT, key TEXT, body TEXT NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
            )
            self._connection.execute("BEGIN EXCLUSIVE")
            self._connection.execute("COMMIT")
        except sqlite3.OperationalError as error:
            self._connection.close()
            raise StoreInUseError(
                f"another practice cloud uses {path.parent}, but does not answer: wait, or stop its process"
            ) from error

    def read(self, kind: str, key: str) -> Document | None:
        """Return the document, a fresh copy, or None."""
        row = self._connection.execute(
            "SELECT body FROM documents WHERE kind = ? AND key = ?", (kind, key)
        ).fetchone()
        return None if row is None else json.loads(row[0])

    def write(self, kind: str, key: str, document: Document) -> None:
        """Create or replace the document."""
        self._connection.execute(
            "INSERT INTO documents VALUES (?, ?, ?) ON CONFLICT DO UPDATE SET body = excluded.body",
            (kind, key, json.dumps(document, separators=(",", ":"))),
        )

    def remove(self, kind: str, key: str) -> bool:
        """Delete the document and say whether there was one."""
        cursor = self._connection.execute("DELETE FROM documents WHERE kind = ? AND key = ?", (kind, key))
        return cursor.rowcount > 0

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
            self._connection.execute("BEGIN IMMEDIATE")
        self._depth += 1
        try:
            yield
        except BaseException:
            self._depth -= 1
            if self._depth == 0:
                self._connection.execute("ROLLBACK")
            raise
        self._depth -= 1
        if self._depth == 0:
            self._connection.execute("COMMIT")

    def close(self) -> None:
        """Close the file; the next practice cloud may open it."""
        self._connection.close()
