"""Findings for people and machines. Standard output is data; the rest belongs on standard error."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any

from workshop_tui.exit_codes import ExitCode, exit_code_for
from workshop_tui.findings import Finding, Verdict, summarise
from workshop_tui.root_causes import RootCauses, find_roots, title_of

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from workshop_tui.workshop import Check, Step

SIGNS = {Verdict.PASSED: "✔", Verdict.FAILED: "✘", Verdict.PENDING: "◌", Verdict.UNKNOWN: "?"}
"""How a verdict shows beside its word: never by colour alone."""
ROOT_WORDS = {
    Verdict.FAILED: "Root cause",
    Verdict.UNKNOWN: "Not to be seen",
    Verdict.PENDING: "On its way",
}
"""What a root is called where it is told first, by its verdict."""


@dataclass(frozen=True, slots=True)
class StepReport:
    """A step's findings, in the order of its checks."""

    step: Step
    findings: tuple[tuple[Check, Finding], ...]

    @property
    def verdict(self) -> Verdict:
        """The verdict of the step."""
        return summarise(finding.verdict for _, finding in self.findings)


@dataclass(frozen=True, slots=True)
class Report:
    """One pass over the world. `target` has kind, subscription, resource_group and cluster."""

    workshop: str
    target: Mapping[str, str]
    started: datetime
    seconds: float
    requests: int
    steps: Sequence[StepReport] = field(default_factory=tuple)

    @property
    def verdict(self) -> Verdict:
        """The verdict of the whole. A step of which no check was asked for has no say."""
        return summarise(report.verdict for report in self.steps if report.findings)

    @property
    def place(self) -> str:
        """Where was looked, whole: one of many reports must say whose it is."""
        parts = (self.target.get(name, "") for name in ("kind", "subscription", "resource_group", "cluster"))
        return " / ".join(part for part in parts if part)

    @property
    def numbers(self) -> Mapping[str, int]:
        """The steps' numbers, by their ids."""
        return {item.step.id: item.step.number for item in self.steps}

    @property
    def root_causes(self) -> RootCauses:
        """What is wrong by itself, and what only follows from it."""
        return find_roots(
            (item.step.id, check.id, finding) for item in self.steps for check, finding in item.findings
        )

    @property
    def roots(self) -> tuple[str, ...]:
        """The codes of the root causes, in the order of the chain of trust; empty where all passed.

        Those of what failed; where nothing did, those of what is unknown, then of what is pending.
        """
        return self.root_causes.codes

    @property
    def exit_code(self) -> ExitCode:
        """What a script is told."""
        return exit_code_for(self.verdict)


def as_json(report: Report) -> str:
    """Return the document that `docs/check.schema.json` describes."""
    causes = report.root_causes
    document: dict[str, Any] = {
        "workshop": report.workshop,
        "target": dict(report.target),
        "started": _utc(report.started),
        "seconds": round(report.seconds, 2),
        "requests": report.requests,
        "verdict": report.verdict.value,
        "roots": list(causes.codes),
        "steps": [
            {
                "id": item.step.id,
                "title": item.step.title,
                "verdict": item.verdict.value,
                "checks": [
                    _check_entry(item.step, check, finding, causes) for check, finding in item.findings
                ],
            }
            for item in report.steps
            if item.findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_entry(step: Step, check: Check, finding: Finding, causes: RootCauses) -> dict[str, Any]:
    return {
        "id": f"{step.id}/{check.id}",
        "title": check.title,
        "scope": check.scope.value,
        "verdict": finding.verdict.value,
        "cause": finding.cause,
        "observed": finding.observed,
        "expected": finding.expected,
        "remedy": finding.remedy,
        "command": finding.command,
        "until": _utc(finding.until) if finding.until else None,
        "follows_from": list(causes.behind(step.id, check.id)),
    }


def follows_words(causes: RootCauses, step: str, check: str, numbers: Mapping[str, int]) -> str:
    """Return what a check's finding follows from: the titles of the roots, and where they show.

    `numbers` are those of the steps, by their ids; empty where it follows from nothing.
    """
    roots = [
        f"“{title_of(root.cause)}”" + (f" (step {numbers[root.step]})" if root.step != step else "")
        for root in causes.roots_behind(step, check)
    ]
    return f"follows from {' and '.join(roots)}" if roots else ""


def tally(report: Report) -> str:
    """Return how many checks came to which verdict: “5 passed, 2 failed”; empty where nothing was checked."""
    found = [finding.verdict for item in report.steps for _, finding in item.findings]
    return ", ".join(f"{found.count(verdict)} {verdict.value}" for verdict in Verdict if found.count(verdict))
