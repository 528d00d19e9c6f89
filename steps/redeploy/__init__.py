"""Run the new image with the identity and without the key."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

from workshop_tui.authoring import (
    MARK,
    Absent,
    ActionError,
    Applied,
    AsyncIterator,
    Change,
    ClusterChanges,
    Deployment,
    FederatedCredentials,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Planned,
    Pods,
    Progress,
    PushedImage,
    Sequence,
    ServiceAccount,
    Sightings,
    Undo,
    Unreadable,
    Working,
    action,
    entra_code,
    fitting_settles,
    judge_injection,
    kubectl,
    kubectl_apply,
    may_be_propagating,
    reset,
    rollout_trouble,
    wanted_credential,
)

from . import pushed_image as _image
from . import rollout as _rollout
from . import template as _template
from .manifest import not_there_yet, wanted_deployment

# The checks, in the order in which a learner reads them.
only_its_container = _template.only_its_container
image = _image.image
workload_label = _template.workload_label
service_account_used = _template.service_account_used
settings = _template.settings
no_key = _template.no_key
rolled_out = _rollout.rolled_out
injected = _rollout.injected

_PAUSE_SECONDS = 5.0


@action
async def redeploy(
    *,
    names: Names,
    deployment: Deployment | Absent,
    service_account: ServiceAccount,
    account: OpenAIAccount,
    model: ModelDeployment,
    pushed: PushedImage,
    identity: ManagedIdentity,
    pods: Pods | Absent | Unreadable,
    credentials: FederatedCredentials | Absent | Unreadable,
    managed: ManagedCluster | Absent | Unreadable,
    sightings: Sightings,
    cluster: ClusterChanges,
) -> AsyncIterator[Progress]:
    """Apply the Deployment with the image by its digest, and follow the rollout to its end."""
    if isinstance(deployment, Absent):
        deployment = not_there_yet(names)
    reference = _image.pinned(pushed)
    running_already = any(item.image == reference for item in deployment.template.containers)
    if not reference or (pushed.manifest is None and not running_already):
        raise ActionError(
            f"The registry has no {pushed.reference} (any more).",
            "Do the step build-push again, then this one.",
        )
    manifest = wanted_deployment(
        deployment, image=reference, account=account, model=model, service_account=service_account
    )
    change = Change(
        f"Apply the Deployment {deployment.namespace}/{deployment.name}: your image by its digest, the label,"
        f" the ServiceAccount {service_account.name}, no key",
        kubectl_apply(names, manifest),
    )
    yield Planned(change)
    outcome = await cluster.apply(manifest)
    yield Applied(change, already=outcome == "unchanged")
    if outcome == "unchanged" and _needs_restart(deployment, pods, identity, names):
        async for progress in _restart(deployment, names, cluster):
            yield progress
    wanted = wanted_credential(managed, service_account, names)
    until = fitting_settles(credentials, wanted, sightings, datetime.now(UTC))
    async for progress in _follow(deployment, names, cluster, until):
        yield progress


async def _follow(
    deployment: Deployment,
    names: Names,
    cluster: ClusterChanges,
    until: datetime | None,
) -> AsyncIterator[Progress]:
    """Follow the rollout; while a young credential may not be known everywhere, give the pods new tries."""
    while True:
        try:
            async for state in cluster.rollout(deployment.namespace, deployment.name):
                yield state
        except ActionError as error:
            if until is None or not may_be_propagating(entra_code(error.what)) or datetime.now(UTC) >= until:
                raise
            yield Working(f"{error.what} The credential is young; trying until {until:%H:%M:%S} UTC.")
            # Entra ID tells nobody when it has propagated: trying again is all one can do.
            await asyncio.sleep(_PAUSE_SECONDS)
            async for progress in _restart(deployment, names, cluster):
                yield progress
        else:
            return


async def _restart(deployment: Deployment, names: Names, cluster: ClusterChanges) -> AsyncIterator[Progress]:
    change = Change(
        f"Restart the pods of {deployment.name}, so that they are made anew with what is set now",
        kubectl(names, "rollout", "restart", f"deployment/{deployment.name}"),
    )
    yield Planned(change)
    await cluster.restart(deployment.namespace, deployment.name)
    yield Applied(change)


@reset
def roll_back(deployment: Deployment, names: Names, cluster: ClusterChanges) -> Sequence[Undo]:
    """Put back the pods as they were before this step, if this tool deployed the new ones."""
    if not any(name.startswith(f"{MARK}/") for name in deployment.template.annotations):
        return ()
    change = Change(
        f"Roll {deployment.namespace}/{deployment.name} back to its pods from before, the key included",
        kubectl(names, "rollout", "undo", f"deployment/{deployment.name}"),
    )
    return (Undo(change, lambda: cluster.roll_back(deployment.namespace, deployment.name)),)


def _needs_restart(
    deployment: Deployment, pods: Pods | Absent | Unreadable, identity: ManagedIdentity, names: Names
) -> bool:
    """Say whether pods made earlier lack what is set now: nothing in the template would renew them."""
    if not isinstance(pods, Pods):
        return False
    newest = [pod for pod in pods.running if pod.current]
    finding = judge_injection(newest, identity, names)
    if finding is not None and finding.cause is not None:
        return True
    crashing = any(status.restarts and not status.ready for pod in newest for status in pod.statuses)
    return not deployment.rolled_out and (crashing or rollout_trouble(deployment, pods) is not None)
