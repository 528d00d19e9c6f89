"""What is kept in `settings.toml`, for whole threads and processes at a time: the app, its shell, a check."""

from __future__ import annotations

import os
import tomllib
import uuid
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping


class SettingsError(Exception):
    """A setting cannot be used; the message says which, why, and what would do."""


def read_saved(home: Path, target: str = "") -> dict[str, str]:
    """Return what was saved for all targets, or for one; nothing where there is no file.

    Raises:
        SettingsError: the file cannot be read.

    """
    try:
        document = tomllib.loads((home / "settings.toml").read_text(encoding="utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise SettingsError(
            f"{home / 'settings.toml'} cannot be read: {error}. Mend or delete it."
        ) from error
    table = document.get(target) if target else document
    if not isinstance(table, dict):
        return {}
    # A number written without quotes is what it looks like.
    return {name: str(value) for name, value in table.items() if type(value) in (str, int)}


def save(home: Path, values: Mapping[str, str], target: str = "") -> None:
    """Save these values, beside what is saved already; whole or not at all. An empty one is forgotten."""
    with _alone(home):
        _write(home, values, target)


def image_reference(home: Path, target: str, registry: str, lifetime: str = "1h") -> str:
    """Return the learner's own image reference: a uuid repository, made once per target and kept.

    A uuid, since anybody may write to any name on ttl.sh: one that nobody guesses is one's own.
    """
    repository = read_saved(home, target).get("image_repository")
    if not repository:
        with _alone(home):  # two that start at once must come by the same one
            repository = read_saved(home, target).get("image_repository") or _new_repository(home, target)
    return f"{registry}/{repository}:{lifetime}"


def give_up_repository(home: Path, target: str, repository: str) -> None:
    """Let the next session push to another repository, if this one is the one that is kept."""
    with _alone(home):
        if read_saved(home, target).get("image_repository") == repository:
            _new_repository(home, target)


def _new_repository(home: Path, target: str) -> str:
    repository = str(uuid.uuid4())
    _write(home, {"image_repository": repository}, target)
    return repository


@contextmanager
def _alone(home: Path) -> Iterator[None]:
    """Keep other threads and processes from saving: what is read here is what is written back."""
    import fcntl  # noqa: PLC0415 - POSIX only, and only writers need it

    with os.fdopen(os.open(home / "settings.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        with suppress(OSError):  # a file system without locks: as good as it goes
            fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _write(home: Path, values: Mapping[str, str], target: str) -> None:
    from tempfile import mkstemp  # noqa: PLC0415 - only writers need it

    import tomlkit  # noqa: PLC0415 - likewise

    path = home / "settings.toml"
    document = tomlkit.parse(path.read_text(encoding="utf-8")) if path.exists() else tomlkit.document()
    if target and target not in document:
        document[target] = tomlkit.table()
    table: Any = document[target] if target else document
    for name, value in values.items():
        if value:
            table[name] = value
        else:
            table.pop(name, None)
    handle, draft = mkstemp(prefix=".settings.", suffix=".tmp", dir=home)  # mode 0600, a name of its own
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as opened:
            opened.write(tomlkit.dumps(document))
        Path(draft).replace(path)
    except BaseException:
        Path(draft).unlink(missing_ok=True)
        raise
