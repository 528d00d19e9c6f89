"""New objects with faulty fields, as data: what stands in them, and every line of the refusal.

The lines are those of the API server, 1.32 (pkg/apis/core/validation, pkg/apis/apps/validation, and
util/validation of apimachinery). `words` are those of the template in the code, where it makes the
line as a whole.
"""

from __future__ import annotations

from cluster_faulty import CONFIG_KEY, KEY, LABEL_VALUE, SUBDOMAIN, faulty_map
from cluster_faulty_pods import CONTAINERS, PODS_AND_VOLUMES
from cluster_faulty_workloads import DEPLOYMENT_FAULTS, SERVICE_FAULTS

METADATA = (
    faulty_map(f'metadata.name: Invalid value: "A_b": {SUBDOMAIN}', metadata={"name": "A_b"}),
    faulty_map(
        f'metadata.name: Invalid value: "{"a" * 254}": must be no more than 253 characters',
        metadata={"name": "a" * 254},
    ),
    faulty_map(f'metadata.labels: Invalid value: "!": {LABEL_VALUE}', metadata={"labels": {"a": "!"}}),
    faulty_map(f'metadata.labels: Invalid value: "!": name part {KEY}', metadata={"labels": {"!": "a"}}),
    faulty_map(
        f'metadata.labels: Invalid value: "{"a" * 64}": name part must be no more than 63 characters',
        metadata={"labels": {"a" * 64: "a"}},
    ),
    faulty_map(
        f'metadata.labels: Invalid value: "{"a" * 64}": must be no more than 63 characters',
        metadata={"labels": {"a": "a" * 64}},
    ),
    faulty_map(
        f'metadata.labels: Invalid value: "B/a": prefix part {SUBDOMAIN}', metadata={"labels": {"B/a": "a"}}
    ),
    faulty_map(
        f'metadata.labels: Invalid value: "a/b/c": a qualified name {KEY} with an optional DNS subdomain '
        "prefix and '/' (e.g. 'example.com/MyName')",
        metadata={"labels": {"a/b/c": "a"}},
    ),
    faulty_map(
        f'metadata.annotations: Invalid value: "a b": name part {KEY}',
        metadata={"annotations": {"a b": "c"}},
    ),
    faulty_map(
        "metadata.annotations: Too long: may not be more than 262144 bytes",
        "may not be more than {} bytes",
        metadata={"annotations": {"a": "x" * 262144}},
    ),
    faulty_map(
        "metadata.ownerReferences.uid: Required value: must not be empty",
        "must not be empty",
        metadata={"ownerReferences": [{"apiVersion": "v1", "kind": "Pod", "name": "x", "uid": ""}]},
    ),
    faulty_map(f'data[a b]: Invalid value: "a b": {CONFIG_KEY}', data={"a b": "c"}),
    faulty_map(
        'data[a]: Invalid value: "a": duplicate of key present in binaryData',
        "duplicate of key present in binaryData",
        data={"a": "b"},
        binaryData={"a": "Yg=="},
    ),
)
FAULTY = (*METADATA, *CONTAINERS, *PODS_AND_VOLUMES, *DEPLOYMENT_FAULTS, *SERVICE_FAULTS)
"""All of them."""
