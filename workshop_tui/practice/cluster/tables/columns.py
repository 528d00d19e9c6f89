"""The cells of each kind but pods; after k8s.io/kubernetes/pkg/printers/internalversion."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.times import parse_time, short_duration

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.cluster.ports import Object

NUMBERS = frozenset({"Desired", "Current", "Up-to-date", "Available", "Secrets", "Webhooks", "Count"})
_NONE = "<none>"
_SHOWN = 3
"""How many endpoints a row shows before it says how many more there are."""


def age(object_: Object, now: datetime) -> str:
    """Return the time since the object was made."""
    return since(object_["metadata"].get("creationTimestamp"), now)


def since(moment: str | None, now: datetime) -> str:
    """Return the time since a moment as kubectl shows it."""
    return short_duration(now - parse_time(moment)) if moment else "<unknown>"


def pairs(labels: dict[str, str] | None) -> str:
    """Return labels as `key=value,…`."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items())) or _NONE


def _selector(object_: Object) -> str:
    return pairs(object_["spec"].get("selector", {}).get("matchLabels"))


def _containers(object_: Object) -> list[str]:
    containers = object_["spec"]["template"]["spec"]["containers"]
    return [",".join(each["name"] for each in containers), ",".join(each["image"] for each in containers)]


def deployment(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a Deployment."""
    status = object_.get("status", {})
    ready = f"{status.get('readyReplicas', 0)}/{object_['spec'].get('replicas', 1)}"
    counts = [status.get("updatedReplicas", 0), status.get("availableReplicas", 0)]
    wide = [*_containers(object_), _selector(object_)]
    return [object_["metadata"]["name"], ready, *counts, age(object_, now), *wide]


def replica_set(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a ReplicaSet."""
    status = object_.get("status", {})
    counts = [object_["spec"].get("replicas", 1), status.get("replicas", 0), status.get("readyReplicas", 0)]
    wide = [*_containers(object_), _selector(object_)]
    return [object_["metadata"]["name"], *counts, age(object_, now), *wide]


def service(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a Service."""
    spec = object_["spec"]
    ports = [
        f"{port['port']}:{port['nodePort']}/{port['protocol']}"
        if "nodePort" in port
        else f"{port['port']}/{port['protocol']}"
        for port in spec.get("ports", [])
    ]
    return [
        object_["metadata"]["name"],
        spec["type"],
        spec.get("clusterIP", _NONE),
        _external_address(object_),
        ",".join(ports) or _NONE,
        age(object_, now),
        pairs(spec.get("selector")),
    ]


def _external_address(object_: Object) -> str:
    spec = object_["spec"]
    match spec["type"]:
        case "LoadBalancer":
            ingress = object_.get("status", {}).get("loadBalancer", {}).get("ingress", [])
            return ",".join(each.get("ip") or each.get("hostname", "") for each in ingress) or "<pending>"
        case "ExternalName":
            return str(spec.get("externalName", _NONE))
        case _:
            return ",".join(spec.get("externalIPs", [])) or _NONE


def service_account(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a ServiceAccount."""
    return [object_["metadata"]["name"], len(object_.get("secrets", [])), age(object_, now)]


def config_map(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a ConfigMap."""
    entries = len(object_.get("data", {})) + len(object_.get("binaryData", {}))
    return [object_["metadata"]["name"], str(entries), age(object_, now)]


def secret(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a Secret."""
    entries = str(len(object_.get("data", {})))
    return [object_["metadata"]["name"], object_.get("type", "Opaque"), entries, age(object_, now)]


def namespace(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a Namespace."""
    return [object_["metadata"]["name"], object_.get("status", {}).get("phase", ""), age(object_, now)]


def node(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a Node."""
    status = object_.get("status", {})
    ready = any(
        each.get("type") == "Ready" and each.get("status") == "True" for each in status.get("conditions", [])
    )
    shown = ("Ready" if ready else "NotReady") + (
        ",SchedulingDisabled" if object_["spec"].get("unschedulable") else ""
    )
    info = status.get("nodeInfo", {})
    addresses = {each["type"]: each["address"] for each in status.get("addresses", [])}
    wide = [addresses.get("InternalIP", _NONE), addresses.get("ExternalIP", _NONE)]
    wide += [info.get("osImage", ""), info.get("kernelVersion", ""), info.get("containerRuntimeVersion", "")]
    version = info.get("kubeletVersion", "")
    return [object_["metadata"]["name"], shown, _roles(object_), age(object_, now), version, *wide]


def _roles(object_: Object) -> str:
    """Return a node's roles: they stand in its labels."""
    prefix = "node-role.kubernetes.io/"
    labels = object_["metadata"].get("labels", {})
    roles = {key.removeprefix(prefix) for key in labels if key.startswith(prefix)}
    roles |= {labels["kubernetes.io/role"]} if labels.get("kubernetes.io/role") else set()
    return ",".join(sorted(filter(None, roles))) or _NONE


def event(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of an Event."""
    regarding = object_.get("involvedObject", {})
    series = object_.get("series") or {}
    first = since(object_.get("firstTimestamp") or object_.get("eventTime"), now)
    latest = series.get("lastObservedTime") or object_.get("lastTimestamp")
    source = object_.get("source", {})
    origin = (
        source.get("component") or object_.get("reportingComponent"),
        source.get("host") or object_.get("reportingInstance"),
    )
    name = regarding.get("name", "")
    return [
        since(latest, now) if latest else first,
        object_.get("type", ""),
        object_.get("reason", ""),
        regarding.get("kind", "").lower() + (f"/{name}" if name else ""),
        regarding.get("fieldPath", ""),
        ", ".join(filter(None, origin)),
        object_.get("message", "").strip(),
        first,
        series.get("count") or object_.get("count") or 1,
        object_["metadata"]["name"],
    ]


def endpoints(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of an Endpoints object."""
    shown = [
        f"{address['ip']}:{port['port']}"
        for subset in object_.get("subsets", [])
        for address in subset.get("addresses", [])
        for port in subset.get("ports", [])
    ]
    return [object_["metadata"]["name"], _some(shown), age(object_, now)]


def endpoint_slice(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of an EndpointSlice."""
    ports = [str(port["port"]) for port in object_.get("ports", [])]
    addresses = [text for each in object_.get("endpoints", []) for text in each["addresses"]]
    kind = object_.get("addressType", "")
    unset = "<unset>"
    return [
        object_["metadata"]["name"],
        kind,
        _some(ports) if ports else unset,
        _some(addresses) if addresses else unset,
        age(object_, now),
    ]


def _some(texts: list[str]) -> str:
    if not texts:
        return _NONE
    more = f" + {len(texts) - _SHOWN} more..." if len(texts) > _SHOWN else ""
    return ",".join(texts[:_SHOWN]) + more


def webhooks(object_: Object, now: datetime) -> list[Any]:
    """Return the cells of a MutatingWebhookConfiguration."""
    return [object_["metadata"]["name"], len(object_.get("webhooks", [])), age(object_, now)]
