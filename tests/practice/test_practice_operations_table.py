"""The document's table of operations is what the code serves and the proofs prove."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from operations_table import replaced
from recordings import FOLDER, Replay, recorded, recordings

if TYPE_CHECKING:
    from collections.abc import Callable

DOCUMENT = Path(__file__).parents[2] / "docs" / "practice-cloud.md"


def test_the_table_is_up_to_date() -> None:
    text = DOCUMENT.read_text("utf-8")
    assert text == replaced(text), "run scripts/practice-operations"


@pytest.mark.skipif(not FOLDER.is_dir(), reason="no recordings beside this checkout: they are NOT counted")
def test_how_much_of_the_recordings_is_served(record_property: Callable[[str, object], None]) -> None:
    whole = [exchange for file in recordings() for exchange in recorded(file)]
    served = [each for each in whole if Replay.serves(each)]
    left = sorted({f"{each.method} {each.kind}" for each in whole if not Replay.serves(each)})
    record_property("recorded exchanges of operations we serve", f"{len(served)} of {len(whole)}")
    assert len(served) / len(whole) >= 0.9
    assert all(any(word in each for word in NOT_OURS) for each in left), left


NOT_OURS = ("agentPools", "maintenanceConfigurations", "projects", "Microsoft.Storage", "raiPolicies")
"""What the recordings have besides: parts of clusters and accounts, and services, that no step needs."""
