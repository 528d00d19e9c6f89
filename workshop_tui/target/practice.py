"""The practice cloud as the target: what it published of itself, asked whether it is still true."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.model import Names
from workshop_tui.model.machine import PracticeCloud
from workshop_tui.saved_settings import image_reference
from workshop_tui.target.target import SignIn, Target, TargetError, absolute

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.settings import Settings


_REGISTRY_DOWN = (
    "The practice cloud answers, but its registry does not. Start it again, its world is kept:"
    " workshop-tui practice stop && workshop-tui practice start"
)


def practice_folder(home: Path) -> Path:
    """Return the folder of the practice cloud that belongs to this home."""
    return home / "practice"


def practice_cloud(home: Path) -> PracticeCloud:
    """Return whether this home's practice cloud answers; blocks for as long as asking it takes."""
    from workshop_tui.practice import client  # noqa: PLC0415 - not needed for Azure

    folder = practice_folder(home)
    answering = client.status(folder)
    if answering is not None:
        return PracticeCloud("running", f"process {answering.pid}")
    known = client.read_endpoints(folder)
    if known is None:
        return PracticeCloud("none")
    try:
        os.kill(known.pid, 0)  # only asks whether there is such a process
    except (OSError, KeyError, ValueError, OverflowError):
        return PracticeCloud("ended")
    # It may be another program's by now: so this says less than an answer would.
    return PracticeCloud("silent", f"process {known.pid}")


def practice(settings: Settings) -> Target:
    """Return the practice cloud of the settings' home.

    Raises:
        TargetError: none answers there.

    """
    from workshop_tui.practice import client  # noqa: PLC0415 - not needed for Azure

    folder = practice_folder(settings.home)
    # Asked, not believed: a practice cloud that was killed leaves its address book behind.
    answering = client.status(folder)
    if answering is None:
        ended = (
            " The one that was here has ended; its world is kept." if client.read_endpoints(folder) else ""
        )
        raise TargetError(
            f"No practice cloud is running here.{ended} Start it with: workshop-tui practice start"
        )
    return _target(settings, answering.document, folder)


def _target(settings: Settings, endpoints: Mapping[str, Any], folder: Path) -> Target:
    """Return the target that a running practice cloud is, by what it published of itself."""
    from workshop_tui.practice import client  # noqa: PLC0415 - not needed for Azure

    sign_in = endpoints["sign_in"]
    ca_file = Path(endpoints["ca_file"])
    registry = endpoints["registry"]
    kubeconfig = absolute(settings.kubeconfig) if settings.kubeconfig else folder / "kubeconfig"
    defaults = Names(
        subscription_id=endpoints["subscription_id"],
        resource_group=endpoints["resource_group"],
        registry=registry,
        image=settings.names.get("image") or image_reference(settings.home, "practice", registry),
        source=str(settings.home / "aks-store-demo"),
        context=settings.context,
        kubeconfig=str(kubeconfig),
        shop_url=endpoints["shop"],
    )
    names = settings.whole_names(defaults)
    return Target(
        kind="practice",
        arm=endpoints["arm"],
        arm_scope=f"{endpoints['arm']}/.default",
        authority=endpoints["entra"],
        tenant_id=endpoints["tenant_id"],
        names=names,
        kubeconfig=kubeconfig,
        sign_in=SignIn(sign_in["client_id"], sign_in["token_file"]),
        ca_file=ca_file,
        account_log=f"{endpoints['arm']}/practice/audit",
        app_environment={
            "AZURE_CLIENT_ID": sign_in["client_id"],
            "AZURE_TENANT_ID": endpoints["tenant_id"],
            "AZURE_FEDERATED_TOKEN_FILE": sign_in["token_file"],
            "AZURE_AUTHORITY_HOST": endpoints["entra"],
            "SSL_CERT_FILE": str(ca_file),
            "REQUESTS_CA_BUNDLE": str(ca_file),
        },
        az_folder=client.az_folder(folder),
        remedies={
            "reading.unreachable": "The practice cloud does not answer. Start it again, its world is kept:"
            " workshop-tui practice start",
            **({"image.registry-down": _REGISTRY_DOWN} if names.image.startswith(f"{registry}/") else {}),
        },
        embedded_builder=True,
        build_network="host",
        graph=endpoints["graph"],
    )
