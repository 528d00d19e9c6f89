"""Facts of the resources in Azure: group, account, model, cluster, and what its issuer serves."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    command,
    may_chat,
    resource_group_of,
)
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.azure import Azure, Named, choose_named
from workshop_tui.cloud.issuer import IssuerReader
from workshop_tui.facts.engine import resolver
from workshop_tui.model import (
    Absent,
    AccountLog,
    AvailableModels,
    IssuerDocuments,
    ManagedCluster,
    ModelDeployment,
    Names,
    OpenAIAccount,
    ResourceGroup,
    Unreadable,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

_READY = "Succeeded"


@resolver
async def resource_group(azure: Azure, names: Names) -> ResourceGroup | Absent:
    """Read the resource group."""
    found = await azure.group()
    if found is not None:
        return found
    return Absent(
        f"resource group {names.resource_group}",
        "azure.resource-group-missing",
        "az group list --output table",
        f"The subscription has no resource group {names.resource_group}, or you may not see it.",
    )


@resolver
async def openai_account(azure: Azure, names: Names, group: ResourceGroup) -> OpenAIAccount | Absent:
    """Read the account: the one that is named, else the only one that can serve OpenAI models."""
    accounts = await azure.accounts()
    fitting = choose_named(accounts, names.account)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return _several("Azure OpenAI account", "account.ambiguous", fitting, "AOAI_NAME")
    others = f" Those that are there: {_names(accounts)}." if accounts else ""
    named = f" {names.account}" if names.account else ""
    return Absent(
        f"Azure OpenAI account{named} in {group.name}",
        "account.missing",
        command("az", "cognitiveservices", "account", "list", "-g", group.name, "--output", "table"),
        f"{group.name} has no account{named} of kind OpenAI or AIServices.{others}",
    )


@resolver
async def model_deployment(azure: Azure, names: Names, account: OpenAIAccount) -> ModelDeployment | Absent:
    """Read the deployment: the one that is named, else the first with a chat model."""
    deployments = await azure.chat_deployments(account)
    chosen = choose_model(deployments, names.model_deployment)
    if chosen is not None:
        return chosen
    named = f" {names.model_deployment}" if names.model_deployment else ""
    others = f" Those that are there: {_names(deployments)}." if deployments else ""
    return Absent(
        f"deployment{named} of a chat model in {account.name}",
        "deployment.model-missing",
        command(
            *("az", "cognitiveservices", "account", "deployment", "list"),
            *("-g", names.resource_group, "-n", account.name, "--output", "table"),
        ),
        f"{account.name} has no deployment{named} of a chat model.{others}",
    )


@resolver
async def available_models(
    azure: Azure, account: OpenAIAccount, model: ModelDeployment | Absent | Unreadable
) -> AvailableModels:
    """Read which models there are to deploy, where none that chats is deployed: the list is long."""
    if isinstance(model, ModelDeployment) and model.state == _READY and may_chat(model.model):
        return AvailableModels()
    return await azure.available_models(account)


def choose_model(deployments: list[ModelDeployment], name: str) -> ModelDeployment | None:
    """Return the deployment of that name, else the first that is ready, with what is ready beside it.

    One that failed, or is still being made, says nothing against another one that answers.
    """
    fitting = choose_named(deployments, name)
    chosen = min(fitting, key=lambda item: item.state != _READY, default=None)
    if chosen is None:
        return None
    beside = (item.name for item in deployments if item.state == _READY and item.name != chosen.name)
    return replace(chosen, beside=tuple(beside))


@resolver
async def managed_cluster(azure: Azure, names: Names, group: ResourceGroup) -> ManagedCluster | Absent:
    """Read the cluster: the one that is named, else the only one."""
    clusters = await azure.clusters()
    fitting = choose_named(clusters, names.cluster)
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        return _several("AKS cluster", "cluster.ambiguous", fitting, "AKS_NAME")
    others = f" Those that are there: {_names(clusters)}." if clusters else ""
    named = f" {names.cluster}" if names.cluster else ""
    return Absent(
        f"AKS cluster{named} in {group.name}",
        "cluster.missing",
        command("az", "aks", "list", "-g", group.name, "--output", "table"),
        f"{group.name} has no AKS cluster{named}.{others}",
    )


@resolver
async def issuer_documents(reader: IssuerReader, cluster: ManagedCluster) -> IssuerDocuments | Absent:
    """Fetch what is really served at the cluster's issuer, as Entra ID does."""
    group = resource_group_of(cluster.id)
    turn_on = command("az", "aks", "update", "-g", group, "-n", cluster.name, "--enable-oidc-issuer")
    if not cluster.issuer_url:
        return Absent(
            f"OIDC issuer on {cluster.name}",
            "issuer.disabled",
            turn_on,
            f"{cluster.name} publishes no issuer: its OIDC issuer is off.",
        )
    found = await reader.read(cluster.issuer_url)
    if isinstance(found, IssuerDocuments):
        return found
    return Absent(
        f"discovery document at {cluster.issuer_url}",
        "issuer.not-served",
        command("curl", "-fsS", f"{cluster.issuer_url}.well-known/openid-configuration"),
        found,
    )


@resolver
async def account_log(reader: AccountLogReader) -> AccountLog | Absent:
    """Read the account's request log, where the target keeps one that can be asked."""
    if not reader.kept:
        return Absent("request log of the account that could be asked", "reading.no-log")
    return await reader.read()


def _several(what: str, cause: str, found: Sequence[Named], variable: str) -> Absent:
    return Absent(
        f"single {what}",
        cause,
        f"export {variable}={found[0].name}",
        f"There are several: {_names(found)}. Say which one with {variable}.",
    )


def _names(found: Sequence[Named]) -> str:
    return ", ".join(item.name for item in found)
