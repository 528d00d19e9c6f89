"""What pods show: whether the webhook injected the identity, and why a rollout does not end."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING

from workshop_tui.judgement.answers import entra_code, may_be_propagating, refusal_in
from workshop_tui.judgement.probes import (
    asks_the_app,
    failed_probes,
    listens_elsewhere,
    misdirected_probe,
    restarts_for,
)

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from workshop_tui.model import Container, ContainerStatus, Deployment, Pod, Pods, PodSpec

INJECTED_VARIABLES = (
    "AZURE_CLIENT_ID",
    "AZURE_TENANT_ID",
    "AZURE_FEDERATED_TOKEN_FILE",
    "AZURE_AUTHORITY_HOST",
)
"""What the Workload Identity webhook sets in every container of a pod that it mutates."""

START_TIME = timedelta(seconds=90)
"""How long the app may take from the start of its pod until it listens, at a small CPU limit."""
_PULL_REASONS = frozenset(
    {"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull", "RegistryUnavailable"}
)


_TOLD_TO_STOP = frozenset({0, 137, 143})
"""Exit codes of a program that was told to stop and did (0, 128 + SIGTERM), or was killed (128 + SIGKILL)."""
_OTHER_PLATFORM = ("exec format error", "no match for platform in manifest")
_NO_LIBRARY = re.compile(r"No module named '(azure|azure\.identity)'")
_KEY_DEMANDED = re.compile(r"OPENAI_API_KEY.* (is missing|must be set)")


@dataclass(frozen=True, slots=True)
class Trouble:
    """Why pods do not come up: a cause of the catalogue, and the cluster's own words."""

    cause: str
    words: str


def app_container(spec: PodSpec, name: str) -> Container | None:
    """Return the app's container: the one of that name, else the only one, or the only with its settings."""
    named = spec.container(name)
    if named is not None:
        return named
    ordinary = [container for container in spec.containers if not container.init]
    if len(ordinary) > 1:
        ordinary = [container for container in ordinary if container.setting("AZURE_OPENAI_ENDPOINT")]
    return ordinary[0] if len(ordinary) == 1 else None


def missing_injection(container: Container) -> tuple[str, ...]:
    """Return the webhook's variables that the container lacks or has empty."""

    def has(name: str) -> bool:
        variable = container.variable(name)
        return variable is not None and bool(variable.value.reveal())

    return tuple(name for name in INJECTED_VARIABLES if not has(name))


def client_id_in(container: Container) -> str:
    """Return the client id that the container's environment has, or an empty text."""
    variable = container.variable("AZURE_CLIENT_ID")
    return variable.value.reveal() if variable is not None else ""


def rollout_trouble(deployment: Deployment, pods: Pods) -> Trouble | None:
    """Return why the newest pods can't come up, from the cluster's own evidence; None: they still may."""
    newest = [pod for pod in pods.running if pod.current]
    troubles = [trouble for pod in newest for trouble in _pod_troubles(pod, pods)]
    if troubles:
        # What time may mend hides nothing that it does not; beyond that the choice must not hang on an order.
        return min(
            troubles, key=lambda item: (may_be_propagating(entra_code(item.words)), item.cause, item.words)
        )
    refused = deployment.condition("ReplicaFailure")
    if refused is not None and refused.status == "True" and not newest:
        return _creation_trouble(refused.message)
    progress = deployment.condition("Progressing")
    if progress is not None and progress.reason == "ProgressDeadlineExceeded":
        unhealthy = [text for pod in newest if not pod.ready for text in failed_probes(pods, pod)]
        if unhealthy:
            return Trouble("pod.probe-fails", f"{unhealthy[0]}; {progress.message}")
        return Trouble("pod.rollout-stuck", _first_of(*_unscheduled(pods), progress.message))
    return None


def is_rolling(deployment: Deployment, pods: Pods) -> bool:
    """Say whether new pods are on their way: wanted, not all there, and nothing says they can't be."""
    return bool(deployment.wanted) and not deployment.rolled_out and rollout_trouble(deployment, pods) is None


def _pod_troubles(pod: Pod, pods: Pods) -> Iterator[Trouble]:
    if pod.unscheduled and not _room_is_made(pod.unscheduled, pods):
        yield Trouble("pod.unschedulable", f"{pod.name}: {pod.unscheduled}")
    for status in pod.statuses:
        if status.ready:
            continue
        words = _first_of(status.message, status.reason)
        probe = misdirected_probe(pods, pod) or (_killed_for(pods, pod) if _was_killed(status) else "")
        if status.state == "waiting" and status.reason in _PULL_REASONS:
            words = _pull_words(words, pod, pods)
            platform = any(text in words for text in _OTHER_PLATFORM)
            yield Trouble("pod.wrong-platform" if platform else "pod.image-pull", f"{pod.name}: {words}")
        elif probe:
            elsewhere = asks_the_app(probe) and listens_elsewhere(pod.log)
            yield Trouble("pod.wrong-port" if elsewhere else "pod.probe-fails", probe)
        elif _stopped(status) and not _starts_again(status):
            yield _crash(pod, status)


def _was_killed(status: ContainerStatus) -> bool:
    """Say whether it was ended from outside: told to stop, or killed; for want of memory is another thing."""
    return _stopped(status) and status.last_exit_code in _TOLD_TO_STOP and status.last_reason != "OOMKilled"


def _starts_again(status: ContainerStatus) -> bool:
    """Say whether it runs again after it was ended from outside, as with its node: that was no crash."""
    return status.state == "running" and _was_killed(status)


def start_times(pods: Pods) -> tuple[datetime, ...]:
    """Return when the containers that run but are not ready, of the newest pods, were started."""
    found = (item for pod in pods.running if pod.current for item in pod.statuses if not item.ready)
    return tuple(item.running_since for item in found if item.running_since is not None)


def _killed_for(pods: Pods, pod: Pod) -> str:
    """Return the kubelet's words about the probe for which it restarts the pod's container, if one fails."""
    return next((text for text in failed_probes(pods, pod) if restarts_for(text)), "")


def _room_is_made(message: str, pods: Pods) -> bool:
    """Say whether room is all that is wanting, and pods on their way out may leave some."""
    wanting = not any(text in message for text in ("affinity", "selector", "taint"))
    return "Insufficient" in message and wanting and any(pod.deleting for pod in pods.items)


def _stopped(status: ContainerStatus) -> bool:
    if status.state == "waiting":
        return status.reason == "CrashLoopBackOff"
    return status.state == "terminated" or status.last_exit_code not in (None, 0)


def _crash(pod: Pod, status: ContainerStatus) -> Trouble:
    if "OOMKilled" in (status.last_reason, status.reason):
        return Trouble("pod.out-of-memory", f"{pod.name}: container {status.name} was OOMKilled")
    line = telling_line(pod.log)
    words = f"{pod.name}: {_first_of(line, status.message, status.reason)}"
    if not line and status.last_exit_code is not None:
        words = f"{words}; its last run ended without a word, with exit code {status.last_exit_code}"
    return Trouble(_crash_cause(pod, status), words)


def _pull_words(told: str, pod: Pod, pods: Pods) -> str:
    """Return why an image can't be pulled: before 1.32 a container that waits does not say it."""
    if "ErrImagePull" in told or not told.startswith("Back-off pulling"):
        return told
    failed = (
        text.partition(": Failed: ")[2] for text in pods.warnings if text.startswith(f"Pod {pod.name}: ")
    )
    return next((text for text in failed if text.startswith("Failed to pull image")), told)


def _crash_cause(pod: Pod, status: ContainerStatus) -> str:
    if any(text in item for text in _OTHER_PLATFORM for item in (pod.log, status.message)):
        return "pod.wrong-platform"
    refusal = refusal_in(pod.log)
    if refusal is not None:
        return refusal.cause
    container = pod.spec.container(status.name)
    switch = container.variable("USE_AZURE_AD") if container is not None else None
    chosen = switch is not None and switch.value.reveal().casefold() == "true"
    if _NO_LIBRARY.search(pod.log) or (chosen and _KEY_DEMANDED.search(pod.log)):
        return "pod.old-code"
    return "pod.crash-loop"


def _creation_trouble(message: str) -> Trouble:
    if "serviceaccount" in message and "not found" in message:
        return Trouble("service-account.missing", message)
    return Trouble("pod.admission-refused", message)


def no_pod_words(deployment: Deployment, pods: Pods) -> str:
    """Say that no pod of the app runs, and why, in the cluster's own words where it says so."""
    what = f"no running pod of {deployment.name}"
    failure = deployment.condition("ReplicaFailure")
    told = (failure.message,) if failure is not None and failure.status == "True" else ()
    why = next((text for text in (*told, *pods.warnings) if text), "")
    return f"{what}; {why}" if why else what


def waits_for(pods: Pods) -> str:
    """Return what the newest pod that is not ready waits for, in the cluster's own words; or nothing."""
    for pod in pods.running:
        if not pod.current or pod.ready:
            continue
        events = (text for text in pods.warnings if text.startswith(f"Pod {pod.name}: "))
        states = (f"Pod {pod.name}: {item.reason}" for item in pod.statuses if item.reason and not item.ready)
        found = next(events, "") or next(states, "")
        if found:
            return found
    return ""


def _unscheduled(pods: Pods) -> tuple[str, ...]:
    return tuple(
        text for text in pods.warnings if "FailedScheduling" in text or "nodes are available" in text
    )


def telling_line(log: str) -> str:
    """Return the line of a log that tells most: one with an Entra or service code, else the last one."""
    lines = [line.strip() for line in log.splitlines() if line.strip()]
    for tells in (entra_code, refusal_in):
        telling = next((line for line in lines if tells(line)), None)
        if telling is not None:
            return telling
    errors = [line for line in lines if "Error" in line or "Exception" in line]
    return (errors or lines or [""])[-1]


def _first_of(*texts: str) -> str:
    return next((text for text in texts if text), "no reason given")
