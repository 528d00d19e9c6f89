"""Where a strategic merge patch of ours may differ from Go's, each with its reason, as data."""

from __future__ import annotations

import random
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.refused import PatchError
from workshop_tui.practice.cluster.patch.strategic import strategic_merge

if TYPE_CHECKING:
    from collections.abc import Callable

    from patch_oracle import Case


@dataclass(frozen=True)
class Difference:
    """A difference that is no fault: how it is told, and why it is there."""

    name: str
    reason: str
    explains: Callable[[Case], bool]


def _tells_another_fault(case: Case) -> bool:
    """Tell whether Go's words are ours too, when the patch's fields come in another order."""
    if not isinstance(case.go, str) or not isinstance(case.ours, str):
        return False
    shuffle = random.Random(0)  # noqa: S311 - an order, no secret
    return any(_refusal(case, shuffle) in case.go for _ in range(50))


def _refusal(case: Case, shuffle: random.Random) -> str:
    try:
        strategic_merge(case.object, _shuffled(case.patch, shuffle), case.object["kind"])
    except PatchError as refusal:
        return str(refusal).strip()
    return "not refused"


def _shuffled(value: Any, shuffle: random.Random) -> Any:
    if isinstance(value, dict):
        names = list(value)
        shuffle.shuffle(names)
        return {name: _shuffled(value[name], shuffle) for name in names}
    return [_shuffled(item, shuffle) for item in value] if isinstance(value, list) else value


DIFFERENCES = (
    Difference(
        "one of several faults",
        "a patch with several faults is refused for one of them; Go walks through a map in random order, and "
        "tells another one each time",
        _tells_another_fault,
    ),
)

NOT_COMPARED = """
- The same value both in `finalizers` and in `$deleteFromPrimitiveList/finalizers`: Go does the two in random
  order, ours as they stand in the patch.
- An object or `null` as an item's merge key, or in a list of plain values: the Go code panics (kubectl ends,
  the API server answers 500); ours refuses with a sentence.
- Whole numbers written with a point (`80.0`): Go takes them for another key than `80`, and so do we, but they
  print differently.
- Patches that remove `kind` or `metadata.name`: kubectl can't print what is left.
"""
"""What the generated cases leave out, and why."""
