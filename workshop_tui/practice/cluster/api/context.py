"""What the API server's handlers share, and what a request is about."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.resources import Resource, find_resource

if TYPE_CHECKING:
    import httpx

    from workshop_tui.practice.cluster.identity import Authenticator
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import PodRuntime, ServiceRouter, TokenIssuer
    from workshop_tui.practice.cluster.writing import Writer
    from workshop_tui.practice.context import Clock


@dataclass(frozen=True, slots=True)
class Api:
    """The parts that the API server's handlers share."""

    clock: Clock
    objects: Objects
    writer: Writer
    authenticator: Authenticator
    tokens: TokenIssuer
    runtime: PodRuntime
    router: ServiceRouter
    proxy_client: httpx.AsyncClient


@dataclass(frozen=True, slots=True)
class Target:
    """What a path names.

    Attributes:
        namespace: "" for cluster-wide resources and for lists over all namespaces.
        name: "" for a whole collection.
        rest: what follows a `proxy` subresource.

    """

    resource: Resource
    namespace: str = ""
    name: str = ""
    subresource: str = ""
    rest: str = ""


def parse_target(path: str) -> Target | None:
    """Return what the path of a request names, None when it is not about objects (or nothing is served)."""
    parts = path.strip("/").split("/")
    if parts[:2] == ["api", "v1"]:
        group, version, parts = "", "v1", parts[2:]
    elif parts[0] == "apis" and len(parts) > 3:  # noqa: PLR2004 - apis, group, version, resource
        group, version, parts = parts[1], parts[2], parts[3:]
    else:
        return None
    namespace = ""
    if parts[:1] == ["namespaces"] and len(parts) > 2 and parts[2] != "status":  # noqa: PLR2004
        namespace, parts = parts[1], parts[2:]
    resource = find_resource(group, version, parts[0]) if parts else None
    if resource is None or (namespace and not resource.namespaced):
        return None
    name, subresource, *rest = [*parts[1:3], "", ""][:2] + parts[3:]
    if subresource and resource.subresource(subresource) is None:
        return None
    if rest and subresource != "proxy":
        return None
    trailing = "/" if rest and path.endswith("/") else ""
    return Target(resource, namespace, name, subresource, "/".join(rest) + trailing)
