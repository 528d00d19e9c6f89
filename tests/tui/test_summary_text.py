"""The summary: what was proven at a glance, and never more than that."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import pytest

from workshop_tui.findings import Finding, failed, passed
from workshop_tui.report import Report, StepReport
from workshop_tui.tui.screens.summary import summary_text
from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from workshop_tui.workshop import Workshop


@pytest.fixture(scope="module")
def workshop() -> Workshop:
    return load_workshop(find_bundled())


def report(workshop: Workshop, last: Finding) -> Report:
    good = {step.id: passed("as it should be") for step in workshop.steps}
    findings = good | {workshop.steps[-1].id: last}
    steps = [
        StepReport(step, tuple((check, findings[step.id]) for check in step.checks))
        for step in workshop.steps
    ]
    return Report(workshop.id, {}, datetime.now(UTC), 1.0, 1, steps)


def test_all_steps_are_seen_at_a_glance_before_any_evidence(workshop: Workshop) -> None:
    lines = summary_text(report(workshop, passed("right")), workshop.proves).plain.splitlines()
    assert lines[0] == workshop.proves
    glance = lines[: lines.index("The evidence")]
    assert all(any(step.title in line for line in glance) for step in workshop.steps)
    assert len(glance) < 20, "it fits on the smallest screen"


def test_what_is_proven_is_not_said_while_a_step_is_red(workshop: Workshop) -> None:
    text = summary_text(report(workshop, failed("pod.key-exposed", "a key")), workshop.proves).plain
    assert workshop.proves not in text
    assert text.startswith(f"{len(workshop.steps) - 1} of {len(workshop.steps)} steps")


def test_the_root_of_what_is_wrong_is_told_first_and_the_rest_follows_from_it(workshop: Workshop) -> None:
    whole = report(workshop, failed("live.token-exchange-refused", "AADSTS70025"))
    root = failed("federation.missing", "no credential", remedy="Create it.")
    steps = [
        replace(item, findings=tuple((check, root) for check, _ in item.findings))
        if item.step.id == "federate"
        else item
        for item in whole.steps
    ]
    lines = summary_text(replace(whole, steps=steps), "").plain.splitlines()
    glance = lines[: lines.index("The evidence")]
    number = workshop.step("federate").number
    assert f"Root cause, step {number}: The identity trusts no pod yet" in glance
    assert "  Create it." in glance
    assert f"    follows from “The identity trusts no pod yet” (step {number})" in lines
