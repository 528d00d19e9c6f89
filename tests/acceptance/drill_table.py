"""The table of drills: written from proofs, and read again to see that it is of the drills that there are.

Of drills that were not proven this time the rows stay as they were: each has its day, and the digest of
what the drill did when it was proven.
"""

from __future__ import annotations

import hashlib
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
COLUMNS = (
    *("drill", "verdict", "root causes", "causes", "remedies as printed"),
    *("commands", "looks", "mended in", "waited for", "restored", "seconds", "proven", "digest"),
)
_HEADING = """\
# Every drill, proven

Written by `scripts/drills`, last on {date}, out of a run of `tests/acceptance/test_drill_proofs.py`. Each
drill was started in one green practice cloud. The self-check had to fail with its very causes, in the order
of the chain of trust; or to pass, where nothing is wrong. Then the commands that the report prints were run
in bash as they are printed, with the real `az`, `kubectl` and `docker`, until all was green; “looks” tells
how many reports that took, “waited for” what was pending meanwhile. After `drill stop` all that a person
writes in Azure, cluster, registry and checkout had to be as before. The digest is of what the drill does, as
it was proven.

{count} drills: {good} proven{bad}. {harmless} of them are right, only done differently; {double} have two
causes.

| {columns} |
|{lines}|
"""
_SENT = """
## What the self-checks sent

In the last run, which proved {count} of the drills, by the practice cloud's own request log. A run fails
where one of these is not on the list of looks (`workshop_tui/cloud/permitted.py`): reads, signing in, the
cluster user's credentials, access reviews and the live requests for a description. What the app's pods sent
meanwhile is among it.

| service and kind of request | times |
| --- | --: |
"""
_SENT_TITLE = _SENT.strip().partition("\n")[0]


def document(drills: Sequence[Drill], proofs: Mapping[str, Proof], sent: Counter[str], before: str) -> str:
    """Return the page; what it said `before` of drills that were not proven now stays."""
    known = rows(before)
    table = {
        drill.id: _cells(proofs[drill.id], drill) if drill.id in proofs else known.get(drill.id, [])
        for drill in drills
    }
    bad = [drill.id for drill in drills if not is_good(drill, table[drill.id])]
    heading = _HEADING.format(
        date=_today(),
        columns=" | ".join(COLUMNS),
        lines="|".join(" --- " for _ in COLUMNS),
        count=len(drills),
        good=len(drills) - len(bad),
        bad=f", not {', '.join(bad)}" if bad else "",
        harmless=sum(not drill.causes for drill in drills),
        double=sum(len(drill.causes) > 1 for drill in drills),
    )
    lines = [f"| {' | '.join([drill_id, *cells])} |" for drill_id, cells in table.items() if cells]
    requests = "".join(f"| {kind} | {times} |\n" for kind, times in sorted(sent.items()))
    return f"{heading}{chr(10).join(lines)}\n{_SENT.format(count=len(proofs))}{requests}"


def is_good(drill: Drill, cells: Sequence[str]) -> bool:
    """Say whether a row's cells, without the first, are a proof of this very drill."""
    told = dict(zip(COLUMNS[1:], cells, strict=False))
    return {
        "verdict": "failed" if drill.causes else "passed",
        "root causes": ", ".join(drill.causes),
        "causes": RIGHT,
        "remedies as printed": MENDED if drill.causes else HARMLESS,
        "restored": RESTORED,
        "digest": digest_of(drill),
    }.items() <= told.items()


def digest_of(drill: Drill) -> str:
    """Return the first digits of the digest of what the drill does; its words may change."""
    does = (drill.causes, drill.steps, drill.workstation, drill.changes)
    return hashlib.sha256(repr(does).encode()).hexdigest()[:8]


def rows(page: str) -> dict[str, list[str]]:
    """Return the cells after the first one of each drill's row, by the drill's id."""
    lines = [line for line in page.partition(_SENT_TITLE)[0].splitlines() if line.startswith("| ")]
    cells = [[cell.strip() for cell in line[1:-1].split("|")] for line in lines]
    return {drill: rest for drill, *rest in cells if drill not in {COLUMNS[0], "---"}}


def _cells(proof: Proof, drill: Drill) -> list[str]:
    return [
        proof.verdict.value,
        ", ".join(proof.roots),
        RIGHT if proof.roots == proof.expected else f"wrong: {', '.join(proof.expected)} belongs here",
        _remedies(proof),
        str(len(proof.ran) or ""),
        str(proof.looks or ""),
        f"{proof.mending_seconds:.0f} s" if proof.ran else "",
        ", ".join(proof.waited),
        _restored(proof),
        f"{proof.seconds:.0f}",
        _today(),
        digest_of(drill),
    ]


def _remedies(proof: Proof) -> str:
    if not proof.expected:
        return HARMLESS
    if proof.words_only:
        return f"words only: {', '.join(proof.words_only)}"
    return MENDED if proof.green and not proof.misprinted else "not mended"


def _restored(proof: Proof) -> str:
    if proof.stopping:
        return "not green again"
    return f"{len(proof.left)} things differ" if proof.left else RESTORED


def _today() -> str:
    return f"{datetime.now(UTC):%Y-%m-%d}"
