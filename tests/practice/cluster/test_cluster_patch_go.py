"""Strategic merge patches, compared with the real Go code on generated cases.

`scripts/compare-patches` runs thousands of patches and writes what came of them into docs/practice-cloud.md.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from patch_cases import Maker, Object, patches
from patch_differences import DIFFERENCES, NOT_COMPARED
from patch_oracle import Case, compare
from practice_world import kubectl_program

KUBECTL = kubectl_program()
PATCHES = int(os.environ.get("PATCHES_COMPARED", "80"))
OBJECTS = 25
DOCUMENT = os.environ.get("PATCHES_DOCUMENT", "")
HEADING = "## Strategic merge patch\n"


@pytest.mark.skipif(KUBECTL is None, reason="there is no kubectl to compare with")
@pytest.mark.timeout(30 + PATCHES)
def test_every_patch_does_what_go_does(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    counts: Counter[str] = Counter()
    unexplained: list[Case] = []

    @settings(
        max_examples=PATCHES,
        derandomize=not DOCUMENT,
        database=None,
        deadline=None,
        suppress_health_check=list(HealthCheck),
    )
    @given(patches(), st.integers(0, 2**32))
    def run(drawn: tuple[str, Object], seed: int) -> None:
        kind, patch = drawn
        for case in compare(str(KUBECTL), Maker(seed).objects(kind, OBJECTS), patch, tmp_path):
            counts["refused" if isinstance(case.go, str) else "patched"] += 1
            if case.agrees:
                continue
            name = next((each.name for each in DIFFERENCES if each.explains(case)), "")
            counts[name or "unexplained"] += 1
            if not name:
                unexplained.append(case)

    run()
    with capsys.disabled():
        sys.stdout.write(f"\n{_share(counts)}\n")
    assert not unexplained, min(map(str, unexplained), key=len)
    assert counts["patched"] > counts["refused"] > 0
    if DOCUMENT:
        _write(Path(DOCUMENT), counts)


def _share(counts: Counter[str]) -> str:
    cases = counts["patched"] + counts["refused"]
    agreeing = cases - sum(counts[each.name] for each in DIFFERENCES) - counts["unexplained"]
    return (
        f"{agreeing / cases:.2%} of {cases:,} cases agree "
        f"({counts['patched']:,} patched, {counts['refused']:,} refused)"
    )


def _write(document: Path, counts: Counter[str]) -> None:
    """Replace our section of the document; the others stay."""
    version = subprocess.run(
        [str(KUBECTL), "version", "--client"], capture_output=True, text=True, timeout=30, check=True
    ).stdout.splitlines()[0]
    explained = "".join(f"| {each.name} | {counts[each.name]} | {each.reason} |\n" for each in DIFFERENCES)
    section = f"""{HEADING}
Each generated patch (every directive, nulls, empty lists, missing keys, wrong orders) is applied to {OBJECTS}
generated objects by our code and by the Go code of `kubectl patch --local`. Compared are content, order of
lists, and the words of refusals.

{datetime.now(UTC):%d %B %Y}, {version.lower()}: **{_share(counts)}**.

| Difference | Cases | Reason |
| --- | --- | --- |
{explained}
Left out:
{NOT_COMPARED}
Run it: `scripts/compare-patches`.
"""
    text = document.read_text(encoding="utf-8") if document.exists() else "# The practice cloud\n\n"
    before, _, rest = text.partition(HEADING)
    _, heading, after = rest.partition("\n## ")
    document.write_text(before + section + (f"\n## {after}" if heading else ""), encoding="utf-8")
