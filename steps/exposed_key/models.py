"""How a chat model is deployed by hand, under the name that the app asks for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    AvailableModels,
    Deployment,
    OpenAIAccount,
    app_container,
    command,
    model_to_deploy,
    resource_group_of,
    sku_of,
)

if TYPE_CHECKING:
    from workshop_tui.authoring import Absent, Names, Now, Unreadable


def deploy_model(
    account: OpenAIAccount | Absent | Unreadable,
    app: Deployment | Absent | Unreadable,
    models: AvailableModels | Absent | Unreadable,
    names: Names,
    now: Now,
    *,
    instead_of: str = "",
) -> str:
    """Return the command that deploys a chat model, after the deployment that it takes the place of went.

    Models come and go: which one, the account's own list says. Where it says nothing, the command shows it.
    """
    if not isinstance(account, OpenAIAccount):
        return ""
    place = ("--resource-group", resource_group_of(account.id), "--name", account.name)
    model = model_to_deploy(models, now.moment) if isinstance(models, AvailableModels) else None
    if model is None:
        return command("az", "cognitiveservices", "account", "list-models", *place, "--output", "table")
    name = names.model_deployment or _asked_for(app, names) or model.name
    deployment = ("az", "cognitiveservices", "account", "deployment")
    create = command(
        *(*deployment, "create", *place, "--deployment-name", name, "--model-format", "OpenAI"),
        *("--model-name", model.name, "--model-version", model.version),
        *("--sku-name", sku_of(model), "--sku-capacity", "10"),
    )
    delete = command(*deployment, "delete", *place, "--deployment-name", instead_of)
    return f"{delete} && {create}" if instead_of else create


def _asked_for(app: Deployment | Absent | Unreadable, names: Names) -> str:
    container = app_container(app.template, names.deployment) if isinstance(app, Deployment) else None
    setting = container.setting("AZURE_OPENAI_DEPLOYMENT_NAME") if container is not None else None
    return setting.value.reveal() if setting is not None else ""
