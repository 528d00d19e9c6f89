"""How a chat model is deployed by hand, under the name that the app asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import Deployment, OpenAIAccount, app_container, command, resource_group_of

if TYPE_CHECKING:
    from workshop_tui.authoring import Absent, Names, Unreadable

MODEL, VERSION = "gpt-4.1-mini", "2025-04-14"
"""A small chat model. Models come and go: the catalogue's remedy says how to see which there are."""


def deploy_model(
    account: OpenAIAccount | Absent | Unreadable,
    app: Deployment | Absent | Unreadable,
    names: Names,
    *,
    instead_of: str = "",
) -> str:
    """Return the command that deploys a chat model, after the deployment that it takes the place of went."""
    if not isinstance(account, OpenAIAccount):
        return ""
    name = names.model_deployment or _asked_for(app, names) or MODEL
    place = ("--resource-group", resource_group_of(account.id), "--name", account.name)
    deployment = ("az", "cognitiveservices", "account", "deployment")
    create = command(
        *(*deployment, "create", *place, "--deployment-name", name),
        *("--model-format", "OpenAI", "--model-name", MODEL, "--model-version", VERSION),
        *("--sku-name", "GlobalStandard", "--sku-capacity", "10"),
    )
    delete = command(*deployment, "delete", *place, "--deployment-name", instead_of)
    return f"{delete} && {create}" if instead_of else create


def _asked_for(app: Deployment | Absent | Unreadable, names: Names) -> str:
    container = app_container(app.template, names.deployment) if isinstance(app, Deployment) else None
    setting = container.setting("AZURE_OPENAI_DEPLOYMENT_NAME") if container is not None else None
    return setting.value.reveal() if setting is not None else ""
