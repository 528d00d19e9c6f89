"""What can be wrong in the cluster, and what is right in another way."""

from __future__ import annotations

import copy
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from breakages import Breakage, Harmless
from hands_cluster import CLIENT_ID, DEPLOYMENT, LABEL, SERVICE_ACCOUNT, containers

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from breaking_hands import Hands
    from hands_asking import Document

_ROLLS = frozenset({"redeploy/rolled-out", "redeploy/injected"})
"""What a changed pod template sets going, and may be any way for a while."""
_KEY = "sk-abcdefghijklmnopqrstuvwxyz123456"


def _template(live: Document) -> Document:
    found: Document = live["spec"]["template"]
    return found


def _set(**values: str) -> Callable[[Document], object]:
    """Set variables of the app's container."""

    def change(container: Document) -> None:
        kept = [item for item in container["env"] if item["name"] not in values]
        container["env"] = kept + [{"name": name, "value": value} for name, value in values.items()]

    return change


def _unlabelled(live: Document) -> None:
    _template(live)["metadata"]["labels"].pop(LABEL)


def _misplaced(live: Document) -> None:
    _unlabelled(live)
    live["metadata"].setdefault("labels", {})[LABEL] = "true"


def _as_annotation(live: Document) -> None:
    _unlabelled(live)
    _template(live)["metadata"].setdefault("annotations", {})[LABEL] = "true"


def _labelled_wrongly(live: Document) -> None:
    _template(live)["metadata"]["labels"][LABEL] = "True"


def _leftover(hands: Hands, *, key: bool = True) -> Callable[[Document], object]:
    """Return what `kubectl apply` makes of the old container, which has another name than the new one."""
    old = copy.deepcopy(containers(hands.original)[0])
    if not key:
        old["env"] = [item for item in old["env"] if item["name"] != "OPENAI_API_KEY"]
    return lambda live: containers(live).append(old)


def _beside_with_key(live: Document) -> None:
    _sidecar(live)
    containers(live)[-1].update(name="helper", env=[{"name": "OPENAI_API_KEY", "value": _KEY}])


def _sidecar(live: Document) -> None:
    image = "ghcr.io/azure-samples/aks-store-demo/makeline-service:latest"
    containers(live).append({"name": "log-shipper", "image": image})


def _other_resources(container: Document) -> None:
    container["resources"] = {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "300Mi"}}


def _account(name: str) -> Callable[[Document], object]:
    def change(live: Document) -> None:
        spec = _template(live)["spec"]
        spec["serviceAccountName"] = spec["serviceAccount"] = name

    return change


def _replicas(number: int) -> Callable[[Document], object]:
    return lambda live: live["spec"].update(replicas=number)


def _restart(live: Document) -> None:
    annotations = _template(live)["metadata"].setdefault("annotations", {})
    annotations["kubectl.kubernetes.io/restartedAt"] = "2024-01-01T00:00:00Z"


@contextmanager
def _then_restarted(*broken: Any) -> Iterator[None]:
    """Break, and have the pods made anew, as a person would who wonders why nothing changed."""
    with ExitStack() as stack:
        for one in broken:
            stack.enter_context(one)
        yield


def _key_of_secret(container: Document) -> None:
    source = {"secretKeyRef": {"name": "openai", "key": "OPENAI_API_KEY"}}
    container["env"].append({"name": "OPENAI_API_KEY", "valueFrom": source})


def _all_of_secret(container: Document) -> None:
    container["envFrom"] = [{"secretRef": {"name": "openai"}}]


def _with_file(live: Document) -> None:
    mount = {"name": "openai", "mountPath": "/etc/openai", "readOnly": True}
    containers(live)[0]["volumeMounts"] = [mount]
    _template(live)["spec"]["volumes"] = [{"name": "openai", "secret": {"secretName": "openai"}}]


def _restart_paused(live: Document) -> None:
    live["spec"]["paused"] = True
    _restart(live)


@contextmanager
def _with_mounted_secret(hands: Hands) -> Iterator[None]:
    with hands.secret("openai", OPENAI_API_KEY=_KEY), hands.deployment(_with_file):
        yield


@contextmanager
def _with_secret(hands: Hands, change: Callable[[Document], object]) -> Iterator[None]:
    with hands.secret("openai", OPENAI_API_KEY=_KEY), hands.app(change):
        yield


BREAKAGES = (
    Breakage(
        "the app is scaled to nothing",
        {
            "exposed-key/app-deployed": "app.scaled-to-zero",
            "exposed-key/key-in-sight": "app.no-pods",
            "redeploy/rolled-out": "app.scaled-to-zero",
            "redeploy/injected": "app.no-pods",
            "verify/no-key-in-pods": "app.no-pods",
            "verify/identity-in-pods": "app.no-pods",
            "verify/answers-in-cluster": "live.no-answer",
            "verify/answers-through-shop": "live.no-answer",
        },
        lambda hands: hands.deployment(_replicas(0)),
        waits=True,
        solve=("redeploy",),
    ),
    Breakage(
        "the rollout is paused, and a change waits",
        {"redeploy/rolled-out": "app.paused"},
        lambda hands: hands.deployment(_restart_paused),
        says="Deployment is paused",
        waits=True,
    ),
    Breakage(
        "the shop is down",
        {"verify/answers-through-shop": "live.shop-unreachable"},
        lambda hands: hands.shop_down(),
        waits=True,
    ),
    Breakage(
        "the ServiceAccount is missing",
        {
            "service-account/exists": "service-account.missing",
            "service-account/client-id-matches": "service-account.missing",
        },
        lambda hands: hands.deleted(SERVICE_ACCOUNT),
        solve=("service-account",),
    ),
    Breakage(
        "the ServiceAccount is missing, and no pod can be made",
        {
            "redeploy/rolled-out": "service-account.missing",
            "redeploy/service-account-used": "service-account.missing",
        },
        lambda hands: _then_restarted(hands.deleted(SERVICE_ACCOUNT), hands.deployment(_restart)),
        says="not found",
        may=frozenset({"redeploy/injected"}),
        waits=True,
        solve=("service-account", "redeploy"),
    ),
    Breakage(
        "the ServiceAccount has no client id",
        {"service-account/client-id-matches": "service-account.no-client-id"},
        lambda hands: hands.annotated(None),
        says=CLIENT_ID,
        solve=("service-account",),
    ),
    Breakage(
        "the ServiceAccount has the object id",
        {"service-account/client-id-matches": "service-account.wrong-client-id"},
        lambda hands: hands.annotated(hands.principal),
        says="This is the object id of myIdentity",
        solve=("service-account",),
    ),
    Breakage(
        "the ServiceAccount has an identity's client id that there is not, and the pods carry it",
        {
            "service-account/client-id-matches": "service-account.wrong-client-id",
            "redeploy/rolled-out": "live.token-exchange-refused",
            "redeploy/injected": "pod.outdated-identity",
        },
        lambda hands: _then_restarted(
            hands.annotated("11111111-2222-3333-4444-555555555555"), hands.deployment(_restart)
        ),
        may=frozenset({"redeploy/rolled-out"}),
        waits=True,
        solve=("service-account", "redeploy"),
    ),
    Breakage(
        "the label is missing",
        {"redeploy/workload-label": "pod.label-missing"},
        lambda hands: hands.deployment(_unlabelled),
        may=_ROLLS,
        solve=("redeploy",),
    ),
    Breakage(
        "the label is on the Deployment itself",
        {"redeploy/workload-label": "pod.label-misplaced"},
        lambda hands: hands.deployment(_misplaced),
        says="as a label of the Deployment itself",
        may=_ROLLS,
    ),
    Breakage(
        "the label is an annotation",
        {"redeploy/workload-label": "pod.label-misplaced"},
        lambda hands: hands.deployment(_as_annotation),
        says="as an annotation of the pod template",
        may=_ROLLS,
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
    Breakage(
        "the pods use the namespace's own ServiceAccount",
        {"redeploy/service-account-used": "pod.wrong-service-account"},
        lambda hands: hands.deployment(_account("default")),
        may=_ROLLS,
    ),
    Breakage(
        "the app does not choose its identity",
        {"redeploy/settings": "pod.settings-wrong"},
        lambda hands: hands.app(_set(USE_AZURE_AD="False")),
        says="USE_AZURE_AD=False",
        may=_ROLLS,
    ),
    Breakage(
        "the app asks another account",
        {"redeploy/settings": "pod.settings-wrong"},
        lambda hands: hands.app(_set(AZURE_OPENAI_ENDPOINT="https://other.openai.azure.com/")),
        says="other.openai.azure.com",
        may=_ROLLS,
    ),
    Breakage(
        "the Deployment sets the client id by itself, and wrong",
        {"redeploy/settings": "pod.settings-wrong"},
        lambda hands: hands.app(_set(AZURE_CLIENT_ID="11111111-2222-3333-4444-555555555555")),
        says="AZURE_CLIENT_ID set by hand",
        may=_ROLLS,
    ),
    Breakage(
        "the key is still in the Deployment",
        {"redeploy/no-key": "pod.key-exposed"},
        lambda hands: hands.app(_set(OPENAI_API_KEY=_KEY)),
        says="as plain text",
        may=_ROLLS,
    ),
    Breakage(
        "the key comes from a Secret",
        {"redeploy/no-key": "pod.key-exposed"},
        lambda hands: _with_secret(hands, _key_of_secret),
        says="from secret",
        may=_ROLLS,
    ),
    Breakage(
        "the key comes with all of a Secret",
        {"redeploy/no-key": "pod.key-exposed"},
        lambda hands: _with_secret(hands, _all_of_secret),
        says="openai",
        may=_ROLLS,
    ),
    Breakage(
        "the key is mounted as a file",
        {"redeploy/no-key": "pod.key-exposed"},
        _with_mounted_secret,
        says="openai",
        may=_ROLLS,
    ),
    Breakage(
        "an old container with the key is left beside the app's",
        {"redeploy/only-its-container": "pod.leftover-container", "redeploy/no-key": "pod.key-exposed"},
        lambda hands: hands.deployment(_leftover(hands)),
        says="order-service",
        may=_ROLLS,
        solve=("redeploy",),
    ),
    Breakage(
        "the old container is left beside the app's, without the key",
        {"redeploy/only-its-container": "pod.leftover-container"},
        lambda hands: hands.deployment(_leftover(hands, key=False)),
        says="order-service",
        may=_ROLLS,
        solve=("redeploy",),
    ),
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
    Breakage(
        "the app still runs the shop's own image, with the key and without the identity",
        {
            "redeploy/image": "pod.old-template",
            "redeploy/injected": "pod.not-injected",
            "verify/no-key-in-pods": "pod.key-exposed",
            "verify/identity-in-pods": "pod.not-injected",
            "verify/answers-in-cluster": "live.key-refused",
            "verify/answers-through-shop": "live.key-refused",
            "lock-the-door/identity-works": "live.key-refused",
        },
        lambda hands: hands.rolled_back(),
        says="ai-service",
        may=frozenset(
            {
                "redeploy/only-its-container",
                "redeploy/no-key",
                "redeploy/workload-label",
                "redeploy/settings",
                "redeploy/service-account-used",
            }
        ),
        waits=True,
        solve=("redeploy",),
    ),
    Breakage(
        "the image does not exist",
        {"redeploy/image": "pod.wrong-image", "redeploy/rolled-out": "pod.image-pull"},
        lambda hands: hands.app(
            lambda container: container.update(image=f"{hands.cloud['registry']}/nobody/nothing:1h")
        ),
        says="nobody/nothing:1h",
        may=frozenset({"redeploy/injected"}),
        waits=True,
    ),
    Breakage(
        "the pods' sign-in is refused for their namespace, and they crash",
        {"redeploy/rolled-out": "live.token-exchange-refused"},
        lambda hands: _then_restarted(
            hands.credential(subject="system:serviceaccount:pets:ai-service-account"),
            hands.deployment(_restart),
        ),
        root=("federation.subject-mismatch",),
        says="AADSTS700213",
        waits=True,
        solve=("federate", "redeploy"),
    ),
    Breakage(
        "the pods' sign-in is refused for their issuer, and they crash",
        {"redeploy/rolled-out": "live.token-exchange-refused"},
        lambda hands: _then_restarted(
            hands.credential(issuer=hands.issuer.rstrip("/")), hands.deployment(_restart)
        ),
        root=("federation.issuer-mismatch",),
        says="AADSTS700211",
        waits=True,
    ),
    Breakage(
        "the pods' sign-in is refused for their audience, and they crash",
        {"redeploy/rolled-out": "live.token-exchange-refused"},
        lambda hands: _then_restarted(
            hands.credential(audiences=["api://other"]), hands.deployment(_restart)
        ),
        root=("federation.audience-mismatch",),
        says="AADSTS700212",
        waits=True,
    ),
    Breakage(
        "the pods' sign-in is refused since nobody is trusted, and they crash",
        {"redeploy/rolled-out": "live.token-exchange-refused"},
        lambda hands: _then_restarted(hands.no_credential(), hands.deployment(_restart)),
        root=("federation.missing",),
        says="AADSTS700",
        waits=True,
        solve=("federate", "redeploy"),
    ),
    Breakage(
        "the app is not deployed",
        {
            **{f"exposed-key/{check}": "app.not-deployed" for check in ("app-deployed", "key-in-sight")},
            **{
                f"verify/{check}": "app.not-deployed"
                for check in (
                    "no-key-in-pods",
                    "identity-in-pods",
                    "answers-in-cluster",
                    "answers-through-shop",
                )
            },
        },
        lambda hands: hands.deleted(DEPLOYMENT),
        waits=True,
    ),
)

HARMLESS = (
    Harmless("two replicas", ("exposed-key", "redeploy", "verify"), lambda h: h.deployment(_replicas(2))),
    Harmless("a sidecar without a key", ("redeploy", "verify"), lambda h: h.deployment(_sidecar)),
    Harmless("other resources", ("redeploy",), lambda h: h.app(_other_resources)),
    Harmless(
        "the image by its tag",
        ("redeploy", "build-push"),
        lambda h: h.app(lambda container: container.update(image=h.image)),
    ),
    Harmless(
        "settings in another spelling",
        ("redeploy",),
        lambda h: h.app(_set(USE_AZURE_AD="true", USE_AZURE_OPENAI="TRUE")),
    ),
)
