"""Deployments, pods and their troubles, read: Kubernetes' documents as the model's values."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.pod_specs import read_pod_spec, texts
from workshop_tui.cloud.roles import moment
from workshop_tui.cloud.text import clean, tail
from workshop_tui.model import (
    AppService,
    Condition,
    ContainerStatus,
    Deployment,
    Pod,
    Sensitive,
    ServiceAccount,
    ServicePort,
    ShopFront,
)

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.cloud.configuration_reader import ConfigurationReader

Document = dict[str, Any]

REVISION = "deployment.kubernetes.io/revision"
HASH = "pod-template-hash"
_LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"
_MOST_WARNINGS = 10


async def read_deployment(document: Document, keys: ConfigurationReader) -> Deployment:
    """Read a Deployment."""
    metadata, spec, status = document["metadata"], document["spec"], document.get("status") or {}
    return Deployment(
        namespace=clean(metadata.get("namespace", "")),
        name=clean(metadata["name"]),
        generation=int(metadata.get("generation", 0)),
        observed_generation=int(status.get("observedGeneration", 0)),
        wanted=int(spec.get("replicas", 1)),
        replicas=int(status.get("replicas", 0)),
        updated=int(status.get("updatedReplicas", 0)),
        available=int(status.get("availableReplicas", 0)),
        template=await read_pod_spec(spec["template"], keys),
        selector=dict((spec.get("selector") or {}).get("matchLabels") or {}),
        conditions=conditions_of(status),
        annotations=texts(metadata.get("annotations")),
        labels=texts(metadata.get("labels")),
        paused=spec.get("paused") is True,
        last_applied=Sensitive(str((metadata.get("annotations") or {}).get(_LAST_APPLIED, ""))),
        deadline_seconds=int(spec.get("progressDeadlineSeconds") or 600),
    )


def conditions_of(status: Document) -> tuple[Condition, ...]:
    """Read the conditions of a status."""
    return tuple(
        Condition(
            clean(item.get("type", "")),
            clean(item.get("status", "")),
            clean(item.get("reason", "")),
            clean(item.get("message", "")),
            moment(item.get("lastUpdateTime")),
        )
        for item in status.get("conditions") or ()
    )


def newest_template_hash(replica_sets: Sequence[Document], deployment_uid: str) -> str:
    """Return the pod-template-hash of the Deployment's newest ReplicaSet, or an empty string."""
    owned = owned_by(replica_sets, deployment_uid)
    if not owned:
        return ""
    newest = max(owned, key=revision_of)
    return str((newest["metadata"].get("labels") or {}).get(HASH, ""))


def owned_by(replica_sets: Sequence[Document], uid: str) -> list[Document]:
    """Return those that the owner controls."""
    return [
        item
        for item in replica_sets
        if any(owner.get("uid") == uid for owner in item["metadata"].get("ownerReferences") or ())
    ]


def strangers_among(
    pods: Sequence[Document], own_sets: Sequence[Document], selector: Mapping[str, str]
) -> tuple[tuple[str, str], ...]:
    """Return the ready pods that a selector takes and none of the ReplicaSets controls, with their makers."""
    own = {item["metadata"]["uid"] for item in own_sets}
    found = []
    for pod in pods:
        metadata = pod["metadata"]
        labels, owners = metadata.get("labels") or {}, metadata.get("ownerReferences") or ()
        taken = all(labels.get(key) == value for key, value in selector.items())
        ready = any(item.type == "Ready" and item.status == "True" for item in conditions_of(pod["status"]))
        if not taken or not ready or "deletionTimestamp" in metadata:
            continue
        if not any(owner.get("uid") in own for owner in owners):
            # A ReplicaSet is called after its Deployment and a hash.
            made_by = clean(owners[0].get("name", "")).removesuffix(f"-{labels.get(HASH)}") if owners else ""
            found.append((clean(metadata["name"]), made_by))
    return tuple(sorted(found))


def revision_of(replica_set: Document) -> int:
    """Return the rollout's number that a ReplicaSet stands for."""
    annotations = replica_set["metadata"].get("annotations") or {}
    try:
        return int(annotations.get(REVISION, 0))
    except ValueError:
        return 0


async def read_pod(
    document: Document, keys: ConfigurationReader, client: ClusterClient, template_hash: str
) -> Pod:
    """Read a pod, and the end of its log where it is not ready."""
    metadata, status = document["metadata"], document.get("status") or {}
    statuses = tuple(_status(item) for item in status.get("containerStatuses") or ())
    conditions = conditions_of(status)
    ready = any(item.type == "Ready" and item.status == "True" for item in conditions)
    refused = (item for item in conditions if item.type == "PodScheduled" and item.status == "False")
    deleting = "deletionTimestamp" in metadata
    log = "" if ready or deleting else await _troubled_log(document, statuses, client)
    return Pod(
        name=clean(metadata["name"]),
        phase=clean(status.get("phase", "Unknown")),
        ready=ready,
        deleting=deleting,
        current=bool(template_hash) and (metadata.get("labels") or {}).get(HASH) == template_hash,
        spec=await read_pod_spec(document, keys),
        statuses=statuses,
        created=moment(metadata.get("creationTimestamp")),
        log=log,
        unscheduled=next((item.message or item.reason for item in refused), ""),
    )


def _status(item: Document) -> ContainerStatus:
    state, last = item.get("state") or {}, (item.get("lastState") or {}).get("terminated") or {}
    kind = next((name for name in ("running", "waiting", "terminated") if name in state), "waiting")
    detail = state.get(kind) or {}
    return ContainerStatus(
        name=clean(item.get("name", "")),
        ready=bool(item.get("ready")),
        restarts=int(item.get("restartCount", 0)),
        state=kind,
        reason=clean(detail.get("reason", "")),
        message=clean(detail.get("message", "")),
        image=clean(item.get("image", "")),
        image_id=clean(item.get("imageID", "")),
        last_reason=clean(last.get("reason", "")),
        last_exit_code=last.get("exitCode") if isinstance(last.get("exitCode"), int) else None,
        last_finished=moment((detail if kind == "terminated" else last).get("finishedAt")),
        running_since=moment(detail.get("startedAt")) if kind == "running" else None,
    )


async def _troubled_log(
    document: Document, statuses: Sequence[ContainerStatus], client: ClusterClient
) -> str:
    """Return the log of the containers that are not ready; of the run before where one has crashed."""
    metadata = document["metadata"]
    troubled = [item for item in statuses if not item.ready and (item.state != "waiting" or item.restarts)]
    logs = await asyncio.gather(
        *(
            client.log(
                metadata["namespace"],
                metadata["name"],
                item.name,
                previous=item.state != "terminated" and item.restarts > 0,
            )
            for item in troubled
        )
    )
    return tail("\n".join(log for log in logs if log))


def warnings_of(events: Sequence[Document], names: Sequence[str]) -> tuple[str, ...]:
    """Return the texts of recent warnings about these objects, newest first, each once."""
    about = [
        item
        for item in events
        if item.get("type") == "Warning" and (item.get("involvedObject") or {}).get("name") in names
    ]
    about.sort(key=_time_of, reverse=True)
    found = (
        f"{clean(item['involvedObject'].get('kind', ''))} {clean(item['involvedObject']['name'])}: "
        f"{clean(item.get('reason', ''))}: {clean(item.get('message', ''))}"
        for item in about
    )
    return tuple(dict.fromkeys(found))[:_MOST_WARNINGS]


def _time_of(event: Document) -> str:
    metadata = event.get("metadata") or {}
    times = (event.get("lastTimestamp"), event.get("eventTime"), metadata.get("creationTimestamp"))
    return str(next((item for item in times if item), ""))


def read_service(document: Document) -> AppService:
    """Read a Service. A port without a target sends to the same number."""
    metadata, spec = document["metadata"], document.get("spec") or {}
    return AppService(
        namespace=clean(metadata.get("namespace", "")),
        name=clean(metadata["name"]),
        selector=texts(spec.get("selector")),
        ports=tuple(
            ServicePort(int(port["port"]), clean(port.get("targetPort") or port["port"]))
            for port in spec.get("ports") or ()
        ),
        annotations=texts(metadata.get("annotations")),
    )


def read_shop_front(deployment: Document | None, service: Document | None) -> ShopFront:
    """Read what the shop's admin site is in the cluster."""
    spec = (deployment or {}).get("spec") or {}
    template = spec.get("template") or {}
    containers = (template.get("spec") or {}).get("containers") or ()
    ports = [port for item in containers for port in item.get("ports") or ()]
    names = (port[key] for port in ports for key in ("containerPort", "name") if port.get(key))
    return ShopFront(
        wanted=None if deployment is None else int(spec.get("replicas", 1)),
        labels=texts((template.get("metadata") or {}).get("labels")),
        ports=tuple(clean(name) for name in names),
        service=None if service is None else read_service(service),
    )


def read_service_account(document: Document) -> ServiceAccount:
    """Read a ServiceAccount. Annotations are compared to the letter: blanks in them are kept."""
    metadata = document["metadata"]
    return ServiceAccount(
        namespace=clean(metadata.get("namespace", "")),
        name=clean(metadata["name"]),
        annotations=texts(metadata.get("annotations")),
        labels=texts(metadata.get("labels")),
    )
