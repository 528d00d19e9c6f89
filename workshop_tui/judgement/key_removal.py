"""The command that takes a key out of a Deployment, by the place where it is."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from workshop_tui.judgement.commands import kubectl

if TYPE_CHECKING:
    from workshop_tui.judgement.keys import KeyPlace
    from workshop_tui.model import Names, PodSpec

_MOUNTED = re.compile(r" \(volume (.*)\)$")
_HOOK = re.compile(r"in its (\w+)$")


def key_removal_command(key: KeyPlace, template: PodSpec, names: Names) -> str:
    """Return the command: a variable unset, a mount or bundle or note removed.

    A patch of Kubernetes' own kind merges containers by their names and mounts by their paths.
    """
    if not key.container:
        notes = {"labels": {key.name: None}, "annotations": {key.name: None}}
        return _patch(names, {"metadata": notes}, kind="merge")
    container = template.container(key.container)
    if container is None:
        # What is not of the template is gone with the pods that have it: the Deployment makes none like that.
        return kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
    field = "initContainers" if container.init else "containers"
    mounted = _MOUNTED.search(key.place)
    change: dict[str, Any]
    if mounted is not None:
        change = {"volumeMounts": [{"mountPath": mounted[1], "$patch": "delete"}]}
    elif key.place.endswith("(envFrom)"):
        if sum(item.place == "envFrom" for item in container.sources) > 1:
            # Which of them a patch cannot say: they have no names of their own.
            return kubectl(names, "edit", "deployment", names.deployment)
        change = {"envFrom": None}
    elif key.place == "in its command line":
        change = {"$patch": "delete"} if field == "initContainers" else {"command": None, "args": None}
    elif (hook := _HOOK.fullmatch(key.place)) is not None:
        change = {hook[1]: None}
    else:
        unset = ("set", "env", f"deployment/{names.deployment}", "--containers", key.container)
        return kubectl(names, *unset, f"{key.name}-")
    return _patch(names, {"spec": {field: [{"name": key.container, **change}]}}, kind="strategic")


def _patch(names: Names, template: dict[str, Any], *, kind: str) -> str:
    body = json.dumps({"spec": {"template": template}})
    return kubectl(names, "patch", "deployment", names.deployment, "--type", kind, "-p", body)
