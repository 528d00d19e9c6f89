"""Where the judgements of image and rollout turn: just on this side, just on the other, and what is shown."""

from __future__ import annotations

from dataclasses import replace

from steps_world import (
    CONTAINER,
    DIGEST,
    FINISHED,
    KEY,
    LABEL,
    OTHER_DIGEST,
    POD,
    REPOSITORY,
    SETTINGS,
    STATUS,
    Case,
    but,
    container,
    template,
    variable,
)

from workshop_tui.authoring import (
    Condition,
    Deployment,
    Evidence,
    ImageManifest,
    Pod,
    Pods,
    PushedImage,
    Unreadable,
)
from workshop_tui.findings import Verdict

GREEN, PENDING = Verdict.PASSED, Verdict.PENDING
ROLLED, IMAGE = "redeploy/rolled-out", "redeploy/image"
TAG = f"{REPOSITORY}:1h"
MINE = "ghcr.io/me/ai-service"
SHOP = "ghcr.io/azure-samples/aks-store-demo/ai-service:latest"
CRASHING = replace(
    POD,
    name="crashing",
    ready=False,
    statuses=(replace(STATUS, ready=False, state="waiting", reason="CrashLoopBackOff"),),
)
STARTING = replace(POD, name="starting", ready=False, statuses=(replace(STATUS, ready=False),))
UNREAD: dict[type, object] = {Pods: Unreadable("the pods", "403 Forbidden", "reading.no-permission")}
NOT_READ: dict[type, object] = {PushedImage: Unreadable("the registry", "no answer", "image.registry-down")}
ROLLING = but(Deployment, updated=1, replicas=2, available=1)


def _pods(*pods: Pod) -> dict[type, object]:
    return {Pods: Pods(pods)}


def _runs(image_id: str, **changes: object) -> dict[type, object]:
    """Return the one pod with a container that runs these bytes."""
    return _pods(replace(POD, statuses=(replace(STATUS, image_id=image_id),), **changes))  # type: ignore[arg-type]


def _asks(image: str, **deployment: object) -> dict[type, object]:
    changed = replace(FINISHED[Deployment].template, containers=(replace(CONTAINER, image=image),))
    return but(Deployment, template=changed, **deployment)


def _pushed(digest: str, noted: str, reference: str = TAG) -> dict[type, object]:
    """Return the pushed image with what the registry has, and what was noted; empty: nothing."""
    manifest: ImageManifest = FINISHED[PushedImage].manifest
    evidence: Evidence = FINISHED[PushedImage].evidence
    return but(
        PushedImage,
        reference=reference,
        manifest=replace(manifest, digest=digest) if digest else None,
        evidence=replace(evidence, data={"digest": noted} if noted else {}),
    )


def _before(**changes: object) -> dict[type, object]:
    """Return the pod template of before the workshop: an old image, a key, no label and no ServiceAccount."""
    old = replace(CONTAINER, image=SHOP, environment=(*SETTINGS, variable("OPENAI_API_KEY", KEY)))
    return template(**{"labels": {"app": "x"}, "service_account": "default", "containers": (old,), **changes})


ROLLOUT = (
    # One more than is wanted may crash; one of those that are wanted may not.
    Case(ROLLED, None, _pods(POD, CRASHING), GREEN),
    Case(
        ROLLED,
        "pod.crash-loop",
        {**but(Deployment, wanted=2, replicas=2, updated=2, available=2), **_pods(POD, CRASHING)},
    ),
    Case(
        ROLLED,
        None,
        {**but(Deployment, wanted=2, replicas=2, updated=2, available=2), **_pods(POD, STARTING)},
        GREEN,
    ),
    Case(ROLLED, "pod.rolling", _pods(replace(POD, current=False)), PENDING, says="none of them ready now"),
    Case(
        ROLLED,
        "pod.rolling",
        {**but(Deployment, updated=1, replicas=1, available=0), **_pods(STARTING)},
        PENDING,
        says="1 in all of 1 wanted 1 new",
    ),
    Case(ROLLED, "pod.rolling", {**ROLLING, **_pods(POD)}, PENDING, says="2 in all of 1 wanted 1 new"),
    Case(
        ROLLED,
        "pod.crash-loop",
        {**but(Deployment, paused=True, updated=1, replicas=2, available=0), **_pods(CRASHING)},
    ),
    *(
        Case(
            ROLLED,
            "app.paused",
            but(Deployment, paused=True, updated=1, replicas=2, conditions=conditions),
            says="; spec.paused is true ",
        )
        for conditions in ((), (Condition("Progressing", "True", "ReplicaSetUpdated", "is progressing"),))
    ),
)

BYTES = (
    Case(IMAGE, None, container(image=TAG), GREEN, says=TAG),
    Case(IMAGE, None, {**container(image=TAG), **UNREAD}, GREEN),
    Case(
        IMAGE,
        "pod.wrong-image",
        {**container(image=TAG), **_runs(f"docker-pullable://{REPOSITORY}@{OTHER_DIGEST}")},
        says="though the tag is right",
    ),
    # Named by its bytes, the Deployment is right whatever still runs; so is it while others go or come.
    Case(IMAGE, None, _runs(f"{REPOSITORY}@{OTHER_DIGEST}"), GREEN),
    Case(
        IMAGE, None, {**container(image=TAG), **_runs(f"{REPOSITORY}@{OTHER_DIGEST}", current=False)}, GREEN
    ),
    Case(IMAGE, None, {**container(image=TAG), **_runs(f"{REPOSITORY}@{OTHER_DIGEST}", ready=False)}, GREEN),
    # Where no digest is known any more, the tag is all there is to go by.
    Case(IMAGE, None, {**container(image=TAG), **_pushed("", "")}, GREEN),
    Case(IMAGE, None, {**container(image=TAG), **but(PushedImage, manifest=None, evidence=None)}, GREEN),
    # The push that was noted comes first, but one by hand of the source as it is now comes before it.
    Case(
        IMAGE,
        "pod.wrong-image",
        {**container(image=SHOP), **but(PushedImage, evidence=None)},
        says=f"@{DIGEST} ",
    ),
    *(
        Case(
            IMAGE,
            "pod.wrong-image",
            {
                **container(image=SHOP),
                PushedImage: replace(_pushed(OTHER_DIGEST, DIGEST)[PushedImage], made_of_source=made),  # type: ignore[type-var]
            },
            says=f" {REPOSITORY}@{digest} ",
        )
        for made, digest in ((True, OTHER_DIGEST), (False, DIGEST), (None, DIGEST))
    ),
    # What was noted of the push counts, and what the registry has now.
    Case(IMAGE, None, _pushed(OTHER_DIGEST, DIGEST), GREEN),
    Case(IMAGE, None, _pushed(DIGEST, ""), GREEN),
    Case(IMAGE, None, _pushed("", DIGEST), GREEN),
    Case(
        IMAGE,
        "pod.wrong-image",
        {**container(image=SHOP), **_pushed(DIGEST, DIGEST, "localhost:5000/app:1h")},
        says=f" localhost:5000/app@{DIGEST} ",
    ),
    Case(IMAGE, "pod.wrong-image", {**container(image=SHOP), **_pushed("", "")}, says=f" {TAG} "),
    Case(
        IMAGE,
        None,
        {
            **container(image="ttl.sh/another:1h"),
            **_pushed("", ""),
            **_runs(f"ttl.sh/another@{OTHER_DIGEST}"),
        },
        GREEN,
        says="run by a ready pod",
    ),
    Case(
        IMAGE,
        "pod.wrong-image",
        {**container(image="ttl.sh/another:1h"), **_runs(f"ttl.sh/another@{OTHER_DIGEST}")},
    ),
    Case(
        IMAGE,
        None,
        {**container(image="ttl.sh/another:1h"), **_runs(f"ttl.sh/another@{DIGEST}")},
        GREEN,
        says="the image that was pushed, under another name",
    ),
)

ELSEWHERE = (
    Case(
        IMAGE,
        None,
        {**container(image=f"{MINE}@{OTHER_DIGEST}"), **_runs(f"{MINE}@{OTHER_DIGEST}")},
        GREEN,
        says="run by a ready pod",
    ),
    Case(
        IMAGE, "image.registry-down", {**container(image=f"{MINE}:1"), **NOT_READ, **_pods()}, Verdict.UNKNOWN
    ),
    Case(IMAGE, "image.registry-down", {**container(image=TAG), **NOT_READ, **_pods()}, Verdict.UNKNOWN),
    Case(IMAGE, "pod.wrong-image", {**container(image=SHOP), **NOT_READ, **_pods()}),
    Case(IMAGE, "pod.rolling", {**_asks(f"{MINE}:1", available=0), **_pods(STARTING)}, PENDING),
    Case(IMAGE, "pod.rolling", {**_asks("ttl.sh/another:1h", available=0), **_pods(STARTING)}, PENDING),
    Case(IMAGE, "pod.wrong-image", {**_asks(SHOP, available=0), **_pods(STARTING)}),
    Case(
        IMAGE,
        "pod.wrong-image",
        {
            **_asks("ttl.sh/another:1h", updated=1, replicas=2),
            **_runs(f"ttl.sh/another@{OTHER_DIGEST}"),
        },
    ),
    Case(IMAGE, "pod.wrong-image", {**_asks(f"{MINE}:1", available=0), **UNREAD}),
    Case(IMAGE, "pod.wrong-image", {**container(image=f"{MINE}:1"), **_pods()}),
)

BEFORE = (
    Case(IMAGE, "pod.old-template", _before()),
    Case(IMAGE, "pod.old-template", _before(service_account="")),
    Case(IMAGE, "pod.wrong-image", _before(service_account="mine")),
    Case(IMAGE, "pod.wrong-image", _before(labels={LABEL: "true"})),
    Case(IMAGE, "pod.wrong-image", _before(containers=(replace(CONTAINER, image=SHOP),))),
)

CASES = (*ROLLOUT, *BYTES, *ELSEWHERE, *BEFORE)
