"""What can be wrong with the app's pods: why they are not made, not ready, or not what they should be."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage
from hands_cluster import containers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breaking_hands import Hands
    from hands_asking import Document

_ROLLED = "redeploy/rolled-out"
_INJECTED = frozenset({"redeploy/injected"})
_SKIP = "azure.workload.identity/skip-containers"
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
)
