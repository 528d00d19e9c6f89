"""Unpacking image layers into a folder: nothing lands outside it, whatever a layer says."""

from __future__ import annotations

import os
import shutil
import tarfile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

_WHITEOUT, _OPAQUE = ".wh.", ".wh..wh..opq"
_BITS = 0o755


class LayerError(ValueError):
    """A layer that can't be unpacked, or tries to write where it may not."""


def unpack_layer(archive: Path, root: Path) -> None:
    """Apply one layer (tar, plain or gzip) to the tree under `root`.

    Links are followed as if `root` were `/`, so a symbolic link to `/etc` in an image points into the image.
    Devices and pipes are left out: a plain process can't use those of an image.

    Raises:
        LayerError: not a tar archive, or an entry would leave the tree.

    """
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                _apply(tar, member, root)
    except (tarfile.TarError, EOFError) as error:
        raise LayerError(f"not a tar archive: {error}") from error


def own_folders(archive: Path) -> frozenset[str] | None:
    """Return the folders at the top of a layer that needs no other: plain files in folders, nothing else.

    None for one that has links or removals, or files at the very top: such a layer has to be unpacked over
    the ones below it.

    Raises:
        LayerError: not a tar archive, or an entry would leave the tree.

    """
    folders = set()
    try:
        with tarfile.open(archive, "r:*") as tar:
            for member in tar:
                parts = _parts(member.name)
                plain = member.isdir() or (member.isreg() and len(parts) > 1)
                if not parts or not plain or parts[-1].startswith(_WHITEOUT):
                    return None
                folders.add(parts[0])
    except (tarfile.TarError, EOFError) as error:
        raise LayerError(f"not a tar archive: {error}") from error
    return frozenset(folders)


def _apply(tar: tarfile.TarFile, member: tarfile.TarInfo, root: Path) -> None:
    parts = _parts(member.name)
    if not parts:
        return
    folder = _folder(root, parts[:-1])
    name = parts[-1]
    if name == _OPAQUE:
        for child in list(folder.iterdir()):
            _remove(child)
        return
    if name.startswith(_WHITEOUT):
        _remove(folder / name.removeprefix(_WHITEOUT))
        return
    target = folder / name
    if member.isdir():
        if target.is_symlink() or not target.is_dir():
            _remove(target)
            target.mkdir()
        return
    _remove(target)
    if member.isreg():
        source = tar.extractfile(member)
        assert source is not None  # noqa: S101 - a regular file has contents
        with source, target.open("xb") as file:
            shutil.copyfileobj(source, file)
        target.chmod(member.mode & _BITS | 0o600)
        os.utime(target, (member.mtime, member.mtime))  # compiled bytecode is checked against it
    elif member.issym():
        target.symlink_to(_inside(root, folder, member.linkname))
    elif member.islnk():
        source_parts = _parts(member.linkname)
        if not source_parts:
            raise LayerError(f"a link without a target: {member.name}")
        linked = _folder(root, source_parts[:-1]) / source_parts[-1]
        if linked.is_symlink() or not linked.is_file():
            raise LayerError(f"hard link to what is no file: {member.linkname}")
        os.link(linked, target)


def _parts(name: str) -> list[str]:
    parts = [part for part in name.split("/") if part not in {"", "."}]
    if ".." in parts or any("\x00" in part for part in parts):
        raise LayerError(f"an entry leaves the image: {name!r}")
    return parts


def _folder(root: Path, parts: list[str]) -> Path:
    """Return (and make) the folder these parts lead to, every link on the way kept inside `root`."""
    folder = root
    for part in parts:
        following = folder / part
        if following.is_symlink():
            real = following.resolve()
            if not real.is_relative_to(root.resolve()):
                raise LayerError(f"a link leaves the image: {part!r}")
            following = real
        if not following.is_dir():
            _remove(following)
            following.mkdir()
        folder = following
    return folder


def _inside(root: Path, folder: Path, link: str) -> str:
    """Return the link's target as one relative to its folder that can't lead out of `root`."""
    base = root.resolve()
    start = [] if link.startswith("/") else list(folder.resolve().relative_to(base).parts)
    for part in link.split("/"):
        if part == "..":
            del start[-1:]  # `..` of the root is the root
        elif part not in {"", "."}:
            start.append(part)
    return os.path.relpath(base.joinpath(*start), folder.resolve())


def _remove(path: Path) -> None:
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
