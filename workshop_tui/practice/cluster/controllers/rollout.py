"""The arithmetic of a rolling update: how many pods of the old and the new there may be. Pure."""

from __future__ import annotations

import hashlib
import json
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.writing import SUFFIX_ALPHABET

if TYPE_CHECKING:
    from collections.abc import Sequence

HASH_LABEL = "pod-template-hash"


@dataclass(frozen=True, slots=True)
class Generation:
    """One ReplicaSet of a Deployment: pods asked for, there, and available."""

    name: str
    wanted: int
    present: int
    available: int


@dataclass(frozen=True, slots=True)
class Bounds:
    """How far a rolling update may go above and below the wanted number."""

    surge: int
    unavailable: int


def bounds_of(spec: dict[str, Any]) -> Bounds:
    """Return the bounds of a Deployment: percentages of its replicas, surge rounded up, the other down."""
    replicas = spec["replicas"]
    rolling = spec["strategy"].get("rollingUpdate")
    if rolling is None:
        return Bounds(0, replicas)
    surge = _resolve(rolling["maxSurge"], replicas, up=True)
    unavailable = _resolve(rolling["maxUnavailable"], replicas, up=False)
    return Bounds(surge, unavailable if surge or unavailable else 1)


def _resolve(value: int | str, total: int, *, up: bool) -> int:
    if isinstance(value, int):
        return value
    share = int(value.rstrip("%")) * total / 100
    return math.ceil(share) if up else math.floor(share)


def next_sizes(replicas: int, bounds: Bounds, new: Generation, old: Sequence[Generation]) -> dict[str, int]:
    """Return the ReplicaSets to resize now, with their sizes; empty when nothing is to be done yet."""
    total = new.wanted + sum(each.wanted for each in old)
    if new.wanted > replicas:
        return {new.name: replicas}
    room = replicas + bounds.surge - total
    if new.wanted < replicas and room > 0:
        return {new.name: min(replicas, new.wanted + room)}
    return _shrink_old(replicas, bounds, new, old)


def _shrink_old(replicas: int, bounds: Bounds, new: Generation, old: Sequence[Generation]) -> dict[str, int]:
    """Take unhealthy pods of old generations first, then as many healthy ones as may be missed."""
    at_least = replicas - bounds.unavailable
    total = new.wanted + sum(each.wanted for each in old)
    spare = total - at_least - (new.wanted - new.available)
    if spare <= 0:
        return {}
    sizes = {each.name: each.wanted for each in old}
    for each in old:
        unhealthy = min(spare, max(0, each.wanted - each.available))
        sizes[each.name] -= unhealthy
        spare -= unhealthy
    available = new.available + sum(min(each.available, sizes[each.name]) for each in old)
    healthy_spare = available - at_least
    for each in old:
        taken = min(max(0, healthy_spare), sizes[each.name])
        sizes[each.name] -= taken
        healthy_spare -= taken
    return {each.name: sizes[each.name] for each in old if sizes[each.name] != each.wanted}


def template_hash(template: dict[str, Any], collisions: int) -> str:
    """Return the label value that tells the pods of this template from others."""
    text = json.dumps(bare_template(template), sort_keys=True) + (str(collisions) if collisions else "")
    number = int.from_bytes(hashlib.sha256(text.encode()).digest()[:4])
    return "".join(SUFFIX_ALPHABET[ord(digit) % len(SUFFIX_ALPHABET)] for digit in str(number))


def bare_template(template: dict[str, Any]) -> dict[str, Any]:
    """Return a pod template without what the Deployment controller adds to it."""
    metadata = dict(template.get("metadata", {}))
    metadata.pop("creationTimestamp", None)
    labels = {key: value for key, value in metadata.get("labels", {}).items() if key != HASH_LABEL}
    return template | {"metadata": metadata | {"labels": labels}}
