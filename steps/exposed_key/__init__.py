"""Look at what the quickstart left behind: an account, a cluster, and a key in plain sight."""

from __future__ import annotations

from datetime import timedelta

from workshop_tui.authoring import (
    CLIENT_ID_ANNOTATION,
    MOST_SKEW,
    Absent,
    Applied,
    AsyncIterator,
    AvailableModels,
    AzureChanges,
    AzureClock,
    Change,
    ClusterAccess,
    ClusterClock,
    Deployment,
    Finding,
    KubeconfigChanges,
    KubeconfigContext,
    ManagedCluster,
    ModelDeployment,
    Names,
    Now,
    OpenAIAccount,
    Planned,
    Pod,
    Pods,
    Progress,
    ResourceGroup,
    Scope,
    Sequence,
    ServiceAccount,
    Undo,
    Unreadable,
    Working,
    action,
    check,
    clock_difference,
    command,
    exposed_keys,
    failed,
    is_rolling,
    kubectl,
    may_chat,
    no_pod_words,
    passed,
    pending,
    refuses_tokens,
    reset,
    resource_group_of,
    skew_words,
    unknown,
)

from .models import deploy_model

_KINDS = ("OpenAI", "AIServices")
_COMING = ("Accepted", "Creating", "Moving", "Running")


@check("The resource group is there", scope=Scope.AZURE)
def resource_group(group: ResourceGroup) -> Finding:
    """Judge that the group was found; its absence is told with the group's own cause."""
    return passed(f"{group.name} in {group.location}")


@check("An Azure OpenAI account with an address of its own", scope=Scope.AZURE)
def openai_account(account: OpenAIAccount) -> Finding:
    """Judge the account's kind, and that tokens can be used with it at all."""
    if account.kind not in _KINDS:
        return failed(
            "account.wrong-kind",
            f"{account.name} is of kind {account.kind}",
            expected=f"an account of kind {' or '.join(_KINDS)}",
        )
    if not account.custom_subdomain:
        return failed(
            "account.no-subdomain",
            f"{account.name} answers at {account.endpoint}",
            expected=f"{account.name} answers at an address of its own",
            command=command(
                *("az", "cognitiveservices", "account", "update", "--name", account.name),
                *("--resource-group", resource_group_of(account.id), "--custom-domain", account.name.lower()),
            ),
        )
    return passed(f"{account.name}, kind {account.kind}, at {account.endpoint}")


@check("A chat model is deployed", scope=Scope.AZURE)
def chat_deployment(
    *,
    deployment: ModelDeployment | Absent,
    account: OpenAIAccount | Absent | Unreadable,
    app: Deployment | Absent | Unreadable,
    models: AvailableModels | Absent | Unreadable,
    names: Names,
    now: Now,
) -> Finding:
    """Judge that the deployment is of a chat model, and ready."""
    if isinstance(deployment, Absent):
        observed = deployment.detail or f"Not there: {deployment.what}."
        # A name that the learner chose may be misspelt: the deployments that there are tell.
        create = "" if names.model_deployment else deploy_model(account, app, models, names, now)
        return failed(deployment.cause, observed, command=create or deployment.command)
    anew = deploy_model(account, app, models, names, now, instead_of=deployment.name)
    what = f"{deployment.name} (model {deployment.model}), {deployment.state}"
    expected = "a deployment of a chat model, Succeeded"
    if not may_chat(deployment.model):
        return failed("deployment.not-chat", what, expected=expected, command=anew)
    if deployment.state in _COMING:
        return pending("deployment.not-ready", what, until=None, expected=expected)
    if deployment.state != "Succeeded":
        return failed("deployment.not-ready", what, expected=expected, command=anew)
    return passed(what)


@check("The cluster answers", scope=Scope.CLUSTER)
def cluster_reachable(
    access: ClusterAccess | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
    azure: AzureClock | Absent | Unreadable,
    clock: ClusterClock | Absent | Unreadable,
) -> Finding:
    """Judge that the API server answered, at Azure's time; a cluster that is stopped has none."""
    if isinstance(access, Unreadable):
        if isinstance(cluster, ManagedCluster) and cluster.state == "Starting":
            return pending(
                "cluster.busy", f"{cluster.name}: Starting; {access.reason}", until=None, expected="an answer"
            )
        if not isinstance(cluster, ManagedCluster) or cluster.power != "Stopped":
            return unknown(access.cause, f"{access.what}: {access.reason}", remedy=access.remedy)
        group = resource_group_of(cluster.id)
        return failed(
            "cluster.unreachable",
            f"{cluster.name}: powerState is Stopped; {access.reason}",
            expected=f"{cluster.name}: powerState is Running",
            command=command("az", "aks", "start", "--resource-group", group, "--name", cluster.name),
        )
    observed = f"Kubernetes {access.version} at {access.server}"
    ahead = clock_difference(azure, clock)
    wrong = skew_words(ahead, "its", "Azure's")
    if refuses_tokens(ahead):
        return failed(
            "cluster.clock-skew",
            f"{observed}; {wrong}",
            expected=f"clocks at most {MOST_SKEW // timedelta(minutes=1)} minutes apart",
        )
    return passed(f"{observed}; {wrong}" if wrong else observed)


@check("kubectl knows the cluster", scope=Scope.WORKSTATION)
def kubectl_ready(context: KubeconfigContext) -> Finding:
    """Judge that the kubeconfig has a context for this cluster; another one may be the current one."""
    if context.current:
        return passed(f"context {context.name} in {context.path}")
    return passed(f"context {context.name} in {context.path}, not the current one: use --context")


@check("The shop's ai-service is deployed", scope=Scope.CLUSTER)
def app_deployed(
    deployment: Deployment | Absent, account: ServiceAccount | Absent | Unreadable, names: Names
) -> Finding:
    """Judge that the app's Deployment is there and wants pods."""
    if isinstance(deployment, Absent):
        # Whoever has come to the ServiceAccount had it, and can have it made anew.
        known = isinstance(account, ServiceAccount) and CLIENT_ID_ANNOTATION in account.annotations
        again = command("workshop-tui", "solve", "redeploy")
        return failed(
            deployment.cause,
            deployment.detail or f"Not there: {deployment.what}.",
            remedy="Deploy it again." if known else "",
            command=again if known else deployment.command,
        )
    what = f"{deployment.namespace}/{deployment.name}: {deployment.available} of {deployment.wanted} pods"
    if deployment.wanted < 1:
        return failed(
            "app.scaled-to-zero",
            what,
            expected="at least one pod wanted",
            command=kubectl(names, "scale", "deployment", deployment.name, "--replicas", "1"),
        )
    return passed(what)


@check("The key in the pod's environment", scope=Scope.CLUSTER)
def key_in_sight(pods: Pods, deployment: Deployment, names: Names) -> Finding:
    """Judge that one can see how it stands with the key: in plain sight, or gone already."""
    if not pods.running:
        if is_rolling(deployment, pods):
            return pending("pod.rolling", "no new pod yet", until=None)
        return failed(
            "app.no-pods",
            no_pod_words(deployment, pods),
            expected=f"a running pod of {names.deployment}",
            command=kubectl(names, "describe", "replicaset", "--selector", f"app={names.deployment}"),
        )
    for pod in pods.running:
        for key in exposed_keys(pod.spec):
            return passed(f"in plain sight: {key}, pod {pod.name}")
    return passed("gone already: no key within reach of any running pod")


@action
async def look_around(
    *,
    names: Names,
    account: OpenAIAccount,
    deployment: ModelDeployment,
    cluster: ManagedCluster,
    pods: Pods | Absent | Unreadable,
    azure: AzureChanges,
    kubeconfig: KubeconfigChanges,
) -> AsyncIterator[Progress]:
    """Tell what was found, bring the cluster's credentials to kubectl, and show the pod's environment."""
    yield Working(f"Azure OpenAI account {account.name} ({account.kind}) at {account.endpoint}")
    yield Working(f"Deployment {deployment.name} of model {deployment.model}")
    yield Working(f"AKS cluster {cluster.name} in {cluster.location}")
    change = Change(
        f"Add the cluster's context to {names.kubeconfig or 'the kubeconfig'}",
        command(
            *("az", "aks", "get-credentials", "--resource-group", resource_group_of(cluster.id)),
            *("--name", cluster.name),
        ),
    )
    yield Planned(change)
    merged = await kubeconfig.merge(await azure.cluster_credentials(cluster.id))
    yield Applied(change)
    before = f" (it was {merged.before})" if merged.before not in {"", merged.name} else ""
    yield Working(f"Context {merged.name} is the current one now{before}; all others are as they were")
    if merged.backup:
        yield Working(f"The file had to be laid out anew; it is kept as it was in {merged.backup}")
    if not isinstance(pods, Pods):
        yield Working("The pods could not be read yet; check again to see them.")
        return
    for pod in pods.running:
        for line in _environment_of(pod):
            yield Working(line)


@reset
def take_out(context: KubeconfigContext, kubeconfig: KubeconfigChanges) -> Sequence[Undo]:
    """Take the context out of the kubeconfig, and make the one of before current, by the note in the file."""
    if context.note is None:
        return ()
    what = f"Take the context {context.name} out of {context.path}"
    if "contexts" not in context.note.added:
        what = f"Leave the context {context.name} in {context.path}, where it was before"
    if context.current:
        before = context.note.before
        what += f"; the current one is {before} again" if before else "; it names none as current, as before"
    return (Undo(Change(what), lambda: kubeconfig.take_out(context.name)),)


def _environment_of(pod: Pod) -> list[str]:
    """Return the pod's environment as it may be shown: whatever may be a key is masked."""
    keys = {(key.container, key.name) for key in exposed_keys(pod.spec)}
    lines = []
    for container in pod.spec.containers:
        lines.append(f"Pod {pod.name}, container {container.name}, environment:")
        for variable in container.environment:
            secret = (container.name, variable.name) in keys or variable.source.startswith("secret")
            shown = variable.value.masked() if secret else variable.value.reveal()
            warning = "   <- the key, for anyone who can look here" if secret else ""
            lines.append(f"  {variable.name}={shown}{warning}")
    return lines
