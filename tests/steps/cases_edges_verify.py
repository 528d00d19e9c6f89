"""Where the judgements of the live answers turn: just on this side, just on the other; what is not there."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    CREDENTIAL,
    KEY,
    NOW,
    POD,
    STATUS,
    TEMPLATE,
    Case,
    answer,
    but,
    grant,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    Answer,
    AppService,
    AzureClock,
    ClusterDescription,
    Condition,
    Deployment,
    IdentityAnswer,
    IdentityRoles,
    IssuerDocuments,
    ModelDeployment,
    OpenAIAccount,
    Pod,
    Pods,
    ShopDescription,
    ShopFront,
    Sightings,
    Unreadable,
)
from workshop_tui.findings import Verdict

PENDING = Verdict.PENDING
INSIDE, SHOP, NO_KEY = "verify/answers-in-cluster", "verify/answers-through-shop", "verify/no-key-in-pods"
SILENT = answer(ClusterDescription, 503)
SHOP_SILENT = answer(ShopDescription, 502)
ROLLING = but(Deployment, updated=1, replicas=2, available=1)
UNREAD = Unreadable("the thing", "403 Forbidden", "reading.no-permission")
NOTHING = Absent("Deployment ai-service", "app.not-deployed")
KEYED = replace(CONTAINER, environment=(*CONTAINER.environment, variable("OPENAI_API_KEY", KEY)))
WITH_KEY = replace(POD, name="with-key", spec=replace(POD.spec, containers=(KEYED,)))
SECOND = timedelta(seconds=1)
YOUNG: dict[type, object] = {Sightings: Sightings({CREDENTIAL.sighting: NOW - 30 * SECOND})}


def _pods(*pods: Pod) -> dict[type, object]:
    return {Pods: Pods(pods)}


def _born(*ages: timedelta | None, current: bool = True) -> dict[type, object]:
    return _pods(
        *(
            replace(POD, name=f"pod-{number}", created=None if age is None else NOW - age, current=current)
            for number, age in enumerate(ages)
        )
    )


def _roles(age: timedelta) -> dict[type, object]:
    return but(IdentityRoles, grants=(grant(created=NOW - age),))


KEYS = (
    Case(NO_KEY, None, {}, Verdict.PASSED, says="no key within reach of any running pod "),
    # A pod that goes may have one, if what comes has none; whatever stays may not.
    Case(NO_KEY, "pod.rolling", {**ROLLING, **_pods(POD, replace(WITH_KEY, current=False))}, PENDING),
    Case(NO_KEY, "pod.key-exposed", {**ROLLING, **_pods(WITH_KEY)}),
    Case(NO_KEY, "pod.key-exposed", _pods(POD, replace(WITH_KEY, current=False))),
    Case(
        NO_KEY,
        "pod.key-exposed",
        {
            **but(
                Deployment,
                updated=1,
                replicas=2,
                available=1,
                template=replace(TEMPLATE, containers=(KEYED,)),
            ),
            **_pods(POD, replace(WITH_KEY, current=False)),
        },
    ),
)

DENIED = (401, "PermissionDenied", "The principal lacks the required data action.")
ANSWERS = (
    Case(INSIDE, "role.propagating", {**answer(ClusterDescription, *DENIED), **_roles(60 * SECOND)}, PENDING),
    Case(INSIDE, "live.permission-denied", {**answer(ClusterDescription, *DENIED), **_roles(600 * SECOND)}),
    Case(INSIDE, "live.permission-denied", {**answer(ClusterDescription, *DENIED), IdentityRoles: UNREAD}),
    # A role or a credential that is young explains no other refusal, and no good answer is one.
    Case(
        INSIDE,
        "live.deployment-unknown",
        {**answer(ClusterDescription, 404, "DeploymentNotFound", ""), **_roles(60 * SECOND)},
    ),
    Case(
        INSIDE,
        "federation.propagating",
        {**answer(ClusterDescription, 500, "", "AADSTS700213: No matching record."), **YOUNG},
        PENDING,
    ),
    Case(
        INSIDE,
        "live.token-exchange-refused",
        {**answer(ClusterDescription, 500, "", "AADSTS700016: No application."), **YOUNG},
    ),
    Case(INSIDE, "live.no-answer", {**answer(ClusterDescription, 500), **YOUNG}),
    *(
        Case(check, None, {**answer(kind, 200, "", "A rope against AADSTS700213"), **YOUNG}, Verdict.PASSED)
        for check, kind in (
            (INSIDE, ClusterDescription),
            (SHOP, ShopDescription),
            ("lock-the-door/identity-works", IdentityAnswer),
        )
    ),
    Case(INSIDE, "live.no-answer", {**answer(ClusterDescription, 500), **_roles(60 * SECOND)}),
)

STARTING = (
    Case(INSIDE, "pod.starting", {**SILENT, **_born(89 * SECOND)}, PENDING),
    Case(INSIDE, "live.no-answer", {**SILENT, **_born(90 * SECOND)}),
    Case(INSIDE, "pod.starting", {**SILENT, **_born(300 * SECOND, 10 * SECOND)}, PENDING),
    Case(INSIDE, "pod.starting", {**SILENT, **_born(10 * SECOND, 300 * SECOND)}, PENDING),
    Case(INSIDE, "live.no-answer", {**SILENT, **_born(None)}),
    Case(INSIDE, "live.no-answer", {**SILENT, **_born(10 * SECOND, current=False)}),
    Case(INSIDE, "live.no-answer", {**answer(ClusterDescription, 500), **_born(10 * SECOND)}),
    Case(INSIDE, "live.no-answer", {**SILENT, Pods: UNREAD}),
    Case(INSIDE, "pod.rolling", {**SILENT, **ROLLING, **_born(10 * SECOND, current=False)}, PENDING),
    Case(INSIDE, "pod.starting", {**SILENT, **ROLLING, **_born(10 * SECOND)}, PENDING),
    Case(INSIDE, "live.no-answer", {**SILENT, **_born(None), Deployment: NOTHING}),
)

SITE = {"app": "store-admin", "tier": "x"}
LOST = AppService("default", "store-admin", {"app": "y"}, ())


def _site(service: AppService | None) -> dict[type, object]:
    return but(
        ShopDescription, answer=Answer(502, "", "", "POST x"), front=ShopFront(1, SITE, ("8081",), service)
    )


FRONT = (
    Case(SHOP, "live.shop-unreachable", _site(None), command="describe deployment/store-admin"),
    Case(
        SHOP,
        "live.shop-unreachable",
        _site(LOST),
        command="selector service store-admin app=store-admin,tier=x",
    ),
    Case(SHOP, "live.shop-unreachable", {**answer(ShopDescription, 404), ClusterDescription: UNREAD}),
    Case(INSIDE, "live.no-answer", {**answer(ClusterDescription, 500), **ROLLING, Pods: UNREAD}),
    # While the app gives no answer inside, what it says there counts; where it listens, it has started.
    Case(SHOP, "live.shop-unreachable", {**SHOP_SILENT}),
    Case(SHOP, "live.shop-unreachable", {**SHOP_SILENT, **answer(ClusterDescription, 500)}),
    Case(SHOP, "live.no-answer", {**SHOP_SILENT, **SILENT}),
    Case(SHOP, "pod.starting", {**SHOP_SILENT, **SILENT, **_born(10 * SECOND)}, PENDING),
    Case(SHOP, "live.shop-unreachable", {**SHOP_SILENT, **_born(10 * SECOND)}),
    Case(
        SHOP,
        "live.shop-unreachable",
        {**SHOP_SILENT, **answer(ClusterDescription, 500), **_born(10 * SECOND)},
    ),
    Case(SHOP, "pod.starting", {**SHOP_SILENT, ClusterDescription: UNREAD, **_born(10 * SECOND)}, PENDING),
    Case(
        SHOP, "pod.starting", {**SHOP_SILENT, **answer(ClusterDescription, 0), **_born(10 * SECOND)}, PENDING
    ),
    Case(SHOP, "app.service-mismatch", {**SHOP_SILENT, **SILENT, **but(AppService, selector={"app": "x"})}),
    Case(SHOP, "live.shop-unreachable", {**SHOP_SILENT, **but(AppService, selector={"app": "x"})}),
)

ABSENT = (
    Case("enable-workload-identity/issuer-serves", None, {}, Verdict.PASSED, says=": 1 key at https://"),
    Case(
        "enable-workload-identity/issuer-serves",
        "issuer.not-served",
        but(IssuerDocuments, key_ids=()),
        says="0 keys at https://",
    ),
    Case(
        "grant-yourself/signed-in",
        None,
        {AzureClock: UNREAD},
        Verdict.PASSED,
        says="(user 77777777-7777-4777-8777-777777777777)  ",
    ),
    Case(
        "exposed-key/chat-deployment",
        "deployment.model-missing",
        {
            ModelDeployment: Absent("a chat model", "deployment.model-missing", command="az … list"),
            OpenAIAccount: UNREAD,
        },
        command="az … list",
    ),
    Case(
        "enable-workload-identity/issuer-serves",
        "issuer.not-served",
        {IssuerDocuments: Absent("the documents", "issuer.not-served", detail="404 at https://x/")},
        says="404 at https://x/",
    ),
)


def _new_pod(*ages: timedelta | None, conditions: tuple[Condition, ...] = ()) -> dict[type, object]:
    """Return a rollout whose new pod was made long ago; its containers run for so long, or do not yet."""
    statuses = tuple(
        replace(
            STATUS,
            name=f"container-{number}",
            ready=False,
            state="waiting" if age is None else "running",
            running_since=None if age is None else NOW - age,
        )
        for number, age in enumerate(ages)
    )
    new = replace(POD, name="new", ready=False, statuses=statuses)
    rolling = but(Deployment, updated=1, replicas=2, available=1, conditions=conditions)
    return {**rolling, **_pods(new, replace(POD, name="old", current=False))}


MOVED = Condition("Progressing", "True", "ReplicaSetUpdated", "moving", NOW - 60 * SECOND)
OVER = (
    # An answer is of a pod from before while a new one is on its way …
    Case(INSIDE, "pod.rolling", {**answer(ClusterDescription, 500), **_new_pod(600 * SECOND)}, PENDING),
    Case(INSIDE, "pod.rolling", {**SILENT, **_new_pod(None)}, PENDING, says="by a pod from before"),
    Case(INSIDE, "pod.rolling", {**SILENT, **_new_pod(600 * SECOND, conditions=(MOVED,))}, PENDING),
    # … but none is where a new one runs for so long, and was not heard of.
    Case(INSIDE, "live.no-answer", {**SILENT, **_new_pod(600 * SECOND)}),
    # What started last has its time, too.
    Case("redeploy/rolled-out", "pod.rolling", _new_pod(100 * SECOND, 10 * SECOND), PENDING),
)

CASES = (*ABSENT, *KEYS, *ANSWERS, *STARTING, *FRONT, *OVER)
