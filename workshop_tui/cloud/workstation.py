"""The clients of the learner's own machine, put together for one target."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.authoring import ImageChanges, LocalAppChanges, SourceChanges
from workshop_tui.cloud.images import Images
from workshop_tui.cloud.local_app import LocalApp
from workshop_tui.cloud.machine.az_profile import AzProfile
from workshop_tui.cloud.registry import Registry
from workshop_tui.cloud.source import Source
from workshop_tui.cloud.web import open_client
from workshop_tui.saved_settings import give_up_repository

if TYPE_CHECKING:
    import httpx

    from workshop_tui.cloud.account_log import AccountLogReader
    from workshop_tui.cloud.oci import Reference
    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.model import EvidenceBook
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target


def workstation_clients(
    target: Target, settings: Settings, guard: RequestGuard, log: AccountLogReader, evidence: EvidenceBook
) -> dict[type, object]:
    """Return the clients of this machine by the types that resolvers and actions ask for."""

    def connect(base_url: str) -> httpx.AsyncClient:
        return open_client(guard, base_url, target.tls())

    def rename(given_up: Reference) -> None:
        give_up_repository(settings.home, target.kind, given_up.repository)

    source = Source(Path(target.names.source), source_from=settings.source_from)
    registry = Registry(connect)
    images = Images(
        home=settings.home,
        registry=registry,
        evidence=evidence,
        rename=rename,
        builder=settings.builder,
        embedded=target.embedded_builder,
        network=target.build_network,
    )
    app = LocalApp(
        source.service,
        home=settings.home,
        port=target.names.local_port,
        environment=target.app_environment,
        connect=connect,
        account=log,
        evidence=evidence,
    )
    return {
        AzProfile: AzProfile(target.az_folder),
        Source: source,
        SourceChanges: source,
        Registry: registry,
        Images: images,
        ImageChanges: images,
        LocalApp: app,
        LocalAppChanges: app,
    }
