"""Changing the AKS resource: read, change, put back whole, and follow the operation to its end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import CONFLICT, NOT_FOUND, Refusal, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from workshop_tui.cloud.arm import Arm

LOOK_SECONDS = (0.5, 5.0)
"""First and longest pause between looks at a cluster that somebody else is updating."""
UPDATE_SECONDS = 20 * 60.0
SETTLED = frozenset({"Succeeded", "Failed", "Canceled"})


async def update_cluster(
    arm: Arm, cluster_id: str, *, oidc_issuer: bool | None, workload_identity: bool | None
) -> AsyncGenerator[str, None]:
    """Yield the update's status as it changes, until the cluster is as wanted and nothing is under way.

    An update that is under way already (ours of a run that was killed, or anybody's) is waited for first.

    Raises:
        RefusedError: AKS said no.
        TimeoutError: it took too long.

    """
    wanted = _Wanted(oidc_issuer, workload_identity)
    async with asyncio.timeout(UPDATE_SECONDS):
        while True:
            async with aclosing(_settle(arm, cluster_id)) as statuses:
                async for status in statuses:
                    yield status
            cluster = await _read(arm, cluster_id)
            if wanted.holds(cluster):
                return
            wanted.put_into(cluster)
            try:
                response = await arm.send("PUT", cluster_id, versions.CLUSTERS, body=cluster)
            except RefusedError as error:
                # Somebody was quicker by a moment: wait for theirs, then read and change anew.
                if error.refusal.status == CONFLICT and "in progress" in error.refusal.message:
                    continue
                raise
            async with aclosing(arm.follow(response)) as statuses:
                async for status in statuses:
                    yield status
            # The operation may be told as over a moment before the cluster is.
            async with aclosing(_settle(arm, cluster_id)) as statuses:
                async for status in statuses:
                    yield status
            return


async def _settle(arm: Arm, cluster_id: str) -> AsyncGenerator[str, None]:
    """Yield the cluster's state as it changes until no update is under way."""
    pause, longest = LOOK_SECONDS
    last = ""
    while True:
        cluster = await _read(arm, cluster_id)
        state = str(cluster.get("properties", {}).get("provisioningState", "Succeeded"))
        if state in SETTLED:
            return
        if state != last:
            last = state
            yield state
        # Its operation's address is known to whoever began it alone; the cluster itself has to be looked at.
        await asyncio.sleep(pause)
        pause = min(pause * 1.5, longest)


async def _read(arm: Arm, cluster_id: str) -> dict[str, Any]:
    cluster = await arm.get(cluster_id, versions.CLUSTERS)
    if cluster is None:
        name = cluster_id.rpartition("/")[2]
        raise RefusedError(Refusal(NOT_FOUND, "ResourceNotFound", f"there is no cluster {name}"))
    return cluster


class _Wanted:
    """The two features, each wanted on, off, or as it is."""

    def __init__(self, oidc_issuer: bool | None, workload_identity: bool | None) -> None:  # noqa: FBT001 - two alike
        self._issuer = oidc_issuer
        self._workload = workload_identity

    def holds(self, cluster: dict[str, Any]) -> bool:
        """Return whether the cluster is so already."""
        properties = cluster.get("properties", {})
        issuer = bool((properties.get("oidcIssuerProfile") or {}).get("enabled"))
        security = properties.get("securityProfile") or {}
        workload = bool((security.get("workloadIdentity") or {}).get("enabled"))
        return self._issuer in {None, issuer} and self._workload in {None, workload}

    def put_into(self, cluster: dict[str, Any]) -> None:
        """Change the document."""
        properties = cluster.setdefault("properties", {})
        if self._issuer is not None:
            properties["oidcIssuerProfile"] = {
                **(properties.get("oidcIssuerProfile") or {}),
                "enabled": self._issuer,
            }
        if self._workload is not None:
            properties["securityProfile"] = {
                **(properties.get("securityProfile") or {}),
                "workloadIdentity": {"enabled": self._workload},
            }
