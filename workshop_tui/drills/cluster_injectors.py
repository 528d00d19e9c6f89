"""Fault injectors in the cluster: its objects, over the Kubernetes API."""

from __future__ import annotations

import asyncio
import copy
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.cluster import path_of
from workshop_tui.cloud.cluster_changes import ClusterWriter, restart_patch
from workshop_tui.cloud.errors import CONFLICT, RefusedError
from workshop_tui.cloud.web import is_loopback
from workshop_tui.drills.drill import DrillError
from workshop_tui.drills.store import Kept

if TYPE_CHECKING:
    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.cloud.cluster_connector import ClusterConnector

Document = dict[str, Any]

_TYPES = {
    "strategic": "application/strategic-merge-patch+json",
    "merge": "application/merge-patch+json",
    "json": "application/json-patch+json",
}
_TRIES = 5
_MADE_SECONDS = 60.0
_OWN_DATA = ("spec", "data", "stringData", "type", "immutable", "secrets", "imagePullSecrets")
"""The parts of an object, beside labels and annotations, that a person writes."""
_OTHERS = ("deployment.kubernetes.io/revision",)
"""Annotations that the cluster itself keeps."""
_ADDRESSES = ("clusterIP", "clusterIPs")
_MADE_BY_OTHERS = frozenset({"Pod", "ReplicaSet"})
"""What controllers make anew by themselves: nothing to put back."""


class ClusterInjector:
    """Patches, applies, deletes, restarts and scales objects."""

    kind = "kubernetes"

    def __init__(self, connector: ClusterConnector) -> None:
        """Take the way into the cluster."""
        self._connector = connector

    async def keep(self, do: str, arguments: Document) -> list[Kept]:
        """Return the object as it is."""
        kind, namespace, name = _place(do, arguments)
        if kind in _MADE_BY_OTHERS or do == "await":
            return []
        client = await self._open()
        return [Kept(self.kind, f"{kind}/{namespace}/{name}", await client.get(kind, namespace, name))]

    async def make(self, do: str, arguments: Document) -> object:
        """Change the object."""
        kind, namespace, name = _place(do, arguments)
        client = await self._open()
        match do:
            case "apply":
                await self._apply(client, kind, namespace, arguments["body"])
            case "delete":
                await ClusterWriter(self._connector).delete(kind, namespace, name)
            case "await":
                await _pods_made(client, kind, namespace, name)
            case "restart":
                await self._patch(client, (kind, namespace, name), restart_patch())
            case "scale":
                body = {"spec": {"replicas": arguments["replicas"]}}
                await self._patch(client, (kind, namespace, name), body, "merge")
            case _:
                how = str(arguments.get("type", "strategic"))
                await self._patch(client, (kind, namespace, name), arguments["body"], how)
        return None

    async def put_back(self, kept: Kept) -> None:
        """Delete what was not there; else have its own parts as they were."""
        kind, namespace, name = kept.key.split("/")
        client = await self._open()
        for _ in range(_TRIES):
            live = await client.get(kind, namespace, name)
            try:
                if kept.before is None:
                    if live is not None:
                        await ClusterWriter(self._connector).delete(kind, namespace, name)
                elif live is None:
                    await client.create(kind, namespace, _anew(kept.before))
                elif (restored := _restored(live, kept.before)) != live:
                    await client.put(kind, namespace, name, restored)
            except RefusedError as error:
                if error.refusal.status != CONFLICT:
                    raise
            else:
                return
        raise DrillError(f"{kind} {name} is being changed by somebody else. Try again.")

    async def _open(self) -> ClusterClient:
        client = await self._connector.open_for_change()
        if not is_loopback(client.server):
            raise DrillError(f"The kubeconfig leads to {client.server}, which is not on this machine.")
        return client

    async def _patch(
        self, client: ClusterClient, place: tuple[str, str, str], body: object, how: str = "strategic"
    ) -> None:
        await client.send("PATCH", path_of(*place), body=body, content_type=_TYPES[how])

    async def _apply(self, client: ClusterClient, kind: str, namespace: str, body: Document) -> None:
        name = body["metadata"]["name"]
        live = await client.get(kind, namespace, name)
        if live is None:
            await client.create(kind, namespace, body)
            return
        version = live["metadata"]["resourceVersion"]
        metadata = {**body["metadata"], "resourceVersion": version}
        await client.put(kind, namespace, name, {**body, "metadata": metadata})


async def _pods_made(client: ClusterClient, kind: str, namespace: str, name: str) -> None:
    """Wait until the pods of the newest template have been made, whatever becomes of them."""
    own = f"metadata.name={name}"
    listed = await client.list(kind, namespace, fields=own)
    if any(map(_has_made_pods, listed["items"])):
        return
    watch = client.watch(kind, namespace, version=listed["metadata"]["resourceVersion"], fields=own)
    try:
        async with asyncio.timeout(_MADE_SECONDS), aclosing(watch) as events:
            async for event in events:
                if _has_made_pods(event["object"]):
                    return
    except TimeoutError as error:
        raise DrillError(f"The pods of {name} were not made in time. Try again.") from error


def _has_made_pods(workload: Document) -> bool:
    status, spec = workload.get("status", {}), workload.get("spec", {})
    is_current: bool = status.get("observedGeneration", 0) >= workload["metadata"]["generation"]
    have_all: bool = status.get("updatedReplicas", 0) >= spec.get("replicas", 1)
    return is_current and have_all


def _place(do: str, arguments: Document) -> tuple[str, str, str]:
    """Return kind, namespace and name of the object that a change is about."""
    if do == "apply":
        body = arguments["body"]
        metadata = body["metadata"]
        return body["kind"], metadata.get("namespace", arguments["namespace"]), metadata["name"]
    kind, _, name = str(arguments["object"]).partition("/")
    return kind, str(arguments["namespace"]), name


def _anew(before: Document) -> Document:
    """Return an object to be created: without what the API server gives."""
    again = copy.deepcopy(before)
    for name in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
        again["metadata"].pop(name, None)
    again.pop("status", None)
    return again


def _restored(live: Document, before: Document) -> Document:
    """Return the live object with its own parts as they were."""
    restored = copy.deepcopy(live)
    for name in ("labels", "annotations"):
        kept = (live["metadata"].get(name) or {}).items()
        theirs = {key: value for key, value in kept if key in _OTHERS}
        was = before["metadata"].get(name) or {}
        values = {key: value for key, value in was.items() if key not in _OTHERS} | theirs
        if values:
            restored["metadata"][name] = values
        else:
            restored["metadata"].pop(name, None)
    for part in _OWN_DATA:
        if part in before:
            restored[part] = before[part]
        else:
            restored.pop(part, None)
    # A Service that was made anew keeps the address that it got: it can't be changed.
    given = {name: live["spec"][name] for name in _ADDRESSES if name in live.get("spec", {})}
    if given:
        restored["spec"] = {**restored["spec"], **given}
    return restored
