"""The ways to change an object by a patch."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING

import jsonpatch
import jsonpointer

from workshop_tui.practice.cluster.errors import bad_request, unprocessable
from workshop_tui.practice.cluster.patch.refused import (
    MalformedPatchError,
    PatchError,
    UnprocessablePatchError,
)
from workshop_tui.practice.cluster.patch.strategic import strategic_merge
from workshop_tui.practice.cluster.ports import ApiError, Json

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

STRATEGIC = "application/strategic-merge-patch+json"
MERGE = "application/merge-patch+json"
JSON = "application/json-patch+json"
APPLY = "application/apply-patch+yaml"
TYPES = (JSON, MERGE, STRATEGIC, APPLY)


def apply_patch(object_: Object, content_type: str, patch: Json, kind: str) -> Object:
    """Return the object changed by a patch of one of the first three types; ApiError when it can't be."""
    if content_type == JSON and isinstance(patch, list):
        return _json_patch(object_, patch)
    if content_type == MERGE and isinstance(patch, dict):
        merged: Object = merge_patch(object_, patch)
        return merged
    if content_type == STRATEGIC and isinstance(patch, dict):
        try:
            return strategic_merge(object_, patch, kind)
        except MalformedPatchError as error:
            raise bad_request(str(error)) from None
        except UnprocessablePatchError as error:
            raise unprocessable() from error
        except PatchError as error:
            raise ApiError(500, "", str(error)) from None
    raise bad_request(f"error decoding patch: the body is not a patch of type {content_type}")


def merge_patch(target: Json, patch: Json) -> Json:
    """Merge as RFC 7396 says: null removes, objects merge, everything else replaces."""
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target) if isinstance(target, dict) else {}
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def _json_patch(object_: Object, operations: list[Json]) -> Object:
    try:
        changed: Object = jsonpatch.apply_patch(object_, operations)
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, KeyError, TypeError) as error:
        raise unprocessable() from error
    return changed
