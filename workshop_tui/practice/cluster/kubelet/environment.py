"""A container's environment, as the kubelet makes it from the Pod, its ConfigMaps and its Secrets."""

from __future__ import annotations

import re
from base64 import b64decode
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.runtimes import StartError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workshop_tui.practice.cluster.ports import Object, ObjectStore

_REFERENCE = re.compile(r"\$\$|\$\(([^()\s]+)\)")
_PATH = re.compile(r"metadata\.(labels|annotations)\['([^']+)'\]")


def expand(text: str, variables: Mapping[str, str]) -> str:
    """Replace `$(NAME)` by the variable, `$$` by `$`; what is not defined stays as it is written."""
    return _REFERENCE.sub(lambda match: "$" if match[0] == "$$" else variables.get(match[1], match[0]), text)


def resolve_environment(pod: Object, container: Object, objects: ObjectStore, ip: str) -> dict[str, str]:
    """Return the variables in order: `envFrom` first, then `env`, later ones winning.

    Raises:
        StartError: CreateContainerConfigError, for a ConfigMap, Secret or key that is not there.

    """
    namespace = pod["metadata"]["namespace"]
    variables: dict[str, str] = {}
    for source in container.get("envFrom") or []:
        for resource, field in (("configmaps", "configMapRef"), ("secrets", "secretRef")):
            if field in source:
                found = read_data(objects, resource, namespace, source[field]["name"])
                if found is None and not source[field].get("optional"):
                    raise _missing(resource, source[field]["name"])
                prefix = source.get("prefix", "")
                variables |= {prefix + key: value.decode() for key, value in (found or {}).items()}
    for entry in container.get("env") or []:
        if "valueFrom" in entry:
            value = _value_from(pod, entry["valueFrom"], objects, ip)
        else:
            value = expand(entry.get("value") or "", variables)
        if value is not None:
            variables[entry["name"]] = value
    return variables


def read_data(objects: ObjectStore, resource: str, namespace: str, name: str) -> dict[str, bytes] | None:
    """Return the data of a ConfigMap or Secret as bytes, None when there is no such object."""
    found = objects.find(resource, namespace, name)
    if found is None:
        return None
    if resource == "secrets":
        data = {key: b64decode(value) for key, value in (found.get("data") or {}).items()}
        return data | {key: value.encode() for key, value in (found.get("stringData") or {}).items()}
    data = {key: value.encode() for key, value in (found.get("data") or {}).items()}
    return data | {key: b64decode(value) for key, value in (found.get("binaryData") or {}).items()}


def read_field(pod: Object, path: str, ip: str) -> str:
    """Return what a fieldRef means for this pod."""
    metadata, spec = pod["metadata"], pod["spec"]
    match = _PATH.fullmatch(path)
    if match is not None:
        return str((metadata.get(match[1]) or {}).get(match[2], ""))
    if path in {"metadata.labels", "metadata.annotations"}:
        entries = sorted((metadata.get(path.partition(".")[2]) or {}).items())
        return "\n".join(f'{key}="{value}"' for key, value in entries)
    known = {
        "metadata.name": metadata["name"],
        "metadata.namespace": metadata["namespace"],
        "metadata.uid": metadata["uid"],
        "spec.nodeName": spec.get("nodeName", ""),
        "spec.serviceAccountName": spec.get("serviceAccountName", "default"),
        "status.podIP": ip,
        "status.podIPs": ip,
        "status.hostIP": "127.0.0.1",
        "status.hostIPs": "127.0.0.1",
    }
    if path not in known:
        raise StartError("CreateContainerConfigError", f"unsupported fieldPath: {path}")
    return str(known[path])


def _value_from(pod: Object, source: Object, objects: ObjectStore, ip: str) -> str | None:
    if "fieldRef" in source:
        return read_field(pod, source["fieldRef"]["fieldPath"], ip)
    for resource, field, kind in (
        ("configmaps", "configMapKeyRef", "ConfigMap"),
        ("secrets", "secretKeyRef", "Secret"),
    ):
        if field in source:
            name, key = source[field]["name"], source[field]["key"]
            namespace = pod["metadata"]["namespace"]
            data = read_data(objects, resource, namespace, name)
            if data is not None and key in data:
                return data[key].decode()
            if source[field].get("optional"):
                return None
            if data is None:
                raise _missing(resource, name)
            message = f"couldn't find key {key} in {kind} {namespace}/{name}"
            raise StartError("CreateContainerConfigError", message)
    raise StartError("CreateContainerConfigError", f"unsupported valueFrom: {', '.join(source)}")


def _missing(resource: str, name: str) -> StartError:
    return StartError("CreateContainerConfigError", f'{resource.removesuffix("s")} "{name}" not found')


def map_paths(variables: Mapping[str, str], places: Sequence[tuple[str, str]]) -> dict[str, str]:
    """Return the variables with values that start with a mount's path led to where it really is.

    A plain process sees this machine's files, so `AZURE_FEDERATED_TOKEN_FILE=/var/run/…` must name the
    pod's own folder. Only whole values that begin with the path are changed.
    """
    return {name: map_path(value, places) for name, value in variables.items()}


def map_path(value: str, places: Sequence[tuple[str, str]]) -> str:
    """Return the path's real place, or the value as it is; the longest mount path wins."""
    for path, real in sorted(places, key=lambda place: -len(place[0])):
        stem = path.rstrip("/")
        if value == stem or value.startswith(f"{stem}/"):
            return real + value[len(stem) :]
    return value
