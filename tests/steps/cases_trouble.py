"""What the checks say of pods that do not come up, quoting events, states and logs."""

from __future__ import annotations

from dataclasses import replace

from cases_trouble_sign_in import INJECTION, SIGN_IN
from cases_trouble_world import CRASHING, LISTENS, ROLLED, RUNNING, event, late, limited, logged, rolling
from steps_world import (
    POD,
    STATUS,
    Case,
    answer,
    but,
)

from workshop_tui.authoring import (
    AppLog,
    ClusterDescription,
    Deployment,
    Pods,
    Unreadable,
)
from workshop_tui.findings import Verdict

NOT_FOUND = event("Readiness probe failed: HTTP probe failed with statuscode: 404")
ELSEWHERE = "INFO:     Uvicorn running on http://0.0.0.0:8000 (Press CTRL+C to quit)"
REFUSED = event('Readiness probe failed: Get "http://10.0.0.5:5001/health": connect: refused')
PORTS = (
    Case(
        ROLLED,
        "pod.wrong-port",
        rolling(RUNNING, ELSEWHERE, REFUSED),
        says="the app listens on port 8000",
        command='"command": null, "args": null',
    ),
    # Asked where it does listen, and knows no such path; or asked at a third place.
    Case(ROLLED, "pod.probe-fails", rolling(RUNNING, ELSEWHERE, NOT_FOUND)),
    Case(ROLLED, "pod.probe-fails", rolling(RUNNING, ELSEWHERE, REFUSED.replace(":5001", ":80"))),
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
            (500, logged(ELSEWHERE)),
            (503, logged(LISTENS)),
            (503, logged("")),
            (503, {**logged(ELSEWHERE), Deployment: Unreadable("it", "no answer")}),
        )
    ),
)
PROBES = (
    Case(
        ROLLED,
        "pod.probe-fails",
        rolling(RUNNING, LISTENS, NOT_FOUND),
        says="statuscode: 404; the app listens on port 5001",
        command='"readinessProbe": {"httpGet": {"path": "/health", "port": 5001',
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        rolling(
            CRASHING,
            LISTENS,
            event(
                'Liveness probe failed: Get "http://10.244.0.5:80/health": dial tcp 10.244.0.5:80: refused'
            ),
        ),
        says=":80/health",
        command='"livenessProbe"',
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        rolling(RUNNING, LISTENS, event("Readiness probe failed: dial tcp [fd00::5]:8080: connect: refused")),
        says="8080",
    ),
    # The kubelet ended it for its probe, before it could say anything; an app that ends by itself is another.
    *(
        Case(
            ROLLED,
            cause,
            rolling(replace(CRASHING, last_exit_code=code), "", event(f"{kind} probe failed: EOF")),
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
        Case(ROLLED, "pod.rolling", rolling(RUNNING, log, *events), Verdict.PENDING)
        for log, events in (
            (
                "",
                (event('Readiness probe failed: Get "http://10.0.0.5:80/": dial tcp 10.0.0.5:80: refused'),),
            ),
            (LISTENS, (event('Readiness probe failed: Get "http://10.0.0.5:5001/health": EOF'),)),
            (LISTENS, (event("Readiness probe failed: command failed"),)),
            (
                LISTENS,
                ("Pod other: Unhealthy: Readiness probe failed: HTTP probe failed with statuscode: 404",),
            ),
        )
    ),
    Case(
        ROLLED,
        "pod.probe-fails",
        late(rolling(RUNNING, "", event('Readiness probe failed: Get "http://10.0.0.5:5001/": EOF'))),
        says="EOF; has timed out progressing.",
    ),
)

PLACES = (
    Case(
        ROLLED,
        "pod.unschedulable",
        rolling(
            None, unscheduled="0/1 nodes are available: 1 node(s) didn't match Pod's node affinity/selector."
        ),
        says="didn't match Pod's node affinity/selector",
        command='"nodeSelector": null',
    ),
    Case(
        ROLLED,
        "pod.unschedulable",
        rolling(None, unscheduled="0/1 nodes are available: 1 Insufficient memory."),
        says="Insufficient memory",
        command="set resources deployment/ai-service --requests cpu=20m,memory=64Mi",
    ),
    Case(
        ROLLED,
        "pod.unschedulable",
        rolling(None, unscheduled="0/1 nodes are available: 1 node(s) had untolerated taint {a: b}."),
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
        for world in (rolling(None, unscheduled=f"0/1 nodes are available: {words}"),)
        for pods in (world[Pods],)
        if isinstance(pods, Pods)
    ),
)

IMAGES = (
    Case(
        ROLLED,
        "pod.wrong-platform",
        rolling(CRASHING, "exec /usr/local/bin/python: exec format error"),
        says="exec format error",
        command="workshop-tui solve build-push redeploy",
    ),
    Case(
        ROLLED,
        "pod.wrong-platform",
        rolling(
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
        late(rolling(RUNNING), **limited("50Mi")),
        says="memory limit 50Mi; has timed out progressing.",
        command="--limits memory=128Mi",
    ),
    Case(
        ROLLED,
        "pod.memory-low",
        {**rolling(CRASHING, "Killed"), **but(Deployment, available=0, **limited("40000k"))},
        says="memory limit 40000k",
    ),
    *(
        Case(ROLLED, "pod.rollout-stuck", late(rolling(RUNNING), **limited(limit)))
        for limit in ("60Mi", "", "all of it")
    ),
    # That the kernel stopped it is told as what it is.
    Case(
        ROLLED,
        "pod.out-of-memory",
        {
            **rolling(replace(CRASHING, last_reason="OOMKilled")),
            **but(Deployment, available=0, **limited("50Mi")),
        },
    ),
)

CASES = (*PORTS, *PROBES, *PLACES, *IMAGES, *MEMORY, *SIGN_IN, *INJECTION)
