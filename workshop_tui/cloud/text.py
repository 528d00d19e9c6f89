"""Untrusted text, made fit to be seen: the one function that everything from outside passes.

Servers, logs, files and other programs say what they like: escape sequences that rewrite a terminal,
characters that reverse the reading direction, keys and tokens. What comes out of `clean` has none of them.
"""

from __future__ import annotations

import re

LIMIT = 500
"""Characters kept where a caller names no limit of its own."""
HIDDEN = "[hidden]"

_ESCAPES = re.compile(
    r"(?:\x1b\[|\x9b)[0-?]*[ -/]*[@-~]?"  # CSI: colours, cursor, erasing
    r"|(?:\x1b[\]PX^_]|[\x9d\x90\x98\x9e\x9f])[^\x07\x1b\x9c]*(?:\x07|\x1b\\|\x9c)?"  # OSC, DCS, SOS, PM, APC
    r"|\x1b[ -/]*[0-~]?"  # all the others
)
_LINE_BREAKS = re.compile(r"\r\n?|[\x0b\x0c\x85\u2028\u2029]")
_UNSEEN = re.compile(
    r"[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u115f\u1160\u180e\u200b\u200e\u200f\u202a-\u202e"
    r"\u2060-\u206f\u3164\ufeff\ufff9-\ufffb\ud800-\udfff\U000e0000-\U000e007f]"
)
"""Control characters, bidirectional controls, characters without width, halves of surrogate pairs, tags."""
_PILES = re.compile(r"([\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]{3})"
                    r"[\u0300-\u036f\u0483-\u0489\u1ab0-\u1aff\u1dc0-\u1dff\u20d0-\u20ff]+")  # fmt: skip
"""Marks piled on one letter, which reach into the lines above and below it."""

_NAMES = (
    r"[\w.-]*(?:api[-_]?key|client[-_]?secret|client[-_]?assertion|password|passwd|account[-_]?key"
    r"|access[-_]?token|refresh[-_]?token|id[-_]?token|shared[-_]?access[-_]?(?:key|signature)"
    r"|client-key-data)"
)
_PATTERNS = (
    (
        re.compile(
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL
        ),
        "",
    ),
    (re.compile(r"(\b(?:bearer|basic)\s+)(?!\[)[\w.~+/=-]{8,}", re.IGNORECASE), r"\1"),
    # Passwords in addresses: proxies, databases, remotes of git.
    (re.compile(r"(\b[a-z][a-z0-9+.-]*://[^\s/:@]*:)(?!\[)[^\s/@]+(?=@)", re.IGNORECASE), r"\1"),
    # JSON Web Tokens, whole or cut short.
    (re.compile(r"\beyJ[\w-]{8,}(?:\.[\w-]*)*"), ""),
    (
        re.compile(
            # What is called or looked up is code: `api_key = os.environ["KEY"]` tells nothing.
            rf"""(\b{_NAMES}["']?\s*[:=]\s*["']?)(?!\[|\w+(?:\.\w+)+[(\[]["')])[^\s"',;&}}\[]{{6,}}""",
            re.IGNORECASE,
        ),
        r"\1",
    ),
    # A bare "key", "token" or "secret" is a word of everyday speech, too: only long values are taken for one.
    (
        re.compile(
            r"""(\b(?:\w*key[12]?|\w*token|\w*secret|sig|signature)["']?\s*[:=]\s*["']?)"""
            r"""(?!\[|\w+(?:\.\w+)+[(\[]["')]|\w+\(\))[\w.~+/%=-]{20,}""",
            re.IGNORECASE,
        ),
        r"\1",
    ),
    (re.compile(r"(?<![\w/-])[0-9a-fA-F]{32}(?![\w:@-])"), ""),  # the account keys of yesterday
    (re.compile(r"(?<![\w/+-])[A-Za-z0-9]{84}(?![\w/+-])"), ""),  # and of today
    (re.compile(r"(?<![\w/+])[A-Za-z0-9+/]{86}=="), ""),  # storage and registry keys
    (re.compile(r"(?<![\w~.-])[\w.-]{3}\dQ~[\w~.-]{31,34}"), ""),  # an application's client secret
)


def clean(text: object, *, limit: int = LIMIT, lines: bool = False) -> str:
    """Return text that is safe to show, log and report: no controls, no secrets, at most `limit` characters.

    One line, unless `lines` asks to keep the breaks. Cleaning twice changes nothing more.
    """
    # Far more than is kept is not worth the work; what is cut here is cut again below.
    found = str(text)[: limit * 8 + 4000]
    found = _ESCAPES.sub("", found)
    found = _LINE_BREAKS.sub("\n", found).replace("\t", "    " if lines else " ")
    found = _UNSEEN.sub("", found)
    found = _PILES.sub(r"\1", found)
    for pattern, kept in _PATTERNS:
        found = pattern.sub(kept + HIDDEN, found)
    found = found.strip("\n") if lines else re.sub(r"\s*\n\s*", " ", found.strip())
    return found if len(found) <= limit else found[: limit - 1] + "…"


def tail(text: object, *, lines: int = 20, limit: int = 4000) -> str:
    """Return the cleaned last lines of a log."""
    kept = str(text)[-limit * 4 :].rstrip().splitlines()[-lines:]
    cleaned = clean("\n".join(kept), limit=limit * 4, lines=True)
    return cleaned[-limit:]
