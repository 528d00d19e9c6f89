"""Commands that mend a Deployment, for every step that has to name them."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workshop_tui.judgement.commands import kubectl
from workshop_tui.judgement.pods import app_container

if TYPE_CHECKING:
    from workshop_tui.model import Deployment, Names


def start_by_image(deployment: Deployment, names: Names) -> str:
    """Return the command that leaves it to the image how the app is started."""
    container = app_container(deployment.template, names.deployment)
    entry = {"name": container.name if container else names.deployment, "command": None, "args": None}
    patch = json.dumps({"spec": {"template": {"spec": {"containers": [entry]}}}})
    return kubectl(names, "patch", "deployment", deployment.name, "-p", patch)
