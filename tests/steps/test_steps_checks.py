"""Every check of every step: green in a finished workshop, red in one that is changed for just that."""

from __future__ import annotations

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import cases_azure
import cases_cluster
import cases_code
import cases_edges
import cases_edges_azure
import cases_edges_code
import cases_edges_rollout
import cases_edges_template
import cases_edges_verify
import cases_evidence
import cases_found
import cases_reach
import cases_rollout
import cases_shop
import cases_starting
import cases_time
import cases_trouble
import cases_workstation
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from steps_world import CHECKS, FINISHED, KEY, NOW, Case, judge_in

from workshop_tui.authoring import Absent, Sensitive, Unreadable
from workshop_tui.causes import CATALOGUE
from workshop_tui.facts.engine import needs_of
from workshop_tui.findings import Finding, Verdict
from workshop_tui.workshop import find_bundled

if TYPE_CHECKING:
    from collections.abc import Iterable

CASES: tuple[Case, ...] = (
    *cases_azure.CASES,
    *cases_code.CASES,
    *cases_edges.CASES,
    *cases_edges_azure.CASES,
    *cases_edges_code.CASES,
    *cases_edges_rollout.CASES,
    *cases_edges_template.CASES,
    *cases_edges_verify.CASES,
    *cases_workstation.CASES,
    *cases_cluster.CASES,
    *cases_reach.CASES,
    *cases_rollout.CASES,
    *cases_shop.CASES,
    *cases_starting.CASES,
    *cases_time.CASES,
    *cases_trouble.CASES,
    *cases_evidence.CASES,
    *cases_found.CASES,
)
AREAS = {code.partition(".")[0] for code in CATALOGUE} - {"code"}
CODE_OF_CHECKS = (find_bundled() / "steps", Path(__file__).parents[2] / "workshop_tui" / "judgement")


@pytest.mark.parametrize("check", CHECKS)
async def test_a_finished_workshop_is_green(check: str) -> None:
    finding = await judge_in(check, FINISHED)
    assert finding.verdict is Verdict.PASSED, finding


@pytest.mark.parametrize("case", CASES, ids=str)
async def test_a_change_shows_with_its_cause(case: Case) -> None:
    finding = await judge_in(case.check, {**FINISHED, **case.facts})
    assert (finding.verdict, finding.cause) == (case.verdict, case.cause), finding
    assert case.says in f"{finding.observed} {finding.expected} {finding.remedy}"
    assert case.command in finding.command
    assert KEY not in repr(finding)
    if finding.verdict is Verdict.FAILED:
        assert finding.remedy
        assert finding.observed != finding.expected
    if finding.until is not None:
        assert finding.verdict is Verdict.PENDING
        assert finding.until > NOW


def test_every_check_has_been_seen_failing() -> None:
    red = {case.check for case in CASES if case.verdict is Verdict.FAILED}
    assert red == set(CHECKS)


def test_every_cause_that_the_code_names_has_been_seen() -> None:
    named = {code for code in CATALOGUE if any(f'"{code}"' in text for text in _texts())}
    seen = {case.cause for case in CASES}
    assert named - seen == set()


def _texts() -> Iterable[str]:
    for folder in CODE_OF_CHECKS:
        for file in sorted(folder.rglob("*.py")):
            yield file.read_text(encoding="utf-8")


def test_every_cause_that_is_given_anywhere_is_in_the_catalogue() -> None:
    package = Path(__file__).parents[2] / "workshop_tui"
    for folder in (*CODE_OF_CHECKS, package / "cloud", package / "facts"):
        for file in folder.rglob("*.py"):
            assert set(_given_causes(ast.parse(file.read_text(encoding="utf-8")))) <= set(CATALOGUE), file


def _given_causes(module: ast.Module) -> Iterable[str]:
    """Yield every text of a cause's form that is given to what takes a cause."""
    takers = {"Absent", "Unreadable", "Refusal", "Trouble", "failed", "pending", "unknown"}
    for call in ast.walk(module):
        if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) and call.func.id in takers:
            for item in ast.walk(call):
                if isinstance(item, ast.Constant) and isinstance(item.value, str):
                    code = item.value
                    if re.fullmatch(r"[a-z-]+\.[a-z-]+", code) and code.partition(".")[0] in AREAS:
                        yield code


def _pools() -> dict[type, list[Any]]:
    """Return every value of every fact that any case has, and both ways of having none."""
    pools: dict[type, list[Any]] = defaultdict(list)
    for world in (FINISHED, *(case.facts for case in CASES)):
        for kind, value in world.items():
            if not isinstance(value, Absent | Unreadable):
                pools[kind].append(value)
    for values in pools.values():
        values += [Absent("thing", "image.missing"), Unreadable("thing", "no answer")]
    return pools


POOLS = _pools()


@pytest.mark.parametrize("check", CHECKS)
@settings(max_examples=50)
@given(data=st.data())
def test_every_mixture_of_facts_gives_a_sound_finding(check: str, data: st.DataObject) -> None:
    arguments = {}
    for need in needs_of(CHECKS[check].judge):
        usable = [
            value
            for value in POOLS[need.kind]
            if (need.takes_absent or not isinstance(value, Absent))
            and (need.takes_unreadable or not isinstance(value, Unreadable))
        ]
        arguments[need.name] = data.draw(st.sampled_from(usable), label=need.name)
    finding = CHECKS[check].judge(**arguments)
    assert isinstance(finding, Finding)
    assert (finding.cause is None) == (finding.verdict is Verdict.PASSED)
    assert finding.observed
    assert KEY not in repr(finding)
    assert Sensitive(KEY).masked() != KEY
