"""The target: where the workshop runs. The only place, with `practice/` itself, that knows which.

Both targets are the same kinds of addresses and a credential; the clients do not know the difference.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from workshop_tui.model import Names
from workshop_tui.model.machine import PracticeCloud
from workshop_tui.settings import image_reference

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport

    from workshop_tui.settings import Settings


class TargetError(Exception):
    """The target cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How this machine signs in: with the practice cloud's federated token file, or (None) as az does."""

    client_id: str
    token_file: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where the workshop runs.

    Attributes:
        kind: `azure` or `practice`; for words shown to people, and nothing else.
        arm: base URL of Azure Resource Manager; `arm_scope` the scope of its tokens.
        authority: base URL of Entra ID, without a trailing slash.
        graph: base URL of Microsoft Graph, likewise.
        ca_file: PEM file to trust beside the system's, or None.
        kubeconfig: the file that the learner's kubectl reads, and that gets new contexts.
        further_kubeconfigs: those that it reads as well, where `KUBECONFIG` lists several.
        account_log: URL of the account's request log, or empty where none can be asked.
        app_environment: what the app needs in its environment to sign in and to trust on this machine.
        embedded_builder: whether an image without a base system can run there.
        build_network: Docker's network mode for builds, or empty for its default.
        az_folder: where the learner's az keeps its configuration.
        remedies: what to do about a cause, where this target knows better than the catalogue.

    """

    kind: Literal["azure", "practice"]
    arm: str
    arm_scope: str
    authority: str
    tenant_id: str
    names: Names
    kubeconfig: Path
    further_kubeconfigs: tuple[Path, ...] = ()
    sign_in: SignIn | None = None
    ca_file: Path | None = None
    account_log: str = ""
    app_environment: Mapping[str, str] = field(default_factory=dict)
    az_folder: Path = field(default_factory=lambda: Path.home() / ".azure")
    remedies: Mapping[str, str] = field(default_factory=dict)
    embedded_builder: bool = False
    build_network: str = ""
    graph: str = "https://graph.microsoft.com"

    @property
    def id(self) -> str:
        """A short name for the journal: the kind and the subscription."""
        return f"{self.kind}-{self.names.subscription_id}"

    def credential(
        self, *, az: AsyncTokenCredential, transport: AsyncHttpTransport[Any, Any] | None = None
    ) -> AsyncTokenCredential:
        """Return the credential that this machine signs in with.

        `transport` carries its own requests; `az` is the sign-in of the Azure CLI, which comes last.
        """
        if self.sign_in is not None:
            from azure.identity.aio import WorkloadIdentityCredential  # noqa: PLC0415 - heavy

            return WorkloadIdentityCredential(
                tenant_id=self.tenant_id,
                client_id=self.sign_in.client_id,
                token_file_path=self.sign_in.token_file,
                authority=self.authority,
                connection_verify=str(self.ca_file),
                transport=transport,
                retry_total=1,
            )
        from azure.identity.aio import (  # noqa: PLC0415 - heavy
            ChainedTokenCredential,
            EnvironmentCredential,
            WorkloadIdentityCredential,
        )

        chain: list[Any] = [EnvironmentCredential()]
        if os.environ.get("AZURE_FEDERATED_TOKEN_FILE"):
            chain.append(WorkloadIdentityCredential(transport=transport))
        return ChainedTokenCredential(*chain, az)

    def tls(self) -> ssl.SSLContext:
        """Return the TLS settings for this target's services."""
        return tls_settings(self.ca_file)


@lru_cache(maxsize=4)
def tls_settings(ca_file: Path | None) -> ssl.SSLContext:
    """Return TLS settings that trust this authority, else the public ones.

    Made once: loading all public authorities takes its time.
    """
    import ssl  # noqa: PLC0415 - with httpx, only where something is asked

    context = ssl.create_default_context()
    if ca_file is not None:
        context.load_verify_locations(ca_file)
    else:
        import certifi  # noqa: PLC0415 - with httpx

        # Slim containers have no authorities of their own.
        context.load_verify_locations(certifi.where())
    return context


def load_target(settings: Settings) -> Target:
    """Return the chosen target.

    Raises:
        TargetError: none is chosen, or it is not there.

    """
    match settings.target:
        case "practice":
            return _practice(settings)
        case "azure":
            return _azure(settings)
        case _:
            raise TargetError(
                "Where shall I look? Say --practice (no subscription needed; start one with"
                " `workshop-tui practice start`) or --azure, or set WORKSHOP_TUI_TARGET."
            )


def azure_unnamed(settings: Settings) -> Target:
    """Return Azure with no subscription chosen yet: for looking which there are."""
    return _azure_in(settings, "", "")


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


def learner_environment(settings: Settings, target: Target) -> dict[str, str]:
    """Return what points the learner's own `az`, `kubectl` and `docker` at the target."""
    found = {"KUBECONFIG": str(target.kubeconfig)}
    if target.kind == "practice":
        from workshop_tui.practice import client  # noqa: PLC0415 - not needed for Azure

        return client.environment(practice_folder(settings.home)) | found
    return found if settings.kubeconfig else {}


def _practice(settings: Settings) -> Target:
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
    endpoints = answering.document
    sign_in = endpoints["sign_in"]
    ca_file = Path(endpoints["ca_file"])
    registry = endpoints["registry"]
    kubeconfig = _whole(settings.kubeconfig) if settings.kubeconfig else folder / "kubeconfig"
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
    return Target(
        kind="practice",
        arm=endpoints["arm"],
        arm_scope=f"{endpoints['arm']}/.default",
        authority=endpoints["entra"],
        tenant_id=endpoints["tenant_id"],
        names=settings.whole_names(defaults),
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
            " workshop-tui practice start"
        },
        embedded_builder=True,
        build_network="host",
        graph=endpoints["graph"],
    )


def _azure(settings: Settings) -> Target:
    subscription, tenant = settings.names.get("subscription_id", ""), ""
    if not subscription:
        subscription, tenant = _subscription_of_az()
    return _azure_in(settings, subscription, tenant)


def _azure_in(settings: Settings, subscription: str, tenant: str) -> Target:
    listed = (
        [settings.kubeconfig] if settings.kubeconfig else os.environ.get("KUBECONFIG", "").split(os.pathsep)
    )
    kubeconfig, *further = [_whole(item) for item in listed if item] or [Path.home() / ".kube" / "config"]
    defaults = Names(
        subscription_id=subscription,
        image=settings.names.get("image") or image_reference(settings.home, "azure", "ttl.sh"),
        source=str(settings.home / "aks-store-demo"),
        context=settings.context,
        kubeconfig=str(kubeconfig),
    )
    return Target(
        kind="azure",
        arm="https://management.azure.com",
        arm_scope="https://management.azure.com/.default",
        authority="https://login.microsoftonline.com",
        tenant_id=tenant,
        names=settings.whole_names(defaults),
        kubeconfig=kubeconfig,
        further_kubeconfigs=tuple(further),
        az_folder=_whole(os.environ.get("AZURE_CONFIG_DIR") or "~/.azure"),
        app_environment={
            name: os.environ[name]
            for name in ("AZURE_CONFIG_DIR", "AZURE_CLIENT_ID", "AZURE_TENANT_ID", "AZURE_CLIENT_SECRET")
            if name in os.environ
        },
    )


def _whole(path: str) -> Path:
    """Return the path as one that stays true wherever we, or the learner's shell, go."""
    return Path(path).expanduser().absolute()


def _subscription_of_az() -> tuple[str, str]:
    """Ask az, which reads its own files for this and no network: the default subscription and tenant."""
    az = shutil.which("az")
    advice = "Sign in with `az login`, or name the subscription with --subscription."
    if az is None:
        raise TargetError(
            "No subscription is chosen, and the Azure CLI is not installed. Install it (https://aka.ms/azure-cli)"
            " and sign in with `az login`, or name the subscription with --subscription."
        )
    try:
        answer = subprocess.run(  # noqa: S603 - az itself, no text of others
            [az, "account", "show", "--output", "json"],
            capture_output=True,
            timeout=30,
            check=True,
            stdin=subprocess.DEVNULL,
        )
        account = json.loads(answer.stdout)
    except (OSError, subprocess.SubprocessError, json.JSONDecodeError) as error:
        raise TargetError(f"No subscription is chosen, and az knows none. {advice}") from error
    return str(account["id"]), str(account["tenantId"])
