"""What keeps new pods from coming up, as a finding: what to wait for, or what to do."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    APP_PORT,
    LONGEST_BACK_OFF,
    Absent,
    Deployment,
    FederatedCredentials,
    Finding,
    ManagedIdentity,
    Names,
    Now,
    Pod,
    Sightings,
    Trouble,
    Unreadable,
    app_container,
    client_id_in,
    command,
    entra_code,
    failed,
    fitting_settles,
    is_too_little,
    kubectl,
    may_be_propagating,
    outdated_sign_in,
    pending,
    probe_field,
    refusal_in,
    start_by_image,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

_EXPIRATION = "azure.workload.identity/service-account-token-expiration"
"""The annotation of pod or ServiceAccount that says how many seconds a pod's token is good for."""
_WEBHOOK = "deployment/azure-wi-webhook-controller-manager"
_FOR_WANT_OF_MEMORY = frozenset({"pod.crash-loop", "pod.probe-fails", "pod.rollout-stuck"})
"""Troubles that an app shows, too, which has so little memory that it gets nowhere without being stopped."""


def judge_refusal(
    trouble: Trouble,
    pods: Sequence[Pod],
    *,
    wanted: Mapping[str, str],
    credentials: FederatedCredentials | Absent | Unreadable,
    identity: ManagedIdentity | Absent | Unreadable,
    sightings: Sightings,
    names: Names,
    now: Now,
) -> Finding | None:
    """Judge a refused sign-in that is of before what is set now, or that time mends; None: it is neither."""
    outdated = outdated_sign_in(trouble.words, wanted, credentials)
    young = fitting_settles(credentials, wanted, sightings, now.moment)
    if young and may_be_propagating(entra_code(trouble.words)) and outdated != "pod.outdated-issuer":
        return pending("federation.propagating", trouble.words, until=young)
    restart = kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
    if outdated == "pod.outdated-issuer":
        return failed(outdated, trouble.words, command=restart)
    if not outdated or not isinstance(identity, ManagedIdentity) or _others(pods, identity, names):
        return None
    ended = [
        status.last_finished
        for pod in pods
        for status in pod.statuses
        if not status.ready and status.last_finished is not None
    ]
    # Kubernetes tries a container again that has ended, or does so now: that gets in with what is set now.
    again = max(ended) + LONGEST_BACK_OFF if ended else now.moment
    if again > now.moment:
        return pending(outdated, trouble.words, until=again, command=restart)
    return failed(outdated, trouble.words, command=restart)


def _others(pods: Sequence[Pod], identity: ManagedIdentity, names: Names) -> bool:
    """Say whether a pod signs in as another than the identity: its refusal says nothing of this one."""
    containers = [app_container(pod.spec, names.deployment) for pod in pods]
    ids = {client_id_in(item).casefold() for item in containers if item is not None}
    return ids != {identity.client_id.casefold()}


def judge_trouble(trouble: Trouble, deployment: Deployment, names: Names) -> Finding:
    """Judge what time does not mend: the cluster's own words, and the command to go on with."""
    refusal = refusal_in(trouble.words)
    more_memory = kubectl(
        names, "set", "resources", f"deployment/{deployment.name}", "--limits", "memory=128Mi"
    )
    container = app_container(deployment.template, names.deployment)
    limit = container.memory_limit if container is not None else ""
    if trouble.cause in _FOR_WANT_OF_MEMORY and is_too_little(limit):
        return failed(
            "pod.memory-low",
            f"memory limit {limit}; {trouble.words}",
            expected="memory limit 128Mi",
            command=more_memory,
        )
    app = f"app={names.deployment}"
    describe = kubectl(names, "describe", "pod", "--selector", app)
    logs = kubectl(names, "logs", "--selector", app, "--prefix", "--tail", "50")
    restart = kubectl(names, "rollout", "restart", f"deployment/{deployment.name}")
    # Look first; what the workshop's own Deployment does not have is gone with it.
    anew = command("workshop-tui", "solve", "redeploy")
    # By hand alone the image would not be the one that was noted when it was pushed before.
    built_again = command("workshop-tui", "solve", "build-push", "redeploy")
    ways = {
        "pod.crash-loop": f"{logs}\n{anew}",
        "pod.image-pull": f"{describe}\n{built_again}",
        "pod.unschedulable": _let_schedule(trouble.words, deployment, names) or describe,
        "pod.probe-fails": _mend_probe(trouble.words, deployment, names),
        "pod.wrong-port": start_by_image(deployment, names),
        "pod.wrong-platform": built_again,
        "pod.old-code": built_again,
        "live.assertion-expired": restart,
        "live.token-exchange-refused": f"{logs}\n{restart}",
        "service-account.missing": kubectl(names, "get", "serviceaccounts"),
        "pod.admission-refused": _let_in(trouble.words, deployment, names)
        or f"{kubectl(names, 'describe', 'replicaset', '--selector', app)}\n{anew}",
        "pod.rollout-stuck": f"{describe}\n{anew}",
        "pod.out-of-memory": more_memory,
    }
    return failed(
        trouble.cause,
        trouble.words,
        remedy=f"That means: {refusal.meaning}. Mend that, then restart the pods." if refusal else "",
        command=ways.get(trouble.cause, logs),
    )


def _let_in(words: str, deployment: Deployment, names: Names) -> str:
    """Return the command by which the webhook lets the pods in; empty where it is something else."""
    if "azure-wi-webhook" in words and "no endpoints available" in words:
        return command(*("kubectl", "--namespace", "kube-system", "scale", _WEBHOOK, "--replicas", "2"))
    if "token expiration" not in words:
        return ""
    if _EXPIRATION not in deployment.template.annotations:
        account = deployment.template.service_account
        remove = kubectl(names, "annotate", "serviceaccount", account, f"{_EXPIRATION}-")
        return f"{remove} && {kubectl(names, 'rollout', 'restart', f'deployment/{deployment.name}')}"
    patch = json.dumps({"spec": {"template": {"metadata": {"annotations": {_EXPIRATION: None}}}}})
    return kubectl(names, "patch", "deployment", deployment.name, "--type", "merge", "-p", patch)


def _let_schedule(words: str, deployment: Deployment, names: Names) -> str:
    """Return the command that asks for no more than there is; empty where it is something else."""
    if "Insufficient" in words:
        few = "cpu=20m,memory=64Mi"
        return kubectl(names, "set", "resources", f"deployment/{deployment.name}", "--requests", few)
    if "affinity" in words or "selector" in words:
        nowhere = '{"spec": {"template": {"spec": {"nodeSelector": null, "affinity": null}}}}'
        return kubectl(names, "patch", "deployment", deployment.name, "--type", "merge", "-p", nowhere)
    return ""


def _mend_probe(words: str, deployment: Deployment, names: Names) -> str:
    """Return the command that lets the probe ask where the app answers."""
    container = app_container(deployment.template, names.deployment)
    asked = {
        "httpGet": {"path": "/health", "port": APP_PORT, "scheme": "HTTP"},
        "tcpSocket": None,
        "exec": None,
    }
    entry = {"name": container.name if container else names.deployment, probe_field(words): asked}
    patch = json.dumps({"spec": {"template": {"spec": {"containers": [entry]}}}})
    return kubectl(names, "patch", "deployment", deployment.name, "-p", patch)
