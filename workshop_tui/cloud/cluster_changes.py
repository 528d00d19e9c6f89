"""What an action may change in the cluster: `authoring.ClusterChanges`, over the Kubernetes API."""

from __future__ import annotations

import asyncio
import copy
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import MARK, ActionError
from workshop_tui.cloud.errors import CONFLICT, RefusedError, acting
from workshop_tui.cloud.manifests import put_over, same_in_meaning, with_last_applied, with_template
from workshop_tui.cloud.rollout import follow_rollout
from workshop_tui.cloud.text import tail
from workshop_tui.cloud.workloads import HASH, owned_by, revision_of

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.cloud.cluster_connector import ClusterConnector
    from workshop_tui.progress import Working

Document = dict[str, Any]

TRIES = 5
"""How often a write is tried whose object was changed by somebody else in between."""
DELETE_SECONDS = 60.0


def restart_patch() -> Document:
    """Return the patch of a workload by which kubectl rollout restart gives its pods a new start."""
    now = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {"spec": {"template": {"metadata": {"annotations": {"kubectl.kubernetes.io/restartedAt": now}}}}}


class ClusterWriter:
    """See `authoring.ClusterChanges`, which it implements; every change may be made twice."""

    def __init__(self, connector: ClusterConnector) -> None:
        """Take the way into the cluster."""
        self._connector = connector

    async def apply(self, manifest: Mapping[str, Any]) -> str:
        """Make the object so: `created`, `configured` or `unchanged`."""
        kind, metadata = manifest["kind"], manifest["metadata"]
        namespace, name = metadata.get("namespace", "default"), metadata["name"]
        with acting(f"{kind} {name} could not be applied"):
            client = await self._connector.open_for_change()
            for _ in range(TRIES):
                live = await client.get(kind, namespace, name)
                try:
                    if live is None:
                        await client.create(kind, namespace, with_last_applied(manifest))
                        return "created"
                    wanted = put_over(live, manifest)
                    # The API server alone knows its defaults: it says what would come of it.
                    becomes = await client.put(kind, namespace, name, wanted, dry_run=True)
                    if same_in_meaning(becomes, live):
                        return "unchanged"
                    await client.put(kind, namespace, name, wanted)
                except RefusedError as error:
                    if error.refusal.status != CONFLICT:
                        raise
                else:
                    return "configured"
        raise ActionError(f"{kind} {name} is being changed by somebody else.", "Try again.")

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete the object and wait until it is gone."""
        with acting(f"{kind} {name} could not be deleted"):
            client = await self._connector.open_for_change()
            listed = await client.list(kind, namespace, fields=f"metadata.name={name}")
            if not await client.delete(kind, namespace, name):
                return
            version = str(listed["metadata"].get("resourceVersion", ""))
            watch = client.watch(kind, namespace, version=version, fields=f"metadata.name={name}")
            async with asyncio.timeout(DELETE_SECONDS), aclosing(watch) as events:
                async for event in events:
                    if event["type"] == "DELETED":
                        return

    async def rollout(self, namespace: str, name: str) -> AsyncIterator[Working]:
        """Yield the rollout's state in words, and each new pod's by its name, until it is complete."""
        with acting(f"The rollout of {name} could not be followed"):
            client = await self._connector.open_for_change()
            async with aclosing(follow_rollout(client, namespace, name)) as states:
                async for state in states:
                    yield state

    async def roll_back(self, namespace: str, name: str) -> None:
        """Put back the newest pod template that does not carry our mark."""

        async def restore(client: ClusterClient, live: Document) -> Document | None:
            sets = await client.list("ReplicaSet", namespace)
            owned = sorted(owned_by(sets["items"], live["metadata"]["uid"]), key=revision_of, reverse=True)
            unmarked = [item for item in owned if not is_marked(item["spec"]["template"])]
            if not is_marked(live["spec"]["template"]):
                return None
            if not unmarked:
                raise ActionError(
                    f"{name} has no earlier state to go back to.",
                    "Apply the shop's own manifest again with kubectl apply.",
                )
            return with_template(live, _plain(unmarked[0]["spec"]["template"]))

        with acting(f"{name} could not be rolled back"):
            await self._change(namespace, name, restore)

    async def restart(self, namespace: str, name: str) -> None:
        """Give the pods a fresh start, as kubectl rollout restart does."""
        with acting(f"{name} could not be restarted"):
            client = await self._connector.open_for_change()
            await client.patch("Deployment", namespace, name, restart_patch())

    async def log(self, namespace: str, pod: str, container: str) -> str:
        """Return the end of a container's log, cleaned; empty where there is none."""
        with acting(f"the log of {pod} could not be read"):
            client = await self._connector.open_for_change()
            return tail(await client.log(namespace, pod, container), lines=60, limit=8000)

    async def _change(
        self, namespace: str, name: str, change: Callable[[ClusterClient, Document], Any]
    ) -> None:
        """Read the Deployment, change it, and put it back; None from `change` leaves it."""
        client = await self._connector.open_for_change()
        for _ in range(TRIES):
            live = await client.get("Deployment", namespace, name)
            if live is None:
                return
            changed = await change(client, live)
            if changed is None:
                return
            try:
                await client.put("Deployment", namespace, name, changed)
            except RefusedError as error:
                if error.refusal.status != CONFLICT:
                    raise
            else:
                return
        raise ActionError(f"{name} is being changed by somebody else.", "Try again.")


def is_marked(template: Mapping[str, Any]) -> bool:
    """Return whether a pod template carries our mark: an annotation of our own."""
    annotations = (template.get("metadata") or {}).get("annotations") or {}
    return any(key == MARK or key.startswith(f"{MARK}/") for key in annotations)


def _plain(template: Document) -> Document:
    """Return a ReplicaSet's template as a Deployment has it: without the hash that tells them apart."""
    plain = copy.deepcopy(template)
    (plain.get("metadata", {}).get("labels") or {}).pop(HASH, None)
    return plain
