"""Starts a command in the view of a container that is a plain process; run by a Python of the node.

What it is told, as JSON in its only argument: `command`; `folder` to start in; `terminal`, whether standard
input becomes the controlling terminal; and `view`, either null or {"root": an empty folder, "binds":
[[path, source], ...]}. With a view, the command sees this machine's files with the sources at their paths, in
a user and mount namespace of its own (Linux; where that is not allowed, this ends with exit code 125).
It stands alone: standard library only, Python 3.8 and later.
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import sys
import termios
from pathlib import Path

_PR_SET_PDEATHSIG, _SIGKILL = 1, 9
_CLONE_NEWNS, _CLONE_NEWUSER = 0x00020000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_NO_VIEW = 125


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str, target: str, flags: int, kind: str = "none") -> None:
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None)


def _become_root() -> None:
    """Enter namespaces of our own, as the user 0 of them; what belongs to us stays ours."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS)
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {user} 1"),
        ("gid_map", f"0 {group} 1"),
    ):
        (Path("/proc/self") / file).write_text(text)
    _mount("none", "/", _MS_REC | _MS_PRIVATE)


def _lay(host: Path, target: Path, binds: dict[tuple[str, ...], str]) -> None:
    """Show the host's file or folder at the target, with the binds beneath it in their places."""
    if () in binds:
        host = Path(binds[()]).resolve()  # layers of images are shared by links
    binds = {parts: source for parts, source in binds.items() if parts}
    if host.is_symlink() and not binds:
        target.symlink_to(os.readlink(str(host)))  # noqa: PTH115 - Path has it since Python 3.9 only
    elif not binds:
        if host.is_dir():
            target.mkdir()
        else:
            target.touch()
        _mount(str(host), str(target), _MS_BIND | _MS_REC)
    else:
        target.mkdir(exist_ok=True)
        names = {parts[0] for parts in binds}
        names |= {entry.name for entry in host.iterdir()} if host.is_dir() else set()
        for name in sorted(names):
            beneath = {parts[1:]: source for parts, source in binds.items() if parts[0] == name}
            try:
                _lay(host / name, target / name, beneath)
            except OSError:
                if beneath:
                    raise  # a file of the host's that can't be shown is no loss


def _enter(root: str, binds: dict[str, str]) -> None:
    _become_root()
    _mount("tmpfs", root, 0, "tmpfs")
    places: dict[tuple[str, ...], str] = {}
    for path, source in binds.items():
        place = Path(path)
        real = place.parent.resolve() / place.name  # /var/run is a link on most machines
        places[real.parts[1:]] = source
    _lay(Path("/"), Path(root), places)
    os.chroot(root)


def main() -> None:
    """Do what the argument says."""
    told = json.loads(sys.argv[1])
    if told["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if told["view"] is not None:
        try:
            _enter(told["view"]["root"], told["view"]["binds"])
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(_NO_VIEW)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    os.chdir(told["folder"])
    os.execvp(told["command"][0], told["command"])  # noqa: S606 - this is what it is for


main()
