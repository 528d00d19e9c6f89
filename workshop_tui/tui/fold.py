"""Folding a page's shell commands to the width there is, so that they can be read and pasted as shown."""

from __future__ import annotations

import re
from itertools import pairwise

_SHELL = re.compile(r"^```(?:bash|sh)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_HERE_DOCUMENT = re.compile(r"<<-?\s*['\"]?(\w+)['\"]?")
_INDENT = "  "
_CONTINUED = " \\"
_TO_WHAT_IS_BEFORE = frozenset({"\\", "|", "||", "&&", ";"})
_TO_WHAT_FOLLOWS = frozenset({">", ">>", "<", "2>"})


def fold_commands(markdown: str, width: int) -> str:
    """Return the page with long command lines broken between words, as a shell allows.

    Quoted words, comments and here documents are left whole: a break inside would be part of them. A word
    wider than `width` (in columns) stays as wide as it is.
    """
    return _SHELL.sub(lambda match: match[0].replace(match[1], _folded(match[1], width)), markdown)


def _folded(block: str, width: int) -> str:
    lines: list[str] = []
    here_document = ""
    quoted = False
    for line in block.splitlines():
        if here_document:
            here_document = "" if line.strip() == here_document else here_document
            lines.append(line)
            continue
        opened = _HERE_DOCUMENT.search(line)
        here_document = opened[1] if opened else ""
        words, open_quote = _words(line)
        goes_on = bool(lines) and lines[-1].endswith(_CONTINUED)
        whole = quoted or open_quote or line.lstrip().startswith("#")
        quoted = quoted != open_quote
        lines += [line] if whole or len(line) <= width else _broken(words, width, goes_on=goes_on)
    return "".join(f"{line}\n" for line in lines)


def _words(line: str) -> tuple[list[str], bool]:
    """Split at blanks outside quotes and substitutions; say whether a quote is still open at the end.

    The words keep what is between them, so that joined they are the line again.
    """
    words, word, quote, depth = [], "", "", 0
    escaped = False
    for character in line:
        if escaped or character == "\\":
            escaped = not escaped
        elif quote:
            quote = "" if character == quote else quote
        elif character in "'\"":
            quote = character
        elif character == "(":
            depth += 1
        elif character == ")":
            depth -= 1
        elif character == " " and not depth and word.strip():
            words.append(word)
            word = ""
        word += character
    return [*words, word], bool(quote)


def _broken(words: list[str], width: int, *, goes_on: bool) -> list[str]:
    """Break before what is too wide; a line that itself goes on from the one before is not indented more."""
    indent = re.match(r" *", words[0])
    further = (indent[0] if indent else "") + ("" if goes_on else _INDENT)
    first, *others = _units(words)
    lines = [first]
    for unit in others:
        if len(lines[-1] + unit + _CONTINUED) <= width:
            lines[-1] += unit
        else:
            lines[-1] += _CONTINUED
            lines.append(further + unit.lstrip())
    return lines


def _units(words: list[str]) -> list[str]:
    """Join what reads badly apart: an option and its value, a redirection and its file, a pipe's sign."""
    units = words[:1]
    for before, word in pairwise(words):
        option = before.lstrip().startswith("-") and not word.lstrip().startswith("-")
        if option or word.strip() in _TO_WHAT_IS_BEFORE or before.strip() in _TO_WHAT_FOLLOWS:
            units[-1] += word
        else:
            units.append(word)
    return units
