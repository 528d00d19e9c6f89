"""Why the app gives no description: on its way, led nowhere, starved, or refused."""

from __future__ import annotations

from dataclasses import replace

from workshop_tui.authoring import (
    APP_PORT,
    START_TIME,
    Absent,
    Answer,
    AppLog,
    AppService,
    ClusterClock,
    Deployment,
    Finding,
    Names,
    Now,
    OpenAIAccount,
    Pods,
    Unreadable,
    app_container,
    clock_offset,
    failed,
    foreign_endpoints,
    is_rolling,
    is_throttled,
    is_too_little,
    kubectl,
    let_networks_in,
    listens_elsewhere,
    pending,
    refusal_in,
    refusal_of,
    rollout_trouble,
    selects,
    service_trouble,
    start_by_image,
    start_times,
    telling_line,
    told,
    unknown,
)

NOBODY_LISTENS = frozenset({502, 503})


def quoted(answer: Answer, log: AppLog | Absent | Unreadable) -> Answer:
    """Return an answer that tells no reason with the line of the app's own log that does."""
    if answer.good or refusal_of(answer) is not None or not isinstance(log, AppLog):
        return answer
    line = telling_line(log.text)
    tells = refusal_in(line) is not None or "Error" in line or "Exception" in line
    return replace(answer, text=f"{answer.text}; its log: {line}") if tells else answer


def starting(
    answer: Answer,
    deployment: Deployment | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    now: Now,
    clock: ClusterClock | Absent | Unreadable,
) -> Finding | None:
    """Return `pending` where nobody listens yet: a pod is on its way, or young enough to be starting."""
    if answer.status not in NOBODY_LISTENS or not isinstance(pods, Pods):
        return None
    expected = f"{answer.ask}: 200 and a description"
    born = [pod.created for pod in pods.running if pod.current and pod.created is not None]
    if not born and isinstance(deployment, Deployment) and is_rolling(deployment, pods):
        return pending("pod.rolling", told(answer), until=None, expected=expected)
    if isinstance(deployment, Deployment) and rollout_trouble(deployment, pods) is None:
        born += start_times(pods)
    until = max(born) + START_TIME + clock_offset(clock) if born else None
    if until is None or until <= now.moment:
        return None
    return pending("pod.starting", told(answer), until=until, expected=expected)


def superseded(
    answer: Answer,
    deployment: Deployment | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    expected: str,
) -> Finding | None:
    """Return `pending` while new pods are on their way: what an old one answers is over soon."""
    if not isinstance(deployment, Deployment) or not isinstance(pods, Pods) or is_throttled(answer):
        return None
    silent = answer.status in NOBODY_LISTENS and bool(start_times(pods)) and deployment.gives_up is None
    if silent or not is_rolling(deployment, pods):
        # None is on its way where they run, and were not heard of in the time that `starting` gives them.
        return None
    return pending("pod.rolling", f"{told(answer)}, by a pod from before", until=None, expected=expected)


def starved(
    answer: Answer, deployment: Deployment | Absent | Unreadable, expected: str, names: Names
) -> Finding | None:
    """Return the fault of a limit with which the app gets nowhere, where nobody listens."""
    if answer.status not in NOBODY_LISTENS or not isinstance(deployment, Deployment):
        return None
    container = app_container(deployment.template, names.deployment)
    if container is None or not is_too_little(container.memory_limit):
        return None
    resources = ("set", "resources", f"deployment/{deployment.name}", "--limits", "memory=128Mi")
    return failed(
        "pod.memory-low",
        f"memory limit {container.memory_limit}; {told(answer)}",
        expected=expected,
        command=kubectl(names, *resources),
    )


def elsewhere(
    answer: Answer,
    log: AppLog | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    names: Names,
) -> Finding | None:
    """Return the fault of an app that listens where nobody asks it, by its own word."""
    if answer.status not in NOBODY_LISTENS or not isinstance(log, AppLog) or not listens_elsewhere(log.text):
        return None
    if not isinstance(deployment, Deployment):
        return None
    line = next(line for line in log.text.splitlines() if listens_elsewhere(line))
    return failed(
        "pod.wrong-port",
        f"its log: {' '.join(line.split())}; {told(answer)}",
        expected=f"an app that listens on port {APP_PORT}",
        command=start_by_image(deployment, names),
    )


def misled(
    answer: Answer,
    service: AppService | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    *,
    names: Names,
) -> Finding | None:
    """Return the Service's fault, where there is one: no request reaches the app then."""
    trouble = None if is_throttled(answer) else service_trouble(service, pods)
    if trouble is None:
        return None
    return failed(
        trouble.cause,
        f"{trouble.words}; {told(answer)}",
        expected=f"{answer.ask}: 200 and a description",
        command=_mend_service(service, deployment, names),
    )


def impostor(
    answer: Answer,
    service: AppService | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    *,
    names: Names,
) -> Finding | None:
    """Return the fault of a Service that leads to others than the app's pods: they may have answered."""
    trouble = foreign_endpoints(service, pods)
    if trouble is None or not isinstance(service, AppService):
        return None
    own = isinstance(deployment, Deployment) and selects(service.selector, deployment.template.labels)
    makers = dict.fromkeys(maker for _, maker in service.strangers if maker)
    asleep = (kubectl(names, "scale", f"deployment/{maker}", "--replicas", "0") for maker in makers)
    loose = kubectl(names, "delete", "pod", *(name for name, maker in service.strangers if not maker))
    commands = [*asleep, *((loose,) if any(not maker for _, maker in service.strangers) else ())]
    return failed(
        trouble.cause,
        f"{trouble.words}; {told(answer)}",
        expected=f"a Service that sends to the pods of {names.deployment} alone",
        command=" && ".join(commands) if own else _mend_service(service, deployment, names),
    )


def _mend_service(
    service: AppService | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    names: Names,
) -> str:
    """Return the command that makes the Service anew, or its selector or its ports what they must be."""
    if not isinstance(service, AppService) or not isinstance(deployment, Deployment):
        return service.command if isinstance(service, Absent) else ""
    if any(service.selector.get(key) != value for key, value in deployment.selector.items()):
        pairs = ",".join(f"{key}={value}" for key, value in sorted(deployment.selector.items()))
        return kubectl(names, "set", "selector", "service", service.name, pairs)
    ports = f'{{"spec": {{"ports": [{{"name": "http", "port": {APP_PORT}, "targetPort": {APP_PORT}}}]}}}}'
    return kubectl(names, "patch", "service", service.name, "--type", "merge", "-p", ports)


def refused(
    answer: Answer,
    cause: str,
    expected: str,
    names: Names,
    account: OpenAIAccount | Absent | Unreadable,
) -> Finding:
    """Return what a refusal means: in the service's own words, with what to do."""
    if is_throttled(answer):
        return unknown("reading.throttled", told(answer))
    refusal = refusal_of(answer)
    logs = kubectl(names, "logs", "--selector", f"app={names.deployment}", "--tail", "50")
    restart = kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
    # What the network refuses no log of the app tells more of: the account's own setting does.
    opened = let_networks_in(account) if isinstance(account, OpenAIAccount) else ""
    ways = {"live.token-expired": restart, "live.network-refused": opened}
    return failed(
        cause,
        told(answer),
        expected=expected,
        remedy=f"That means: {refusal.meaning}."
        if refusal and cause == "live.token-exchange-refused"
        else "",
        command=ways.get(cause, logs),
    )
