"""The way into the cluster: by the kubeconfig, else by credentials that Azure gives, kept in memory."""

from __future__ import annotations

import asyncio
import time
from typing import TYPE_CHECKING

from workshop_tui.cloud.azure import choose_named
from workshop_tui.cloud.azure_changes import fetch_credentials
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.cluster_connection import connect
from workshop_tui.cloud.errors import reading
from workshop_tui.cloud.kubeconfig import parse
from workshop_tui.model import ManagedCluster, Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from workshop_tui.cloud.arm import Arm
    from workshop_tui.cloud.azure import Azure
    from workshop_tui.cloud.kubeconfig import ContextEntries, KubeconfigFile
    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.model import Names

PLUGIN_SECONDS = 600.0
"""How long a token of a sign-in plugin is used: they hold for an hour, and their end is not always told."""


def _plugin_period(entries: ContextEntries | None) -> int:
    """Return a number that changes when the sign-in plugin is to be asked anew; 0 where there is none."""
    return int(time.monotonic() / PLUGIN_SECONDS) if entries is not None and "exec" in entries.user else 0


class ClusterConnector:
    """Opens the cluster once and keeps it open, until the kubeconfig or the cluster is another."""

    def __init__(
        self, arm: Arm, azure: Azure, names: Names, kubeconfig: KubeconfigFile, guard: RequestGuard
    ) -> None:
        """Take where credentials may come from."""
        self._arm = arm
        self._azure = azure
        self._names = names
        self._kubeconfig = kubeconfig
        self._guard = guard
        self._lock = asyncio.Lock()
        self._open: tuple[object, ClusterClient] | None = None
        self._replaced: list[ClusterClient] = []

    async def open(self, managed: ManagedCluster | None) -> ClusterClient:
        """Return a client for the cluster.

        Raises:
            ReadFailure: there is no way in.

        """
        async with self._lock:
            entries = self.entries(managed)
            key = (entries, managed.id if managed is not None else "", _plugin_period(entries))
            if self._open is not None and self._open[0] == key:
                return self._open[1]
            if entries is not None:
                client = await self._connect(entries, "kubeconfig")
            else:
                client = await self._connect(await self._fetch(managed), "azure")
            if self._open is not None:
                # A pass under way may still use it: closed when the connector is.
                self._replaced.append(self._open[1])
            self._open = (key, client)
            return client

    async def open_for_change(self) -> ClusterClient:
        """Return a client for an action, which has no facts at hand.

        Raises:
            ReadFailure: there is no way in.

        """
        try:
            fitting = choose_named(await self._azure.clusters(), self._names.cluster)
        except ReadFailure:
            fitting = []
        return await self.open(fitting[0] if len(fitting) == 1 else None)

    def entries(self, managed: ManagedCluster | None) -> ContextEntries | None:
        """Return the kubeconfig's entries for the cluster."""
        name = managed.name if managed is not None else self._names.cluster
        return self._kubeconfig.find(name=name, server=managed.fqdn if managed is not None else "")

    async def _connect(self, entries: ContextEntries, source: str) -> ClusterClient:
        http = await connect(entries, self._guard)
        return ClusterClient(http, server=entries.context.server, source=source)

    async def _fetch(self, managed: ManagedCluster | None) -> ContextEntries:
        what = "the cluster's API server"
        if managed is None:
            reason = "no context of the kubeconfig is for it, and Azure does not tell which cluster it is"
            raise ReadFailure(Unreadable(what, reason))
        with reading(f"the credentials of {managed.name}"):
            text = await fetch_credentials(self._arm, managed.id)
        found = parse(text, self._kubeconfig.path)
        if not found:
            raise ReadFailure(Unreadable(what, "Azure gave no credentials for it", "reading.unexpected"))
        return found[0]

    async def close(self) -> None:
        """Close all connections."""
        clients = [*self._replaced, *([self._open[1]] if self._open else [])]
        self._open = None
        for client in clients:
            await client.close()
