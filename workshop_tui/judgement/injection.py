"""Whether running pods carry the identity: one judgement for every step that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.findings import failed, passed
from workshop_tui.judgement.pods import INJECTED_VARIABLES, app_container, client_id_in, missing_injection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.findings import Finding
    from workshop_tui.model import ManagedIdentity, Pod

LABEL = "azure.workload.identity/use"
"""The pod's label that the webhook goes by; its value must be the text `true`."""
CLIENT_ID_ANNOTATION = "azure.workload.identity/client-id"
"""The ServiceAccount's annotation that names the identity."""
TENANT_ID_ANNOTATION = "azure.workload.identity/tenant-id"
"""The ServiceAccount's annotation that overrules the cluster's tenant."""


def judge_injection(
    pods: Iterable[Pod], identity: ManagedIdentity, *, app: str, restart: str
) -> Finding | None:
    """Return the first fault in the pods' injected settings; a pass when all are right; None without pods.

    `app` is the name of the app's container, `restart` the command that renews the pods.
    """
    seen = 0
    for pod in pods:
        seen += 1
        finding = _fault_of(pod, identity, app, restart)
        if finding is not None:
            return finding
    if not seen:
        return None
    return passed(
        f"{', '.join(INJECTED_VARIABLES)} in {seen} running {'pod' if seen == 1 else 'pods'},"
        f" client id {identity.client_id}"
    )


def _fault_of(pod: Pod, identity: ManagedIdentity, app: str, restart: str) -> Finding | None:
    container = app_container(pod.spec, app)
    if container is None:
        names = ", ".join(item.name for item in pod.spec.containers) or "none"
        return failed(
            "pod.leftover-container",
            f"pod {pod.name} has no container {app}: {names}",
            expected=f"a container {app}",
        )
    missing = missing_injection(container)
    expected = f"{', '.join(INJECTED_VARIABLES)} in pod {pod.name}"
    if missing == ("AZURE_CLIENT_ID",):
        return failed(
            "pod.outdated-identity",
            f"pod {pod.name} lacks AZURE_CLIENT_ID alone: its ServiceAccount had no client id then",
            expected=expected,
            command=restart,
        )
    if missing:
        labelled = pod.spec.labels.get(LABEL) == "true"
        return failed(
            "pod.not-injected",
            _why_not(pod, missing),
            expected=expected,
            remedy="" if labelled else "Put the label on the pod template; that makes the pods anew.",
            command=restart if labelled else "",
        )
    client_id = client_id_in(container)
    if client_id.casefold() != identity.client_id.casefold():
        return failed(
            "pod.outdated-identity",
            f"AZURE_CLIENT_ID={client_id} in pod {pod.name}",
            expected=f"AZURE_CLIENT_ID={identity.client_id} in pod {pod.name}",
            command=restart,
        )
    return None


def _why_not(pod: Pod, missing: tuple[str, ...]) -> str:
    what = f"pod {pod.name} lacks {', '.join(missing)}"
    label = pod.spec.labels.get(LABEL)
    if label is None:
        return f"{what}: it does not have the label {LABEL}"
    if label != "true":
        return f"{what}: its label {LABEL} is “{label}”, not “true”"
    return f"{what}: it has the label, so it is older than the webhook, or the webhook is off"
