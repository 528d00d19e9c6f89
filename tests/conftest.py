"""How generated tests are run; and what the whole run tells at its end: which parts are not proven."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from hypothesis import Phase, settings

if TYPE_CHECKING:
    from collections.abc import Generator

# The same examples every time, so that a run on main tells of main; `deep` looks for new ones.
settings.register_profile("same", derandomize=True, max_examples=50, deadline=None, database=None)
# For the faults of scripts/mutants: that an example fails is enough, the smallest need not be found.
settings.register_profile(
    "quick",
    derandomize=True,
    max_examples=30,
    deadline=None,
    database=None,
    phases=(Phase.explicit, Phase.generate),
)
settings.register_profile("deep", max_examples=1000, deadline=None)
settings.load_profile(os.environ.get("WORKSHOP_TUI_PROPERTIES", "same"))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Have half a pair of UTF-16 in what a test logged told as an escape: no worker could send it on."""
    report = yield
    report.sections = [(name, _sendable(text)) for name, text in report.sections]
    told = report.longreprtext
    if told != _sendable(told):
        report.longrepr = _sendable(told)
    return report


def _sendable(text: str) -> str:
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Print what test_practice_proofs.py recorded, however quiet the run is."""
    told = [
        property_
        for report in terminalreporter.getreports("passed")
        for property_ in report.user_properties
        if report.nodeid.endswith("test_the_unproven_are_listed")
    ]
    if not told:
        return
    unproven = [text for name, text in told if name == "unproven"]
    counts = dict(told)
    terminalreporter.section("practice cloud: routes and refusals without proof")
    for each in unproven:
        terminalreporter.write_line(each)
    terminalreporter.write_line(
        f"{len(unproven)} of {counts['proofs']} are unproven, "
        f"{counts['of the practice cloud alone']} have no counterpart outside the practice cloud"
    )
