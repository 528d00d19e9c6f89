"""Worlds in which a check was wrong once: found by generated worlds, and by faults that no test noticed."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    CREDENTIAL,
    KEY,
    NOW,
    OTHER_DIGEST,
    POD,
    REPOSITORY,
    SETTINGS,
    STATUS,
    TEMPLATE,
    Case,
    answer,
    but,
    container,
    pod,
    variable,
)

from workshop_tui.authoring import (
    ClusterDescription,
    Condition,
    Deployment,
    EnvironmentSource,
    IdentityAnswer,
    Pods,
    ShopDescription,
    Sightings,
    Unreadable,
)
from workshop_tui.findings import Verdict

TAG = f"{REPOSITORY}:1h"
SUBJECT_REFUSED = "AADSTS700213: No matching federated identity record found."
EXPOSED = replace(
    POD, spec=replace(POD.spec, containers=(replace(CONTAINER, environment=(variable("X", KEY),)),))
)
OLD_EXPOSED = replace(EXPOSED, name="old", current=False)
ROLLING = but(Deployment, updated=1, available=1, replicas=2)
STALE = replace(POD, name="stale", statuses=(replace(STATUS, image_id=f"{REPOSITORY}@{OTHER_DIGEST}"),))


def _bundle(*names: str) -> EnvironmentSource:
    chosen = [item for item in SETTINGS if item.name in names]
    return EnvironmentSource(
        "configmap",
        "settings",
        "envFrom",
        tuple(item.name for item in chosen),
        tuple(item.value for item in chosen),
    )


SEALED = EnvironmentSource("secret", "sealed", "envFrom", None)
NAMES = [item.name for item in SETTINGS]


def _troubled(*logs: str) -> dict[type, object]:
    """Return new pods in a crash loop, with these logs; the credential is young."""
    status = replace(
        STATUS, ready=False, state="waiting", reason="CrashLoopBackOff", restarts=2, last_exit_code=1
    )
    items = tuple(
        replace(POD, name=f"pod-{number}", ready=False, statuses=(status,), log=log)
        for number, log in enumerate(logs)
    )
    young = Sightings({CREDENTIAL.sighting: NOW - timedelta(seconds=30)})
    return {**but(Deployment, available=0), Pods: Pods(items), Sightings: young}


def _rolling_to(image: str) -> dict[type, object]:
    """Return a rollout to this image whose new pod is not there yet."""
    template = replace(TEMPLATE, containers=(replace(CONTAINER, image=image),))
    rolling = but(Deployment, template=template, updated=0, available=1)
    return {**rolling, Pods: Pods((replace(POD, current=False),))}


NOBODY_YET = {**but(Deployment, updated=0, available=0, replicas=0), Pods: Pods(())}
"""What there is for a moment with the strategy Recreate: the old pods are gone, and no new one is there."""
UNREADY_SERVICE = (503, "ServiceUnavailable", "no endpoints available for service")
THROTTLED = "Error: (<ErrorCodes.ServiceError: 6>, 'failed', RateLimitError(message='Requests to the …'))"
BETWEEN = (
    *(
        Case(check, "pod.rolling", NOBODY_YET, Verdict.PENDING, says="no new pod yet")
        for check in ("exposed-key/key-in-sight", "verify/no-key-in-pods", "verify/identity-in-pods")
    ),
    Case(
        "verify/answers-in-cluster",
        "pod.rolling",
        {**NOBODY_YET, **answer(ClusterDescription, *UNREADY_SERVICE)},
        Verdict.PENDING,
    ),
    Case(
        "verify/answers-through-shop",
        "pod.rolling",
        {
            **NOBODY_YET,
            **answer(ClusterDescription, *UNREADY_SERVICE),
            **answer(ShopDescription, *UNREADY_SERVICE),
        },
        Verdict.PENDING,
    ),
    # Where none is wanted, none is on its way.
    Case("exposed-key/key-in-sight", "app.no-pods", {**but(Deployment, wanted=0), Pods: Pods(())}),
    # Which image a tag stands for shows when its pod runs: until then nothing is wrong for certain.
    *(
        Case("redeploy/image", cause, _rolling_to(image), verdict)
        for image, cause, verdict in (
            ("ghcr.io/me/ai-service:2", "pod.rolling", Verdict.PENDING),
            (f"{REPOSITORY}x:1h", "pod.rolling", Verdict.PENDING),
            ("ghcr.io/azure-samples/aks-store-demo/ai-service:latest", "pod.wrong-image", Verdict.FAILED),
            (f"{REPOSITORY}@{OTHER_DIGEST}", "pod.wrong-image", Verdict.FAILED),
        )
    ),
    # The app answers, if with an error: a shop where nobody listens is a fault of its own.
    *(
        Case(
            "verify/answers-through-shop",
            "live.shop-unreachable",
            {
                **answer(ClusterDescription, 401, "", "Error: DeploymentNotFound"),
                **answer(ShopDescription, status),
                **pod(created=NOW),
            },
        )
        for status in (0, 502, 503)
    ),
    Case(
        "verify/answers-through-shop",
        "live.deployment-unknown",
        {
            **answer(ClusterDescription, 401, "", "Error: DeploymentNotFound"),
            **answer(ShopDescription, 500),
            **pod(created=NOW),
        },
    ),
    # The app passes on what its library raised, under a status of its own.
    *(
        Case(check, "reading.throttled", answer(kind, 401, "", THROTTLED), Verdict.UNKNOWN)
        for check, kind in (
            ("verify/answers-in-cluster", ClusterDescription),
            ("verify/answers-through-shop", ShopDescription),
            ("lock-the-door/identity-works", IdentityAnswer),
        )
    ),
)

CASES = (
    *BETWEEN,
    # The Deployment's counts say that all is well; its pods, read a moment later, do not.
    Case("redeploy/rolled-out", "pod.rolling", pod(ready=False), Verdict.PENDING, says="none of them ready"),
    Case("redeploy/rolled-out", "pod.rolling", {Pods: Pods(())}, Verdict.PENDING),
    # One pod waits for the credential, another has a fault that time does not mend, in either order.
    Case("redeploy/rolled-out", "pod.crash-loop", _troubled(SUBJECT_REFUSED, "KeyError: 'x'")),
    Case("redeploy/rolled-out", "pod.crash-loop", _troubled("KeyError: 'x'", SUBJECT_REFUSED)),
    # The tag is right, and one of two pods was started before the newest push.
    Case("redeploy/image", "pod.wrong-image", {**container(image=TAG), Pods: Pods((POD, STALE))}),
    Case("redeploy/image", "pod.wrong-image", {**container(image=TAG), Pods: Pods((STALE, POD))}),
    # Settings out of a ConfigMap as a whole are settings, too.
    Case(
        "redeploy/settings",
        None,
        container(environment=(), sources=(_bundle(*NAMES),)),
        Verdict.PASSED,
    ),
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        container(environment=(variable("USE_AZURE_AD", "False"),), sources=(_bundle(*NAMES),)),
        says="USE_AZURE_AD=False",
    ),
    Case(
        "redeploy/settings",
        "reading.no-permission",
        container(environment=(), sources=(_bundle(*NAMES[1:]), SEALED)),
        Verdict.UNKNOWN,
        says=NAMES[0],
    ),
    # What can't be read does not hide what is wrong for certain.
    Case(
        "redeploy/settings",
        "pod.settings-wrong",
        container(
            environment=(variable("USE_AZURE_OPENAI", "False"), variable("USE_AZURE_AD", "", "secret a/b")),
        ),
        says="USE_AZURE_OPENAI=False",
    ),
    # A pod that stays and has a key is told, whatever is being replaced beside it.
    Case(
        "verify/no-key-in-pods",
        "pod.key-exposed",
        {**ROLLING, Pods: Pods((OLD_EXPOSED, EXPOSED))},
    ),
    Case("verify/no-key-in-pods", "pod.rolling", {**ROLLING, Pods: Pods((OLD_EXPOSED,))}, Verdict.PENDING),
    # Nothing replaces a pod while the rollout is stuck.
    Case(
        "verify/no-key-in-pods",
        "pod.key-exposed",
        {
            **but(
                Deployment,
                available=0,
                replicas=2,
                conditions=(Condition("Progressing", "False", "ProgressDeadlineExceeded", "timed out"),),
            ),
            Pods: Pods((OLD_EXPOSED,)),
        },
    ),
    # The app answers; whether with a key nobody could see.
    Case(
        "lock-the-door/identity-works",
        "reading.no-permission",
        {
            **but(IdentityAnswer, authentication="", object_id=""),
            Pods: Unreadable("the pods", "forbidden", "reading.no-permission"),
        },
        Verdict.UNKNOWN,
        says="forbidden",
    ),
)
