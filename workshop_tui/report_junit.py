"""A report as JUnit XML, for build servers."""

from __future__ import annotations

import re
from datetime import UTC
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from workshop_tui.report import Report

_NOT_IN_XML = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def as_junit(report: Report) -> str:
    """Return JUnit XML: failed is a failure, pending is skipped, unknown is an error."""
    causes = report.root_causes
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
            timestamp=f"{report.started.astimezone(UTC):%Y-%m-%dT%H:%M:%S}",
        )
        # A build server that gathers many reports shows by these whose one is.
        properties = ET.SubElement(suite, "properties")
        for name, value in report.target.items():
            ET.SubElement(properties, "property", name=name, value=value)
        for check, finding in item.findings:
            case = ET.SubElement(suite, "testcase", classname=item.step.id, name=check.id)
            tag = {Verdict.FAILED: "failure", Verdict.PENDING: "skipped", Verdict.UNKNOWN: "error"}
            if finding.verdict in tag:
                element = ET.SubElement(case, tag[finding.verdict], message=finding.observed)
                follows = causes.behind(item.step.id, check.id)
                told = ", ".join(follows)
                ways = (f"follows from {told}",) if follows else (finding.remedy, finding.command)
                element.text = "\n".join(filter(None, (finding.cause, *ways)))
    for element in root.iter():
        # XML has no way to write these at all.
        element.attrib = {name: _NOT_IN_XML.sub("�", value) for name, value in element.attrib.items()}
        element.text = _NOT_IN_XML.sub("�", element.text) if element.text else element.text
    ET.indent(root)
    return '<?xml version="1.0" encoding="utf-8"?>\n' + ET.tostring(root, encoding="unicode") + "\n"
