"""Reading what a patch has made of an object, and refusing it in the API server's words."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import invalid_patch
from workshop_tui.practice.cluster.patch.refused import go_text
from workshop_tui.practice.cluster.schema.decode import read
from workshop_tui.practice.cluster.schema.mismatch import TypeMismatchError, converter_words, json_words
from workshop_tui.practice.cluster.schema.repeated import repeated_in

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json, Object


def read_patched(
    kind: str, patched: Object, patch: Json, *, strategic: bool, strict: bool, warnings: list[str] | None
) -> Object:
    """Return the patched object as the server keeps it; ApiError Invalid when it is none of the kind.

    `strict` and `warnings` are as for whole objects; fields that stand twice in the patch count, too.
    """
    try:
        decoded = read(kind, patched, converter_words if strategic else json_words)
    except TypeMismatchError as mismatch:
        raise invalid_patch(_shown(patched, patch, strategic=strategic), str(mismatch)) from None
    prefix = "json patch " if isinstance(patch, list) else ""
    faults = [*(f"{prefix}{each}" for each in repeated_in(patch)), *decoded.faults]
    if strict and faults:
        raise invalid_patch(
            _shown(patched, patch, strategic=strategic), f"strict decoding error: {', '.join(faults)}"
        )
    if warnings is not None:
        warnings += faults
    return decoded.object


def _shown(patched: Object, patch: Json, *, strategic: bool) -> str:
    """Return what the refusal quotes: a strategic patch itself, else the object it made."""
    return go_text(patch) if strategic else json.dumps(patched, separators=(",", ":"), sort_keys=True)
