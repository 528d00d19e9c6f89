"""The programs that come with us, for the learner's shell: the pages use `uv`, and `workshop-tui` is near."""

from __future__ import annotations

import os
import sys
from pathlib import Path
from threading import get_ident

NAMES = ("uv", "workshop-tui")


def path_with_own_tools(home: Path) -> str:
    """Return PATH with our programs at its end, for who has none: in a folder with nothing else in it.

    The folder they really are in holds a `python3`, too, which is not the learner's.
    """
    tools = home / "bin"
    tools.mkdir(mode=0o700, exist_ok=True)
    for name in NAMES:
        program = Path(sys.executable).with_name(name)
        if program.is_file():
            _link(tools / name, program)
    known = os.environ.get("PATH", os.defpath)
    return known if str(tools) in known.split(os.pathsep) else f"{known}{os.pathsep}{tools}"


def _link(place: Path, program: Path) -> None:
    """Make `place` lead to the program, for a shell that starts while another one runs, too."""
    draft = place.with_name(f".{place.name}.{os.getpid()}.{get_ident()}")
    draft.unlink(missing_ok=True)
    draft.symlink_to(program)
    draft.replace(place)
