"""Checks of the rollout: that the new pods are up, and that they carry the identity."""

from __future__ import annotations

from dataclasses import replace

from workshop_tui.authoring import (
    START_TIME,
    Absent,
    ClusterClock,
    Deployment,
    FederatedCredentials,
    Finding,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Now,
    Pods,
    Scope,
    ServiceAccount,
    Sightings,
    Trouble,
    Unreadable,
    check,
    clock_offset,
    failed,
    is_rolling,
    judge_injection,
    kubectl,
    no_pod_words,
    passed,
    pending,
    rollout_trouble,
    start_times,
    waits_for,
    wanted_credential,
)

from .trouble import judge_refusal, judge_trouble


@check("The rollout is complete", scope=Scope.CLUSTER)
def rolled_out(
    *,
    deployment: Deployment,
    pods: Pods,
    credentials: FederatedCredentials | Absent | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
    account: ServiceAccount | Absent | Unreadable,
    identity: ManagedIdentity | Absent | Unreadable,
    clock: ClusterClock | Absent | Unreadable,
    sightings: Sightings,
    names: Names,
    now: Now,
) -> Finding:
    """Judge that the newest pods run and the old are gone; if not, say why in the cluster's own words."""
    counts = _counts(deployment)
    if deployment.wanted < 1:
        return failed(
            "app.scaled-to-zero",
            counts,
            expected="at least one pod wanted",
            command=kubectl(names, "scale", "deployment", deployment.name, "--replicas", "1"),
        )
    trouble = rollout_trouble(deployment, pods)
    serving = [pod for pod in pods.running if pod.current and pod.ready]
    if deployment.rolled_out and serving and (trouble is None or len(serving) >= deployment.wanted):
        return passed(counts)
    if trouble is None and deployment.held_back:
        return _paused(deployment, names)
    if trouble is None:
        return _rolling(deployment, pods, clock, names, now)
    refused = judge_refusal(
        trouble,
        [pod for pod in pods.running if pod.current],
        wanted=wanted_credential(cluster, account, names),
        credentials=credentials,
        identity=identity,
        sightings=sightings,
        names=names,
        now=now,
    )
    found = refused or judge_trouble(trouble, deployment, names)
    return replace(found, expected=found.expected or _expected(deployment))


def _counts(deployment: Deployment) -> str:
    return (
        f"{deployment.updated} new, {deployment.available} available, {deployment.replicas} in all"
        f" of {deployment.wanted} wanted"
    )


def _expected(deployment: Deployment) -> str:
    return f"{deployment.wanted} new, {deployment.wanted} available, {deployment.wanted} in all"


def _paused(deployment: Deployment, names: Names) -> Finding:
    """Return the fault of a rollout that is paused, with the Deployment's own word for it if it has one."""
    progress = deployment.condition("Progressing")
    words = progress.message if progress is not None and progress.reason == "DeploymentPaused" else ""
    return failed(
        "app.paused",
        f"{_counts(deployment)}; {words or 'spec.paused is true'}",
        expected=_expected(deployment),
        command=kubectl(names, "rollout", "resume", f"deployment/{deployment.name}"),
    )


def _rolling(
    deployment: Deployment,
    pods: Pods,
    clock: ClusterClock | Absent | Unreadable,
    names: Names,
    now: Now,
) -> Finding:
    """Return `pending` for pods on their way, until the Deployment gives up or they have had their time."""
    # The Deployment's counts may be older than its pods: what counts is a pod that serves.
    observed = f"{_counts(deployment)}{', none of them ready now' if deployment.rolled_out else ''}"
    waits = waits_for(pods)
    observed = f"{observed}; {waits}" if waits else observed
    moments = [deployment.gives_up] if deployment.gives_up is not None else []
    moments = moments or [start + START_TIME for start in start_times(pods)]
    until = max(moments) + clock_offset(clock) if moments else None
    if until is not None and until <= now.moment:
        return judge_trouble(
            Trouble("pod.rollout-stuck", f"{observed}; nothing has moved until {until:%H:%M:%S} UTC"),
            deployment,
            names,
        )
    return pending("pod.rolling", observed, until=until, expected=_expected(deployment))


@check("The running pods carry the identity", scope=Scope.CLUSTER)
def injected(deployment: Deployment, pods: Pods, identity: ManagedIdentity, names: Names) -> Finding:
    """Judge what the webhook put into the newest pods when they were created."""
    newest = [pod for pod in pods.running if pod.current]
    finding = judge_injection(newest, identity, names)
    if finding is not None:
        return finding
    expected = f"a running pod with the client id {identity.client_id}"
    if is_rolling(deployment, pods):
        return pending("pod.rolling", "no new pod yet", until=None, expected=expected)
    return failed(
        "app.no-pods",
        no_pod_words(deployment, pods),
        expected=expected,
        command=kubectl(names, "describe", "replicaset", "--selector", f"app={names.deployment}"),
    )
