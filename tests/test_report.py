"""Reports: one document for machines, tables for people, and an exit code that says the verdict."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any
from xml.etree import ElementTree as ET

import jsonschema
import pytest
from tiny_workshop import write_workshop

from workshop_tui.exit_codes import ExitCode
from workshop_tui.findings import Finding, failed, passed, pending, unknown
from workshop_tui.report import Report, StepReport, as_json
from workshop_tui.report_junit import as_junit
from workshop_tui.report_markdown import as_markdown
from workshop_tui.report_page import as_html
from workshop_tui.report_text import as_table
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
        "roots": ["reading.throttled"],
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
        "follows_from": [],
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


def test_each_way_out_is_told_once(workshop: Workshop) -> None:
    role = failed("identity.role-missing", "no role", remedy="Assign it.", command="az role <y>")
    again = replace(ROOT, observed="the subject has no credential")
    table = as_table(chain_report(workshop, ROOT, again))
    assert table.count("az identity <x>") == table.count("Create it.") == 1
    assert table.count("      cause   federation.missing: see above\n") == 2
    assert table.count("is      the subject has no credential") == 1
    assert "cause   federation.missing: see root cause 2\n" in as_table(chain_report(workshop, role, ROOT))
    otherwise = replace(ROOT, command="az identity <z>")
    assert "run     az identity <z>\n" in as_table(chain_report(workshop, ROOT, otherwise)), "another way"


def test_one_of_many_reports_says_whose_it_is(workshop: Workshop) -> None:
    report = report_of(workshop, PASSED, FAILED)
    place = "practice / s / g / c"
    assert f"{place}: **failed** (1 passed, 1 failed)\n" in as_markdown(report)
    assert f"{place}: 1 passed, 1 failed</p>" in as_html(report)
    (suite,) = ET.fromstring(as_junit(report)).findall("testsuite")  # noqa: S314 - our own
    assert suite.get("timestamp") == "2026-01-01T12:00:00"
    told = {item.get("name"): item.get("value") for item in suite.findall("properties/property")}
    assert told == report.target


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


ROOT = failed("federation.missing", "no credential", remedy="Create it.", command="az identity <x>")
CONSEQUENCE = failed("live.token-exchange-refused", "AADSTS70025", remedy="Compare.", command="kubectl logs")
FOLLOWS = "follows from “The identity trusts no pod yet” (step 3)"


def chain_report(workshop: Workshop, *findings: Finding) -> Report:
    """Return a report in which each finding stands at a step of its own."""
    steps = ("make-identity", "extra")
    return replace(
        report_of(workshop),
        steps=tuple(
            StepReport(workshop.step(step), ((workshop.step(step).checks[0], finding),))
            for step, finding in zip(steps, findings, strict=True)
        ),
    )


def test_a_table_tells_the_root_cause_first_and_of_its_consequences_no_other_way_out(
    workshop: Workshop,
) -> None:
    table = as_table(chain_report(workshop, CONSEQUENCE, ROOT))
    assert table.startswith("Root cause: The identity trusts no pod yet\n")
    head = table.partition("\n\n")[0].splitlines()
    assert head[1:] == [
        "      seen    3 · Extra: no credential",
        "      way out Create it.",
        "      run     az identity <x>",
    ]
    assert f"      is      AADSTS70025\n      {FOLLOWS}\n" in table
    assert "kubectl logs" not in table


def test_several_roots_are_counted_and_what_is_not_certain_is_called_otherwise(workshop: Workshop) -> None:
    table = as_table(chain_report(workshop, failed("identity.role-missing", "no role"), ROOT))
    assert "Root cause 1 of 2: The identity may not ask the model\n" in table
    assert "Root cause 2 of 2: The identity trusts no pod yet\n" in table
    assert as_table(chain_report(workshop, PASSED, UNKNOWN)).startswith("Not to be seen: The service did")
    assert as_table(chain_report(workshop, PASSED, PENDING)).startswith("On its way: The service asked")
    assert "Root" not in as_table(chain_report(workshop, PASSED, PASSED))


def test_what_is_the_same_at_the_next_check_is_told_once(workshop: Workshop) -> None:
    table = as_table(chain_report(workshop, UNKNOWN, UNKNOWN))
    assert table.count(f"is      {UNKNOWN.observed}") == 1
    assert table.count("? unknown  ") == 2
    assert table.count("the same as above") == 1
    assert "the same as above" not in as_table(chain_report(workshop, PASSED, PASSED))


def test_what_was_found_further_up_is_told_there_alone(workshop: Workshop) -> None:
    table = as_table(report_of(workshop, UNKNOWN, PASSED, UNKNOWN))
    assert table.count(f"is      {UNKNOWN.observed}") == 1
    assert "  ? unknown  The identity is there · the same as at “The identity is there”\n" in table


def test_every_form_names_the_root_and_what_follows_from_it(workshop: Workshop) -> None:
    report = chain_report(workshop, CONSEQUENCE, ROOT)
    assert report.roots == ("federation.missing",)
    document = json.loads(as_json(report))
    jsonschema.validate(document, SCHEMA)
    assert document["roots"] == ["federation.missing"]
    checks = [check for step in document["steps"] for check in step["checks"]]
    assert [check["follows_from"] for check in checks] == [["federation.missing"], []]
    assert checks[0]["command"] == "kubectl logs", "for machines nothing is left out"
    markdown = as_markdown(report)
    assert "**Root cause: The identity trusts no pod yet** (`federation.missing`). Create it.\n" in markdown
    assert "```sh\naz identity <x>\n```\n" in markdown
    assert f"| AADSTS70025 | {FOLLOWS} |" in markdown
    failures = ET.fromstring(as_junit(report)).findall(".//failure")  # noqa: S314 - our own
    assert [failure.text for failure in failures] == [
        "live.token-exchange-refused\nfollows from federation.missing",
        "federation.missing\nCreate it.\naz identity <x>",
    ]
    page = as_html(report)
    assert "<b>Root cause: The identity trusts no pod yet</b>" in page
    assert "<pre>az identity &lt;x&gt;</pre>" in page
    assert FOLLOWS in page
