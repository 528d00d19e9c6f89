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
    """Merge as RFC 7396 says: null removes, objects merge, everything else replaces.

    As Go's json-patch has it, nulls within lists go, too: unless the list replaces an object.
    """
    if not isinstance(target, dict):
        return _without_nulls(patch)
    if not isinstance(patch, dict):
        return copy.deepcopy(patch)
    result = dict(target)
    for name, value in patch.items():
        if value is None:
            result.pop(name, None)
        else:
            result[name] = merge_patch(result.get(name), value)
    return result


def _without_nulls(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _without_nulls(item) for name, item in value.items() if item is not None}
    return [_without_nulls(item) for item in value] if isinstance(value, list) else value


def _json_patch(object_: Object, operations: list[Json]) -> Object:
    changed: Object = copy.deepcopy(object_)
    try:
        for operation in operations:
            meant = _as_go_takes_it(changed, operation)
            if meant is not None:
                changed = jsonpatch.apply_patch(changed, [meant])
    except (jsonpatch.JsonPatchException, jsonpointer.JsonPointerException, KeyError, TypeError) as error:
        raise unprocessable() from error
    return changed


def _as_go_takes_it(object_: Object, operation: dict[str, Json]) -> dict[str, Json] | None:
    """Return an operation as Go's json-patch takes it, which reads a key that is not there as null.

    So `replace` adds it, `copy` copies null, and a `test` for null holds (None: there is nothing to do).
    """
    match operation.get("op"):
        case "replace" if _is_no_key(object_, operation["path"]):
            return operation | {"op": "add"}
        case "copy" if _is_no_key(object_, operation["from"]):
            return {"op": "add", "path": operation["path"], "value": None}
        case "test" if operation.get("value") is None and _is_no_key(object_, operation["path"]):
            return None
        case _:
            return operation


def _is_no_key(object_: Object, path: str) -> bool:
    """Tell whether a path leads to an object that lacks its last key."""
    *parents, last = jsonpointer.JsonPointer(path).parts or [""]
    place: Json = jsonpointer.JsonPointer.from_parts(parents).resolve(object_, None)
    return isinstance(place, dict) and last not in place
