"""What ConfigMaps and Secrets require."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.validating.faults import (
    forbidden_value,
    invalid_value,
    too_long,
)
from workshop_tui.practice.cluster.validating.names import all_faults, config_key_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault
    from workshop_tui.practice.cluster.ports import Object

_LONGEST = 1024 * 1024
_FIXED = "field is immutable when `immutable` is set"


def data_faults(kind: str, object_: Object, previous: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a ConfigMap or a Secret."""
    size = 0
    for name in ("data", "binaryData"):
        for key, value in object_.get(name, {}).items():
            yield from all_faults(f"{name}[{key}]", key, config_key_faults)
            size += len(value.encode())
    for key in object_.get("binaryData", {}):
        if key in object_.get("data", {}):
            yield invalid_value(f"data[{key}]", key, "duplicate of key present in binaryData")
    if size > _LONGEST:
        yield too_long("data" if kind == "Secret" else "", _LONGEST)
    if previous is None:
        return
    if kind == "Secret" and object_.get("type") != previous.get("type"):
        yield invalid_value("type", object_.get("type", ""), "field is immutable")
    if previous.get("immutable"):
        if not object_.get("immutable"):
            yield forbidden_value("immutable", _FIXED)
        for name in ("data", "binaryData"):
            if object_.get(name) != previous.get(name):
                yield forbidden_value(name, _FIXED)
