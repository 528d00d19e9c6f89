"""By which key the items of a list are told apart in a strategic merge patch.

From the `patchMergeKey` and `patchStrategy` tags of kubernetes/api core/v1, apps/v1, meta/v1.
"""

from __future__ import annotations

MERGE_KEYS: dict[tuple[str, str], str] = {
    ("PodSpec", "containers"): "name",
    ("PodSpec", "initContainers"): "name",
    ("PodSpec", "ephemeralContainers"): "name",
    ("PodSpec", "volumes"): "name",
    ("PodSpec", "imagePullSecrets"): "name",
    ("PodSpec", "hostAliases"): "ip",
    ("PodSpec", "topologySpreadConstraints"): "topologyKey",
    ("PodSpec", "schedulingGates"): "name",
    ("PodSpec", "resourceClaims"): "name",
    ("Container", "env"): "name",
    ("Container", "ports"): "containerPort",
    ("Container", "volumeMounts"): "mountPath",
    ("Container", "volumeDevices"): "devicePath",
    ("EphemeralContainer", "env"): "name",
    ("EphemeralContainer", "ports"): "containerPort",
    ("EphemeralContainer", "volumeMounts"): "mountPath",
    ("EphemeralContainer", "volumeDevices"): "devicePath",
    ("ServiceSpec", "ports"): "port",
    ("DeploymentStatus", "conditions"): "type",
    ("ReplicaSetStatus", "conditions"): "type",
    ("PodStatus", "conditions"): "type",
    ("PodStatus", "podIPs"): "ip",
    ("PodStatus", "hostIPs"): "ip",
    ("NodeStatus", "conditions"): "type",
    ("NodeStatus", "addresses"): "type",
    ("NamespaceStatus", "conditions"): "type",
    ("ServiceStatus", "conditions"): "type",
    ("ObjectMeta", "ownerReferences"): "uid",
    ("ServiceAccount", "secrets"): "name",
    ("MutatingWebhookConfiguration", "webhooks"): "name",
    ("MutatingWebhook", "matchConditions"): "name",
    ("ContainerStatus", "volumeMounts"): "mountPath",
    ("ContainerStatus", "allocatedResourcesStatus"): "name",
    ("PodStatus", "resourceClaimStatuses"): "name",
}

APPLY_KEYS: dict[tuple[str, str], tuple[str, ...]] = {
    ("Container", "ports"): ("containerPort", "protocol"),
    ("EphemeralContainer", "ports"): ("containerPort", "protocol"),
    ("ServiceSpec", "ports"): ("port", "protocol"),
    ("PodSpec", "topologySpreadConstraints"): ("topologyKey", "whenUnsatisfiable"),
    ("ResourceRequirements", "claims"): ("name",),
    ("ResourceStatus", "resources"): ("resourceID",),
}
"""Where server-side apply tells items apart by other keys (`x-kubernetes-list-map-keys`)."""

APPLY_ATOMIC: frozenset[tuple[str, str]] = frozenset({("PodStatus", "hostIPs")})
"""Lists that a strategic merge patch merges, and server-side apply replaces."""

PRIMITIVE_SETS: frozenset[tuple[str, str]] = frozenset(
    {("ObjectMeta", "finalizers"), ("NodeSpec", "podCIDRs")}
)
"""Lists of plain values that are merged as sets."""

APPLY_SETS: frozenset[tuple[str, str]] = frozenset({("Endpoint", "addresses")})
"""Lists of plain values that only server-side apply takes for sets."""

ATOMIC_MAPS: frozenset[tuple[str, str]] = frozenset(
    {("ServiceSpec", "selector"), ("PodSpec", "nodeSelector")}
)
"""Maps that have one owner as a whole (`x-kubernetes-map-type: atomic`)."""

ATOMIC_TYPES: frozenset[str] = frozenset(
    {
        "ConfigMapKeySelector",
        "EndpointAddress",
        "EndpointPort",
        "EvictionResponder",
        "FileKeySelector",
        "LabelSelector",
        "LocalObjectReference",
        "NodeSelector",
        "NodeSelectorTerm",
        "ObjectFieldSelector",
        "ObjectReference",
        "OwnerReference",
        "ResourceFieldSelector",
        "SecretKeySelector",
    }
)
"""Types whose objects have one owner as a whole."""
