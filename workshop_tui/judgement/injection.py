"""Whether running pods carry the identity: one judgement for every step that asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.findings import failed, passed
from workshop_tui.judgement.commands import kubectl
from workshop_tui.judgement.pods import INJECTED_VARIABLES, app_container, client_id_in, missing_injection

if TYPE_CHECKING:
    from collections.abc import Iterable

    from workshop_tui.findings import Finding
    from workshop_tui.model import Container, ManagedIdentity, Names, Pod

LABEL = "azure.workload.identity/use"
"""The pod's label that the webhook goes by; its value must be the text `true`."""
CLIENT_ID_ANNOTATION = "azure.workload.identity/client-id"
"""The ServiceAccount's annotation that names the identity."""
SKIP_ANNOTATION = "azure.workload.identity/skip-containers"
"""The pod's annotation that names containers which the webhook passes by, with semicolons between them."""
EXEMPT_NAMESPACES = frozenset({"kube-system"})
"""Where AKS lets no webhook see the pods."""
TENANT_ID_ANNOTATION = "azure.workload.identity/tenant-id"
"""The ServiceAccount's annotation that overrules the cluster's tenant."""


def judge_injection(pods: Iterable[Pod], identity: ManagedIdentity, names: Names) -> Finding | None:
    """Return the first fault in the pods' injected settings; a pass when all are right; None without pods."""
    seen = 0
    for pod in pods:
        seen += 1
        finding = _fault_of(pod, identity, names)
        if finding is not None:
            return finding
    if not seen:
        return None
    return passed(
        f"{', '.join(INJECTED_VARIABLES)} in {seen} running {'pod' if seen == 1 else 'pods'},"
        f" client id {identity.client_id}"
    )


def _fault_of(pod: Pod, identity: ManagedIdentity, names: Names) -> Finding | None:
    container = app_container(pod.spec, names.deployment)
    if container is None:
        others = ", ".join(item.name for item in pod.spec.containers) or "none"
        return failed(
            "pod.leftover-container",
            f"pod {pod.name} has no container {names.deployment}: {others}",
            expected=f"a container {names.deployment}",
        )
    restart = kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
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
        return _not_injected(pod, container, missing, names)
    client_id = client_id_in(container)
    if client_id.casefold() != identity.client_id.casefold():
        return failed(
            "pod.outdated-identity",
            f"AZURE_CLIENT_ID={client_id} in pod {pod.name}",
            expected=f"AZURE_CLIENT_ID={identity.client_id} in pod {pod.name}",
            command=restart,
        )
    return None


def _not_injected(pod: Pod, container: Container, missing: tuple[str, ...], names: Names) -> Finding:
    if names.namespace in EXEMPT_NAMESPACES:
        observed = f"pod {pod.name} is in {names.namespace}, and lacks {', '.join(missing)}"
        return failed("pod.namespace-exempt", observed, expected="a namespace that webhooks see")
    skipped = pod.spec.annotations.get(SKIP_ANNOTATION, "")
    if container.name in (name.strip() for name in skipped.split(";")):
        removed = (
            f'{{"spec": {{"template": {{"metadata": {{"annotations": {{"{SKIP_ANNOTATION}": null}}}}}}}}}}'
        )
        return failed(
            "pod.container-skipped",
            f"{SKIP_ANNOTATION}: {skipped} on pod {pod.name}",
            expected=f"{SKIP_ANNOTATION} without {container.name}",
            command=kubectl(names, "patch", "deployment", names.deployment, "--type", "merge", "-p", removed),
        )
    labelled = pod.spec.labels.get(LABEL) == "true"
    return failed(
        "pod.not-injected",
        _why_not(pod, missing),
        expected=f"{', '.join(INJECTED_VARIABLES)} in pod {pod.name}",
        remedy="" if labelled else "Put the label on the pod template; that makes the pods anew.",
        command=kubectl(names, "rollout", "restart", f"deployment/{names.deployment}") if labelled else "",
    )


def _why_not(pod: Pod, missing: tuple[str, ...]) -> str:
    what = f"pod {pod.name} lacks {', '.join(missing)}"
    label = pod.spec.labels.get(LABEL)
    if label is None:
        return f"{what}: it does not have the label {LABEL}"
    if label != "true":
        return f"{what}: its label {LABEL} is “{label}”, not “true”"
    return f"{what}: it has the label, so it is older than the webhook, or the webhook is off"
