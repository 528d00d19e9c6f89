"""Where a judgement turns: just on this side, just on the other, and what is shown of it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    DIGEST,
    FINGERPRINT,
    FINISHED,
    LONG_AGO,
    NOW,
    OTHER_DIGEST,
    POD,
    REPOSITORY,
    STATUS,
    Case,
    answer,
    but,
)

from workshop_tui.authoring import (
    Absent,
    AppService,
    ClusterDescription,
    Evidence,
    ImageManifest,
    ModelDeployment,
    Pod,
    Pods,
    PushedImage,
    ServicePort,
    Unreadable,
)
from workshop_tui.findings import Verdict

GREEN, PENDING = Verdict.PASSED, Verdict.PENDING
NO_ENDPOINTS = answer(ClusterDescription, 503, "", 'no endpoints available for service "ai-service"')
TWO_LABELS = {"app": "ai-service", "tier": "back"}


def _manifest(**changes: object) -> ImageManifest:
    manifest: ImageManifest = FINISHED[PushedImage].manifest
    return replace(manifest, **changes)  # type: ignore[arg-type]


def _pushed(data: dict[str, str] | None, **changes: object) -> dict[type, object]:
    evidence = None if data is None else Evidence("image-push", FINGERPRINT, LONG_AGO, data)
    return but(PushedImage, evidence=evidence, **changes)


IMAGE = (
    Case("build-push/digest-known", None, _pushed({}), GREEN, says=DIGEST),
    Case("build-push/digest-known", None, _pushed(None), GREEN, says=DIGEST),
    Case(
        "build-push/digest-known",
        "image.no-digest",
        _pushed(None, manifest=_manifest(digest="")),
        says="no digest ",
    ),
    Case(
        "build-push/time-left",
        None,
        but(PushedImage, manifest=_manifest(expires=NOW + timedelta(minutes=2))),
        GREEN,
    ),
    Case(
        "build-push/image-available",
        "image.missing",
        {
            PushedImage: Absent("the image", "image.missing"),
            Pods: Unreadable("the pods", "403 Forbidden", "reading.no-permission"),
        },
        command=f"&& docker push {REPOSITORY}:1h",
    ),
    # Nothing is noted of the push, and the registry has no more of it: any image from there is the learner's.
    Case("build-push/image-available", None, _pushed({}, manifest=None), GREEN, says="a ready pod runs it"),
)

SOON = _manifest(expires=NOW + timedelta(seconds=90))
COMING = replace(POD, name="coming", ready=False, statuses=())


def _coming(*pods: Pod) -> dict[type, object]:
    """Return the image whose time is nearly over, and pods that ask for it or do not."""
    return {**but(PushedImage, manifest=SOON), Pods: Pods(pods)}


def _asking(image: str, **changes: object) -> Pod:
    spec = replace(POD.spec, containers=(replace(CONTAINER, image=image),))
    return replace(COMING, spec=spec, **changes)  # type: ignore[arg-type]


OTHER_ID = replace(STATUS, image_id=f"ttl.sh/another@{OTHER_DIGEST}")
LEAVING = (
    Case(
        "build-push/time-left",
        "image.expiring",
        _coming(_asking(f"x@{DIGEST}")),
        PENDING,
        says="pod coming is",
    ),
    Case(
        "build-push/time-left",
        "image.expiring",
        _coming(_asking(f"{REPOSITORY}:1h")),
        PENDING,
        says="pod coming is",
    ),
    Case("build-push/time-left", "image.expiring", _coming(_asking(f"{REPOSITORY}:2h"))),
    Case("build-push/time-left", "image.expiring", _coming(_asking(f"x@{DIGEST}", current=False))),
    Case(
        "build-push/time-left",
        "image.expiring",
        _coming(_asking(f"{REPOSITORY}:1h", ready=True, statuses=(OTHER_ID,))),
    ),
    Case(
        "build-push/time-left",
        "image.expiring",
        _coming(replace(COMING, spec=replace(POD.spec, containers=()))),
    ),
    Case("build-push/time-left", "image.expiring", _coming()),
    Case(
        "build-push/time-left",
        "image.expiring",
        {**_coming(), Pods: Unreadable("the pods", "403 Forbidden", "reading.no-permission")},
    ),
    # A sidecar from the same registry is not the app.
    Case(
        "build-push/image-available",
        "image.missing",
        {
            PushedImage: Absent("the image", "image.missing"),
            Pods: Pods((replace(POD, statuses=(replace(OTHER_ID, name="proxy"),)),)),
        },
    ),
    Case(
        "build-push/image-available",
        None,
        {
            PushedImage: Absent("the image", "image.missing"),
            Pods: Pods((replace(POD, statuses=(OTHER_ID,)),)),
        },
        GREEN,
        says=f"a ready pod runs it already: ttl.sh/another@{OTHER_DIGEST}",
    ),
    Case(
        "build-push/image-available",
        None,
        {
            PushedImage: Absent("the image", "image.missing"),
            Pods: Pods(
                (
                    replace(
                        POD, statuses=(replace(STATUS, image_id=f"docker-pullable://{OTHER_ID.image_id}"),)
                    ),
                )
            ),
        },
        GREEN,
        says="a ready pod runs it already: docker-pullable://ttl.sh/another",
    ),
)

MODEL = (
    *(
        Case("exposed-key/chat-deployment", "deployment.not-chat", but(ModelDeployment, model=model))
        for model in (
            *("text-embedding-3-large", "DALL-E-3", "whisper", "tts-hd", "sora", "gpt-4o-transcribe"),
            *(
                "gpt-4o-realtime-preview",
                "gpt-image-1",
                "davinci-002",
                "babbage-002",
                "text-curie-001",
                "Ada",
            ),
        )
    ),
    *(
        Case(
            "exposed-key/chat-deployment", "deployment.not-ready", but(ModelDeployment, state=state), verdict
        )
        for state, verdict in (
            ("Accepted", Verdict.PENDING),
            ("Creating", Verdict.PENDING),
            ("Moving", Verdict.PENDING),
            ("Running", Verdict.PENDING),
            ("Failed", Verdict.FAILED),
        )
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {
            ModelDeployment: Absent(
                "a chat model", "deployment.model-missing", detail="the account has none but x"
            )
        },
        says="the account has none but x",
    ),
)

SERVICE = (
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, selector=TWO_LABELS)},
        says="with app=ai-service, tier=back; the ready pod ai-service-6d5f-abcde has app=ai-service",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, selector={"tier": "back"})},
        says="has none of these labels;",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, selector={})},
        says="selects pods with nothing;",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {**NO_ENDPOINTS, **but(AppService, ports=())},
        says="its ports: none;",
    ),
    Case(
        "verify/answers-in-cluster",
        "app.service-mismatch",
        {
            **NO_ENDPOINTS,
            **but(AppService, ports=(ServicePort(5001, "web"),)),
            Pods: Pods((replace(POD, spec=replace(POD.spec, containers=(replace(CONTAINER, ports=()),))),)),
        },
        says="which have the ports none;",
    ),
    # A port's name counts as the container has it; and what a container does not declare may be open.
    Case(
        "verify/answers-in-cluster",
        "live.no-answer",
        {
            **NO_ENDPOINTS,
            **but(AppService, ports=(ServicePort(5001, "web"),)),
            Pods: Pods(
                (replace(POD, spec=replace(POD.spec, containers=(replace(CONTAINER, port_names=("web",)),))),)
            ),
        },
    ),
    Case(
        "verify/answers-in-cluster",
        "live.no-answer",
        {
            **NO_ENDPOINTS,
            Pods: Pods((replace(POD, spec=replace(POD.spec, containers=(replace(CONTAINER, ports=()),))),)),
        },
    ),
    Case(
        "verify/answers-in-cluster",
        "live.no-answer",
        {**NO_ENDPOINTS, Pods: Unreadable("the pods", "403 Forbidden", "reading.no-permission")},
    ),
)

CASES = (*IMAGE, *LEAVING, *MODEL, *SERVICE)
