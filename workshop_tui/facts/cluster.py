"""Facts of the Kubernetes cluster."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace
from typing import Any

import httpx

from workshop_tui.authoring import APP_PORT, command, kubectl
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.configuration_reader import ConfigurationReader
from workshop_tui.cloud.errors import RefusedError, reading
from workshop_tui.cloud.namespace_watch import NamespaceWatch
from workshop_tui.cloud.pod_specs import read_pod_spec
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.workloads import (
    newest_template_hash,
    owned_by,
    read_deployment,
    read_pod,
    read_service,
    read_service_account,
    revision_of,
    strangers_among,
    warnings_of,
)
from workshop_tui.facts.engine import resolver
from workshop_tui.model import (
    Absent,
    AppService,
    ClusterAccess,
    Deployment,
    KubeconfigContext,
    ManagedCluster,
    Names,
    Pods,
    ServiceAccount,
    Unreadable,
)

CLIENT_ID = "azure.workload.identity/client-id"


@resolver
async def kubeconfig_context(
    connector: ClusterConnector, names: Names, managed: ManagedCluster | Absent | Unreadable
) -> KubeconfigContext | Absent | Unreadable:
    """Read the context for the cluster from the kubeconfig that the learner's kubectl reads."""
    cluster = managed if isinstance(managed, ManagedCluster) else None
    entries = connector.entries(cluster)
    if entries is not None:
        return entries.context
    name = cluster.name if cluster is not None else names.cluster
    wanted = names.context or name
    if isinstance(managed, Unreadable) and not names.context:
        # A context of another name may be for it: that is seen by its address, which only Azure tells.
        reason = f"Azure does not tell the cluster's address: {managed.reason}"
        return replace(managed, what="the kubeconfig's context", reason=reason)
    return Absent(
        f"context for the cluster {wanted} in {names.kubeconfig}".replace("  ", " "),
        "cluster.no-kubeconfig",
        command(
            *("az", "aks", "get-credentials", "-g", names.resource_group, "-n", name or "NAME"),
            *("--overwrite-existing", "--file", names.kubeconfig),
        ),
    )


@resolver
async def cluster_client(
    connector: ClusterConnector, managed: ManagedCluster | Absent | Unreadable
) -> ClusterClient | Absent | Unreadable:
    """Open the cluster; the connector knows the ways."""
    if isinstance(managed, ManagedCluster):
        return await connector.open(managed)
    if connector.entries(None) is not None:
        return await connector.open(None)
    if isinstance(managed, Absent):
        return managed
    reason = f"no context of the kubeconfig is known to be for it, and Azure cannot tell: {managed.reason}"
    return replace(managed, what="the cluster's API server", reason=reason)


@resolver
async def cluster_access(client: ClusterClient) -> ClusterAccess:
    """Ask the API server for its version."""
    with reading("the cluster's API server"):
        return ClusterAccess(client.server, await client.version(), client.source)


@resolver
async def configuration_reader(client: ClusterClient, names: Names) -> ConfigurationReader:
    """Open this pass's book of Secrets and ConfigMaps."""
    return ConfigurationReader(client, names.namespace)


@resolver
async def namespace_watch(client: ClusterClient, names: Names) -> NamespaceWatch:
    """Say where to listen for changes; nobody listens yet."""
    return NamespaceWatch(client, names.namespace)


@dataclass(frozen=True, slots=True)
class RawDeployment:
    """The app's Deployment as the API server has it."""

    document: dict[str, Any]


@resolver
async def raw_deployment(client: ClusterClient, names: Names) -> RawDeployment | Absent:
    """Read the app's Deployment."""
    with reading(f"the Deployment {names.deployment}"):
        found = await client.get("Deployment", names.namespace, names.deployment)
    if found is not None:
        return RawDeployment(found)
    what = f"Deployment {names.deployment} in the namespace {names.namespace}"
    others = await _anywhere(client, "Deployment", names.deployment)
    elsewhere = sorted(item["metadata"]["namespace"] for item in others)
    if not elsewhere:
        return Absent(what, "app.not-deployed", kubectl(names, "get", "deployments"))
    look = ("get", "deployments", "--all-namespaces", "--field-selector", f"metadata.name={names.deployment}")
    detail = f"Not there: {what}; one is in {' and in '.join(elsewhere)}"
    return Absent(what, "cluster.other-namespace", command("kubectl", *look), detail)


@resolver
async def deployment(raw: RawDeployment, keys: ConfigurationReader) -> Deployment:
    """Read the app's Deployment with what its settings come to."""
    return await read_deployment(raw.document, keys)


@dataclass(frozen=True, slots=True)
class RawPods:
    """Pods and ReplicaSets with the labels of the app's Deployment, and the ReplicaSets that are its own."""

    pods: list[dict[str, Any]]
    sets: list[dict[str, Any]]
    own_sets: list[dict[str, Any]]


@resolver
async def raw_pods(client: ClusterClient, raw: RawDeployment, names: Names) -> RawPods:
    """Read the app's pods and ReplicaSets."""
    labels = _labels_of(raw)
    with reading(f"the pods of {names.deployment}"):
        pod_list, set_list = await asyncio.gather(
            client.list("Pod", names.namespace, labels=labels),
            client.list("ReplicaSet", names.namespace, labels=labels),
        )
    sets = set_list["items"]
    return RawPods(pod_list["items"], sets, owned_by(sets, raw.document["metadata"]["uid"]))


def _labels_of(raw: RawDeployment) -> dict[str, str]:
    return dict((raw.document["spec"].get("selector") or {}).get("matchLabels") or {})


@resolver
async def pods(
    client: ClusterClient, raw: RawDeployment, seen: RawPods, keys: ConfigurationReader, names: Names
) -> Pods:
    """Read the app's pods, the logs of those in trouble, and recent warnings about them."""
    with reading(f"the pods of {names.deployment}"):
        template_hash = newest_template_hash(seen.sets, raw.document["metadata"]["uid"])
        event_list, found = await asyncio.gather(
            client.list("Event", names.namespace, fields="type=Warning"),
            asyncio.gather(*(read_pod(item, keys, client, template_hash) for item in seen.pods)),
        )
    owned = seen.own_sets
    newest = max(owned, key=revision_of)["metadata"]["name"] if owned else ""
    about = [*(pod.name for pod in found), newest, names.deployment]
    history = [
        (clean(item["metadata"]["name"]), await read_pod_spec(item["spec"]["template"], keys))
        for item in owned
        if item["metadata"]["name"] != newest
    ]
    ordered = sorted(found, key=lambda pod: str(pod.created or ""), reverse=True)
    return Pods(tuple(ordered), warnings_of(event_list["items"], about), tuple(history))


@resolver
async def service_account(
    client: ClusterClient, names: Names, app: Deployment | Absent | Unreadable
) -> ServiceAccount | Absent:
    """Read the ServiceAccount: the one the app uses if it was made for this, else the one that is named."""
    used = app.template.service_account if isinstance(app, Deployment) else "default"
    with reading("the ServiceAccount"):
        if used not in {"default", names.service_account}:
            found = await client.get("ServiceAccount", names.namespace, used)
            if found is not None and CLIENT_ID in (found["metadata"].get("annotations") or {}):
                return read_service_account(found)
        found = await client.get("ServiceAccount", names.namespace, names.service_account)
    if found is not None:
        return read_service_account(found)
    what = f"ServiceAccount {names.service_account} in the namespace {names.namespace}"
    create = kubectl(names, "create", "serviceaccount", names.service_account)
    elsewhere = await _namespaces_with(client, names.service_account)
    if not elsewhere:
        return Absent(what, "service-account.missing", create)
    detail = f"Not there: {what}; one with a client id is in {', '.join(elsewhere)}"
    return Absent(what, "service-account.wrong-namespace", create, detail)


async def _namespaces_with(client: ClusterClient, name: str) -> list[str]:
    """Return the namespaces with a ServiceAccount of that name and a client id, as far as one may see."""
    accounts = map(read_service_account, await _anywhere(client, "ServiceAccount", name))
    return sorted(item.namespace for item in accounts if CLIENT_ID in item.annotations)


async def _anywhere(client: ClusterClient, kind: str, name: str) -> list[dict[str, Any]]:
    """Return the objects of that name in all namespaces; none where one may not look."""
    try:
        found = await client.named_anywhere(kind, name)
    except (RefusedError, httpx.HTTPError):
        return []
    items: list[dict[str, Any]] = found["items"]
    return items


@resolver
async def app_service(
    client: ClusterClient,
    names: Names,
    raw: RawDeployment | Absent | Unreadable,
    seen: RawPods | Absent | Unreadable,
) -> AppService | Absent:
    """Read the Service by which the shop reaches the app, and who else answers there."""
    with reading(f"the Service {names.deployment}"):
        found = await client.get("Service", names.namespace, names.deployment)
        if found is not None:
            service = read_service(found)
            if not service.selector or not isinstance(raw, RawDeployment) or not isinstance(seen, RawPods):
                return service
            taken = seen.pods
            if not _labels_of(raw).items() <= service.selector.items():
                taken = (await client.list("Pod", names.namespace, labels=service.selector))["items"]
            return replace(service, strangers=strangers_among(taken, seen.own_sets, service.selector))
    return Absent(
        f"Service {names.deployment} in the namespace {names.namespace}",
        "app.service-missing",
        kubectl(names, "expose", "deployment", names.deployment, "--port", str(APP_PORT)),
    )
