"""What the API server takes, but warns of: in the words of k8s.io/kubernetes/pkg/api/pod/warnings.go.

Only what a manifest for the workshop can hold: doubled variables and ports, old names of labels, names that
are no DNS label, quantities of memory below a byte.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.quantities import parse_quantity

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Object

_OLD_LABELS = {
    "beta.kubernetes.io/arch": ("v1.14", "kubernetes.io/arch"),
    "beta.kubernetes.io/os": ("v1.14", "kubernetes.io/os"),
    "beta.kubernetes.io/instance-type": ("v1.17", "node.kubernetes.io/instance-type"),
    "failure-domain.beta.kubernetes.io/region": ("v1.17", "topology.kubernetes.io/region"),
    "failure-domain.beta.kubernetes.io/zone": ("v1.17", "topology.kubernetes.io/zone"),
}
"""Labels of nodes by their old names: since when, and the name to use."""
_BYTES = frozenset({"memory", "ephemeral-storage"})


def warnings_of(kind: str, object_: Object, previous: Object | None) -> list[str]:
    """Return the warnings about an object that is new, or whose specification is."""
    if previous is not None and previous.get("spec") == object_.get("spec"):
        return []
    match kind:
        case "Pod":
            return [*_name(object_, "this is used in the Pod's hostname"), *_pod(object_["spec"], "spec")]
        case "Deployment" | "ReplicaSet":
            used = "this is used in Pod names and hostnames"
            return [
                *(_name(object_, used) if previous is None else ()),
                *_pod(object_["spec"]["template"]["spec"], "spec.template.spec"),
            ]
        case _:
            return []


def _name(object_: Object, used: str) -> Iterator[str]:
    if "." in object_["metadata"].get("name", ""):
        advice = "which can result in surprising behavior; a DNS label is recommended"
        yield f"metadata.name: {used}, {advice}: [must not contain dots]"


def _pod(spec: dict[str, Any], path: str) -> Iterator[str]:
    for label in spec.get("nodeSelector", {}):
        if label in _OLD_LABELS:
            since, use = _OLD_LABELS[label]
            yield f'{path}.nodeSelector[{label}]: deprecated since {since}; use "{use}" instead'
    if spec.get("terminationGracePeriodSeconds", 0) < 0:
        field = f"{path}.terminationGracePeriodSeconds"
        yield f"{field}: must be >= 0; negative values are invalid and will be treated as 1"
    for group in ("initContainers", "containers"):
        for index, container in enumerate(spec.get(group, [])):
            yield from _container(container, f"{path}.{group}[{index}]")


def _container(container: dict[str, Any], path: str) -> Iterator[str]:
    seen: set[str] = set()
    for index, variable in enumerate(container.get("env", [])):
        name = variable.get("name", "")
        if name in seen:
            hides = f'hides previous definition of "{name}", which may be dropped when using apply'
            yield f"{path}.env[{index}]: {hides}"
        seen.add(name)
    ports: dict[tuple[Any, ...], int] = {}
    for index, port in enumerate(container.get("ports", [])):
        place = tuple(port.get(key) for key in ("protocol", "containerPort", "hostPort", "hostIP"))
        if place in ports:
            first = f"{path}.ports[{ports[place]}]"
            yield f"{path}.ports[{index}]: duplicate port definition with {first}"
        ports.setdefault(place, index)
    for part in ("limits", "requests"):
        for name, quantity in container.get("resources", {}).get(part, {}).items():
            if name in _BYTES and parse_quantity(quantity) % 1:
                field = f"{path}.resources.{part}[{name}]"
                yield f'{field}: fractional byte value "{quantity}" is invalid, must be an integer'
