"""Starts a command in the view of a container that is a plain process; run by a Python of the node.

What it is told, as JSON in its only argument: `command`; `folder` to start in; `variables`, the names of
those it gets; `terminal`, whether standard input becomes the controlling terminal; and `view`, either null or
{"host": a name, "root": an empty folder, "binds": {path: source}, "writable": [path]}.

With a view, the command sees this machine's files with the sources at their paths, in namespaces of its own
(Linux; where that is not allowed, this ends with exit code 125). It can't write to what is not named as
writable: a learner takes a shell in a container for a place where nothing can break, and these are the files
of the learner's own machine.
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
_CLONE_NEWNS, _CLONE_NEWUTS, _CLONE_NEWUSER = 0x00020000, 0x04000000, 0x10000000
_MS_BIND, _MS_REC, _MS_PRIVATE = 4096, 16384, 1 << 18
_SYS_MOUNT_SETATTR, _AT_FDCWD, _AT_RECURSIVE, _MOUNT_ATTR_RDONLY = 442, -100, 0x8000, 1
_SHARED = ("/dev", "/proc", "/tmp", "/var/tmp")  # noqa: S108 - the container's process uses them, too
_NO_VIEW = 125


def _call(name: str, *arguments: object) -> None:
    library = ctypes.CDLL(None, use_errno=True)
    if getattr(library, name)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")


def _mount(source: str, target: str, flags: int, kind: str = "none") -> None:
    _call("mount", source.encode(), target.encode(), kind.encode(), ctypes.c_ulong(flags), None)


def _make_read_only(target: str) -> None:
    """Refuse writes below the target; a kernel older than 5.12 can't, and lets them be."""
    attributes = (ctypes.c_uint64 * 4)(_MOUNT_ATTR_RDONLY, 0, 0, 0)
    size = ctypes.c_size_t(ctypes.sizeof(attributes))
    ctypes.CDLL(None).syscall(
        ctypes.c_long(_SYS_MOUNT_SETATTR), _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, size
    )


def _become_root() -> None:
    """Enter namespaces of our own, as the user 0 of them; what belongs to us stays ours."""
    user, group = os.getuid(), os.getgid()
    _call("unshare", _CLONE_NEWUSER | _CLONE_NEWNS | _CLONE_NEWUTS)
    for file, text in (
        ("setgroups", "deny"),
        ("uid_map", f"0 {user} 1"),
        ("gid_map", f"0 {group} 1"),
    ):
        (Path("/proc/self") / file).write_text(text)
    _mount("none", "/", _MS_REC | _MS_PRIVATE)


def _lay(host: Path, target: Path, binds: dict[tuple[str, ...], tuple[str, bool]], *, writable: bool) -> None:
    """Show the host's file or folder at the target, with the binds beneath it in their places."""
    if () in binds:
        source, writable = binds[()]
        host = Path(source).resolve()  # layers of images are shared by links
        binds = {parts: bind for parts, bind in binds.items() if parts}
    if host.is_symlink() and not binds:
        target.symlink_to(os.readlink(str(host)))  # noqa: PTH115 - Path has it since Python 3.9 only
    elif not binds:
        if host.is_dir():
            target.mkdir()
        else:
            target.touch()
        _mount(str(host), str(target), _MS_BIND | _MS_REC)
        if not writable:
            _make_read_only(str(target))
    else:
        target.mkdir(exist_ok=True)
        names = {parts[0] for parts in binds}
        names |= {entry.name for entry in host.iterdir()} if host.is_dir() else set()
        for name in sorted(names):
            beneath = {parts[1:]: bind for parts, bind in binds.items() if parts[0] == name}
            try:
                _lay(host / name, target / name, beneath, writable=writable)
            except OSError:
                if beneath:
                    raise  # a file of the host's that can't be shown is no loss


def _enter(host: str, root: str, binds: dict[str, str], writable: list[str]) -> None:
    _become_root()
    _call("sethostname", host.encode(), ctypes.c_size_t(len(host.encode())))
    _mount("tmpfs", root, 0, "tmpfs")
    shared = {path: path for path in _SHARED if Path(path).is_dir()}
    places: dict[tuple[str, ...], tuple[str, bool]] = {}
    for path, source in {**shared, **binds}.items():
        place = Path(path)
        real = place.parent.resolve() / place.name  # /var/run is a link on most machines
        places[real.parts[1:]] = source, path in writable or path in shared
    _lay(Path("/"), Path(root), places, writable=False)
    os.chroot(root)


def main() -> None:
    """Do what the argument says."""
    told = json.loads(sys.argv[1])
    if told["terminal"]:
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
    if told["view"] is not None:
        try:
            _enter(**told["view"])
        except OSError as error:
            sys.stderr.write(f"{error}\n")
            sys.exit(_NO_VIEW)
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, _SIGKILL)
    os.chdir(told["folder"])
    # Python itself may have added one: LC_CTYPE, where there is no locale.
    variables = {name: os.environ[name] for name in told["variables"]}
    os.execvpe(told["command"][0], told["command"], variables)  # noqa: S606 - this is what it is for


main()
