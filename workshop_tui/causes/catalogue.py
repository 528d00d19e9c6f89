"""Reading `catalogue.toml`, and making sure of it."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Mapping
from functools import cached_property
from graphlib import CycleError, TopologicalSorter
from pathlib import Path
from typing import Any

from workshop_tui.causes.cause import Cause

FILE = Path(__file__).with_name("catalogue.toml")
_CODE = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*\.[a-z0-9]+(-[a-z0-9]+)*")
_REQUIRED = ("title", "why", "remedy")
_TEXTS = (*_REQUIRED, "command", "link")
_LISTS = ("shows", "brings")


class CatalogueError(Exception):
    """The catalogue's file is not as it must be; the message names cause and key."""


class Catalogue(Mapping[str, Cause]):
    """The causes by their codes, in the file's order, which is the order of the chain of trust.

    The file is read when the first cause is asked for: importing this costs nothing.
    """

    def __init__(self, file: Path = FILE) -> None:
        self._file = file

    @cached_property
    def _causes(self) -> dict[str, Cause]:
        return read_causes(self._file.read_text(encoding="utf-8"))

    def __getitem__(self, code: str) -> Cause:
        return self._causes[code]

    def __iter__(self) -> Iterator[str]:
        return iter(self._causes)

    def __len__(self) -> int:
        return len(self._causes)


def read_causes(text: str) -> dict[str, Cause]:
    """Read the catalogue's text.

    Raises:
        CatalogueError: it is not TOML (a code twice included), a key is unknown, missing or of another kind,
            or what a cause brings about is no cause or goes in a circle.

    """
    try:
        tables = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise CatalogueError(f"the catalogue of causes is no TOML: {error}") from error
    causes = {code: _cause(code, table) for code, table in tables.items()}
    for cause in causes.values():
        for brought in cause.brings:
            if brought not in causes:
                raise CatalogueError(f"{cause.code}: brings {brought}, which is no cause")
    try:
        TopologicalSorter({cause.code: cause.brings for cause in causes.values()}).prepare()
    except CycleError as error:
        raise CatalogueError(f"causes bring each other about: {', '.join(error.args[1])}") from error
    return causes


def _cause(code: str, table: Any) -> Cause:  # noqa: ANN401 - whatever the file has
    if not _CODE.fullmatch(code):
        raise CatalogueError(f"{code}: a code is area.problem, in small letters and hyphens")
    if not isinstance(table, dict):
        raise CatalogueError(f"{code}: a cause is a table with title, why and remedy")
    unknown = sorted(table.keys() - {*_TEXTS, *_LISTS})
    if unknown:
        raise CatalogueError(f"{code}: unknown keys: {', '.join(unknown)}")
    missing = [key for key in _REQUIRED if key not in table]
    if missing:
        raise CatalogueError(f"{code}: missing: {', '.join(missing)}")
    for key in _TEXTS:
        value = table.get(key, "-")
        if not isinstance(value, str) or not value.strip():
            raise CatalogueError(f"{code}: {key} must be a text, and not an empty one")
    for key in _LISTS:
        value = table.get(key, [])
        if not isinstance(value, list) or not all(isinstance(item, str) and item for item in value):
            raise CatalogueError(f"{code}: {key} must be a list of texts")
    return Cause(
        code=code,
        title=table["title"],
        why=table["why"],
        remedy=table["remedy"],
        shows=tuple(table.get("shows", ())),
        command=table.get("command", ""),
        link=table.get("link", ""),
        brings=tuple(table.get("brings", ())),
    )
