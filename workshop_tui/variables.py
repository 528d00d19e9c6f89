"""The values that pages, remedies and the learner's shell may use, from names and from facts."""

from __future__ import annotations

import asyncio
import shlex
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workshop_tui.causes import CATALOGUE
from workshop_tui.findings import Verdict
from workshop_tui.model import (
    Absent,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    ServiceAccount,
    SignedIn,
    Unreadable,
)
from workshop_tui.pages import placeholders, render

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from workshop_tui.facts.engine import Facts
    from workshop_tui.findings import Finding

_TELLING: Mapping[type, Mapping[str, str]] = {
    Names: {
        "RG_NAME": "resource_group",
        "SUBSCRIPTION_ID": "subscription_id",
        "AKS_NAME": "cluster",
        "AOAI_NAME": "account",
        "AOAI_DEPLOYMENT_NAME": "model_deployment",
        "MANAGED_IDENTITY_NAME": "identity",
        "FEDERATED_CRED_NAME": "credential",
        "SERVICE_ACCOUNT_NAME": "service_account",
        "SERVICE_ACCOUNT_NAMESPACE": "namespace",
        "IMAGE_NAME": "image",
        "REGISTRY": "registry",
        "SOURCE": "source",
        "LOCAL_PORT": "local_port",
        "SHOP_URL": "shop_url",
    },
    OpenAIAccount: {"AOAI_NAME": "name", "AOAI_RESOURCE_ID": "id", "AOAI_ENDPOINT": "endpoint"},
    ModelDeployment: {"AOAI_DEPLOYMENT_NAME": "name"},
    ManagedCluster: {"AKS_NAME": "name", "AKS_OIDC_ISSUER": "issuer_url"},
    ManagedIdentity: {
        "MANAGED_IDENTITY_NAME": "name",
        "MANAGED_IDENTITY_CLIENT_ID": "client_id",
        "MANAGED_IDENTITY_OBJECT_ID": "principal_id",
    },
    SignedIn: {"SIGNED_IN_OBJECT_ID": "object_id", "SIGNED_IN_KIND": "kind"},
    ServiceAccount: {"SERVICE_ACCOUNT_NAME": "name", "SERVICE_ACCOUNT_NAMESPACE": "namespace"},
}
"""Which fact tells which values, each with its attribute. What is read later overrules the names."""

VARIABLES = frozenset(name for told in _TELLING.values() for name in told)
"""All values that a page may use."""


async def known_variables(facts: Facts, wanted: Collection[str] | None = None) -> dict[str, str]:
    """Read what is there, or only what tells the wanted ones; absent or unreadable, it has no value yet."""
    kinds = [kind for kind, told in _TELLING.items() if wanted is None or not told.keys().isdisjoint(wanted)]
    readings: list[Any] = await asyncio.gather(*(facts.read(kind) for kind in kinds))
    values: dict[str, str] = {}
    for kind, reading in zip(kinds, readings, strict=True):
        if isinstance(reading, Absent | Unreadable):
            continue
        told = {name: str(getattr(reading, attribute)) for name, attribute in _TELLING[kind].items()}
        values |= {name: value for name, value in told.items() if value}
    return values


async def with_command(facts: Facts, finding: Finding) -> Finding:
    """Return the finding with the catalogue's command where its check knows none, the values filled in.

    What only time mends gets none. A value that is not known yet reads `$NAME`, as on the pages.
    """
    if finding.command or finding.cause is None or finding.verdict is Verdict.PENDING:
        return finding
    template = CATALOGUE[finding.cause].command
    values = await known_variables(facts, set(placeholders(template)))
    return replace(
        finding, command=render(template, {name: shlex.quote(value) for name, value in values.items()})
    )
