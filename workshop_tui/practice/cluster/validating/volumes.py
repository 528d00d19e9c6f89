"""What a pod's volumes require."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.faults import (
    duplicate_value,
    forbidden_value,
    invalid_value,
    required_value,
)
from workshop_tui.practice.cluster.validating.names import all_faults, label_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_HIGHEST_MODE = 0o777
_SHORTEST_TOKEN = 600
_LONGEST_TOKEN = 1 << 32
_NAMED_BY = {
    "configMap": "name",
    "secret": "secretName",
    "persistentVolumeClaim": "claimName",
    "hostPath": "path",
}


def volumes_faults(volumes: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    """Yield what is wrong with a pod's volumes."""
    seen: set[str] = set()
    for index, volume in enumerate(volumes):
        place = f"{field}[{index}]"
        sources = [name for name in volume if name != "name"]
        if not sources:
            yield required_value(place, "must specify a volume type")
        for extra in sources[1:]:
            yield forbidden_value(f"{place}.{extra}", "may not specify more than 1 volume type")
        for source in sources[:1]:
            yield from _source_faults(source, volume[source], f"{place}.{source}")
        name = volume.get("name", "")
        if name:
            yield from all_faults(f"{place}.name", name, label_faults)
        else:
            yield required_value(f"{place}.name")
        if name in seen:
            yield duplicate_value(f"{place}.name", name)
        seen.add(name)


def _source_faults(name: str, source: dict[str, Any], field: str) -> Iterator[Fault]:
    key = _NAMED_BY.get(name)
    if key and not source.get(key):
        yield required_value(f"{field}.{key}")
    if not 0 <= source.get("defaultMode", 0) <= _HIGHEST_MODE:
        why = "must be a number between 0 and 0777 (octal), both inclusive"
        yield invalid_value(f"{field}.defaultMode", source["defaultMode"], why)
    yield from _item_faults(source.get("items", []), f"{field}.items")
    for index, each in enumerate(source.get("sources", [])):
        if "serviceAccountToken" in each:
            place = f"{field}.sources[{index}].serviceAccountToken"
            yield from _token_faults(each["serviceAccountToken"], place)


def _item_faults(items: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    for index, item in enumerate(items):
        if "fieldRef" not in item and "resourceFieldRef" not in item and not item.get("key"):
            yield required_value(f"{field}[{index}].key")
        if not item.get("path"):
            yield required_value(f"{field}[{index}].path")
        elif item["path"].startswith("/"):
            yield invalid_value(f"{field}[{index}].path", item["path"], "must be a relative path")


def _token_faults(token: dict[str, Any], field: str) -> Iterator[Fault]:
    seconds = token.get("expirationSeconds", 3600)
    if seconds < _SHORTEST_TOKEN:
        why = "may not specify a duration less than 10 minutes"
        yield invalid_value(f"{field}.expirationSeconds", seconds, why)
    elif seconds > _LONGEST_TOKEN:
        why = "may not specify a duration larger than 2^32 seconds"
        yield invalid_value(f"{field}.expirationSeconds", seconds, why)
    if not token.get("path"):
        yield required_value(f"{field}.path")
