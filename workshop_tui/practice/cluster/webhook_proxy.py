"""The proxy the workload identity webhook adds to pods that are annotated for it.

The containers are as the webhook writes them. The practice node, which reaches no registry but its own, can't
pull their images, and says so: such a pod stays in `Init:ImagePullBackOff`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.discovery import VERSION

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object

_REGISTRY = "mcr.microsoft.com/oss/azure/workload-identity"
_INIT, _SIDECAR = "azwi-proxy-init", "azwi-proxy"
_DEFAULT_PORT = 8000
_HIGHEST_PORT = 65535
_NATIVE_SIDECARS_FROM = 32
"""Minor version of Kubernetes from which the sidecar is an init container that goes on."""


class InvalidPortError(ValueError):
    """A port in the annotation that is none."""


def add_proxy(spec: Object, port_text: str | None, version: str) -> None:
    """Add the proxy's containers to a pod's specification, in place, each if it is missing.

    Raises:
        InvalidPortError: with the webhook's words.

    """
    port = _port(port_text)
    first = spec.setdefault("initContainers", [])
    if not any(each.get("name") == _INIT for each in first):
        first.append(_init_container(port, version))
    if any(each.get("name") == _SIDECAR for each in [*first, *spec["containers"]]):
        return
    if int(VERSION["minor"].rstrip("+")) >= _NATIVE_SIDECARS_FROM:
        spec["initContainers"] = [*first, _sidecar(port, version) | {"restartPolicy": "Always"}]
    else:
        spec["containers"] = [_sidecar(port, version), *spec["containers"]]


def _port(text: str | None) -> int:
    if text is None:
        return _DEFAULT_PORT
    try:
        port = int(text)
    except ValueError:
        raise InvalidPortError(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
    if not 0 < port <= _HIGHEST_PORT:
        raise InvalidPortError(
            f"port {port} is not valid. Expected value to be between 1 and {_HIGHEST_PORT}"
        )
    return port


def image_of(name: str, version: str) -> str:
    """Return an image of the webhook's project; our layouts are named by minor versions."""
    full = {"v1.5": "v1.5.1", "v1.6": "v1.6.0"}.get(version, version)
    return f"{_REGISTRY}/{name}:{full}"


def _init_container(port: int, version: str) -> dict[str, Any]:
    return {
        "name": _INIT,
        "image": image_of("proxy-init", version),
        "imagePullPolicy": "IfNotPresent",
        "env": [{"name": "PROXY_PORT", "value": str(port)}],
        "securityContext": {
            "capabilities": {"add": ["NET_ADMIN"], "drop": ["ALL"]},
            "privileged": True,
            "runAsNonRoot": False,
            "runAsUser": 0,
        },
    }


def _sidecar(port: int, version: str) -> dict[str, Any]:
    arguments = [f"--proxy-port={port}", "--log-level=info"]
    probe = ["/proxy", arguments[0], "--probe", arguments[1]]
    return {
        "name": _SIDECAR,
        "image": image_of("proxy", version),
        "imagePullPolicy": "IfNotPresent",
        "args": arguments,
        "ports": [{"containerPort": port}],
        "lifecycle": {"postStart": {"exec": {"command": probe}}},
        "securityContext": {
            "allowPrivilegeEscalation": False,
            "capabilities": {"drop": ["ALL"]},
            "privileged": False,
            "readOnlyRootFilesystem": True,
            "runAsNonRoot": True,
        },
    }
