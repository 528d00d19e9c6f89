"""What a learner is told in passing: above the prompt of the shell, and in the verdict's line."""

from __future__ import annotations

import pytest

from workshop_tui.findings import Verdict, failed
from workshop_tui.tui.shell import GREETING, greeting
from workshop_tui.tui.widgets.findings_panel import FindingRow
from workshop_tui.tui.widgets.verdict_bar import VerdictBar
from workshop_tui.workshop import find_bundled, load_workshop

WORKSHOP = load_workshop(find_bundled())


def test_the_page_is_out_of_sight_in_a_shell_so_its_commands_stand_there_with_the_learners_values() -> None:
    told = greeting(WORKSHOP.step("build-push"), {"IMAGE_NAME": "ttl.sh/mine:1h"})
    assert told.startswith("6 · Build the image and push it\n")
    assert 'docker build --platform=linux/amd64 -t "ttl.sh/mine:1h" .\ndocker push' in told
    assert "{{ " not in told
    assert told.endswith(f"\n\n{GREETING}")


def test_what_is_code_or_a_drawing_is_no_command() -> None:
    told = greeting(WORKSHOP.step("edit-code"), {}) + greeting(WORKSHOP.step("federate"), {})
    assert "py_compile" in told
    assert "DefaultAzureCredential" not in told
    assert "Entra ID" not in told


@pytest.mark.parametrize(
    ("observed", "told"),
    [
        ("Not there: context for the cluster c in f.", "kubectl does not know the cluster yet"),
        ("the file is empty", "kubectl does not know the cluster yet: the file is empty"),
        (
            "Not there: here; one is in dev",
            "kubectl does not know the cluster yet: Not there: here; one is in dev",
        ),
    ],
)
def test_of_what_is_not_there_the_line_says_it_once(observed: str, told: str) -> None:
    row = FindingRow(WORKSHOP.step("exposed-key").checks[0])
    row.finding = failed("cluster.no-kubeconfig", observed)
    bar = VerdictBar()
    bar.show(Verdict.FAILED, row, last=False)
    assert str(bar.content) == f"✘ failed · {told}"


def test_while_verdict_and_findings_do_not_agree_yet_it_looks() -> None:
    bar = VerdictBar()
    bar.show(Verdict.FAILED, None, last=False)
    assert str(bar.content) == "· Looking …"
