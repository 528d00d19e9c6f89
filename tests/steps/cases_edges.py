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
    POD,
    REPOSITORY,
    Case,
    answer,
    but,
    scenario,
)

from workshop_tui.authoring import (
    Absent,
    AppService,
    ClusterDescription,
    Evidence,
    ImageManifest,
    ModelDeployment,
    Pods,
    ProbedService,
    PushedImage,
    Requirements,
    ServicePort,
    Unreadable,
)
from workshop_tui.findings import Verdict

GREEN = Verdict.PASSED
NO_ENDPOINTS = answer(ClusterDescription, 503, "", 'no endpoints available for service "ai-service"')
TWO_LABELS = {"app": "ai-service", "tier": "back"}


def _direct(sign_in: str) -> dict[type, object]:
    return scenario("direct", services=(ProbedService("openai", sign_in, as_token=False),))


def _key(sign_in: str, *, as_token: bool = False) -> dict[type, object]:
    return scenario("key", services=(ProbedService("azure", sign_in, as_token=as_token),))


def _manifest(**changes: object) -> ImageManifest:
    manifest: ImageManifest = FINISHED[PushedImage].manifest
    return replace(manifest, **changes)  # type: ignore[arg-type]


def _pushed(data: dict[str, str] | None, **changes: object) -> dict[type, object]:
    evidence = None if data is None else Evidence("image-push", FINGERPRINT, LONG_AGO, data)
    return but(PushedImage, evidence=evidence, **changes)


CODE = (
    *(
        Case("edit-code/direct-branch-works", "code.direct-branch-broken", _direct(sign_in), says=f"{words} ")
        for sign_in, words in (
            ("token", "it gets a token"),
            ("provider", "it gets a token"),
            ("none", "it gets nothing"),
            ("other", "it gets something else"),
        )
    ),
    *(
        Case("edit-code/key-branch-works", "code.key-branch-broken", _key(sign_in), says=f"not set: {words} ")
        for sign_in, words in (
            ("provider", "it gets a token"),
            ("none", "it gets nothing"),
            ("other", "it gets something else"),
        )
    ),
    Case("edit-code/key-branch-works", "code.key-branch-broken", _key("key", as_token=True)),
    Case(
        "edit-code/key-branch-works",
        "code.key-branch-broken",
        scenario("key", error="KeyError: 'x'"),
        says="KeyError",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.direct-branch-broken",
        scenario("direct", error="KeyError: 'x'"),
        says="KeyError",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.key-not-demanded",
        scenario("direct-no-key", error=""),
        says="starts without OPENAI_API_KEY ",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.direct-branch-broken",
        scenario("direct-no-org", error=""),
        says="starts without OPENAI_ORG_ID ",
    ),
    *(
        Case(
            "edit-code/token-reaches-service",
            "code.token-not-passed",
            scenario("token-without-key", services=(ProbedService("azure", sign_in, as_token=False),)),
            says=f"without a key: AzureChatCompletion gets {words} ",
        )
        for sign_in, words in (("key", "the key"), ("none", "nothing"), ("other", "something else"))
    ),
    Case(
        "edit-code/token-reaches-service",
        None,
        scenario("token-without-key", services=(ProbedService("azure", "provider", as_token=True),)),
        GREEN,
    ),
    *(
        Case(
            "edit-code/identity-required",
            cause,
            {Requirements: Requirements({"azure-identity": version})},
            verdict,
        )
        for version, cause, verdict in (
            ("==1.12.0", "code.identity-too-old", Verdict.FAILED),
            ("<= 1.12", "code.identity-too-old", Verdict.FAILED),
            ("~=1.12.0", "code.identity-too-old", Verdict.FAILED),
            ("==0.99.0", "code.identity-too-old", Verdict.FAILED),
            ("==1.13.0", None, GREEN),
            ("==2.0.0", None, GREEN),
            (">=1.5.0", None, GREEN),
            ("", None, GREEN),
        )
    ),
)

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

CASES = (*CODE, *IMAGE, *MODEL, *SERVICE)
