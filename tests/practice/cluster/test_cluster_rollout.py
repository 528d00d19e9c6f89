"""The arithmetic of rolling updates, played through without a cluster."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.practice.cluster.controllers.deployments import REVISION, Deployments
from workshop_tui.practice.cluster.controllers.rollout import (
    Bounds,
    Generation,
    bounds_of,
    next_sizes,
    template_hash,
)


def spec(replicas: int, surge: int | str, unavailable: int | str) -> dict[str, Any]:
    rolling = {"maxSurge": surge, "maxUnavailable": unavailable}
    return {"replicas": replicas, "strategy": {"type": "RollingUpdate", "rollingUpdate": rolling}}


def test_percentages_round_in_favour_of_going_on() -> None:
    assert bounds_of(spec(1, "25%", "25%")) == Bounds(surge=1, unavailable=0)
    assert bounds_of(spec(10, "25%", "25%")) == Bounds(surge=3, unavailable=2)
    assert bounds_of(spec(3, 0, 0)) == Bounds(surge=0, unavailable=1)


def test_one_replica_is_replaced_only_once_the_new_one_is_there() -> None:
    bounds = Bounds(surge=1, unavailable=0)
    old = Generation("old", wanted=1, present=1, available=1)
    new = Generation("new", wanted=0, present=0, available=0)
    assert next_sizes(1, bounds, new, [old]) == {"new": 1}
    started = replace(new, wanted=1, present=1)
    assert next_sizes(1, bounds, started, [old]) == {}
    assert next_sizes(1, bounds, replace(started, available=1), [old]) == {"old": 0}


def test_broken_old_pods_go_first() -> None:
    bounds = Bounds(surge=0, unavailable=1)
    broken = Generation("broken", wanted=1, present=1, available=0)
    good = Generation("good", wanted=2, present=2, available=2)
    new = Generation("new", wanted=0, present=0, available=0)
    assert next_sizes(3, bounds, new, [good, broken]) == {"broken": 0}


@given(
    replicas=st.integers(1, 12),
    surge=st.integers(0, 5),
    unavailable=st.integers(0, 5),
    before=st.integers(0, 12),
)
def test_every_rollout_ends_and_keeps_its_bounds(
    replicas: int, surge: int, unavailable: int, before: int
) -> None:
    bounds = bounds_of(spec(replicas, surge, unavailable))
    old = Generation("old", before, before, before)
    new = Generation("new", 0, 0, 0)
    for _ in range(100):
        sizes = next_sizes(replicas, bounds, new, [old])
        if not sizes:
            break
        count, old_count = sizes.get("new", new.wanted), sizes.get("old", old.wanted)
        assert count + old_count <= max(replicas + bounds.surge, before)
        available = new.available + old_count
        assert available >= min(replicas - bounds.unavailable, new.available + old.wanted)
        new = Generation("new", count, count, count)
        old = Generation("old", old_count, old_count, old_count)
    assert (new.wanted, old.wanted) == (replicas, 0)


def test_the_hash_tells_templates_apart_but_not_their_own_label() -> None:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "a"}]}}
    marked = {"metadata": {"labels": {"app": "x", "pod-template-hash": "1"}}, "spec": template["spec"]}
    assert template_hash(template, 0) == template_hash(marked, 0)
    assert template_hash(template, 0) != template_hash(template, 1)
    assert template_hash(template, 0) != template_hash(template | {"spec": {}}, 0)


def test_of_replica_sets_with_the_same_template_the_oldest_is_meant() -> None:
    template = {"metadata": {"labels": {"app": "x"}}, "spec": {"containers": [{"name": "x", "image": "a"}]}}
    sets: list[dict[str, Any]] = [
        {
            "metadata": {"name": name, "creationTimestamp": made, "annotations": {REVISION: revision}},
            "spec": {"template": template},
        }
        for name, made, revision in (
            ("later", "2026-01-02T00:00:00Z", "3"),
            ("first", "2026-01-01T00:00:00Z", "4"),
        )
    ]
    found = Deployments._current({"spec": {"template": template}}, sets)
    assert found is not None
    assert found["metadata"]["name"] == "first"
