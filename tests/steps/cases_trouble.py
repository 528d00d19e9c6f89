"""What the checks say of pods that do not come up, quoting events, states and logs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from steps_world import (
    CONTAINER,
    CREDENTIAL,
    INJECTED,
    ISSUER,
    NOW,
    POD,
    PRINCIPAL_ID,
    SETTINGS,
    STATUS,
    TEMPLATE,
    Case,
    answer,
    but,
    pod,
    variable,
)

from workshop_tui.authoring import (
    AppLog,
    ClusterDescription,
    Condition,
    ContainerStatus,
    Deployment,
    FederatedCredentials,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Pods,
    Unreadable,
)
from workshop_tui.findings import Verdict

ROLLED = "redeploy/rolled-out"
SUBJECT_REFUSED = (
    "AADSTS700213: No matching federated identity record found for presented assertion subject"
    " 'system:serviceaccount:default:ai-service-account'."
)
OLD_ISSUER = (
    "AADSTS700211: No matching federated identity record found for presented assertion issuer"
    " 'https://kubernetes.default.svc.cluster.local'."
)
LATE = Condition("Progressing", "False", "ProgressDeadlineExceeded", "has timed out progressing.")
LISTENS = "INFO:     Uvicorn running on http://0.0.0.0:5001 (Press CTRL+C to quit)"
CRASHING = replace(
    STATUS, ready=False, state="waiting", reason="CrashLoopBackOff", restarts=3, last_exit_code=1
)
RUNNING = replace(STATUS, ready=False)
SKIP = "azure.workload.identity/skip-containers"
BARE = replace(POD.spec, containers=(CONTAINER,))


def _event(words: str) -> str:
    return f"Pod {POD.name}: Unhealthy: {words}"


def _rolling(
    status: ContainerStatus | None, log: str = "", *warnings: str, **changes: object
) -> dict[type, object]:
    """Return a rollout whose newest pod is not ready: its container's state, its log, events about it."""
    statuses = () if status is None else (status,)
    new = replace(POD, ready=False, statuses=statuses, log=log, **changes)  # type: ignore[arg-type]
    return {**but(Deployment, available=0), Pods: Pods((new,), warnings)}


def _logged(text: str) -> dict[type, object]:
    return {AppLog: AppLog(text)}


def _late(world: dict[type, object], **changes: object) -> dict[type, object]:
    return {**world, **but(Deployment, available=0, conditions=(LATE,), **changes)}


def _limited(limit: str) -> dict[str, object]:
    return {"template": replace(TEMPLATE, containers=(replace(CONTAINER, memory_limit=limit),))}


def _tried(ago: timedelta) -> dict[type, object]:
    return _rolling(replace(CRASHING, last_finished=NOW - ago), SUBJECT_REFUSED)


NOT_FOUND = _event("Readiness probe failed: HTTP probe failed with statuscode: 404")
ELSEWHERE = "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"
REFUSED = _event('Readiness probe failed: Get "http://10.0.0.5:5001/health": connect: refused')
PORTS = (
    Case(
        ROLLED,
        "pod.wrong-port",
        _rolling(RUNNING, ELSEWHERE, REFUSED),
        says="the app listens on port 8000",
        command='"command": null, "args": null',
    ),
    # Asked where it does listen, and knows no such path; or asked at a third place.
    Case(ROLLED, "pod.probe-fails", _rolling(RUNNING, ELSEWHERE, NOT_FOUND)),
    Case(ROLLED, "pod.probe-fails", _rolling(RUNNING, ELSEWHERE, REFUSED.replace(":5001", ":80"))),
    Case(
        "verify/answers-in-cluster",
        "pod.wrong-port",
        {**answer(ClusterDescription, 503, "", "connection refused"), AppLog: AppLog(f"a\n{ELSEWHERE}")},
        says="its log: INFO: Uvicorn running on http://0.0.0.0:8000",
        command='"command": null',
    ),
    *(
        Case("verify/answers-in-cluster", "live.no-answer", {**answer(ClusterDescription, status), **world})
        for status, world in (
            (500, _logged(ELSEWHERE)),
            (503, _logged(LISTENS)),
            (503, _logged("")),
            (503, {**_logged(ELSEWHERE), Deployment: Unreadable("it", "no answer")}),
        )
    ),
)
PROBES = (
    Case(
        ROLLED,
        "pod.probe-fails",
        _rolling(RUNNING, LISTENS, NOT_FOUND),
        says="statuscode: 404; the app listens on port 5001",
        command='"readinessProbe": {"httpGet": {"path": "/health", "port": 5001',
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        _rolling(
            CRASHING,
            LISTENS,
            _event(
                'Liveness probe failed: Get "http://10.244.0.5:80/health": dial tcp 10.244.0.5:80: refused'
            ),
        ),
        says=":80/health",
        command='"livenessProbe"',
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        _rolling(
            RUNNING, LISTENS, _event("Readiness probe failed: dial tcp [fd00::5]:8080: connect: refused")
        ),
        says="8080",
    ),
    # The kubelet ended it for its probe, before it could say anything; an app that ends by itself is another.
    *(
        Case(
            ROLLED,
            cause,
            _rolling(replace(CRASHING, last_exit_code=code), "", _event(f"{kind} probe failed: EOF")),
        )
        for kind, code, cause in (
            ("Liveness", 143, "pod.probe-fails"),
            ("Startup", 137, "pod.probe-fails"),
            ("Liveness", 1, "pod.crash-loop"),
            ("Readiness", 143, "pod.crash-loop"),
        )
    ),
    # An app that is starting, or that is slow, fails its probes, too: time may mend that.
    *(
        Case(ROLLED, "pod.rolling", _rolling(RUNNING, log, *events), Verdict.PENDING)
        for log, events in (
            (
                "",
                (_event('Readiness probe failed: Get "http://10.0.0.5:80/": dial tcp 10.0.0.5:80: refused'),),
            ),
            (LISTENS, (_event('Readiness probe failed: Get "http://10.0.0.5:5001/health": EOF'),)),
            (LISTENS, (_event("Readiness probe failed: command failed"),)),
            (
                LISTENS,
                ("Pod other: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404",),
            ),
        )
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        _late(_rolling(RUNNING, "", _event('Readiness probe failed: Get "http://10.0.0.5:5001/": EOF'))),
        says="EOF; has timed out progressing.",
    ),
)

PLACES = (
    Case(
        ROLLED,
        "pod.unschedulable",
        _rolling(
            None, unscheduled="0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
        ),
        says="didn't match Pod's node affinity/selector",
        command='"nodeSelector": null',
    ),
    Case(
        ROLLED,
        "pod.unschedulable",
        _rolling(None, unscheduled="0/1 nodes are available: 1 Insufficient memory."),
        says="Insufficient memory",
        command="set resources deployment/ai-service --requests cpu=20m,memory=64Mi",
    ),
    Case(
        ROLLED,
        "pod.unschedulable",
        _rolling(None, unscheduled="0/1 nodes are available: 1 node(s) had untolerated taint {a: b}."),
        command="describe pod",
    ),
    # A pod on its way out may leave the room that is wanting; a node of another kind it does not make.
    *(
        Case(
            ROLLED,
            cause,
            {**world, Pods: Pods((*pods.items, replace(POD, name="old", deleting=True)))},
            verdict,
        )
        for words, cause, verdict in (
            ("1 Insufficient cpu.", "pod.rolling", Verdict.PENDING),
            (
                "1 Insufficient cpu, 1 node(s) had untolerated taint {a: b}.",
                "pod.unschedulable",
                Verdict.FAILED,
            ),
            ("1 node(s) didn't match Pod's node affinity/selector.", "pod.unschedulable", Verdict.FAILED),
        )
        for world in (_rolling(None, unscheduled=f"0/1 nodes are available: {words}"),)
        for pods in (world[Pods],)
        if isinstance(pods, Pods)
    ),
)

IMAGES = (
    Case(
        ROLLED,
        "pod.wrong-platform",
        _rolling(CRASHING, "exec /usr/local/bin/python: exec format error"),
        says="exec format error",
        command="workshop-tui solve build-push redeploy",
    ),
    Case(
        ROLLED,
        "pod.wrong-platform",
        _rolling(
            replace(
                STATUS,
                ready=False,
                state="waiting",
                reason="ErrImagePull",
                message="no match for platform in manifest: not found",
            )
        ),
        says="no match for platform",
    ),
)

MEMORY = (
    Case(
        ROLLED,
        "pod.memory-low",
        _late(_rolling(RUNNING), **_limited("50Mi")),
        says="memory limit 50Mi; has timed out progressing.",
        command="--limits memory=128Mi",
    ),
    Case(
        ROLLED,
        "pod.memory-low",
        {**_rolling(CRASHING, "Killed"), **but(Deployment, available=0, **_limited("40000k"))},
        says="memory limit 40000k",
    ),
    *(
        Case(ROLLED, "pod.rollout-stuck", _late(_rolling(RUNNING), **_limited(limit)))
        for limit in ("60Mi", "", "all of it")
    ),
    # That the kernel stopped it is told as what it is.
    Case(
        ROLLED,
        "pod.out-of-memory",
        {
            **_rolling(replace(CRASHING, last_reason="OOMKilled")),
            **but(Deployment, available=0, **_limited("50Mi")),
        },
    ),
)

SIGN_IN = (
    Case(
        ROLLED,
        "pod.outdated-sign-in",
        _rolling(CRASHING, SUBJECT_REFUSED),
        says="AADSTS700213",
        command="rollout restart deployment/ai-service",
    ),
    *(
        Case(ROLLED, "pod.outdated-sign-in", _tried(ago), verdict, command="rollout restart")
        for ago, verdict in (
            (timedelta(minutes=4, seconds=59), Verdict.PENDING),
            (timedelta(minutes=5), Verdict.FAILED),
            (timedelta(minutes=5, seconds=1), Verdict.FAILED),
        )
    ),
    # Another reason for the refusal is not made up for by a credential that fits: whom the pods sign in as …
    Case(
        ROLLED,
        "live.token-exchange-refused",
        _rolling(
            CRASHING,
            "AADSTS70025: The client 'x' has no configured federated identity credentials.",
            spec=replace(
                POD.spec,
                containers=(
                    replace(
                        CONTAINER,
                        environment=(*SETTINGS, *INJECTED[1:], variable("AZURE_CLIENT_ID", PRINCIPAL_ID)),
                    ),
                ),
            ),
        ),
    ),
    # … which ServiceAccount's token they showed, or what nobody can read.
    Case(
        ROLLED,
        "live.token-exchange-refused",
        _rolling(CRASHING, SUBJECT_REFUSED.replace("ai-service-account", "default")),
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {**_rolling(CRASHING, SUBJECT_REFUSED), FederatedCredentials: Unreadable("it", "no answer")},
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {**_rolling(CRASHING, SUBJECT_REFUSED), ManagedIdentity: Unreadable("it", "no answer")},
    ),
    Case(
        ROLLED,
        "pod.outdated-issuer",
        _rolling(CRASHING, OLD_ISSUER),
        says="kubernetes.default.svc",
        command="rollout restart deployment/ai-service",
    ),
    # The issuer that was shown is the cluster's: it is the credential that names another.
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {
            **_rolling(CRASHING, OLD_ISSUER.replace("https://kubernetes.default.svc.cluster.local", ISSUER)),
            FederatedCredentials: FederatedCredentials("i", (replace(CREDENTIAL, issuer="https://x/"),)),
        },
    ),
    Case(
        ROLLED,
        "live.token-exchange-refused",
        {
            **_rolling(CRASHING, OLD_ISSUER),
            **but(ManagedCluster, issuer_url=""),
        },
    ),
    *(
        Case(
            ROLLED,
            cause,
            _rolling(
                CRASHING,
                "AADSTS700024: Client assertion is not within its valid time range. Current time:"
                f" 2026-03-01T{current}.1234567Z, assertion valid from 2026-03-01T12:00:00.0000000Z,"
                " expiry time of assertion 2026-03-01T13:00:00.0000000Z. Review the documentation.",
            ),
            says="AADSTS700024: the pod's token is not valid at this time",
        )
        for current, cause in (
            ("11:59:59", "cluster.clock-skew"),
            ("12:30:00", "live.token-exchange-refused"),
            ("13:00:00", "live.assertion-expired"),
        )
    ),
)

INJECTION = (
    Case(
        "redeploy/injected",
        "pod.container-skipped",
        pod(spec=replace(BARE, annotations={SKIP: "proxy; ai-service"})),
        says=f"{SKIP}: proxy; ai-service on pod {POD.name}",
        command=f'"{SKIP}": null',
    ),
    # With commas the whole text is one name, which no container has.
    Case(
        "redeploy/injected",
        "pod.not-injected",
        pod(spec=replace(BARE, annotations={SKIP: "proxy,ai-service"})),
        says="it has the label",
    ),
    Case(
        "redeploy/injected",
        "pod.namespace-exempt",
        {**pod(spec=BARE), **but(Names, namespace="kube-system")},
        says="is in kube-system",
    ),
    Case("redeploy/injected", None, but(Names, namespace="kube-system"), Verdict.PASSED),
)

CASES = (*PORTS, *PROBES, *PLACES, *IMAGES, *MEMORY, *SIGN_IN, *INJECTION)
