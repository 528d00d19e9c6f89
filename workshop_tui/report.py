"""Findings for people and machines. Standard output is data; the rest belongs on standard error."""

from __future__ import annotations

import json
import re
import textwrap
from dataclasses import dataclass, field
from datetime import UTC
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

from workshop_tui.exit_codes import ExitCode, exit_code_for
from workshop_tui.findings import Finding, Verdict, summarise

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from datetime import datetime

    from workshop_tui.workshop import Check, Step

SIGNS = {Verdict.PASSED: "✔", Verdict.FAILED: "✘", Verdict.PENDING: "◌", Verdict.UNKNOWN: "?"}
"""How a verdict shows beside its word: never by colour alone."""
_COLOURS = {Verdict.PASSED: "32", Verdict.FAILED: "31", Verdict.PENDING: "33", Verdict.UNKNOWN: "35"}
_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
    def exit_code(self) -> ExitCode:
        """What a script is told."""
        return exit_code_for(self.verdict)


def as_json(report: Report) -> str:
    """Return the document that `docs/check.schema.json` describes."""
    document: dict[str, Any] = {
        "workshop": report.workshop,
        "target": dict(report.target),
        "started": _utc(report.started),
        "seconds": round(report.seconds, 2),
        "requests": report.requests,
        "verdict": report.verdict.value,
        "steps": [
            {
                "id": item.step.id,
                "title": item.step.title,
                "verdict": item.verdict.value,
                "checks": [_check_entry(item.step, check, finding) for check, finding in item.findings],
            }
            for item in report.steps
            if item.findings
        ],
    }
    return json.dumps(document, ensure_ascii=False, indent=2) + "\n"


def _utc(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _check_entry(step: Step, check: Check, finding: Finding) -> dict[str, str | None]:
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
    }


def finding_lines(check: Check, finding: Finding, *, width: int = 100, colour: bool = False) -> list[str]:
    """Return a finding as lines of plain text: what it is, and where it did not pass, what to do."""
    sign = _paint(f"{SIGNS[finding.verdict]} {finding.verdict.value:8}", finding.verdict, colour=colour)
    head = f"  {sign} {check.title}"
    if finding.verdict is Verdict.PASSED:
        return [head, *_wrapped("", finding.observed, width)]
    lines = [head, *_wrapped("is      ", finding.observed, width)]
    if finding.expected:
        lines += _wrapped("want    ", finding.expected, width)
    lines += _wrapped("cause   ", finding.cause or "", width)
    if finding.until:
        lines += _wrapped("until   ", finding.until.astimezone().strftime("%H:%M:%S"), width)
    lines += _wrapped("way out ", finding.remedy, width)
    # Commands are never wrapped: they are there to be copied.
    lines += [
        f"      {'run     ' if number == 0 else '        '}{line}"
        for number, line in enumerate(finding.command.splitlines())
    ]
    return lines


def _wrapped(label: str, text: str, width: int) -> list[str]:
    if not text:
        return []
    return textwrap.wrap(
        text,
        max(width, 40),
        initial_indent=f"      {label}",
        subsequent_indent=" " * (6 + len(label)),
        break_long_words=False,
        break_on_hyphens=False,
    )


def _paint(text: str, verdict: Verdict, *, colour: bool) -> str:
    return f"\x1b[{_COLOURS[verdict]}m{text}\x1b[0m" if colour else text


def as_table(report: Report, *, width: int = 100, colour: bool = False) -> str:
    """Return the report for reading in a terminal."""
    lines: list[str] = []
    for item in report.steps:
        if not item.findings:
            continue
        verdict = _paint(f"{SIGNS[item.verdict]} {item.verdict.value}", item.verdict, colour=colour)
        lines.append(f"{item.step.number:2} · {item.step.title} — {verdict}")
        for check, finding in item.findings:
            lines += finding_lines(check, finding, width=width, colour=colour)
    counts = [finding.verdict for item in report.steps for _, finding in item.findings]
    tally = ", ".join(
        f"{counts.count(verdict)} {verdict.value}" for verdict in Verdict if counts.count(verdict)
    )
    lines.append(
        f"{tally or 'nothing was checked'} · {report.seconds:.1f} s, {report.requests} requests ·"
        f" {report.target.get('kind')} {report.target.get('resource_group')}"
    )
    return "\n".join(lines) + "\n"


def as_markdown(report: Report) -> str:
    """Return the report as Markdown: a table a step."""
    lines = [
        f"# {report.workshop}",
        "",
        f"{report.started:%Y-%m-%d %H:%M} UTC, {report.target.get('kind')}: **{report.verdict.value}**",
    ]
    for item in report.steps:
        if not item.findings:
            continue
        lines += ["", f"## {item.step.number} · {item.step.title}: {item.verdict.value}", ""]
        lines += ["| verdict | check | observed | way out |", "| --- | --- | --- | --- |"]
        lines += [
            "| "
            + " | ".join(
                cell.replace("|", "\\|").replace("\n", " ")
                for cell in (finding.verdict.value, check.title, finding.observed, finding.remedy)
            )
            + " |"
            for check, finding in item.findings
        ]
    return "\n".join(lines) + "\n"


def as_junit(report: Report) -> str:
    """Return JUnit XML: failed is a failure, pending is skipped, unknown is an error."""
    root = ET.Element("testsuites", name=report.workshop, time=f"{report.seconds:.2f}")
    for item in report.steps:
        if not item.findings:
            continue
        verdicts = [finding.verdict for _, finding in item.findings]
        suite = ET.SubElement(
            root,
            "testsuite",
            name=item.step.id,
            tests=str(len(verdicts)),
            failures=str(verdicts.count(Verdict.FAILED)),
            errors=str(verdicts.count(Verdict.UNKNOWN)),
            skipped=str(verdicts.count(Verdict.PENDING)),
        )
        for check, finding in item.findings:
            case = ET.SubElement(suite, "testcase", classname=item.step.id, name=check.id)
            tag = {Verdict.FAILED: "failure", Verdict.PENDING: "skipped", Verdict.UNKNOWN: "error"}
            if finding.verdict in tag:
                element = ET.SubElement(case, tag[finding.verdict], message=finding.observed)
                element.text = "\n".join(filter(None, (finding.cause, finding.remedy, finding.command)))
    for element in root.iter():
        # XML has no way to write these at all.
        element.attrib = {name: _NOT_IN_XML.sub("�", value) for name, value in element.attrib.items()}
        element.text = _NOT_IN_XML.sub("�", element.text) if element.text else element.text
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"


RENDERINGS = {"json": as_json, "markdown": as_markdown, "junit": as_junit}
"""Formats that need nothing but the report; the table also asks for width and colour."""
