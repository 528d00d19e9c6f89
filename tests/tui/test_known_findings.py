"""What the desk knows of all steps: a thing that is mended is no root any more, wherever it was seen."""

from __future__ import annotations

from workshop_tui.events import Found
from workshop_tui.findings import Finding, failed, passed
from workshop_tui.tui.known_findings import KnownFindings
from workshop_tui.workshop import find_bundled, load_workshop

WORKSHOP = load_workshop(find_bundled())


def found(step: str, number: int, finding: Finding) -> Found:
    return Found(step, WORKSHOP.step(step).checks[number], finding)


def test_what_was_mended_in_its_own_step_is_no_root_in_a_later_one_that_was_seen_before() -> None:
    missing = failed("identity.missing", "Not there: the identity.")
    known = KnownFindings(WORKSHOP)
    for step in ("managed-identity", "lock-the-door"):
        known.take(found(step, 0, missing))
    known.take(found("federate", 0, failed("federation.missing", "Not there: the record.")))
    federate = WORKSHOP.step("federate")
    assert known.follows_words(federate)
    known.take(found("managed-identity", 0, passed("there")))
    assert not known.follows_words(federate)
    assert [root.step for root in known.causes.roots] == ["federate"]


def test_the_same_step_keeps_what_its_other_checks_found() -> None:
    missing = failed("identity.missing", "Not there: the identity.")
    known = KnownFindings(WORKSHOP)
    known.take(found("managed-identity", 0, missing))
    known.take(found("managed-identity", 1, missing))
    known.take(found("managed-identity", 0, passed("there")))
    assert [root.step for root in known.causes.roots] == ["managed-identity"]
