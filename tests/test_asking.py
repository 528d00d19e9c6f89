"""Which checks ask the model, at the learner's expense: the desk must know them all."""

from __future__ import annotations

import workshop_tui.facts.catalogue  # noqa: F401 - registers the resolvers
from workshop_tui.facts.engine import Facts
from workshop_tui.findings import Scope
from workshop_tui.guide_judging import asks_the_model
from workshop_tui.workshop import find_bundled, load_workshop


async def test_every_check_that_asks_the_model_is_known_and_no_other() -> None:
    workshop = load_workshop(find_bundled())
    async with Facts({}) as facts:
        asking = {
            f"{step.id}/{check.id}": check.scope
            for step in workshop.steps
            for check in step.checks
            if asks_the_model(facts, check)
        }
    assert set(asking) == {
        "grant-yourself/token-accepted",
        "run-locally/healthy",
        "run-locally/describes",
        "run-locally/no-key",
        "verify/answers-in-cluster",
        "verify/answers-through-shop",
        "lock-the-door/key-refused",
        "lock-the-door/identity-works",
    }
    assert set(asking.values()) == {Scope.LIVE, Scope.WORKSTATION}, "a look for drift asks none of them"
