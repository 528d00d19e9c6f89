"""The lamps with a live request, which is counted and can be kept waiting: it stands for the model."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from workshop_tui.guide import Guide
from workshop_tui.model import Answer, LearnerAnswer, Names
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from lamp_world import Lamps

    from workshop_tui.session import Session

LIVE_CHECK = """
from workshop_tui.authoring import LearnerAnswer

@check("It shines", scope=Scope.LIVE)
def shines(reply: LearnerAnswer) -> Finding:
    return passed(reply.answer.text) if reply.answer.good else failed("live.no-answer", reply.answer.text)
"""


@dataclass
class Model:
    """Answers `says`, once `ready` is set, as a refusal unless it `shines`; counts who asks."""

    requests: int = 0
    shines: bool = True
    says: str = "It shines."
    ready: asyncio.Event | None = None
    asked: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self) -> LearnerAnswer:
        self.requests += 1
        self.asked.set()
        if self.ready is not None:
            await self.ready.wait()
        return LearnerAnswer(Answer(200 if self.shines else 503, "", self.says, "POST /chat"))


def with_model(session: Session, lamps: Lamps, model: Model, *steps: str) -> Session:
    """The session, with a live check in these steps (their names' first words)."""
    for name in steps:
        path = session.workshop.folder / "steps" / f"{name}_lamp" / "__init__.py"
        path.write_text(path.read_text() + LIVE_CHECK)
    workshop = load_workshop(session.workshop.folder)

    async def learner_answer() -> LearnerAnswer:
        return await model.answer()

    guide = Guide(
        workshop,
        lambda: {**lamps.services(), Names: session.names},
        session.journal,
        {LearnerAnswer: learner_answer},
    )
    return replace(session, workshop=workshop, guide=guide)
