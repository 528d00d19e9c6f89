"""What a strategic merge patch does with a field, by the tags of the Go types."""

from __future__ import annotations

from dataclasses import dataclass

from workshop_tui.practice.cluster.patch.merge_keys import MERGE_KEYS, PRIMITIVE_SETS
from workshop_tui.practice.cluster.patch.refused import PatchError
from workshop_tui.practice.cluster.schema import fields_of


@dataclass(frozen=True, slots=True)
class Meaning:
    """How a field is merged: `key` tells its items apart, `element` is their type (None: not known)."""

    merges: bool = False
    key: str = ""
    element: str | None = None


def meaning_of(owner: str | None, name: str) -> Meaning:
    """Return the meaning of a field of the type `owner`; PatchError when the type has no such field."""
    if owner is None:
        return Meaning()
    field = fields_of(owner).get(name)
    if field is None:
        raise PatchError(f'unable to find api field in struct {owner} for the json field "{name}"')
    key = MERGE_KEYS.get((owner, name), "")
    element = field.element if field.is_struct else None
    return Meaning(bool(key) or (owner, name) in PRIMITIVE_SETS, key, element)
