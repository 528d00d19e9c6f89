"""Judging one check on facts: what a reading that is not there means, and what a faulty check does."""

from __future__ import annotations

import logging
from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.causes import CATALOGUE
from workshop_tui.cloud.text import clean
from workshop_tui.findings import Finding, Scope, Verdict, failed, summarise, unknown
from workshop_tui.model import Absent, Evidence, Unreadable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.facts.engine import Facts
    from workshop_tui.model import LocalRun
    from workshop_tui.workshop import Check

_log = logging.getLogger(__name__)

TEXT_LIMIT = 2000
"""Characters of a finding's text that are kept."""


async def judge(facts: Facts, check: Check) -> Finding:
    """Read what the check needs and let it judge; its own fault is `unknown`, never a pass."""
    arguments = await facts.arguments(check.judge)
    if not isinstance(arguments, dict):
        return cleaned(finding_for(arguments))
    try:
        finding: object = check.judge(**arguments)
    except Exception:  # noqa: BLE001 - must neither look like a pass nor keep other checks from theirs
        _log.exception("the check %s failed to judge", check.id)
        return faulty_check()
    if not isinstance(finding, Finding):
        _log.error("the check %s returned %r instead of a Finding", check.id, type(finding))
        return faulty_check()
    return cleaned(finding)


def asks_the_model(facts: Facts, check: Check) -> bool:
    """Return whether the check sends the model a request, which costs the learner's account."""
    return check.scope is Scope.LIVE or facts.asks_model(check.judge)


def cleaned(finding: Finding) -> Finding:
    """Return the finding fit to be shown; resolvers clean what they read, this holds where one forgot."""
    return replace(
        finding,
        observed=clean(finding.observed, limit=TEXT_LIMIT),
        expected=clean(finding.expected, limit=TEXT_LIMIT),
        remedy=clean(finding.remedy, limit=TEXT_LIMIT),
        command=clean(finding.command, limit=TEXT_LIMIT, lines=True),
    )


def faulty_check() -> Finding:
    """Return what is found where the check's own code is at fault."""
    return unknown("reading.unexpected", "This check itself is at fault; the log file has the details.")


def finding_for(reading: Absent | Unreadable) -> Finding:
    """Return what a check finds where a thing it cannot do without is not there or not readable."""
    if reading.cause not in CATALOGUE:
        _log.error("the cause %s of %s is not in the catalogue", reading.cause, reading.what)
        return faulty_check()
    if isinstance(reading, Absent):
        observed = reading.detail or f"Not there: {reading.what}."
        return failed(reading.cause, observed, command=reading.command)
    return unknown(reading.cause, f"{reading.what}: {reading.reason}", remedy=reading.remedy)


def verdict_of(findings: Iterable[Finding]) -> Verdict:
    """Return the verdict of a step with these findings."""
    return summarise(finding.verdict for finding in findings)


def evidence_of(run: LocalRun) -> Evidence:
    """Return a local run as evidence for the journal."""
    return Evidence(
        "local-run",
        run.fingerprint,
        run.at,
        {
            "healthy": "yes" if run.healthy else "no",
            "description": run.description,
            "key_in_environment": {True: "yes", False: "no", None: ""}[run.key_in_environment],
            "account_saw": run.account_saw,
        },
    )
