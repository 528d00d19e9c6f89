from __future__ import annotations

import copy
import json
from typing import Any

from workshop_tui.cloud.manifests import (
    LAST_APPLIED,
    last_applied_text,
    put_over,
    same_in_meaning,
    with_last_applied,
    with_template,
)


def app(container: str, **metadata: Any) -> dict[str, Any]:
    template = {"metadata": {"labels": {"app": "a"}}, "spec": {"containers": [{"name": container}]}}
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": "a", "namespace": "default", **metadata},
        "spec": {"replicas": 1, "selector": {"matchLabels": {"app": "a"}}, "template": template},
    }


def live_after(manifest: dict[str, Any]) -> dict[str, Any]:
    """What the API server has after the manifest was applied."""
    live = with_last_applied(manifest)
    live["metadata"] |= {"uid": "u", "resourceVersion": "7", "generation": 1}
    live["status"] = {"replicas": 1}
    return live


def test_the_annotation_is_written_as_kubectl_does() -> None:
    text = with_last_applied({"kind": "ServiceAccount", "metadata": {"name": "a<b>&é"}})["metadata"][
        "annotations"
    ][LAST_APPLIED]
    expected = '{"kind":"ServiceAccount","metadata":{"annotations":{},"name":"a\\u003cb\\u003e\\u0026é"}}\n'
    assert text == expected


def test_the_annotation_does_not_hold_itself() -> None:
    once = with_last_applied(app("c"))
    assert with_last_applied(once) == once


def test_no_container_of_another_name_stays() -> None:
    merged = put_over(live_after(app("order-service")), app("ai-service"))
    containers = merged["spec"]["template"]["spec"]["containers"]
    assert [item["name"] for item in containers] == ["ai-service"]
    assert merged["metadata"]["resourceVersion"] == "7"
    assert "status" not in merged


def test_what_others_have_set_stays_and_what_we_have_dropped_goes() -> None:
    live = live_after(app("c", labels={"ours": "1", "kept": "1"}))
    live["metadata"]["labels"]["theirs"] = "1"
    live["spec"]["progressDeadlineSeconds"] = 600
    merged = put_over(live, app("c", labels={"kept": "2"}))
    assert merged["metadata"]["labels"] == {"kept": "2", "theirs": "1"}
    assert merged["spec"]["progressDeadlineSeconds"] == 600


def test_an_object_that_was_never_applied_is_merged() -> None:
    live = live_after(app("c", labels={"theirs": "1"}))
    live["metadata"]["annotations"][LAST_APPLIED] = "not json"
    assert put_over(live, app("c"))["metadata"]["labels"] == {"theirs": "1"}


def test_meaning_is_what_a_person_wrote() -> None:
    live = live_after(app("c"))
    later = copy.deepcopy(live)
    later["metadata"] |= {"resourceVersion": "9", "managedFields": []}
    later["status"] = {}
    assert same_in_meaning(live, later)
    later["spec"]["replicas"] = 2
    assert not same_in_meaning(live, later)


def test_a_template_put_back_is_told_to_the_next_apply() -> None:
    live = live_after(app("ai-service"))
    before = app("order-service")["spec"]["template"]
    back = with_template(live, before)
    assert back["spec"]["template"] == before
    told = json.loads(back["metadata"]["annotations"][LAST_APPLIED])
    assert told["spec"]["template"] == before
    assert told["spec"]["replicas"] == 1
    assert back["metadata"]["annotations"][LAST_APPLIED] == last_applied_text(told)
