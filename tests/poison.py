"""Text that means harm to a screen, a terminal or a reader: what pods, models, clouds and files might say."""

from __future__ import annotations

import re

POISON = {
    "markup that opens": "a pod says [bold]loud",
    "markup that closes nothing": "[/] and [/red] and [/b",
    "markup that acts": "[@click=app.quit]press me[/]",
    "markup in a link": "[link=https://evil.example]here[/link] [[double]]",
    "colours": "\x1b[31mred\x1b[0m \x1b[38;2;1;2;3mexact\x1b[m",
    "a cleared screen": "\x1b[2J\x1b[Hup there\x1b[?1049l",
    "a hyperlink": "\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\",
    "the clipboard": "\x1b]52;c;cm0gLXJmIH4=\x07 and on",
    "an unfinished sequence": "before \x1b]0;a title that never ends",
    "a reset": "\x1bc\x1b7\x1b[6n\x1b[c gone",
    "controls of the eighties": "\x9b2J\x90q\x9c\x85next \x84",
    "bells and nothing": "ring\x07\x00\x08\x08over\rwritten",
    "reversed reading": "user\u202egnp.exe \u2066in\u2069 \u200ehere",
    "no width": "ze\u200bro\u2060wi\ufeffdth\u00ad",
    "wide and combined": "你好👩‍💻 e\u0301\u0301\u0301\u0301\u0301\u0301 \U0001f9d1\U0001f3fd",
    "half a pair": "half \ud83d a pair",
    "binary": bytes(range(256)).decode("latin-1"),
    "a line without end": "x" * 20_000,
}
"""By what it is. None has a key in it: what hides keys is tested elsewhere."""

HARMFUL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\xad\u200b\u200e\u200f\u2028-\u202e\u2060-\u206f\ufeff\ud800-\udfff]"
)
"""What must get to nobody's terminal."""
