"""What can be wrong in the app's pod template."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage
from hands_cluster import LABEL, containers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from contextlib import AbstractContextManager

    from breaking_hands import Hands
    from hands_asking import Document

_ROLLS = frozenset({"redeploy/rolled-out", "redeploy/injected"})
"""What a changed pod template sets going, and may be any way for a while."""
_KEY = "sk-abcdefghijklmnopqrstuvwxyz123456"


def template_of(live: Document) -> Document:
    found: Document = live["spec"]["template"]
    return found


def set_variables(**values: str) -> Callable[[Document], object]:
    """Set variables of the app's container."""

    def change(container: Document) -> None:
        kept = [item for item in container["env"] if item["name"] not in values]
        container["env"] = kept + [{"name": name, "value": value} for name, value in values.items()]

    return change


def _unlabelled(live: Document) -> None:
    template_of(live)["metadata"]["labels"].pop(LABEL)


def _misplaced(live: Document) -> None:
    _unlabelled(live)
    live["metadata"].setdefault("labels", {})[LABEL] = "true"


def _as_annotation(live: Document) -> None:
    _unlabelled(live)
    template_of(live)["metadata"].setdefault("annotations", {})[LABEL] = "true"


def _labelled_wrongly(live: Document) -> None:
    template_of(live)["metadata"]["labels"][LABEL] = "True"


def _leftover(hands: Hands, *, key: bool) -> Callable[[Document], object]:
    """Return what `kubectl apply` makes of the old container, which has another name than the new one."""
    old = copy.deepcopy(containers(hands.original)[0])
    if not key:
        old["env"] = [item for item in old["env"] if item["name"] != "OPENAI_API_KEY"]
    return lambda live: containers(live).append(old)


def _beside_with_key(live: Document) -> None:
    add_sidecar(live)
    containers(live)[-1].update(name="helper", env=[{"name": "OPENAI_API_KEY", "value": _KEY}])


def add_sidecar(live: Document) -> None:
    image = "ghcr.io/azure-samples/aks-store-demo/makeline-service:latest"
    containers(live).append({"name": "log-shipper", "image": image})


def _account(name: str) -> Callable[[Document], object]:
    def change(live: Document) -> None:
        spec = template_of(live)["spec"]
        spec["serviceAccountName"] = spec["serviceAccount"] = name

    return change


def _key_of_secret(container: Document) -> None:
    source = {"secretKeyRef": {"name": "openai", "key": "OPENAI_API_KEY"}}
    container["env"].append({"name": "OPENAI_API_KEY", "valueFrom": source})


def _all_of_secret(container: Document) -> None:
    container["envFrom"] = [{"secretRef": {"name": "openai"}}]


def _with_file(live: Document) -> None:
    mount = {"name": "openai", "mountPath": "/etc/openai", "readOnly": True}
    containers(live)[0]["volumeMounts"] = [mount]
    template_of(live)["spec"]["volumes"] = [{"name": "openai", "secret": {"secretName": "openai"}}]


@contextmanager
def _with_mounted_secret(hands: Hands) -> Iterator[None]:
    with hands.secret("openai", OPENAI_API_KEY=_KEY), hands.deployment(_with_file):
        yield


@contextmanager
def _with_secret(hands: Hands, change: Callable[[Document], object]) -> Iterator[None]:
    with hands.secret("openai", OPENAI_API_KEY=_KEY), hands.app(change):
        yield


def _changed_template(
    name: str,
    red: Mapping[str, str],
    change: Callable[[Document], object],
    *,
    says: str = "",
    solve: tuple[str, ...] = (),
) -> Breakage:
    """Return the breakage of who changes the Deployment like this."""
    return Breakage(name, red, lambda hands: hands.deployment(change), says=says, may=_ROLLS, solve=solve)


def _wrong_settings(name: str, says: str, **values: str) -> Breakage:
    """Return the breakage of who sets these variables of the app."""
    wrong = {"redeploy/settings": "pod.settings-wrong"}
    return Breakage(name, wrong, lambda hands: hands.app(set_variables(**values)), says=says, may=_ROLLS)


def _exposed_key(name: str, how: Callable[[Hands], AbstractContextManager[None]], says: str) -> Breakage:
    """Return the breakage of who gives the app its key in this way."""
    return Breakage(name, {"redeploy/no-key": "pod.key-exposed"}, how, says=says, may=_ROLLS)


def _left_beside(name: str, red: Mapping[str, str], *, key: bool) -> Breakage:
    """Return the breakage of who applies the new container without taking the old one away."""
    return Breakage(
        name,
        {"redeploy/only-its-container": "pod.leftover-container", **red},
        lambda hands: hands.deployment(_leftover(hands, key=key)),
        says="order-service",
        may=_ROLLS,
        solve=("redeploy",),
    )


TEMPLATE = (
    _changed_template(
        "the label is missing",
        {"redeploy/workload-label": "pod.label-missing"},
        _unlabelled,
        solve=("redeploy",),
    ),
    _changed_template(
        "the label is on the Deployment itself",
        {"redeploy/workload-label": "pod.label-misplaced"},
        _misplaced,
        says="as a label of the Deployment itself",
    ),
    _changed_template(
        "the label is an annotation",
        {"redeploy/workload-label": "pod.label-misplaced"},
        _as_annotation,
        says="as an annotation of the pod template",
    ),
    Breakage(
        "the label is True with a capital, and the webhook passes the pods by",
        {"redeploy/workload-label": "pod.label-wrong-value", "redeploy/injected": "pod.not-injected"},
        lambda hands: hands.deployment(_labelled_wrongly),
        says='"True"',
        may=frozenset({"redeploy/rolled-out", "verify/identity-in-pods"}),
        waits=True,
        solve=("redeploy",),
    ),
    _changed_template(
        "the pods use the namespace's own ServiceAccount",
        {"redeploy/service-account-used": "pod.wrong-service-account"},
        _account("default"),
    ),
    _wrong_settings("the app does not choose its identity", "USE_AZURE_AD=False", USE_AZURE_AD="False"),
    _wrong_settings(
        "the app asks another account",
        "other.openai.azure.com",
        AZURE_OPENAI_ENDPOINT="https://other.openai.azure.com/",
    ),
    _wrong_settings(
        "the Deployment sets the client id by itself, and wrong",
        "AZURE_CLIENT_ID set by hand",
        AZURE_CLIENT_ID="11111111-2222-3333-4444-555555555555",
    ),
    _exposed_key(
        "the key is still in the Deployment",
        lambda hands: hands.app(set_variables(OPENAI_API_KEY=_KEY)),
        says="as plain text",
    ),
    _exposed_key(
        "the key comes from a Secret", lambda hands: _with_secret(hands, _key_of_secret), says="from secret"
    ),
    _exposed_key(
        "the key comes with all of a Secret", lambda hands: _with_secret(hands, _all_of_secret), says="openai"
    ),
    _exposed_key("the key is mounted as a file", _with_mounted_secret, says="openai"),
    _left_beside(
        "an old container with the key is left beside the app's",
        {"redeploy/no-key": "pod.key-exposed"},
        key=True,
    ),
    _left_beside("the old container is left beside the app's, without the key", {}, key=False),
    Breakage(
        "a running pod has the key in a second container",
        {"verify/no-key-in-pods": "pod.key-exposed"},
        lambda hands: hands.deployment(_beside_with_key),
        root=("pod.leftover-container",),
        says="container helper",
        may=frozenset({"verify/answers-in-cluster", "verify/answers-through-shop"}),
        waits=True,
        solve=("redeploy",),
    ),
)
