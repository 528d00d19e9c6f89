"""A workshop of two steps about a lamp, on a target that is a dictionary: enough for every flow."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workshop_tui.authoring import SourceChanges
from workshop_tui.model import Requirements

if TYPE_CHECKING:
    import asyncio
    from collections.abc import Mapping

WORKSHOP = """
id = "lamps"
title = "Lamps"
[[steps]]
id = "first-lamp"
kind = "change"
needs = []
[[steps]]
id = "second-lamp"
kind = "change"
needs = ["first-lamp"]
"""

PAGE = """---
title: Light the {name} lamp
minutes: 1
summary: It is dark.
hints:
  - Look for the switch.
  - Press it.
---
Run this:

```bash
echo {{{{ RG_NAME }}}}
```
"""

CODE = """
from workshop_tui.authoring import (
    ActionError, Applied, AsyncIterator, Change, Finding, Planned, Progress, Requirements, Scope,
    SourceChanges, Undo, action, check, failed, passed, reset,
)

@check("The {name} lamp is lit", scope=Scope.AZURE)
def lit(lamps: Requirements) -> Finding:
    if lamps.entries.get("{name}") == "on":
        return passed("It is lit.")
    return failed("{cause}", "[bold]dark[/] \\x1b", expected="light", command="press {name}")

@action
async def light(hands: SourceChanges) -> AsyncIterator[Progress]:
    change = Change("Light the {name} lamp", "press {name}")
    yield Planned(change)
    await hands.write("{name}", "on")
    yield Applied(change)

@reset
def dark(hands: SourceChanges) -> list[Undo]:
    return [Undo(Change("Put out the {name} lamp"), lambda: hands.restore("{name}"))]
"""


CAUSES = {"first": "sign-in.missing", "second": "token.refused"}
"""Why a lamp is dark: the second one's reason follows from the first one's."""


@dataclass
class Lamps:
    """The world: lamps by name. `hold` keeps changes waiting until it is set; `reads` counts the passes."""

    lit: dict[str, str] = field(default_factory=dict)
    hold: asyncio.Event | None = None
    requests: int = 0
    reads: int = 0

    async def write(self, path: str, text: str) -> None:
        if self.hold is not None:
            await self.hold.wait()
        self.lit[path] = text

    async def restore(self, path: str) -> None:
        self.lit.pop(path, None)

    def services(self) -> Mapping[type, object]:
        self.reads += 1
        return {SourceChanges: self, Requirements: Requirements(dict(self.lit))}
