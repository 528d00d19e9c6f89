"""What can be wrong with the app's pods: why they are not made, not ready, or not what they should be."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from breakages import Breakage
from hands_asking import until
from hands_cluster import containers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breaking_hands import Hands
    from hands_asking import Document

_ROLLED = "redeploy/rolled-out"
_INJECTED = frozenset({"redeploy/injected"})
_SKIP = "azure.workload.identity/skip-containers"
_AGAIN = {"annotations": {"kubectl.kubernetes.io/restartedAt": "now"}}
_NO_PYTHON = "ghcr.io/azure-samples/aks-store-demo/ai-service:latest"


def _probe(kind: str, **changes: object) -> Callable[[Document], object]:
    """Let a probe ask at once, and elsewhere than the app answers."""
    asked = {"path": "/health", "port": 5001, **changes}
    return lambda container: container.update({kind: {"httpGet": asked, "periodSeconds": 1}})


def _elsewhere_listening(container: Document) -> None:
    start = ["uvicorn", "main:app", "--host", "0.0.0.0", "--port", "8000"]  # noqa: S104 - in its pod
    probe = {"httpGet": {"path": "/health", "port": 5001}, "periodSeconds": 20}
    container.update(command=start, readinessProbe=probe)


def _skipped(live: Document) -> None:
    live["spec"]["template"]["metadata"].setdefault("annotations", {})[_SKIP] = "ai-service"


def _elsewhere(live: Document) -> None:
    live["spec"]["template"]["spec"]["nodeSelector"] = {"kubernetes.io/os": "windows"}


def _much(live: Document) -> None:
    resources = {"requests": {"memory": "900Gi"}, "limits": {"memory": "900Gi"}}
    containers(live)[0]["resources"] = resources


@contextmanager
def _of_another_platform(hands: Hands) -> Iterator[None]:
    by_tag = {"image": hands.image, "imagePullPolicy": "Always"}
    with hands.image_replaced("arm64"), hands.app(lambda container: container.update(by_tag)):
        yield


_SIGHTED_SECONDS = 130.0
"""How old this world has to be, so that its credential is no young one: two minutes, and time to see it."""
_TRIES = 4
"""After so many a container waits long enough for the next to be looked at."""


@contextmanager
def _refused_before(hands: Hands) -> Iterator[None]:
    """Have pods that were refused again and again, until their credential was put right."""
    born = datetime.fromisoformat(str(hands.cloud["started"]))
    until(lambda: (datetime.now(UTC) - born).total_seconds() > _SIGHTED_SECONDS, _SIGHTED_SECONDS)
    with hands.deployment(lambda live: live["spec"]["template"]["metadata"].update(_AGAIN)):
        with hands.credential(subject="system:serviceaccount:default:somebody-else"):
            until(lambda: _most_restarts(hands) >= _TRIES, 60)
        yield


def _most_restarts(hands: Hands) -> int:
    found = hands.kubernetes("GET", "/api/v1/namespaces/default/pods?labelSelector=app%3Dai-service")
    statuses = [status for pod in found["items"] for status in pod["status"].get("containerStatuses") or ()]
    return max((int(status["restartCount"]) for status in statuses), default=0)


BREAKAGES = (
    Breakage(
        "the readiness probe asks for a path that the app does not have",
        {_ROLLED: "pod.probe-fails"},
        lambda hands: hands.app(_probe("readinessProbe", path="/healthz")),
        says="statuscode: 404",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the liveness probe asks at another port than the app",
        {_ROLLED: "pod.probe-fails"},
        lambda hands: hands.app(_probe("livenessProbe", port=8080)),
        says="Liveness probe failed",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the app is started on another port",
        {_ROLLED: "pod.wrong-port"},
        lambda hands: hands.app(_elsewhere_listening),
        says="the app listens on port 8000",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the pods want a node of another kind",
        {_ROLLED: "pod.unschedulable"},
        lambda hands: hands.deployment(_elsewhere),
        says="didn't match Pod's node affinity/selector",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the pods want more memory than a node has",
        {_ROLLED: "pod.unschedulable"},
        lambda hands: hands.deployment(_much),
        says="Insufficient memory",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the pods' image is for other machines",
        {_ROLLED: "pod.wrong-platform"},
        _of_another_platform,
        root=("image.wrong-platform",),
        says="exec format error",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "the pods' image has the shop's own code",
        {"redeploy/image": "pod.wrong-image", _ROLLED: "pod.old-code"},
        lambda hands: hands.app(lambda container: container.update(image=_NO_PYTHON)),
        says="aks-store-demo/ai-service:latest",
        may=_INJECTED,
        waits=True,
    ),
    Breakage(
        "an annotation tells the webhook to pass the app's container by",
        {"redeploy/injected": "pod.container-skipped"},
        lambda hands: hands.deployment(_skipped),
        says=f"{_SKIP}: ai-service",
        may=frozenset({_ROLLED}),
        waits=True,
    ),
    Breakage(
        "the credential was put right after the pods were refused",
        {},
        _refused_before,
        pending={_ROLLED: "pod.outdated-sign-in"},
        says="AADSTS700213",
    ),
)
