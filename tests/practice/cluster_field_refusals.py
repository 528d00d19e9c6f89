"""Objects with a faulty field that the practice cluster refuses, as data: see cluster_refusals.py.

The new objects among them are told whole in cluster_faulty_objects.py.
"""

from __future__ import annotations

from cluster_faulty_objects import FAULTY
from cluster_refusals import (
    DEPLOYMENTS,
    JSON_PATCH,
    MAPS,
    MERGE,
    PODS,
    SERVICES,
    Refused,
    container,
    named,
    pod,
)

_INVALID, _FORBIDDEN = "FieldValueInvalid", "FieldValueForbidden"
CHANGES = (
    Refused(
        422, _FORBIDDEN, "field is immutable when", "PATCH", f"{MAPS}/fixed", {"data": {"a": "c"}}, MERGE
    ),
    Refused(
        422,
        _FORBIDDEN,
        "pod updates may not change",
        "PATCH",
        f"{PODS}/two",
        {"spec": {"hostNetwork": True}},
        MERGE,
    ),
    Refused(
        422,
        _FORBIDDEN,
        "pod updates may not add or remove containers",
        "PATCH",
        f"{PODS}/two",
        [{"op": "remove", "path": "/spec/containers/0"}],
        JSON_PATCH,
    ),
    Refused(
        422,
        _FORBIDDEN,
        "existing toleration can not be modified",
        "PATCH",
        f"{PODS}/two",
        [{"op": "remove", "path": "/spec/tolerations"}],
        JSON_PATCH,
    ),
    Refused(
        422,
        _INVALID,
        "may not change once set",
        "PATCH",
        f"{SERVICES}/empty",
        {"spec": {"clusterIP": "10.0.0.1"}},
        MERGE,
    ),
    Refused(
        422,
        _INVALID,
        "field is immutable",
        "PATCH",
        f"{DEPLOYMENTS}/known",
        {"spec": {"selector": {"matchLabels": {"b": "c"}}, "template": {"metadata": {"labels": {"b": "c"}}}}},
        MERGE,
    ),
    Refused(
        422,
        _FORBIDDEN,
        "no new finalizers can be added",
        "PATCH",
        "/api/v1/namespaces/ending/configmaps/held",
        {"metadata": {"finalizers": ["example.com/held", "example.com/more"]}},
        MERGE,
    ),
)
"""Objects that may not be changed so."""
_OWNER = {"apiVersion": "v1", "kind": "Pod", "name": "x", "controller": True}
OTHERS = (
    Refused(422, "FieldValueRequired", "name or generateName", "POST", MAPS, {"metadata": {}}),
    Refused(
        422,
        _INVALID,
        "invalid label selector",
        "POST",
        DEPLOYMENTS,
        named(
            "n",
            spec={
                "selector": {"matchExpressions": [{"key": "a", "operator": "In"}]},
                "template": pod(container()),
            },
        ),
    ),
    Refused(
        422,
        _INVALID,
        "Only one reference can have Controller set to true",
        "POST",
        MAPS,
        {"metadata": {"name": "n", "ownerReferences": [_OWNER | {"uid": "1"}, _OWNER | {"uid": "2"}]}},
    ),
    Refused(
        422,
        _INVALID,
        "cannot set `allowPrivilegeEscalation`",
        "POST",
        PODS,
        pod(container(securityContext={"privileged": True, "allowPrivilegeEscalation": False})),
    ),
    Refused(
        422,
        _INVALID,
        "must be a standard resource for containers",
        "POST",
        PODS,
        pod(container(resources={"limits": {"memmory": "1"}})),
    ),
    Refused(
        422, "FieldValueDuplicate", "", "POST", PODS, pod({"containers": [{"name": "a", "image": "x"}] * 2})
    ),
    Refused(
        422,
        "FieldValueNotFound",
        "",
        "POST",
        PODS,
        pod(container(volumeMounts=[{"name": "v", "mountPath": "/a"}])),
    ),
)
"""New objects of which Kubernetes shows a whole structure that is not told here."""
FIELDS = (*CHANGES, *OTHERS, *(each.refused for each in FAULTY if each.words))
