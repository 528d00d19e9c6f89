"""Changing a kubeconfig's text so that every line of what stays as it is stays, comments and all.

`kubectl config` and `az aks get-credentials` write the whole file anew. Learners keep notes in theirs.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

_Span = tuple[int, int, str]
"""Where text begins and ends, and what takes its place."""


def rewritten(text: str, wanted: Mapping[str, Any]) -> str | None:
    """Return the text as one that means `wanted`, with every other line as it was.

    None where the file is laid out so that this cannot be done (braces and brackets, anchors).
    """
    try:
        result = _changed(text, wanted)
        good = result is not None and yaml.safe_load(result) == wanted
    except (yaml.YAMLError, IndexError):
        return None
    return result if good else None


def _changed(text: str, wanted: Mapping[str, Any]) -> str | None:
    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if root is None:
        return _with_newline(text) + _dump(dict(wanted))
    if not isinstance(root, yaml.MappingNode) or root.flow_style:
        return None
    known = yaml.safe_load(text)
    spans = []
    for key, node in root.value:
        name = key.value
        if name not in wanted:
            spans.append((_line_start(text, key), _line_end(text, node), ""))
        elif known[name] != wanted[name]:
            spans.extend(_value(text, key, node, known[name], wanted[name]))
    added = {name: value for name, value in wanted.items() if name not in known}
    for start, end, replacement in sorted(spans, reverse=True):
        text = text[:start] + replacement + text[end:]
    return _with_newline(text) + _dump(added) if added else text


def _value(text: str, key: yaml.Node, node: yaml.Node, known: object, wanted: object) -> Iterator[_Span]:
    """Change one value: an entry at a time where it is a list of entries, else as a whole."""
    lists = isinstance(known, list) and isinstance(wanted, list) and bool(wanted)
    if lists and isinstance(node, yaml.SequenceNode) and not node.flow_style:
        assert isinstance(known, list) and isinstance(wanted, list)  # noqa: S101, PT018 - for the type checker
        yield from _entries(text, node, known, wanted)
    elif isinstance(node, yaml.ScalarNode) and isinstance(wanted, str) and node.value:
        written = _dump([wanted]).removeprefix("- ").rstrip("\n")
        yield node.start_mark.index, node.end_mark.index, written
    else:
        yield _line_start(text, key), _line_end(text, node), _dump({key.value: wanted})


def _entries(text: str, node: yaml.SequenceNode, known: list[Any], wanted: list[Any]) -> Iterator[_Span]:
    """Replace, take out and add entries: in the wanted list they stand in the order of the known one."""
    margin = " " * node.start_mark.column
    waiting = list(wanted)
    end = 0
    for item, entry in zip(node.value, known, strict=True):
        start = text.rindex("-", 0, item.start_mark.index)
        start, end = text.rfind("\n", 0, start) + 1, _line_end(text, item)
        stays = bool(waiting) and waiting[0].get("name") == entry.get("name")
        new = waiting.pop(0) if stays else None
        if new is None:
            yield start, end, ""
        elif new != entry:
            yield start, end, _indented([new], margin)
    if waiting:
        newline = "" if text[:end].endswith("\n") else "\n"
        yield end, end, newline + _indented(waiting, margin)


def _line_start(text: str, node: yaml.Node) -> int:
    return text.rfind("\n", 0, node.start_mark.index) + 1


def _line_end(text: str, node: yaml.Node) -> int:
    """Return where the line after the node's last word begins; a node's own end lies before the next word."""
    last = _last_word(node)
    if text[:last].endswith("\n"):
        return last
    found = text.find("\n", last)
    return len(text) if found < 0 else found + 1


def _last_word(node: yaml.Node) -> int:
    block = isinstance(node, yaml.CollectionNode) and not node.flow_style and bool(node.value)
    if not block:
        return int(node.end_mark.index)
    last = node.value[-1]
    return _last_word(last[1] if isinstance(last, tuple) else last)


def _dump(value: object) -> str:
    return yaml.safe_dump(value, sort_keys=False, allow_unicode=True, width=10_000)


def _indented(entries: list[Any], margin: str) -> str:
    return "".join(margin + line for line in _dump(entries).splitlines(keepends=True))


def _with_newline(text: str) -> str:
    return text if not text or text.endswith("\n") else f"{text}\n"
