"""What each check of the learner's machine says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    DIGEST,
    FINISHED,
    GROUP_ID,
    NOW,
    OTHER_DIGEST,
    OWNER,
    POD,
    REPOSITORY,
    STATUS,
    Case,
    answer,
    but,
    grant,
)

from workshop_tui.authoring import (
    Absent,
    AzAccount,
    Checkout,
    ImageManifest,
    LearnerAnswer,
    LearnerRoles,
    LocalRun,
    Permissions,
    Pods,
    PushedImage,
    SignedIn,
    Unreadable,
)
from workshop_tui.findings import Verdict

DENIED = (401, "PermissionDenied", "The principal lacks the required data action")
YOUNG = grant(created=NOW - timedelta(minutes=2))
NO_MANIFEST = but(PushedImage, manifest=None)
NOT_PUSHED: dict[type, object] = {PushedImage: Absent("image of yours", "image.missing")}
NO_PODS: dict[type, object] = {Pods: Pods(())}
MANIFEST: ImageManifest = FINISHED[PushedImage].manifest


def _manifest(**changes: object) -> dict[type, object]:
    return {**but(PushedImage, manifest=replace(MANIFEST, **changes)), **NO_PODS}  # type: ignore[arg-type]


ROLE = (
    Case(
        "grant-yourself/signed-in",
        "sign-in.missing",
        {SignedIn: Absent("sign-in", "sign-in.missing", "az login")},
    ),
    Case(
        "grant-yourself/role",
        "role.missing",
        but(LearnerRoles, grants=()),
        command="--assignee-principal-type User",
    ),
    Case(
        "grant-yourself/role",
        "sign-in.other-than-az",
        {**but(LearnerRoles, grants=()), AzAccount: AzAccount("you@example.org", "user")},
        says="az is signed in as you@example.org",
        command="--assignee-object-id 77777777-7777-4777-8777-777777777777",
    ),
    Case(
        "grant-yourself/role",
        None,
        {AzAccount: AzAccount("you@example.org", "user")},
        Verdict.PASSED,
        says="Cognitive Services OpenAI User",
    ),
    Case(
        "grant-yourself/role",
        "role.missing",
        {**but(LearnerRoles, grants=()), AzAccount: Absent("sign-in with az", "sign-in.missing")},
    ),
    Case("grant-yourself/role", "role.control-plane-only", but(LearnerRoles, grants=(OWNER,)), says="Owner"),
    Case(
        "grant-yourself/role",
        None,
        but(
            LearnerRoles,
            grants=(
                replace(
                    grant(
                        scope=GROUP_ID,
                        name="Our own role",
                        permissions=Permissions(
                            data_actions=("Microsoft.CognitiveServices/accounts/OpenAI/*",)
                        ),
                    ),
                    direct=False,
                ),
            ),
        ),
        Verdict.PASSED,
        says="Our own role at " + GROUP_ID + ", through a group",
    ),
    Case(
        "grant-yourself/token-accepted",
        "role.propagating",
        {**answer(LearnerAnswer, *DENIED), **but(LearnerRoles, grants=(YOUNG,))},
        Verdict.PENDING,
    ),
    Case("grant-yourself/token-accepted", "live.permission-denied", answer(LearnerAnswer, *DENIED)),
    Case(
        "grant-yourself/token-accepted",
        "role.missing",
        {**answer(LearnerAnswer, *DENIED), **but(LearnerRoles, grants=())},
    ),
    Case(
        "grant-yourself/token-accepted",
        "token.refused",
        answer(
            LearnerAnswer, 401, "", "Unauthorized. Access token is missing, invalid, audience is incorrect"
        ),
        command="az login --tenant",
    ),
    Case(
        "grant-yourself/token-accepted",
        "account.no-subdomain",
        answer(
            LearnerAnswer, 400, "BadRequest", "Please provide a custom subdomain for token authentication"
        ),
    ),
    Case(
        "grant-yourself/token-accepted",
        "deployment.model-missing",
        answer(LearnerAnswer, 404, "DeploymentNotFound", "The API deployment does not exist."),
    ),
    Case("grant-yourself/token-accepted", "reading.throttled", answer(LearnerAnswer, 429), Verdict.UNKNOWN),
    Case("grant-yourself/token-accepted", "reading.unreachable", answer(LearnerAnswer, 502), Verdict.UNKNOWN),
    Case("grant-yourself/token-accepted", None, answer(LearnerAnswer, 200), Verdict.PASSED),
)

LOCAL = (
    *(
        Case(f"run-locally/{check}", cause, {LocalRun: Absent("run", cause)})
        for check in ("healthy", "describes", "no-key")
        for cause in ("local.not-run", "local.stale")
    ),
    *(
        Case(f"run-locally/{check}", "local.stale", but(Checkout, fingerprint="0" * 64))
        for check in ("healthy", "describes", "no-key")
    ),
    Case(
        "run-locally/healthy",
        "local.unhealthy",
        but(LocalRun, healthy=False, problem="connection refused"),
        says="connection refused",
        command="workshop-tui solve run-locally",
    ),
    Case("run-locally/healthy", "local.unhealthy", but(LocalRun, healthy=False)),
    Case(
        "run-locally/describes",
        "local.no-description",
        but(LocalRun, description="", problem="401 PermissionDenied"),
        says="lacks the data action",
    ),
    Case("run-locally/describes", "local.no-description", but(LocalRun, description=" ")),
    Case("run-locally/no-key", "local.key-present", but(LocalRun, key_in_environment=True)),
    Case("run-locally/no-key", "local.key-present", but(LocalRun, account_saw="key")),
    Case(
        "run-locally/no-key",
        "reading.no-permission",
        but(LocalRun, key_in_environment=None, account_saw=""),
        Verdict.UNKNOWN,
    ),
    Case("run-locally/no-key", None, but(LocalRun, key_in_environment=None), Verdict.PASSED),
)

AGAIN = "workshop-tui solve build-push"
"""Pushed by hand, what was noted of the last push would still count."""
_CHECKS = ("image-available", "platform", "digest-known", "time-left")
IMAGE = (
    *(Case(f"build-push/{check}", "image.missing", {**NOT_PUSHED, **NO_PODS}) for check in _CHECKS),
    *(Case(f"build-push/{check}", "image.expired", {**NO_MANIFEST, **NO_PODS}) for check in _CHECKS),
    *(
        Case(
            f"build-push/{check}",
            "image.missing",
            {**but(PushedImage, manifest=None, evidence=None), **NO_PODS},
        )
        for check in _CHECKS
    ),
    *(
        Case(f"build-push/{check}", None, NO_MANIFEST, Verdict.PASSED, says="a ready pod runs it already")
        for check in _CHECKS
    ),
    *(
        Case(f"build-push/{check}", None, NOT_PUSHED, Verdict.PASSED, says=f"{REPOSITORY}@{DIGEST}")
        for check in _CHECKS
    ),
    *(
        Case(
            f"build-push/{check}",
            "image.expired",
            {
                **NO_MANIFEST,
                Pods: Pods(
                    (replace(POD, statuses=(replace(STATUS, image_id=f"{REPOSITORY}@{OTHER_DIGEST}"),)),)
                ),
            },
        )
        for check in _CHECKS
    ),
    *(
        Case(
            f"build-push/{check}", "image.expired", {**NO_MANIFEST, Pods: Pods((replace(POD, ready=False),))}
        )
        for check in _CHECKS
    ),
    Case(
        "build-push/image-available",
        "image.stale",
        but(Checkout, fingerprint="0" * 64),
        command=AGAIN,
    ),
    Case(
        "build-push/image-available",
        None,
        {**but(Checkout, fingerprint="0" * 64), **but(PushedImage, evidence=None)},
        Verdict.PASSED,
    ),
    Case(
        "build-push/image-available",
        "image.registry-down",
        {PushedImage: Unreadable("the registry", "no answer", "image.registry-down")},
        Verdict.UNKNOWN,
    ),
    Case(
        "build-push/platform",
        "image.wrong-platform",
        _manifest(platforms=("linux/arm64",)),
        says="linux/arm64",
    ),
    Case("build-push/platform", None, _manifest(platforms=("linux/arm64", "linux/amd64")), Verdict.PASSED),
    Case("build-push/digest-known", "image.no-digest", _manifest(digest="")),
    Case(
        "build-push/digest-known",
        "image.replaced",
        _manifest(digest=OTHER_DIGEST),
        says=DIGEST,
        command=AGAIN,
    ),
    *(
        Case(
            f"build-push/{check}",
            None,
            but(PushedImage, manifest=replace(MANIFEST, digest=OTHER_DIGEST), made_of_source=True),
            Verdict.PASSED,
        )
        for check in _CHECKS
    ),
    Case(
        "build-push/image-available",
        "image.stale",
        but(PushedImage, manifest=replace(MANIFEST, digest=OTHER_DIGEST), made_of_source=False),
        command=AGAIN,
    ),
    Case(
        "build-push/image-available",
        "image.stale",
        but(PushedImage, evidence=None, made_of_source=False),
        command="docker build",
    ),
    Case("build-push/time-left", "image.expiring", _manifest(expires=NOW + timedelta(seconds=90))),
    Case("build-push/time-left", "image.expired", _manifest(expires=NOW), command=AGAIN),
    Case("build-push/time-left", None, _manifest(expires=None), Verdict.PASSED),
    Case("build-push/time-left", None, _manifest(), Verdict.PASSED, says="50 minutes left"),
    Case(
        "build-push/time-left",
        None,
        but(PushedImage, manifest=replace(MANIFEST, expires=NOW)),
        Verdict.PASSED,
        says="a ready pod runs it",
    ),
)

CASES = (*ROLE, *LOCAL, *IMAGE)
