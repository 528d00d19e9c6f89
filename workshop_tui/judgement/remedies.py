"""Commands that mend something, for every step that has to name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workshop_tui.judgement.commands import command, kubectl
from workshop_tui.judgement.pods import app_container

if TYPE_CHECKING:
    from workshop_tui.model import Deployment, Names, OpenAIAccount


def start_by_image(deployment: Deployment, names: Names) -> str:
    """Return the command that leaves it to the image how the app is started."""
    container = app_container(deployment.template, names.deployment)
    entry = {"name": container.name if container else names.deployment, "command": None, "args": None}
    patch = json.dumps({"spec": {"template": {"spec": {"containers": [entry]}}}})
    return kubectl(names, "patch", "deployment", deployment.name, "-p", patch)


def let_networks_in(account: OpenAIAccount) -> str:
    """Return the command that undoes the setting by which the account keeps networks out."""
    opened = account.closed_by.replace("=Disabled", "=Enabled").replace("=Deny", "=Allow")
    show = command("az", "cognitiveservices", "account", "show", "--ids", account.id)
    change = command("az", "resource", "update", "--ids", account.id, "--set", f"properties.{opened}")
    return change if opened else show
