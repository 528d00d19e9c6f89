"""Pages: a step's Markdown with its front matter, and the learner's own values in it."""

from __future__ import annotations

import re
from dataclasses import dataclass
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import yaml

from workshop_tui.workshop_error import WorkshopError

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from pathlib import Path

_PLACEHOLDER = re.compile(r"\{\{\s*([A-Z][A-Z0-9_]*)\s*\}\}")


NAMES = ("title", "summary", "minutes", "why", "hints", "further")
"""What front matter may tell."""
_BLOCK = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_NEARLY = re.compile(r"\{\{\s*([A-Za-z][A-Za-z0-9_-]*)\s*\}\}")
"""What may be meant as one; `{{ .Id }}` and `{{ user }}` are templates of other programs."""


def render(page: str, values: Mapping[str, str]) -> str:
    """Put the values in place of `{{ NAME }}`; what is not known yet reads `$NAME`, as in a shell."""
    return _PLACEHOLDER.sub(lambda match: values.get(match[1]) or f"${match[1]}", page)


def blocks(page: str, *languages: str) -> list[str]:
    """Return the page's fenced blocks of these languages, in order: `bash` is what is meant for a shell."""
    return [match[2].strip() for match in _BLOCK.finditer(page) if match[1] in languages]


def placeholders(page: str) -> Iterable[str]:
    """Return the names that the page uses, in order, repeats included."""
    return (match[1] for match in _PLACEHOLDER.finditer(page))


@dataclass(frozen=True, slots=True)
class Link:
    """Something to read further."""

    title: str
    url: str


@dataclass(frozen=True, slots=True)
class Page:
    """A step's page: what its front matter says, and its Markdown."""

    title: str
    summary: str
    minutes: int
    why: str
    hints: tuple[str, ...]
    further: tuple[Link, ...]
    markdown: str


def read_page(file: Path, known: Collection[str]) -> Page:
    """Read `step.md`, which may use the `known` values.

    Raises:
        WorkshopError: it is not as a page must be; the message names the line.

    """
    front, markdown, first_line = _split(file)
    _see_placeholders(file, markdown, first_line, known)
    see_names(f"{file}: front matter", front, NAMES)
    reader = _Front(file, front)
    return Page(
        title=reader.text("title", required=True),
        summary=reader.text("summary", required=True),
        minutes=reader.minutes(),
        why=reader.text("why"),
        hints=reader.hints(),
        further=reader.further(),
        markdown=markdown.strip() + "\n",
    )


def see_names(place: str, given: Iterable[object], known: Collection[str]) -> None:
    """See that every name is one that is read: a mistyped one, `hint` say, would count for nothing, silently.

    Raises:
        WorkshopError: one is not.

    """
    for name in given:
        if name not in known:
            near = get_close_matches(str(name), sorted(known), n=1)
            hint = f"Did you mean {near[0]}?" if near else f"There are: {', '.join(known)}."
            raise WorkshopError(f"{place}: there is nothing called {name}. {hint}")


def _see_placeholders(file: Path, markdown: str, first_line: int, known: Collection[str]) -> None:
    """See that the page uses no value that nothing gives: it would be shown as `$NAME` for ever."""
    for match in _NEARLY.finditer(markdown):
        name, right = match[1], match[1].upper().replace("-", "_")
        place = f"{file}:{first_line + markdown.count(chr(10), 0, match.start())}"
        if right in known and name != right:
            raise WorkshopError(f"{place}: write {{{{ {right} }}}}, not {{{{ {name} }}}}.")
        if name == right and name not in known:
            near = get_close_matches(name, sorted(known), n=3, cutoff=0.6)
            hint = f"Did you mean {' or '.join(near)}?" if near else f"There are: {', '.join(sorted(known))}."
            raise WorkshopError(f"{place}: there is no value {{{{ {name} }}}}. {hint}")


def _split(file: Path) -> tuple[dict[str, Any], str, int]:
    """Return the front matter, the Markdown below it, and the line that the latter begins in."""
    try:
        lines = file.read_text(encoding="utf-8").splitlines()
    except UnicodeDecodeError as error:
        raise WorkshopError(f"{file}: not UTF-8 text: {error.reason}. Save it as UTF-8.") from error
    if not lines or lines[0].strip() != "---":
        raise WorkshopError(f"{file}:1: a page starts with front matter between two lines of ---.")
    end = next((index for index, line in enumerate(lines[1:], start=1) if line.strip() == "---"), None)
    if end is None:
        raise WorkshopError(f"{file}:1: the front matter is not closed by a line of ---.")
    try:
        front = yaml.safe_load("\n".join(lines[1:end]))
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 2 if mark is not None else 1
        problem = getattr(error, "problem", None) or "not valid YAML"
        raise WorkshopError(
            f"{file}:{line}: front matter: {problem}. A text with a colon or a quote in it needs quotes."
        ) from error
    if not isinstance(front, dict):
        raise WorkshopError(f"{file}:2: the front matter must be names with values, as in `title: …`.")
    markdown = "\n".join(lines[end + 1 :])
    if not markdown.strip():
        raise WorkshopError(f"{file}:{end + 1}: the page is empty: write the explanation below the ---.")
    return front, markdown, end + 2


class _Front:
    """Reads values out of front matter, and says which file and line has a wrong one."""

    def __init__(self, file: Path, front: Mapping[str, Any]) -> None:
        self._file = file
        self._front = front

    def text(self, name: str, *, required: bool = False) -> str:
        value = self._front.get(name)
        if value is None and not required:
            return ""
        if not isinstance(value, str) or not value.strip():
            raise self._wrong(name, "a text")
        return value.strip()

    def minutes(self) -> int:
        value = self._front.get("minutes", 5)
        if not isinstance(value, int) or isinstance(value, bool) or value < 1:
            raise self._wrong("minutes", "a whole number from 1")
        return value

    def hints(self) -> tuple[str, ...]:
        value = self._front.get("hints") or []
        if not isinstance(value, list) or not all(isinstance(item, str) for item in value):
            raise self._wrong("hints", "a list of texts, each after a dash")
        return tuple(item.strip() for item in value)

    def further(self) -> tuple[Link, ...]:
        value = self._front.get("further") or []
        whole = isinstance(value, list) and all(
            isinstance(item, dict) and item.keys() >= {"title", "url"} for item in value
        )
        if not whole:
            raise self._wrong("further", "a list of entries with title and url")
        return tuple(Link(str(item["title"]), str(item["url"])) for item in value)

    def _wrong(self, name: str, wanted: str) -> WorkshopError:
        lines = self._file.read_text(encoding="utf-8").splitlines()
        line = next((number for number, text in enumerate(lines, 1) if text.startswith(f"{name}:")), 1)
        return WorkshopError(f"{self._file}:{line}: the front matter's {name} must be {wanted}.")
