"""Text that means harm to a screen, a terminal or a reader: what pods, models, clouds and files might say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping

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


def poisoned_step(texts: Mapping[str, str]) -> str:
    """Return the code of a step for `write_workshop` that says each text: a check each, and in its action."""
    return f"""
    from workshop_tui.authoring import *

    TEXTS = {dict(texts)!a}

    def poisoned(number, name):
        def judge(group: ResourceGroup) -> Finding:
            text = TEXTS[name]
            return failed("reading.unexpected", text, expected=text + "!", remedy=text, command=text)

        judge.__name__ = f"judge_{{number}}"
        return check(f"It says {{name}}", scope=Scope.AZURE)(judge)

    for number, name in enumerate(TEXTS):
        globals()[f"judge_{{number}}"] = poisoned(number, name)

    @action
    async def do(names: Names) -> AsyncIterator[Progress]:
        for text in TEXTS.values():
            yield Planned(Change(text, text, difference=("+" + text, "-" + text)))
            yield Working(text, 0.5, text)
        raise ActionError(TEXTS["markup that closes nothing"], TEXTS["a cleared screen"])
"""
