"""The table of drills: written from proofs, and read again to see that it is of the drills that there are."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections import Counter
    from collections.abc import Mapping, Sequence

    from drill_proofs import Proof

    from workshop_tui.drills import Drill

RIGHT = "right"
MENDED = "mended"
HARMLESS = "nothing to mend"
RESTORED = "as before"
_HEADING = """\
# Every drill, proven

Written by `scripts/drills` on {date}, out of a run of `tests/acceptance/test_drill_proofs.py`. Each drill was
started in one green practice cloud. The self-check had to fail with its very causes, in the order of the
chain of trust; or to pass, where nothing is wrong. Then the commands that the report prints were run in bash
as they are printed, with the real `az`, `kubectl` and `docker`, until all was green; “looks” tells how many
reports that took, “waited for” what was pending meanwhile. After `drill stop` all that a person writes in
Azure, cluster, registry and checkout had to be as before.

{count} drills: {good} proven{bad}. {harmless} of them are right, only done differently; {double} have two
causes.

| {columns} |
| --- | --- | --- | --- | --- | --: | --: | --: | --- | --- | --: |
"""
_COLUMNS = (
    *("drill", "verdict", "root causes", "causes", "remedies as printed"),
    *("commands", "looks", "mended in", "waited for", "restored", "seconds"),
)
_SENT = """
## What the self-checks sent

All of it, by the practice cloud's own request log; each must be on the list of looks
(`workshop_tui/cloud/permitted.py`): reads, signing in, the cluster user's credentials, access reviews and the
live requests for a description. What the app's pods sent meanwhile is among it.

| service and kind of request | times |
| --- | --: |
"""


def document(drills: Sequence[Drill], proofs: Mapping[str, Proof], sent: Counter[str]) -> str:
    """Return the page."""
    shown = [proofs[drill.id] for drill in drills]
    bad = [proof.drill for proof in shown if proof.wrong]
    heading = _HEADING.format(
        date=f"{datetime.now(UTC):%Y-%m-%d}",
        columns=" | ".join(_COLUMNS),
        count=len(shown),
        good=len(shown) - len(bad),
        bad=f", not {', '.join(bad)}" if bad else "",
        harmless=sum(not proof.expected for proof in shown),
        double=sum(len(proof.expected) > 1 for proof in shown),
    )
    rows = "\n".join(_row(proof) for proof in shown)
    requests = "\n".join(f"| {kind} | {times} |" for kind, times in sorted(sent.items()))
    return f"{heading}{rows}\n{_SENT}{requests}\n"


def _row(proof: Proof) -> str:
    cells = (
        proof.drill,
        proof.verdict.value,
        ", ".join(proof.roots),
        RIGHT if proof.roots == proof.expected else f"wrong: {', '.join(proof.expected)} belongs here",
        _remedies(proof),
        str(len(proof.ran) or ""),
        str(proof.looks or ""),
        f"{proof.mending_seconds:.0f} s" if proof.ran else "",
        ", ".join(proof.waited),
        RESTORED if not proof.left else f"{len(proof.left)} things differ",
        f"{proof.seconds:.0f}",
    )
    return f"| {' | '.join(cells)} |"


def _remedies(proof: Proof) -> str:
    if not proof.expected:
        return HARMLESS
    if proof.words_only:
        return f"words only: {', '.join(proof.words_only)}"
    return MENDED if proof.green else "not mended"


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells after the first one of each drill's row, by the drill's id."""
    table = page.partition("\n## ")[0]
    lines = [line for line in table.splitlines() if line.startswith("| ")][2:]
    cells = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]
    return {drill: rest for drill, *rest in cells}
