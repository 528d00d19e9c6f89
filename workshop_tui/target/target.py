"""What a target is: addresses, a credential and names; the clients do not know which one they talk to."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

if TYPE_CHECKING:
    import ssl
    from collections.abc import Mapping

    from azure.core.credentials_async import AsyncTokenCredential
    from azure.core.pipeline.transport import AsyncHttpTransport

    from workshop_tui.model import Names


class TargetError(Exception):
    """The target cannot be used; the message says why and what to do."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """How this machine signs in: with the practice cloud's federated token file, or (None) as az does."""

    client_id: str
    token_file: str


@dataclass(frozen=True, slots=True)
class Target:
    """Where the workshop runs: endpoints, sign-in, names and kubeconfig of Azure or of the practice cloud.

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
    az_folder: Path = field(default_factory=lambda: absolute("~/.azure"))
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


def absolute(path: str) -> Path:
    """Return the path as one that stays true wherever we, or the learner's shell, go."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError as error:
        raise TargetError(
            f"Nobody knows where {path} is: HOME is not set, and the system knows no home of this user."
            " Set HOME to the folder that holds your .azure and .kube."
        ) from error
