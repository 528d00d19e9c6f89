"""Makes the table of clients from JUnit files, as tests name what they drive (tests/practice/clients.py)."""

from __future__ import annotations

import re
from collections import defaultdict
from datetime import datetime
from typing import TYPE_CHECKING, TypeAlias
from xml.etree import ElementTree as ET

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

Results: TypeAlias = dict[str, dict[str, dict[str, list[bool]]]]
"""By client, version and command: whether each test that drove it passed."""

HEAD = """# Clients

Unchanged clients against the practice cloud, each version in an environment of its own. Written by
`scripts/client-matrix`, never by hand; `.ci/run` drives one version of each. A cell counts the tests that
drove a command and passed.

"""


def write_table(reports: Iterable[Path], table: Path) -> bool:
    """Write the table; say whether any client failed at something."""
    results: Results = defaultdict(lambda: defaultdict(lambda: defaultdict(list)))
    left_out: dict[str, str] = {}
    driven: set[str] = set()
    dates: dict[str, str] = {}
    for report in reports:
        suite = ET.parse(report).find("testsuite")  # noqa: S314 - pytest wrote it
        if suite is None:
            continue
        day = f"{datetime.fromisoformat(suite.get('timestamp', '')):%-d %B %Y}"
        for case in suite.iter("testcase"):
            test = f"{case.get('classname')}.{case.get('name')}"
            skipped = case.find("skipped")
            if skipped is not None:
                left_out[test] = skipped.get("message", "")
                continue
            driven.add(test)
            passed = case.find("failure") is None and case.find("error") is None
            for client, version, command in sorted(set(driven_by(case))):
                results[client][version][command].append(passed)
                dates[f"{client} {version}"] = day
    failed = any(not all(done) for _, _, _, done in flat(results))
    text = HEAD + summary(results, dates) + "".join(map(section, sorted(results.items(), key=str)))
    reasons = {reason for test, reason in left_out.items() if test not in driven}  # in any environment
    table.write_text(text + not_driven(reasons), "utf-8")
    return failed


def driven_by(case: ET.Element) -> Iterator[tuple[str, str, str]]:
    """Yield client, version and command of everything a test drove."""
    client, version = "", ""
    for each in case.iter("property"):
        name, value = each.get("name"), each.get("value", "")
        if name == "client":
            parts = re.fullmatch(r"(.*?) (v?\d.*)", value)
            client, version = (parts[1], parts[2].removeprefix("v")) if parts else (value, "")
        elif name == "command" and client:
            yield client, version, value


def flat(results: Results) -> Iterator[tuple[str, str, str, list[bool]]]:
    """Yield all results one by one."""
    for client, versions in results.items():
        for version, commands in versions.items():
            for command, done in commands.items():
                yield client, version, command, done


def summary(results: Results, dates: dict[str, str]) -> str:
    """Return the table of clients and versions."""
    lines = ["| Client | Version | Driven on | Commands | Failed |", "| --- | --- | --- | --- | --- |"]
    for client, versions in sorted(results.items()):
        for version, commands in sorted(versions.items(), key=lambda item: in_order(item[0])):
            failed = sorted(command for command, done in commands.items() if not all(done))
            told = (client, version, dates[f"{client} {version}"], len(commands), ", ".join(failed) or "none")
            lines.append("| " + " | ".join(map(str, told)) + " |")
    return "\n".join(lines) + "\n"


def section(item: tuple[str, dict[str, dict[str, list[bool]]]]) -> str:
    """Return what was driven of one client: a row a command, a column a version."""
    client, versions = item
    columns = sorted(versions, key=in_order)
    rows = sorted({command for commands in versions.values() for command in commands})
    lines = [f"\n## {client}\n", "| | " + " | ".join(columns) + " |", "| --- " * (len(columns) + 1) + "|"]
    for row in rows:
        cells = [cell(versions[version].get(row, [])) for version in columns]
        lines.append(f"| {row} | " + " | ".join(cells) + " |")
    return "\n".join(lines) + "\n"


def cell(done: list[bool]) -> str:
    """Return the result of one command in one version."""
    if not done:
        return "not driven"
    return f"{sum(done)} passed" if all(done) else f"**{done.count(False)} of {len(done)} failed**"


def not_driven(reasons: set[str]) -> str:
    """Return why clients were left out."""
    told = sorted(reason for reason in reasons if "NOT driven" in reason)
    return "\n## Not driven\n\n" + "".join(f"- {reason}\n" for reason in told) if told else ""


def in_order(version: str) -> list[int]:
    """Return what sorts versions as people do."""
    return [int(part) for part in re.findall(r"\d+", version)]
