"""Reports: one document for machines, tables for people, and an exit code that says the verdict."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from tiny_workshop import write_workshop

from workshop_tui.exit_codes import ExitCode
from workshop_tui.findings import Finding, failed, passed, pending, unknown
from workshop_tui.report import Report, StepReport, as_json, as_junit, as_markdown, as_table
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from workshop_tui.workshop import Workshop

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)
SCHEMA = json.loads((Path(__file__).parents[1] / "docs" / "check.schema.json").read_text())

PASSED = passed("a")
FAILED = failed(
    "reading.throttled",
    "system:default:ai",
    expected="system:ai",
    remedy="Mend it.",
    command="az a \\\n  --b",
)
PENDING = pending("reading.throttled", "soon", until=NOON)
UNKNOWN = unknown("reading.unreachable", "no route")


@pytest.fixture
def workshop(tmp_path: Path) -> Workshop:
    return load_workshop(write_workshop(tmp_path))


def report_of(workshop: Workshop, *findings: Finding) -> Report:
    step = workshop.step("make-identity")
    check = step.checks[0]
    return Report(
        workshop="tiny",
        target={"kind": "practice", "subscription": "s", "resource_group": "g", "cluster": "c"},
        started=NOON,
        seconds=1.234,
        requests=17,
        steps=(
            StepReport(workshop.step("look"), ()),
            StepReport(step, tuple((check, finding) for finding in findings)),
        ),
    )


@pytest.mark.parametrize(
    ("findings", "code"),
    [
        ((PASSED,), ExitCode.PASSED),
        ((PASSED, FAILED, PENDING, UNKNOWN), ExitCode.FAILED),
        ((PASSED, PENDING), ExitCode.PENDING),
        ((PASSED, UNKNOWN), ExitCode.UNKNOWN),
        ((PENDING, UNKNOWN), ExitCode.UNKNOWN),
        ((), ExitCode.UNKNOWN),
    ],
)
def test_the_exit_code_says_the_verdict(
    workshop: Workshop, findings: tuple[Finding, ...], code: ExitCode
) -> None:
    assert report_of(workshop, *findings).exit_code is code


def test_json_keeps_to_its_schema(workshop: Workshop) -> None:
    document: dict[str, Any] = json.loads(as_json(report_of(workshop, PASSED, FAILED, PENDING, UNKNOWN)))
    jsonschema.validate(document, SCHEMA, format_checker=jsonschema.FormatChecker())
    (step,) = document.pop("steps")
    assert document == {
        "workshop": "tiny",
        "target": {"kind": "practice", "subscription": "s", "resource_group": "g", "cluster": "c"},
        "started": "2026-01-01T12:00:00Z",
        "seconds": 1.23,
        "requests": 17,
        "verdict": "failed",
    }
    assert (step["id"], step["title"], step["verdict"]) == ("make-identity", "Make identity", "failed")
    good, bad, young, _ = step["checks"]
    assert good["cause"] is None
    assert bad == {
        "id": "make-identity/identity-exists",
        "title": "The identity is there",
        "scope": "azure",
        "verdict": "failed",
        "cause": "reading.throttled",
        "observed": "system:default:ai",
        "expected": "system:ai",
        "remedy": "Mend it.",
        "command": "az a \\\n  --b",
        "until": None,
    }
    assert young["until"] == "2026-01-01T12:00:00Z"


def test_the_schema_refuses_a_cause_on_what_passed(workshop: Workshop) -> None:
    document = json.loads(as_json(report_of(workshop, PASSED)))
    document["steps"][0]["checks"][0]["cause"] = "reading.throttled"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.validate(document, SCHEMA)


def test_a_table_tells_what_is_and_what_should_be(workshop: Workshop) -> None:
    table = as_table(report_of(workshop, PASSED, FAILED))
    assert "✘ failed   The identity is there" in table
    assert "      is      system:default:ai\n      want    system:ai\n" in table
    assert "      run     az a \\\n                --b\n" in table
    assert "1 passed, 1 failed · 1.2 s, 17 requests · practice g" in table
    assert "Look" not in table, "a step of which nothing was asked has no line"
    assert "\x1b" not in table
    assert "\x1b[31m✘ failed" in as_table(report_of(workshop, FAILED), colour=True)


def test_long_lines_are_wrapped_but_commands_are_not(workshop: Workshop) -> None:
    command = "az " + "x" * 200
    finding = failed("reading.throttled", "word " * 60, remedy="Mend it.", command=command)
    lines = as_table(report_of(workshop, finding), width=60).splitlines()
    assert any(line.endswith(command) for line in lines)
    assert all(len(line) <= 60 for line in lines if command not in line and "requests" not in line)


def test_junit_has_a_suite_a_step_and_a_case_a_check(workshop: Workshop) -> None:
    root = ET.fromstring(as_junit(report_of(workshop, PASSED, FAILED, PENDING, UNKNOWN)))  # noqa: S314 - our own
    (suite,) = root.findall("testsuite")
    assert {name: suite.get(name) for name in ("name", "tests", "failures", "errors", "skipped")} == {
        "name": "make-identity",
        "tests": "4",
        "failures": "1",
        "errors": "1",
        "skipped": "1",
    }
    assert [[child.tag for child in case] for case in suite.findall("testcase")] == [
        [],
        ["failure"],
        ["skipped"],
        ["error"],
    ]


def test_junit_holds_text_that_xml_cannot(workshop: Workshop) -> None:
    report = report_of(workshop, passed("a"), unknown("reading.unreachable", "\x00\x1b[31m<&\ud800"))
    ET.fromstring(as_junit(report))  # noqa: S314 - our own


def test_markdown_keeps_its_table_whole(workshop: Workshop) -> None:
    text = as_markdown(report_of(workshop, failed("reading.throttled", "a|b\nc", remedy="Mend it.")))
    assert "| failed | The identity is there | a\\|b c | Mend it. |" in text
