"""Files replaced whole or not at all, and folders that show themselves only when they are complete."""

from __future__ import annotations

import contextlib
import os
import shutil
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path


def beside(place: Path) -> Path:
    """Return where to make what will be renamed to `place`: this process's own name next to it."""
    return place.with_name(f".{place.name}.{os.getpid()}.part")


def replace_file(file: Path, content: bytes) -> None:
    """Replace a file's content, or make it, keeping its permissions; a link stays a link.

    Raises:
        OSError: it cannot be written; what was there is still there.

    """
    target = file.resolve()
    part = beside(target)
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with part.open("wb") as opened:
            opened.write(content)
            opened.flush()
            os.fsync(opened.fileno())
        if target.exists():
            shutil.copymode(target, part)
        part.replace(target)
    finally:
        with contextlib.suppress(OSError):
            part.unlink()


def put_in_place(part: Path, place: Path, proof: str) -> None:
    """Rename a finished folder to its place, unless another process finished the same one meanwhile.

    `proof` is a file in it that is there only when it is complete.
    """
    if (place / proof).exists():
        return
    remove_folder(place)
    part.rename(place)


def remove_folder(folder: Path) -> None:
    """Delete a folder: out of its place in one step, so that a kill leaves no half of it there."""
    if not folder.exists():
        return
    gone = beside(folder)
    folder.rename(gone)
    shutil.rmtree(gone, ignore_errors=True)


def sweep(place: Path) -> None:
    """Delete what a killed process of ours left beside `place`."""
    for left in place.parent.glob(f".{place.name}.*.part"):
        number = left.name.removesuffix(".part").rpartition(".")[2]
        if number.isdecimal() and not is_running(int(number)):
            if left.is_dir():
                shutil.rmtree(left, ignore_errors=True)
            else:
                left.unlink(missing_ok=True)


def is_running(process_id: int) -> bool:
    """Return whether there is a process of that id."""
    try:
        os.kill(process_id, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
