"""Packing texts into one file for somebody else: private, and whole or not at all."""

from __future__ import annotations

import os
import tempfile
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


def write_archive(path: Path, texts: Mapping[str, str]) -> None:
    """Write a zip (0600) of these texts by their names; what was at `path` is replaced.

    Raises:
        OSError: it cannot be written; what was there is still there.

    """
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    draft = Path(name)
    try:
        with os.fdopen(handle, "wb") as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive:
            for entry, text in texts.items():
                archive.writestr(entry, text)
        draft.replace(path)
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
