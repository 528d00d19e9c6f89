"""Objects that may not be: kubectl's whole output for each fault, against the words of Kubernetes."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from cluster_faulty_objects import FAULTY

if TYPE_CHECKING:
    from collections.abc import Callable

    from cluster_faulty import Faulty

    Kubectl = Callable[..., str]

API_VERSIONS = {"Deployment": "apps/v1"}


@pytest.mark.parametrize("faulty", FAULTY, ids=lambda each: f"{each.kind} {each.lines[0]}"[:70])
def test_each_fault_in_the_words_of_kubernetes(cluster: Kubectl, faulty: Faulty, tmp_path: Any) -> None:
    kind = faulty.kind
    object_ = {"apiVersion": API_VERSIONS.get(kind, "v1"), "kind": kind, **faulty.object}
    file = tmp_path / "faulty.json"
    file.write_text(json.dumps(object_))
    told = cluster("create", "-f", str(file), fails=True)
    name = faulty.object["metadata"]["name"]
    many = "".join(f"\n* {each}" for each in faulty.lines)
    listed = faulty.lines[0] if len(faulty.lines) == 1 else many
    assert told == f'The {kind} "{name}" is invalid: {listed}\n'
