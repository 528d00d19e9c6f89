"""What the real Go code makes of a strategic merge patch, and where ours differs.

`kubectl patch --local` runs it without a server; one call applies one patch to many objects.
"""

from __future__ import annotations

import json
import subprocess
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch import JSON, MERGE, STRATEGIC, apply_patch
from workshop_tui.practice.cluster.patch.refused import PatchError
from workshop_tui.practice.cluster.patch.strategic import strategic_merge
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

Object = dict[str, Any]
_TYPES = {STRATEGIC: "strategic", MERGE: "merge", JSON: "json"}


@dataclass(frozen=True)
class Case:
    """One object and one patch, and what Go and we make of them: an object, or the text of a refusal."""

    object: Object
    patch: Any
    go: Object | str
    ours: Object | str

    @property
    def agrees(self) -> bool:
        """Tell whether the two are alike, order of lists and words of refusals included."""
        if isinstance(self.go, str) and isinstance(self.ours, str):
            return self.ours.strip() in self.go
        return json.dumps(self.go, sort_keys=True) == json.dumps(self.ours, sort_keys=True)

    def __str__(self) -> str:
        """Show it, for who has to look into it."""
        parts = {"object": self.object, "patch": self.patch, "go": self.go, "ours": self.ours}
        return "\n".join(f"{name}: {json.dumps(value, sort_keys=True)}" for name, value in parts.items())


def compare(
    kubectl: str, objects: list[Object], patch: Any, folder: Path, *, type_: str = STRATEGIC
) -> Iterator[Case]:
    """Yield a case for each object, patched by Go and by us."""
    file = folder / "objects.json"
    file.write_text(json.dumps({"apiVersion": "v1", "kind": "List", "items": objects}))
    command = [kubectl, "patch", "--local", "-f", str(file), f"--type={_TYPES[type_]}", "-o", "json", "-p"]
    done = subprocess.run(
        [*command, json.dumps(patch)], capture_output=True, text=True, timeout=60, check=False
    )
    by_name = {each["metadata"]["name"]: each for each in _documents(done.stdout)}
    for object_ in objects:
        go = by_name.get(object_["metadata"]["name"], done.stderr)
        yield Case(object_, patch, go, _ours(object_, patch, type_))


def _documents(text: str) -> Iterator[Object]:
    decoder, position = json.JSONDecoder(), 0
    while position < len(text.rstrip()):
        document, position = decoder.raw_decode(text, position)
        yield document
        position += 1


def _ours(object_: Object, patch: Any, type_: str) -> Object | str:
    try:
        if type_ == STRATEGIC:
            return strategic_merge(object_, patch, object_["kind"])
        return apply_patch(object_, type_, patch, object_["kind"])
    except (PatchError, ApiError) as refusal:
        return str(refusal)
