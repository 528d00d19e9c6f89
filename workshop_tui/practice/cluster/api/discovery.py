"""What the API server says it serves: its version, groups and resources."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.resources import GROUPS, RESOURCES

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.resources import Resource, Subresource

AGGREGATED = "application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList"
"""The media type that asks for, and marks, all groups in one answer; without it kubectl falls back."""
AGGREGATED_BETA = AGGREGATED.replace("v=v2", "v=v2beta1")
"""The same for kubectl before 1.30: only its version differs."""

VERSION = {
    "major": "1",
    "minor": "32",
    "gitVersion": "v1.32.7",
    "gitCommit": "",
    "gitTreeState": "clean",
    "buildDate": "2025-07-16T00:00:00Z",
    "goVersion": "go1.23.10",
    "compiler": "gc",
    "platform": "linux/amd64",
}
"""What /version answers: a minor version that AKS serves; kubectl's dispatcher picks its client by it."""


def answer(path: str, aggregated: str = "") -> Object | None:
    """Return the discovery document at a path without a trailing slash, or None.

    `aggregated` is the version of all groups in one answer: v2, v2beta1, or nothing for the older lists.
    """
    if path in ("/api", "/apis") and aggregated:
        return _aggregated([""] if path == "/api" else [group for group in GROUPS if group], aggregated)
    return _documents().get(path)


def paths() -> tuple[str, ...]:
    """Return the paths that have a document, without trailing slashes."""
    return tuple(_documents())


@cache
def _documents() -> dict[str, Object]:
    address = {"clientCIDR": "0.0.0.0/0", "serverAddress": ""}
    groups = [_group(group) for group in GROUPS if group]
    documents: dict[str, Object] = {
        "/version": VERSION,
        "/api": {"kind": "APIVersions", "versions": ["v1"], "serverAddressByClientCIDRs": [address]},
        "/apis": {"kind": "APIGroupList", "apiVersion": "v1", "groups": groups},
    }
    for group in GROUPS:
        documents[f"/{group_path(group)}"] = _resource_list(group)
        if group:
            documents[f"/apis/{group}"] = {"kind": "APIGroup", "apiVersion": "v1"} | _group(group)
    return documents


def group_path(group: str) -> str:
    """Return the path of a group's resources, without slashes around it."""
    return f"apis/{group}/v1" if group else "api/v1"


def _of(group: str) -> list[Resource]:
    return [resource for resource in RESOURCES if resource.group == group]


def _group(group: str) -> Object:
    version = {"groupVersion": f"{group}/v1", "version": "v1"}
    return {"name": group, "versions": [version], "preferredVersion": version}


def _resource_list(group: str) -> Object:
    resources = []
    for resource in _of(group):
        resources.append(_legacy(resource))
        resources += [_legacy_part(resource, part) for part in resource.subresources]
    return {
        "kind": "APIResourceList",
        "apiVersion": "v1",
        "groupVersion": f"{group}/v1" if group else "v1",
        "resources": resources,
    }


def _legacy(resource: Resource) -> Object:
    entry: dict[str, Any] = {
        "name": resource.name,
        "singularName": resource.singular,
        "namespaced": resource.namespaced,
        "kind": resource.kind,
        "verbs": list(resource.verbs),
    }
    if resource.short_names:
        entry["shortNames"] = list(resource.short_names)
    if resource.categories:
        entry["categories"] = list(resource.categories)
    return entry


def _legacy_part(resource: Resource, part: Subresource) -> Object:
    entry: dict[str, Any] = {
        "name": f"{resource.name}/{part.name}",
        "singularName": "",
        "namespaced": resource.namespaced,
        "kind": part.kind,
        "verbs": list(part.verbs),
    }
    return entry | ({"group": part.group, "version": "v1"} if part.group != resource.group else {})


def _aggregated(groups: list[str], version: str) -> Object:
    return {
        "kind": "APIGroupDiscoveryList",
        "apiVersion": f"apidiscovery.k8s.io/{version}",
        "metadata": {},
        "items": [
            {
                "metadata": {"name": group} if group else {},
                "versions": [
                    {
                        "version": "v1",
                        "freshness": "Current",
                        "resources": [_discovered(resource) for resource in _of(group)],
                    }
                ],
            }
            for group in groups
        ],
    }


def _discovered(resource: Resource) -> Object:
    return {
        "resource": resource.name,
        "responseKind": {"group": resource.group, "version": "v1", "kind": resource.kind},
        "scope": "Namespaced" if resource.namespaced else "Cluster",
        "singularResource": resource.singular,
        "verbs": list(resource.verbs),
        "shortNames": list(resource.short_names),
        "categories": list(resource.categories),
        "subresources": [
            {
                "subresource": part.name,
                "responseKind": {"group": part.group, "version": "v1", "kind": part.kind},
                "verbs": list(part.verbs),
            }
            for part in resource.subresources
        ],
    }
