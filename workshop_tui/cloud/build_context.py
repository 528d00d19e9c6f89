"""The files of the app that go into its image: Docker's own rules for `.dockerignore`, in one place.

The builders pack exactly these, and the source's fingerprint is made from exactly these: what cannot change
the image cannot make evidence void.
"""

from __future__ import annotations

import hashlib
import os
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_NEVER = frozenset(
    {".git", ".venv", "venv", "__pycache__", ".pytest_cache", ".mypy_cache", ".ruff_cache", ".env"}
)
"""Names left out whatever the ignore file says: none of them belongs in an image, and `.env` holds keys."""


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: re.Pattern[str]
    keeps: bool


def image_files(context: Path) -> tuple[str, ...]:
    """Return the files that go into the image, relative to `context` with slashes, sorted.

    Links that lead out of the folder are left out, as is everything that is not a plain file.
    """
    return tuple(sorted(_walk(context, "", read_rules(context))))


def fingerprint(context: Path) -> str:
    """Return a SHA-256 over the names and contents of the files that go into the image."""
    digest = hashlib.sha256()
    for name in image_files(context):
        try:
            content = (context / name).read_bytes()
        except OSError:
            continue  # gone or closed since it was listed: then it does not go into the image either
        digest.update(f"{name}\0{len(content)}\0".encode(errors="surrogateescape"))
        digest.update(content)
    return digest.hexdigest()


def read_rules(context: Path) -> tuple[_Rule, ...]:
    """Return the rules of the folder's `.dockerignore`, in order; none where there is none."""
    try:
        text = (context / ".dockerignore").read_text(encoding="utf-8-sig", errors="replace")
    except OSError:
        return ()
    lines = (line.strip() for line in text.splitlines())
    return tuple(_rule(line) for line in lines if line and not line.startswith("#"))


def _rule(line: str) -> _Rule:
    keeps = line.startswith("!")
    path = os.path.normpath(line.removeprefix("!").strip()).strip("/")
    return _Rule(re.compile(_translate(path)), keeps)


def _translate(path: str) -> str:
    """Return the rule as an expression for whole paths; what lies below a match matches as well."""
    found, rest = "", path
    while rest:
        if rest.startswith("**"):
            rest = rest[2:].lstrip("/")
            found += "(?:.*/)?" if rest else ".*"
        elif rest[0] == "*":
            found, rest = found + "[^/]*", rest[1:]
        elif rest[0] == "?":
            found, rest = found + "[^/]", rest[1:]
        else:
            found, rest = found + re.escape(rest[0]), rest[1:]
    return found + "(?:/.*)?"


def _is_ignored(name: str, rules: tuple[_Rule, ...]) -> bool:
    ignored = False
    for rule in rules:  # the last one that matches decides
        if rule.pattern.fullmatch(name):
            ignored = not rule.keeps
    return ignored


def _walk(root: Path, below: str, rules: tuple[_Rule, ...]) -> Iterator[str]:
    try:
        entries = list(os.scandir(root / below))
    except OSError:
        return
    for entry in entries:
        name = f"{below}/{entry.name}" if below else entry.name
        if entry.name in _NEVER or entry.name.endswith(".pyc"):
            continue
        if entry.is_dir(follow_symlinks=False):
            yield from _walk(root, name, rules)
        elif not _is_ignored(name, rules) and _is_inside(entry, root):
            yield name


def _is_inside(entry: os.DirEntry[str], root: Path) -> bool:
    if not entry.is_file():
        return False
    if not entry.is_symlink():
        return True
    target, top = os.path.realpath(entry.path), os.path.realpath(root)
    return os.path.commonpath([target, top]) == top
