"""What can be wrong in the cluster, and what is right in another way."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING, Any

from breakages import Breakage, Harmless
from breakages_template import TEMPLATE, add_sidecar, set_variables, template_of
from hands_cluster import CLIENT_ID, DEPLOYMENT, SERVICE_ACCOUNT

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from hands_asking import Document


def _other_resources(container: Document) -> None:
    container["resources"] = {"requests": {"cpu": "50m", "memory": "96Mi"}, "limits": {"memory": "300Mi"}}


def _replicas(number: int) -> Callable[[Document], object]:
    return lambda live: live["spec"].update(replicas=number)


def _restart(live: Document) -> None:
    annotations = template_of(live)["metadata"].setdefault("annotations", {})
    annotations["kubectl.kubernetes.io/restartedAt"] = "2024-01-01T00:00:00Z"


@contextmanager
def _then_restarted(*broken: Any) -> Iterator[None]:
    """Break, and have the pods made anew, as a person would who wonders why nothing changed."""
    with ExitStack() as stack:
        for one in broken:
            stack.enter_context(one)
        yield


def _restart_paused(live: Document) -> None:
    live["spec"]["paused"] = True
    _restart(live)


APP_AND_ACCOUNT = (
    Breakage(
        "the app's namespace is misspelt",
        {
            "exposed-key/app-deployed": "cluster.other-namespace",
            "exposed-key/key-in-sight": "cluster.other-namespace",
        },
        lambda hands: hands.nothing(),
        settings={"SERVICE_ACCOUNT_NAMESPACE": "pest"},
        says="one is in default",
    ),
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
)

ROLLOUT = (
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

BREAKAGES = (*APP_AND_ACCOUNT, *TEMPLATE, *ROLLOUT)

HARMLESS = (
    Harmless("two replicas", ("exposed-key", "redeploy", "verify"), lambda h: h.deployment(_replicas(2))),
    Harmless("a sidecar without a key", ("redeploy", "verify"), lambda h: h.deployment(add_sidecar)),
    Harmless("other resources", ("redeploy",), lambda h: h.app(_other_resources)),
    Harmless(
        "the image by its tag",
        ("redeploy", "build-push"),
        lambda h: h.app(lambda container: container.update(image=h.image)),
    ),
    Harmless(
        "settings in another spelling",
        ("redeploy",),
        lambda h: h.app(set_variables(USE_AZURE_AD="true", USE_AZURE_OPENAI="TRUE")),
    ),
)
