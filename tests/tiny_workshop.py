"""A workshop of three steps in a folder of its own, and a world of two things for it to change."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field
from textwrap import dedent
from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import AzureChanges
from workshop_tui.model import Absent, ManagedIdentity, Names, ResourceGroup

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

WORKSHOP = """
    id = "tiny"
    title = "A tiny workshop"

    [[steps]]
    id = "look"
    kind = "observe"

    [[steps]]
    id = "make-identity"
    kind = "change"
    needs = ["look"]

    [[steps]]
    id = "extra"
    kind = "change"
    needs = ["make-identity"]
    bonus = true
"""

PAGE = """
    ---
    title: {title}
    minutes: 3
    summary: What {title} is about.
    hints:
      - Look again.
    further:
      - {{title: Elsewhere, url: "https://example.org"}}
    ---
    # {title}

    Use {{{{ RG_NAME }}}}.
"""

LOOK = """
    from workshop_tui.authoring import *

    @check("The group is there", scope=Scope.AZURE)
    def group(group: ResourceGroup) -> Finding:
        return passed(group.name)
"""

MAKE_IDENTITY = """
    from workshop_tui.authoring import *
    from ._names import NAME

    @check("The identity is there", scope=Scope.AZURE)
    def identity_exists(identity: ManagedIdentity) -> Finding:
        return passed(identity.name)

    @check("It has a client id", scope=Scope.WORKSTATION)
    def client_id(identity: ManagedIdentity | Absent) -> Finding:
        if isinstance(identity, Absent) or not identity.client_id:
            return failed("reading.unexpected", "no client id")
        return passed(identity.client_id)

    @action
    async def make(names: Names, azure: AzureChanges) -> AsyncIterator[Progress]:
        change = Change("Make the identity", f"az identity create --name {NAME}")
        yield Planned(change)
        await azure.put_identity(NAME)
        yield Applied(change)

    @reset
    def unmake(identity: ManagedIdentity, azure: AzureChanges) -> Sequence[Undo]:
        return [Undo(Change("Delete the identity"), lambda: azure.delete_identity(identity.id))]
"""

EXTRA = """
    from workshop_tui.authoring import *

    @check("There is nothing more", scope=Scope.LIVE)
    def nothing(now: Now) -> Finding:
        return pending("reading.throttled", "not yet", until=now.moment)
"""


def write_workshop(folder: Path, **replaced: str) -> Path:
    """Write the workshop below `folder`; keywords replace a file's text: `look_page`, `look_code`, `toml`."""
    codes = {"look": LOOK, "make_identity": MAKE_IDENTITY, "extra": EXTRA}
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "workshop.toml").write_text(dedent(replaced.get("toml", WORKSHOP)))
    for name, code in codes.items():
        step = folder / "steps" / name
        step.mkdir(parents=True)
        page = replaced.get(f"{name}_page", PAGE.format(title=name.replace("_", " ").capitalize()))
        (step / "step.md").write_text(dedent(page).lstrip())
        (step / "__init__.py").write_text(dedent(replaced.get(f"{name}_code", code)).lstrip("\n"))
    (folder / "steps" / "make_identity" / "_names.py").write_text('NAME = "mine"\n')
    return folder


@dataclass
class TinyWorld:
    """What there is: facts by type, changed by the step's action as Azure would be."""

    facts: dict[type, object] = field(
        default_factory=lambda: {
            Names: Names(subscription_id="s"),
            ResourceGroup: ResourceGroup("/g", "group", "here"),
            ManagedIdentity: Absent("the identity mine", "reading.unexpected", "az identity create"),
        }
    )
    trouble: Exception | None = None
    reached: asyncio.Event = field(default_factory=asyncio.Event)
    left: bool = False

    def services(self) -> Mapping[type, Any]:
        """Return what a pass may ask for."""
        return {**self.facts, AzureChanges: self}

    async def put_identity(self, name: str) -> ManagedIdentity:
        """Make the identity, or fail as told to."""
        if self.trouble is not None:
            raise self.trouble
        made = ManagedIdentity("/i", name, "client", "principal", "tenant")
        self.facts[ManagedIdentity] = made
        return made

    async def take_for_ever(self) -> None:
        """Never come to an end; note when the caller gives up."""
        self.reached.set()
        try:
            await asyncio.Event().wait()
        finally:
            self.left = True

    async def delete_identity(self, identity_id: str) -> None:
        """Delete it, or fail as told to."""
        assert identity_id == "/i"
        if self.trouble is not None:
            raise self.trouble
        self.facts[ManagedIdentity] = Absent("the identity mine", "reading.unexpected")
