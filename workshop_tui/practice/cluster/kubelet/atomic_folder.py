"""A volume whose files change all at once, laid out as the kubelet lays them out.

`..data` is a symbolic link to a folder named after the moment it was written, and each file's name a link
through it: a reader that opens a file anew sees the old content or the new one, never a mixture.
"""

from __future__ import annotations

import shutil
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

_DATA, _DRAFT = "..data", "..data_tmp"


def write_all(folder: Path, files: Mapping[str, bytes]) -> bool:
    """Make these the folder's files, by relative path; return whether anything changed."""
    current = (folder / _DATA).resolve() if (folder / _DATA).is_symlink() else None
    if current is not None and current.is_dir() and _read_all(current) == dict(files):
        return False
    now = datetime.now(UTC)
    fresh = folder / f"..{now:%Y_%m_%d_%H_%M_%S}.{now.microsecond:06}"
    fresh.mkdir(mode=0o700)
    for path, content in files.items():
        target = fresh / path
        target.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        target.touch(mode=0o600)
        target.write_bytes(content)
    draft = folder / _DRAFT
    draft.unlink(missing_ok=True)
    draft.symlink_to(fresh.name)
    draft.replace(folder / _DATA)
    _link_names(folder, {PurePosixPath(path).parts[0] for path in files})
    for old in folder.glob("..[0-9]*"):
        if old != fresh:
            shutil.rmtree(old, ignore_errors=True)
    return True


def _link_names(folder: Path, names: set[str]) -> None:
    for entry in folder.iterdir():
        if not entry.name.startswith("..") and entry.name not in names:
            entry.unlink()
    for name in names:
        if not (folder / name).is_symlink():
            (folder / name).symlink_to(Path(_DATA) / name)


def _read_all(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in files}
