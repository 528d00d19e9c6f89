"""Two subscriptions in two tenants, and what they hold: names as a learner might meet them."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workshop_tui.model import ModelDeployment, OpenAIAccount, ResourceGroup, Unreadable
from workshop_tui.model.inventory import Holdings, Inventory, Listed, Subscription
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    import asyncio
    from collections.abc import AsyncIterator

    from workshop_tui.model.inventory import Need
    from workshop_tui.settings import Settings

TEACHING = Subscription("11111111-1111-1111-1111-111111111111", "Teaching", "t1", "School")
LAB = Subscription("22222222-2222-2222-2222-222222222222", "Lab", "t2", "Contoso", default=True)


def group(subscription: Subscription, name: str, location: str = "eastus") -> ResourceGroup:
    return ResourceGroup(f"/subscriptions/{subscription.id}/resourceGroups/{name}", name, location)


def listed(where: ResourceGroup, name: str, kind: str = "") -> Listed:
    return Listed(f"{where.id}/providers/x/{name}", name, where.name.upper(), where.location, kind)


def account(
    where: ResourceGroup, name: str, kind: str = "OpenAI", subdomain: str | None = "mine"
) -> OpenAIAccount:
    return OpenAIAccount(f"{where.id}/a/{name}", name, kind, where.location, "", subdomain, key_sign_in=True)


COURSE = group(TEACHING, "course")
SPARE = group(TEACHING, "spare", "westus")
STORAGE = group(TEACHING, "storage")
LABS = group(LAB, "labs", "swedencentral")
BOTH = account(COURSE, "both", "AIServices", None)
MODELS = account(COURSE, "models")
SPEECH = account(COURSE, "speech", "SpeechServices")
LAB_MODELS = account(LABS, "labModels")

WHOLE = Inventory(
    subscriptions=(TEACHING, LAB),
    holdings={
        TEACHING.id: Holdings(
            (SPARE, COURSE, STORAGE),
            (listed(COURSE, "blue"), listed(COURSE, "green"), listed(SPARE, "old")),
            tuple(listed(COURSE, each.name, each.kind) for each in (SPEECH, BOTH, MODELS)),
        ),
        LAB.id: Holdings(
            (LABS,),
            (listed(LABS, "labAKS"),),
            (listed(LABS, "labModels", "OpenAI"), listed(LABS, "s", "Face")),
        ),
    },
    accounts={COURSE.id.lower(): (BOTH, MODELS, SPEECH), LABS.id.lower(): (LAB_MODELS,)},
    deployments={
        BOTH.id.lower(): (),
        MODELS.id.lower(): (
            ModelDeployment("chat", "gpt-4o", "Succeeded"),
            ModelDeployment("small", "gpt-4o-mini", "Creating"),
        ),
        LAB_MODELS.id.lower(): (ModelDeployment("gpt", "gpt-4.1", "Succeeded"),),
    },
)
LAB_NAMES = {
    "subscription_id": LAB.id,
    "resource_group": "labs",
    "cluster": "labAKS",
    "account": "labModels",
    "model_deployment": "gpt",
}


@dataclass
class World:
    """Reads out of an inventory. `problem` keeps it from reading; `hold` keeps it waiting until it is set."""

    whole: Inventory = WHOLE
    problem: str = ""
    hold: asyncio.Event | None = None
    reads: list[str] = field(default_factory=list)

    async def read(self, need: Need, inventory: Inventory) -> Inventory:
        self.reads.append(need.what)
        if self.hold is not None:
            await self.hold.wait()
        if self.problem:
            raise ReadFailure(Unreadable("your subscriptions", self.problem, "reading.not-signed-in"))
        if need.what == "subscriptions":
            return replace(inventory, subscriptions=self.whole.subscriptions)
        return replace(inventory, **{need.what: getattr(self.whole, need.what)})

    @asynccontextmanager
    async def open(self, _: Settings) -> AsyncIterator[World]:
        yield self
