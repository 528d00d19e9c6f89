"""What the checks say as time goes by: just before, at, and just after the moment that counts."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CREDENTIAL,
    DIGEST,
    FINISHED,
    NOW,
    OTHER_DIGEST,
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
    AzureClock,
    ClusterClock,
    ClusterDescription,
    Condition,
    Deployment,
    IdentityAnswer,
    IdentityRoles,
    ImageManifest,
    KeyAnswer,
    LearnerAnswer,
    LearnerRoles,
    OpenAIAccount,
    Pods,
    PushedImage,
    ShopDescription,
    Sightings,
    Unreadable,
)
from workshop_tui.findings import Verdict

SECOND = timedelta(seconds=1)
MINUTE = timedelta(minutes=1)
DENIED = (401, "PermissionDenied", "Principal does not have access to API/Operation.")
SUBJECT_REFUSED = "AADSTS700213: No matching federated identity record found."
ISSUER_REFUSED = "AADSTS700211: No matching record for presented assertion issuer 'https://old.example.org/'."
IN_CLUSTER, SHOP, ROLLED = "verify/answers-in-cluster", "verify/answers-through-shop", "redeploy/rolled-out"
ACCEPTED, SIGNED_IN, LEFT = (
    "grant-yourself/token-accepted",
    "grant-yourself/signed-in",
    "build-push/time-left",
)
REFUSED = "lock-the-door/key-refused"
REACHABLE = "exposed-key/cluster-reachable"


def _azure(ahead: timedelta | None) -> dict[type, object]:
    """Return a world in which our clock is so far ahead of Azure's."""
    return {AzureClock: AzureClock(ahead)}


def _cluster(ahead: timedelta | None) -> dict[type, object]:
    return {ClusterClock: ClusterClock(ahead)}


def _own_role(age: timedelta) -> dict[type, object]:
    made = grant(principal="me", created=NOW - age)
    return {**answer(LearnerAnswer, *DENIED), **but(LearnerRoles, grants=(made,))}


def _apps_role(age: timedelta) -> dict[type, object]:
    made = grant(created=NOW - age)
    return {**answer(ClusterDescription, *DENIED), **but(IdentityRoles, grants=(made,))}


def _seen_through_the_shop(age: timedelta) -> dict[type, object]:
    return {**answer(ShopDescription, *DENIED), **but(IdentityRoles, grants=(grant(created=NOW - age),))}


def _seen_by_the_lock(age: timedelta) -> dict[type, object]:
    return {**answer(IdentityAnswer, *DENIED), **but(IdentityRoles, grants=(grant(created=NOW - age),))}


WAYS = (
    (ACCEPTED, _own_role),
    (IN_CLUSTER, _apps_role),
    (SHOP, _seen_through_the_shop),
    ("lock-the-door/identity-works", _seen_by_the_lock),
)
ROLES = (
    *(
        Case(check, cause, world(age), verdict)
        for check, world in WAYS
        for age, cause, verdict in (
            (5 * MINUTE - SECOND, "role.propagating", Verdict.PENDING),
            (5 * MINUTE, "live.permission-denied", Verdict.FAILED),
            (5 * MINUTE + SECOND, "live.permission-denied", Verdict.FAILED),
        )
    ),
    # Azure notes by its own clock when a role was made: what ours says is put right by the difference.
    *(
        Case(check, cause, {**world(age), **_azure(ahead)}, verdict)
        for check, world in WAYS
        for age, ahead, cause, verdict in (
            (5 * MINUTE, SECOND, "role.propagating", Verdict.PENDING),
            (8 * MINUTE, 4 * MINUTE, "role.propagating", Verdict.PENDING),
            (9 * MINUTE, 4 * MINUTE, "live.permission-denied", Verdict.FAILED),
            (MINUTE, -4 * MINUTE, "live.permission-denied", Verdict.FAILED),
        )
    ),
)


def _crashed(seen: timedelta) -> dict[type, object]:
    status = replace(
        STATUS, ready=False, state="waiting", reason="CrashLoopBackOff", restarts=2, last_exit_code=1
    )
    crashed = replace(POD, ready=False, statuses=(status,), log=SUBJECT_REFUSED)
    return {
        **but(Deployment, available=0),
        Pods: Pods((crashed,)),
        Sightings: Sightings({CREDENTIAL.sighting: NOW - seen}),
    }


def _asked(seen: timedelta, refused: str = SUBJECT_REFUSED) -> dict[type, object]:
    return {
        **answer(ClusterDescription, 400, "", refused),
        Sightings: Sightings({CREDENTIAL.sighting: NOW - seen}),
    }


CREDENTIALS = (
    Case(ROLLED, "federation.propagating", _crashed(2 * MINUTE - SECOND), Verdict.PENDING),
    Case(ROLLED, "pod.outdated-sign-in", _crashed(2 * MINUTE), command="rollout restart"),
    Case(ROLLED, "pod.outdated-sign-in", _crashed(2 * MINUTE + SECOND), command="rollout restart"),
    Case(IN_CLUSTER, "federation.propagating", _asked(2 * MINUTE - SECOND), Verdict.PENDING),
    *(
        Case(check, cause, {**_asked(age), **answer(kind, 400, "", SUBJECT_REFUSED)}, verdict)
        for check, kind in ((SHOP, ShopDescription), ("lock-the-door/identity-works", IdentityAnswer))
        for age, cause, verdict in (
            (2 * MINUTE - SECOND, "federation.propagating", Verdict.PENDING),
            (2 * MINUTE, "live.token-exchange-refused", Verdict.FAILED),
        )
    ),
    # What a pod shows of the issuer of before is refused for ever, however young the credential is.
    Case(IN_CLUSTER, "pod.outdated-issuer", _asked(SECOND, ISSUER_REFUSED), command="rollout restart"),
    *(
        Case(
            check,
            "live.token-exchange-refused",
            {**_asked(SECOND, ISSUER_REFUSED), **answer(kind, 400, "", ISSUER_REFUSED)},
        )
        for check, kind in ((SHOP, ShopDescription), ("lock-the-door/identity-works", IdentityAnswer))
    ),
    Case(IN_CLUSTER, "live.token-exchange-refused", _asked(2 * MINUTE), command="logs"),
    Case(IN_CLUSTER, "live.token-exchange-refused", _asked(2 * MINUTE + SECOND)),
)


def _rolling(age: timedelta, reason: str = "ReplicaSetUpdated", **changes: object) -> dict[type, object]:
    moved = Condition("Progressing", "True", reason, "is progressing", NOW - age)
    return but(Deployment, updated=1, available=1, replicas=2, conditions=(moved,), **changes)


ROLLING = (
    *(
        Case(ROLLED, cause, world, verdict, says=says, command=command)
        for world, cause, verdict, says, command in (
            (_rolling(10 * MINUTE - SECOND), "pod.rolling", Verdict.PENDING, "", ""),
            (
                _rolling(10 * MINUTE),
                "pod.rollout-stuck",
                Verdict.FAILED,
                "until 12:00:00 UTC",
                "describe pod",
            ),
            (_rolling(10 * MINUTE + SECOND), "pod.rollout-stuck", Verdict.FAILED, "until 11:59:59 UTC", ""),
            (_rolling(30 * SECOND, deadline_seconds=30), "pod.rollout-stuck", Verdict.FAILED, "", ""),
            (_rolling(29 * SECOND, deadline_seconds=30), "pod.rolling", Verdict.PENDING, "", ""),
            # Without a deadline, or after one success, Kubernetes gives nothing up.
            (_rolling(99 * MINUTE, deadline_seconds=2**31 - 1), "pod.rolling", Verdict.PENDING, "", ""),
            (_rolling(99 * MINUTE, "NewReplicaSetAvailable"), "pod.rolling", Verdict.PENDING, "", ""),
            # By the cluster's clock it is a minute earlier than by ours, or later.
            ({**_rolling(10 * MINUTE), **_cluster(MINUTE)}, "pod.rolling", Verdict.PENDING, "", ""),
            ({**_rolling(9 * MINUTE), **_cluster(-MINUTE)}, "pod.rollout-stuck", Verdict.FAILED, "", ""),
        )
    ),
)


def _image(left: timedelta, *pods: object) -> dict[type, object]:
    manifest = ImageManifest(f"{REPOSITORY}:1h", DIGEST, ("linux/amd64",), NOW + left)
    return {**but(PushedImage, manifest=manifest), Pods: Pods(pods)}  # type: ignore[arg-type]


COMING = replace(POD, ready=False)
"""A pod that asks for the image, and has not got it yet."""
OTHER = replace(
    COMING,
    spec=replace(
        POD.spec, containers=(replace(POD.spec.containers[0], image=f"{REPOSITORY}@{OTHER_DIGEST}"),)
    ),
)
IMAGE = (
    Case(LEFT, None, _image(2 * MINUTE), Verdict.PASSED),
    Case(LEFT, "image.expiring", _image(2 * MINUTE - SECOND), command="build-push"),
    Case(LEFT, "image.expiring", _image(2 * MINUTE - SECOND, OTHER)),
    Case(LEFT, "image.expiring", _image(2 * MINUTE - SECOND, replace(COMING, current=False))),
    # A pod is about to pull it: it will run by then, or never.
    Case(LEFT, "image.expiring", _image(2 * MINUTE - SECOND, COMING), Verdict.PENDING, command="build-push"),
    Case(LEFT, "image.expiring", _image(SECOND, COMING), Verdict.PENDING),
    Case(LEFT, "image.expired", _image(0 * SECOND, COMING)),
    Case(LEFT, "image.expired", _image(-SECOND, COMING), command="build-push"),
    Case(LEFT, None, _image(SECOND, POD), Verdict.PASSED),
)

WRONG_KEY = (401, "401", "Access denied due to invalid subscription key or wrong API endpoint.")
LOCKED: OpenAIAccount = FINISHED[OpenAIAccount]


def _locked(since: timedelta | None, status: int, code: str = "", text: str = "") -> dict[type, object]:
    seen = {} if since is None else {LOCKED.sighting: NOW - since}
    return {**answer(KeyAnswer, status, code, text), Sightings: Sightings(seen)}


LOCK = (
    Case(REFUSED, "lock.propagating", _locked(None, *WRONG_KEY), Verdict.PENDING),
    Case(REFUSED, "lock.propagating", _locked(10 * MINUTE - SECOND, *WRONG_KEY), Verdict.PENDING),
    Case(REFUSED, "lock.key-accepted", _locked(10 * MINUTE, *WRONG_KEY), says="turn them off once more"),
    Case(
        REFUSED,
        "lock.key-accepted",
        _locked(10 * MINUTE + SECOND, *WRONG_KEY),
        command="disableLocalAuth=true",
    ),
    # Another change of the account starts the time anew; another answer says nothing of keys.
    Case(
        REFUSED,
        "lock.propagating",
        {**_locked(99 * MINUTE, *WRONG_KEY), **but(OpenAIAccount, etag="another")},
        Verdict.PENDING,
    ),
    Case(REFUSED, "reading.unexpected", _locked(10 * MINUTE, 404, "DeploymentNotFound"), Verdict.UNKNOWN),
    Case(REFUSED, "reading.unexpected", _locked(10 * MINUTE, 418), Verdict.UNKNOWN),
)

NONE = Absent("the cluster", "cluster.missing")
CLOCKS = (
    Case(SIGNED_IN, None, _azure(5 * MINUTE), Verdict.PASSED),
    Case(SIGNED_IN, None, _azure(-5 * MINUTE), Verdict.PASSED),
    Case(SIGNED_IN, None, _azure(None), Verdict.PASSED),
    Case(SIGNED_IN, None, {AzureClock: Unreadable("Azure's clock", "no answer")}, Verdict.PASSED),
    Case(
        SIGNED_IN,
        None,
        _azure(5 * MINUTE + SECOND),
        Verdict.PASSED,
        says="this machine's clock is 5 minutes ahead of Azure's: set it",
    ),
    Case(
        SIGNED_IN,
        None,
        _azure(-90 * MINUTE),
        Verdict.PASSED,
        says="this machine's clock is 90 minutes behind Azure's",
    ),
    # The cluster's clock is compared with Azure's: ours may be off as much as it likes.
    Case(REACHABLE, None, {**_azure(99 * MINUTE), **_cluster(94 * MINUTE)}, Verdict.PASSED),
    Case(
        REACHABLE,
        "cluster.clock-skew",
        {**_azure(99 * MINUTE), **_cluster(93 * MINUTE)},
        says="its clock is 6 minutes ahead of Azure's",
    ),
    Case(
        REACHABLE,
        "cluster.clock-skew",
        {**_azure(0 * SECOND), **_cluster(13 * MINUTE)},
        says="its clock is 13 minutes behind Azure's",
    ),
    Case(
        REACHABLE,
        None,
        {**_azure(0 * SECOND), **_cluster(12 * MINUTE)},
        Verdict.PASSED,
        says="its clock is 12 minutes behind Azure's",
    ),
    Case(REACHABLE, None, {**_azure(None), **_cluster(7 * MINUTE)}, Verdict.PASSED),
    Case(REACHABLE, None, {**_azure(7 * MINUTE), **_cluster(None)}, Verdict.PASSED),
    Case(REACHABLE, None, {**_azure(7 * MINUTE), ClusterClock: NONE}, Verdict.PASSED),
)

CASES = (*ROLES, *CREDENTIALS, *ROLLING, *IMAGE, *LOCK, *CLOCKS)
