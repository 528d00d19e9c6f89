"""In which order a strategic merge patch leaves the items of a list.

After normalizeElementOrder of k8s.io/apimachinery: the listed items in the order asked for, those that only
the server has between them, as they stood before.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.patch.refused import PatchError, go_text, go_type

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json

_DIRECTIVE = "$patch"


def same(left: Json, right: Json) -> bool:
    """Tell whether Go's `==` holds: of the same type and equal; PatchError when it can't compare them."""
    for each in (left, right):
        if isinstance(each, dict | list):
            raise PatchError(f"value {go_text(each)} is no plain value for a merge key")
    return type(left) is type(right) and bool(left == right)


def key_of(item: Json, key: str) -> Json:
    """Return the value by which a list's item is told; PatchError when it has none."""
    if not isinstance(item, dict):
        raise PatchError(f"expected a map[string]interface {{}}, but received a {go_type(item)}")
    if key not in item:
        raise PatchError(f"map: {go_text(item)} does not contain declared merge key: {key}")
    return item[key]


def find(items: list[Any], key: str, value: Json) -> dict[str, Any] | None:
    """Return the first item with that key."""
    for index, item in enumerate(items):
        if not isinstance(item, dict):
            raise PatchError(f"value for key {index} is not a map")
        if key in item and same(item[key], value):
            return item
    return None


class Server:
    """The items a list had, while it is merged.

    Go deletes and appends in one array, and its `$setElementOrder` later looks at as many places of that
    array as there were items at first: `slots`. So an added item can stand in the place of a deleted one.
    """

    def __init__(self, items: list[Any]) -> None:
        self.slots = list(items)
        self._length = len(items)

    def items(self) -> list[Any]:
        """Return what is there."""
        return self.slots[: self._length]

    def delete(self, key: str, value: Json) -> None:
        """Delete every item with that key."""
        while (found := find(self.items(), key, value)) is not None:
            place = next(index for index, item in enumerate(self.slots) if item is found)
            self.slots[place : self._length - 1] = self.slots[place + 1 : self._length]
            self._length -= 1

    def append(self, item: Json) -> None:
        """Append an item: into the place of a deleted one, if there is one."""
        if self._length < len(self.slots):
            self.slots[self._length] = item
            self._length += 1


def check_order(patch: list[Any], order: list[Any], key: str) -> None:
    """Refuse a patch whose items are not in the order it asks for itself."""
    if not order or not patch:
        return
    changes = [item for item in patch if not (key and _is_deletion(item))]
    at = place = 0
    while at < len(changes) and place < len(order):
        if isinstance(changes[at], dict) and _DIRECTIVE in changes[at]:
            at += 1
            continue
        left, right = changes[at], order[place]
        if same(key_of(left, key), key_of(right, key)) if key else same(left, right):
            at += 1
        place += 1
    if at < len(changes) and place >= len(order):
        raise PatchError(
            f"The order in patch list:\n{go_text(patch)}\n"
            f" doesn't match $setElementOrder list:\n{go_text(order)}\n"
        )


def _is_deletion(item: Json) -> bool:
    if not isinstance(item, dict):
        raise PatchError(f"expected a map[string]interface {{}}, but received a {go_type(item)}")
    return item.get(_DIRECTIVE) == "delete"


def partition(items: list[Any], by: list[Any], key: str) -> tuple[list[Any], list[Any]]:
    """Return the items that `by` lists too, and the others."""
    listed: list[Any] = []
    others: list[Any] = []
    for item in items:
        known = find(by, key, key_of(item, key)) is not None if key else any(same(item, each) for each in by)
        (listed if known else others).append(item)
    return listed, others


def in_order(
    listed: list[Any], others: list[Any], order: list[Any], server: list[Any], key: str
) -> list[Any]:
    """Put listed items in the order given; the others stay where they stood relative to them."""
    left, right = _sorted(others, server, key), _sorted(listed, order, key)
    merged: list[Any] = []
    while left and right:
        here, there = _index(server, left[0], key), _index(server, right[0], key)
        merged.append(left.pop(0) if 0 <= here < there else right.pop(0))
    return [*merged, *left, *right]


def _index(items: list[Any], item: Json, key: str) -> int:
    wanted = item.get(key) if key else item
    for index, each in enumerate(items):
        found = (each.get(key) if isinstance(each, dict) else None) if key else each
        if same(wanted, found):
            return index
    return -1


def _sorted(items: list[Any], order: list[Any], key: str) -> list[Any]:
    """Sort as Go's stable sort does by a comparison that says "before" of whatever is not in the order."""
    if key:
        for item in (*items, *order):
            key_of(item, key)
        deletions = [item for item in items if _is_deletion(item)]
        items = [item for item in items if not _is_deletion(item)]
    else:
        deletions = []
    result: list[Any] = []
    for item in items:
        place = len(result)
        while place and _before(item, result[place - 1], order, key):
            place -= 1
        result.insert(place, item)
    return [*result, *deletions]


def _before(left: Json, right: Json, order: list[Any], key: str) -> bool:
    here, there = _index(order, left, key), _index(order, right, key)
    return here < there if here >= 0 and there >= 0 else True
