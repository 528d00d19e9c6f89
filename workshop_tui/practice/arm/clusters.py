"""Managed clusters (AKS): read, changed as a whole by a long-running operation, credentials handed out.

Errors of this provider come without the envelope, as recorded. What could not be found in recordings (the
words of two refusals) is marked "from memory".
"""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.arm.answers import Answer, Refused, bad_request, resource_not_found
from workshop_tui.practice.arm.cluster_operations import operation_url
from workshop_tui.practice.arm.operations import CLUSTER_STATUSES

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.paths import ArmPath

CLUSTER = "Microsoft.ContainerService/managedClusters"
RUNNING, STOPPED = "Running", "Stopped"
READ_ONLY = frozenset(
    {
        "provisioningState",
        "powerState",
        "currentKubernetesVersion",
        "fqdn",
        "azurePortalFQDN",
        "maxAgentPools",
        "resourceUID",
        "nodeResourceGroup",
        "oidcIssuerProfile",
        "securityProfile",
    }
)
"""Properties a PUT does not simply replace: read-only ones, and the two whose rules are below."""


async def get_cluster(arm: Arm, call: Call) -> Answer:
    """GET one."""
    return Answer(body=find(arm, call.path))


async def list_clusters(arm: Arm, call: Call) -> Answer:
    """GET those of a resource group or of the subscription."""
    return Answer(body={"value": arm.resources.below(f"{call.path.scope.lower()}/", CLUSTER)})


async def delete_cluster(arm: Arm, call: Call) -> Answer:
    """DELETE: 202 with an operation to follow, 204 when there was none."""
    cluster = arm.resources.get(_cluster_id(call.path))
    if cluster is None:
        return Answer(204)
    _check_idle(arm, cluster)
    cluster["properties"]["provisioningState"] = "Deleting"
    with arm.practice.store.transaction():
        arm.resources.put(cluster["id"], cluster)
        seconds = arm.practice.options.cluster_update_seconds
        name = arm.operations.start(cluster["id"], seconds, ("InProgress",), deletes=True)
    url = operation_url(arm, name)
    result = url.replace("/operations/", "/operationresults/")
    return Answer(202, None, {"Azure-AsyncOperation": url, "Location": result})


async def put_cluster(arm: Arm, call: Call) -> Answer:
    """PUT the whole cluster: 200 with `Updating`, and an Azure-AsyncOperation to follow."""
    cluster = arm.resources.get(_cluster_id(call.path))
    if cluster is None:
        text = "The practice cloud has one cluster and makes no more."
        raise Refused(403, "OperationNotAllowed", text, flat=True)
    _check_idle(arm, cluster)
    if cluster["properties"]["powerState"]["code"] != RUNNING:
        raise _wrong_power(cluster, "updating")
    updated = _apply(arm, cluster, call.body)
    updated["properties"]["provisioningState"] = "Updating"
    with arm.practice.store.transaction():
        arm.resources.put(cluster["id"], updated)
        seconds = arm.practice.options.cluster_update_seconds
        operation = arm.operations.start(cluster["id"], seconds, CLUSTER_STATUSES)
    return Answer(200, updated, {"Azure-AsyncOperation": operation_url(arm, operation)})


async def stop_cluster(arm: Arm, call: Call) -> Answer:
    """POST …/stop: 202 with an operation to follow; the machines are off when it ends."""
    return _turn(arm, call, STOPPED, "stopping")


async def start_cluster(arm: Arm, call: Call) -> Answer:
    """POST …/start: 202 with an operation to follow; the machines are on when it ends."""
    return _turn(arm, call, RUNNING, "starting")


def _turn(arm: Arm, call: Call, code: str, doing: str) -> Answer:
    """Begin to turn it on or off: `powerState` says at once what `provisioningState` says is under way.

    So Microsoft's page on starting and stopping has it, and users report of it.
    """
    cluster = find(arm, call.path)
    _check_idle(arm, cluster)
    properties = cluster["properties"]
    if properties["powerState"]["code"] == code:
        raise _wrong_power(cluster, doing)
    properties["powerState"] = {"code": code}
    for pool in properties["agentPoolProfiles"]:
        pool["powerState"] = {"code": code}
    properties["provisioningState"] = doing.capitalize()
    with arm.practice.store.transaction():
        arm.resources.put(cluster["id"], cluster)
        operation = arm.operations.start(
            cluster["id"], arm.practice.options.cluster_update_seconds, ("InProgress",)
        )
    url = operation_url(arm, operation)
    result = url.replace("/operations/", "/operationresults/")
    return Answer(202, None, {"Azure-AsyncOperation": url, "Location": result})


def _wrong_power(cluster: Body, doing: str) -> Refused:
    """Refuse what the cluster's state does not allow; words as users report them for stopping."""
    properties = cluster["properties"]
    text = (
        f"managed cluster is in Provisioning State({properties['provisioningState']}) and "
        f"Power State({properties['powerState']['code']}), {doing} cannot be performed"
    )
    return bad_request(text, flat=True)


def _check_idle(arm: Arm, cluster: Body) -> None:
    """Refuse a second operation while one is under way."""
    pending = arm.operations.under_way(cluster["id"])
    if pending is None:
        return
    if pending.get("deletes"):
        text = (
            "Operation is not allowed because there's an in progress delete managed cluster operation on the "
            f"managed cluster {cluster['name']} started at {pending['start']}. Please wait for it to finish "
            "before starting a new operation. See https://aka.ms/aks-pending-operation for more details"
        )
        raise Refused(409, "OperationNotAllowed", text, flat=True)
    text = (
        "Operation is not allowed because there's an in progress update managed cluster operation on the "
        f"managed cluster {cluster['name']} started at {pending['start']}. Please wait for it to finish "
        "before starting a new operation. See https://aka.ms/aks-pending-operation for more details"
    )
    raise Refused(409, "OperationNotAllowed", text, flat=True)


def _apply(arm: Arm, cluster: Body, body: Body) -> Body:
    """Return the cluster as the PUT wants it.

    Raises:
        Refused: what the provider does not let happen.

    """
    location = str(body.get("location") or "")
    if not location:
        raise bad_request("The location property is required for this definition.", "LocationRequired")
    if location.lower().replace(" ", "") != cluster["location"]:
        text = f"Changing property 'location' is not allowed. Existing location: {cluster['location']}."
        raise bad_request(text, "PropertyChangeNotAllowed", flat=True)
    wanted: dict[str, Any] = body.get("properties") or {}
    updated = copy.deepcopy(cluster)
    updated.pop("tags", None)
    if body.get("tags"):
        updated["tags"] = body["tags"]
    properties = updated["properties"]
    pools = properties["agentPoolProfiles"]
    writable = {key: each for key, each in wanted.items() if key not in READ_ONLY}
    updated["properties"] = properties = _merged(properties, writable)
    if wanted.get("agentPoolProfiles"):
        properties["agentPoolProfiles"] = _pools(pools, wanted["agentPoolProfiles"])
    issuer = _wanted_flag(
        wanted.get("oidcIssuerProfile"), "enabled", properties["oidcIssuerProfile"]["enabled"]
    )
    if properties["oidcIssuerProfile"]["enabled"] and not issuer:
        # Code and words as Terraform's users report them.
        raise bad_request(
            "OIDC issuer feature cannot be disabled.", "OIDCIssuerFeatureCannotBeDisabled", flat=True
        )
    security = dict(wanted.get("securityProfile") or properties["securityProfile"])
    before = properties["securityProfile"].get("workloadIdentity", {}).get("enabled", False)
    identity = _wanted_flag(security.get("workloadIdentity"), "enabled", before)
    if identity and not issuer:
        # From memory: no recording shows the provider's own words.
        raise bad_request("Workload identity can only be enabled together with the OIDC issuer.", flat=True)
    properties["oidcIssuerProfile"] = {"enabled": issuer}
    if issuer:
        properties["oidcIssuerProfile"]["issuerURL"] = arm.cluster.issuer_url
    if identity or before or security.get("workloadIdentity"):
        security["workloadIdentity"] = {"enabled": identity}
    properties["securityProfile"] = security
    return updated


def _merged(known: Body, wanted: Body) -> Body:
    """Return `known` with what is asked for: left out or null means unchanged, as recorded."""
    merged = dict(known)
    for key, each in wanted.items():
        if isinstance(each, dict) and isinstance(known.get(key), dict):
            merged[key] = _merged(known[key], each)
        elif each is not None:
            merged[key] = each
    return merged


def _pools(known: list[Body], wanted: list[Body]) -> list[Body]:
    """Return the node pools asked for; what a request leaves out, the service fills in (as recorded)."""
    by_name = {each["name"]: each for each in known}
    said = [{key: value for key, value in each.items() if value not in ({}, [])} for each in wanted]
    return [_merged(by_name.get(str(each.get("name")), known[0]), each) for each in said]


def _wanted_flag(profile: Any, key: str, otherwise: bool) -> bool:  # noqa: ANN401, FBT001  # a JSON value
    """Return the flag a profile asks for; what it leaves out stays."""
    value = profile.get(key) if isinstance(profile, dict) else None
    return otherwise if value is None else bool(value)


def apply_cluster(arm: Arm, resource_id: str) -> None:
    """Tell the cluster behind the resource what is on; called after an operation, and at every start."""
    cluster = arm.resources.get(resource_id)
    if cluster is None and not arm.resources.below("/subscriptions/", CLUSTER):
        arm.cluster.apply_features(oidc_issuer=False, workload_identity=False)  # it was deleted
    if cluster is None or cluster["type"].lower() != CLUSTER.lower():
        return
    properties = cluster["properties"]
    arm.cluster.apply_features(
        oidc_issuer=properties["oidcIssuerProfile"]["enabled"],
        workload_identity=properties["securityProfile"].get("workloadIdentity", {}).get("enabled", False),
    )
    arm.cluster.apply_power(on=properties["powerState"]["code"] == RUNNING)


def _cluster_id(path: ArmPath) -> str:
    return path.resource_id("resourcegroups")


def find(arm: Arm, path: ArmPath) -> Body:
    """Return the cluster a path names, or refuse."""
    found = arm.resources.get(_cluster_id(path))
    if found is None:
        raise resource_not_found(path)
    return found
