"""See with one's own eyes that the app works, and that no key is left in the cluster."""

from __future__ import annotations

from workshop_tui.authoring import (
    Absent,
    AppLog,
    AppService,
    AsyncIterator,
    AzureClock,
    ClusterChanges,
    ClusterClock,
    ClusterDescription,
    Deployment,
    FederatedCredentials,
    Finding,
    IdentityRoles,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Now,
    OpenAIAccount,
    Pods,
    Progress,
    RunningImage,
    Scope,
    ServiceAccount,
    ShopDescription,
    Sightings,
    Unreadable,
    Working,
    action,
    check,
    command,
    exposed_keys,
    failed,
    is_rolling,
    is_throttled,
    judge_injection,
    judge_propagation,
    key_removal_command,
    kubectl,
    no_pod_words,
    outdated_sign_in,
    passed,
    pending,
    refusal_of,
    rollout_trouble,
    told,
    unknown,
    wanted_credential,
)

from .shop import look_at_shop, shop_trouble
from .silence import (
    NOBODY_LISTENS,
    elsewhere,
    impostor,
    misled,
    quoted,
    refused,
    starting,
    starved,
    superseded,
)


@check("No running pod has a key", scope=Scope.CLUSTER)
def no_key_in_pods(
    pods: Pods, deployment: Deployment, image: RunningImage | Absent | Unreadable, names: Names
) -> Finding:
    """Judge every container of every running pod, whatever way a key could come into it: its image, too."""
    if not pods.running:
        return _no_pods(deployment, pods, names)
    expected = f"no key within reach of any running pod of {names.deployment}"
    found = [(pod, key) for pod in pods.running for key in exposed_keys(pod.spec)]
    if not found and isinstance(image, RunningImage) and image.keys:
        return failed(
            "pod.key-exposed",
            f"{', '.join(image.keys)} in the image's own environment, {image.reference}",
            expected=expected,
            remedy="Take it out of the Dockerfile; then build and push the image, and deploy it again.",
            command=command("workshop-tui", "solve", "build-push", "redeploy"),
        )
    if not found:
        return passed(expected)
    # A pod that stays comes first: one that is being replaced must not hide it.
    pod, key = min(found, key=lambda item: not item[0].current)
    observed = f"{key}, pod {pod.name}"
    replaced = not deployment.rolled_out and rollout_trouble(deployment, pods) is None
    if not pod.current and replaced and not exposed_keys(deployment.template):
        return pending("pod.rolling", f"{observed}, which is being replaced", until=None, expected=expected)
    return failed(
        "pod.key-exposed",
        observed,
        expected=expected,
        command=key_removal_command(key, deployment.template, names),
    )


@check("The running pods carry the identity", scope=Scope.CLUSTER)
def identity_in_pods(pods: Pods, identity: ManagedIdentity, deployment: Deployment, names: Names) -> Finding:
    """Judge the webhook's variables in every pod that is to stay."""
    finding = judge_injection([pod for pod in pods.running if pod.current], identity, names)
    return finding or _no_pods(deployment, pods, names)


@check("The app answers within the cluster", scope=Scope.LIVE)
def answers_in_cluster(
    *,
    reply: ClusterDescription,
    log: AppLog | Absent | Unreadable,
    account: OpenAIAccount,
    roles: IdentityRoles | Absent | Unreadable,
    credentials: FederatedCredentials | Absent | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
    service_account: ServiceAccount | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    service: AppService | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    azure_clock: AzureClock | Absent | Unreadable,
    cluster_clock: ClusterClock | Absent | Unreadable,
    sightings: Sightings,
    names: Names,
    now: Now,
) -> Finding:
    """Judge a live request through the API server's service proxy."""
    answer = quoted(reply.answer, log)
    if answer.good:
        return impostor(answer, service, pods, deployment, names=names) or passed(answer.text)
    refusal = refusal_of(answer)
    expected = f"{answer.ask}: 200 and a description"
    cause = refusal.cause if refusal else "live.no-answer"
    wanted = wanted_credential(cluster, service_account, names)
    found = judge_propagation(
        answer,
        roles=roles,
        credentials=credentials,
        wanted=wanted,
        azure_clock=azure_clock,
        sightings=sightings,
        now=now,
    )
    if outdated_sign_in(answer.text, wanted, credentials) == "pod.outdated-issuer":
        restart = kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
        found = failed("pod.outdated-issuer", told(answer), expected=expected, command=restart)
    found = found or (None if refusal else misled(answer, service, pods, deployment, names=names))
    found = found or (None if refusal else elsewhere(answer, log, deployment, names))
    found = found or starting(answer, deployment, pods, now, cluster_clock)
    found = found or (None if refusal else starved(answer, deployment, expected, names))
    found = found or superseded(answer, deployment, pods, expected)
    return found or refused(answer, cause, expected, names, account)


@check("The app answers through the shop", scope=Scope.LIVE)
def answers_through_shop(
    *,
    reply: ShopDescription,
    inside: ClusterDescription | Absent | Unreadable,
    account: OpenAIAccount | Absent | Unreadable,
    roles: IdentityRoles | Absent | Unreadable,
    credentials: FederatedCredentials | Absent | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
    service_account: ServiceAccount | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    service: AppService | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    azure_clock: AzureClock | Absent | Unreadable,
    cluster_clock: ClusterClock | Absent | Unreadable,
    sightings: Sightings,
    names: Names,
    now: Now,
) -> Finding:
    """Judge the same request through the site that a browser opens."""
    answer = reply.answer
    if answer.good:
        return passed(f"{reply.address}: {answer.text}")
    refusal = refusal_of(answer)
    expected = f"{answer.ask}: 200 and a description"
    if refusal is not None:
        over = judge_propagation(
            answer,
            roles=roles,
            credentials=credentials,
            wanted=wanted_credential(cluster, service_account, names),
            azure_clock=azure_clock,
            sightings=sightings,
            now=now,
        )
        over = over or superseded(answer, deployment, pods, expected)
        return over or refused(answer, refusal.cause, expected, names, account)
    found = shop_trouble(reply, expected, names)
    app_answers = isinstance(inside, ClusterDescription) and inside.answer.good
    found = found or (None if app_answers else misled(answer, service, pods, deployment, names=names))
    app_listens = _listens(inside)
    found = found or (None if app_listens else starting(answer, deployment, pods, now, cluster_clock))
    return found or _no_way_through(reply, inside, deployment, pods, names=names, account=account)


def _listens(inside: ClusterDescription | Absent | Unreadable) -> bool:
    """Say whether the app has started: it answers within the cluster, be it with an error."""
    status = inside.answer.status if isinstance(inside, ClusterDescription) else 0
    return bool(status) and status not in NOBODY_LISTENS


def _no_way_through(
    reply: ShopDescription,
    inside: ClusterDescription | Absent | Unreadable,
    deployment: Deployment | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    *,
    names: Names,
    account: OpenAIAccount | Absent | Unreadable,
) -> Finding:
    """Judge an answer without a reason of its own: by what the app says in the cluster, else the shop's."""
    answer = reply.answer
    expected = f"{answer.ask}: 200 and a description"
    # Where an app has started and nobody listens, it is the shop.
    shop_is_silent = _listens(inside) and answer.status in {0, *NOBODY_LISTENS}
    if isinstance(inside, ClusterDescription) and not inside.answer.good and not shop_is_silent:
        fault = refusal_of(inside.answer)
        over = superseded(answer, deployment, pods, expected)
        cause = fault.cause if fault else "live.no-answer"
        return over or refused(answer, cause, expected, names, account)
    if is_throttled(answer):
        return unknown("reading.throttled", told(answer))
    return failed("live.shop-unreachable", told(answer), expected=expected, command=look_at_shop(names))


@action
async def show(
    *,
    names: Names,
    pods: Pods | Absent | Unreadable,
    inside: ClusterDescription | Absent | Unreadable,
    shop: ShopDescription | Absent | Unreadable,
    cluster: ClusterChanges,
) -> AsyncIterator[Progress]:
    """Show where to look: pods, their log and environment, the description, the shop's address."""
    app = f"app={names.deployment}"
    yield Working(f"$ {kubectl(names, 'get', 'pods', '--selector', app)}")
    for pod in pods.running if isinstance(pods, Pods) else ():
        ready = sum(status.ready for status in pod.statuses)
        restarts = sum(status.restarts for status in pod.statuses)
        yield Working(f"{pod.name}  {ready}/{len(pod.statuses)} ready  {pod.phase}  {restarts} restarts")
    yield Working(f"$ {kubectl(names, 'describe', 'pod', '--selector', app)}")
    for pod in pods.running if isinstance(pods, Pods) else ():
        keys = {(key.container, key.name) for key in exposed_keys(pod.spec)}
        for container in pod.spec.containers:
            for variable in container.environment:
                secret = (container.name, variable.name) in keys or variable.source.startswith("secret")
                shown = variable.value.masked() if secret else variable.value.reveal()
                yield Working(f"  {variable.name}: {shown}")
    yield Working(f"$ {kubectl(names, 'logs', '--selector', app, '--tail', '20')}")
    for pod in pods.running if isinstance(pods, Pods) else ():
        for container in pod.spec.containers:
            log = await cluster.log(names.namespace, pod.name, container.name)
            for line in log.splitlines()[-20:]:
                yield Working(f"  {line}")
    if isinstance(inside, ClusterDescription):
        yield Working(f"{inside.answer.ask}: {inside.answer.status}")
        yield Working(inside.answer.text)
    if isinstance(shop, ShopDescription):
        yield Working(
            f"The shop's admin site: {shop.address}: open Products, add one, ask for its description."
        )


def _no_pods(deployment: Deployment, pods: Pods, names: Names) -> Finding:
    expected = f"a running pod of {names.deployment}"
    if is_rolling(deployment, pods):
        # With the strategy Recreate there is a moment at which the old ones are gone and no new one is there.
        return pending("pod.rolling", "no new pod yet", until=None, expected=expected)
    return failed(
        "app.no-pods",
        no_pod_words(deployment, pods),
        expected=expected,
        command=kubectl(names, "describe", "replicaset", "--selector", f"app={names.deployment}"),
    )
