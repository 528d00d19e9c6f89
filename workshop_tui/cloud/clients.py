"""All clients of one target, opened together and closed together."""

from __future__ import annotations

from contextlib import AsyncExitStack, asynccontextmanager
from typing import TYPE_CHECKING

from workshop_tui.authoring import AzureChanges, ClusterChanges, KubeconfigChanges
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.cloud.azure_changes import AzureWriter
from workshop_tui.cloud.cluster_changes import ClusterWriter
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.descriptions import Descriptions
from workshop_tui.cloud.directory import Directory
from workshop_tui.cloud.issuer import IssuerReader
from workshop_tui.cloud.kubeconfig import KubeconfigFile
from workshop_tui.cloud.kubeconfig_changes import KubeconfigWriter
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.cloud.tokens import ManagementTokens, Tokens
from workshop_tui.cloud.workstation import workstation_clients

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

    from azure.core.credentials_async import AsyncTokenCredential

    from workshop_tui.model import EvidenceBook
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target


class Cloud:
    """The clients of one target, by the types that resolvers and actions ask for."""

    def __init__(self, guard: RequestGuard, services: Mapping[type, object]) -> None:
        """Take the guard that counts their requests, and the clients."""
        self._guard = guard
        self._services = services

    @property
    def requests(self) -> int:
        """How many requests have been sent so far, sign-in and retries included."""
        return self._guard.passed

    def services(self) -> Mapping[type, object]:
        """Return the clients by type."""
        return self._services


@asynccontextmanager
async def open_cloud(
    target: Target, settings: Settings, *, evidence: EvidenceBook, read_only: bool
) -> AsyncIterator[Cloud]:
    """Open the clients; nothing is sent, and nothing heavy is imported, before the first is used.

    `read_only` clients refuse to send what changes something (`permitted.py` has the list).
    """
    guard = RequestGuard(read_only=read_only)
    names = target.names

    def credential() -> AsyncTokenCredential:
        from workshop_tui.cloud.az_credential import AzCredential  # noqa: PLC0415 - heavy
        from workshop_tui.cloud.transport import GuardedTransport  # noqa: PLC0415 - heavy

        return target.credential(
            az=AzCredential(names.subscription_id),
            transport=GuardedTransport(target, guard, target.authority),
        )

    async with AsyncExitStack() as stack:
        tokens = await stack.enter_async_context(Tokens(credential))
        management = ManagementTokens(tokens, target.arm_scope)
        arm = Arm(target, tokens, guard)
        stack.push_async_callback(arm.close)
        azure = Azure(arm, names.resource_group)
        kubeconfig = KubeconfigFile(target.kubeconfig, names.context, further=target.further_kubeconfigs)
        connector = ClusterConnector(arm, azure, names, kubeconfig, guard)
        stack.push_async_callback(connector.close)
        log = AccountLogReader(target, management, guard)
        yield Cloud(
            guard,
            {
                RequestGuard: guard,
                Tokens: tokens,
                ManagementTokens: management,
                Arm: arm,
                Azure: azure,
                AzureChanges: AzureWriter(arm, azure),
                ClusterConnector: connector,
                ClusterChanges: ClusterWriter(connector),
                KubeconfigFile: kubeconfig,
                KubeconfigChanges: KubeconfigWriter(kubeconfig),
                IssuerReader: IssuerReader(target, guard),
                AccountLogReader: log,
                Descriptions: Descriptions(target, tokens, guard),
                Directory: Directory(target, tokens, guard),
                **workstation_clients(target, settings, guard, log, evidence),
            },
        )
