"""Tell the cluster which identity the app's pods are."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    CLIENT_ID_ANNOTATION,
    MARK,
    TENANT_ID_ANNOTATION,
    Absent,
    Applied,
    AppService,
    AsyncIterator,
    Change,
    ClusterChanges,
    Deployment,
    Finding,
    ManagedIdentity,
    Names,
    Planned,
    Progress,
    Scope,
    Sequence,
    ServiceAccount,
    Undo,
    Unreadable,
    Working,
    action,
    check,
    difference,
    failed,
    kubectl,
    kubectl_apply,
    passed,
    reset,
    visible,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@check("The ServiceAccount is there", scope=Scope.CLUSTER)
def exists(account: ServiceAccount) -> Finding:
    """Judge that it is in the pods' namespace; its absence is told with its own cause."""
    return passed(f"{account.namespace}/{account.name}")


@check("Its annotation is the identity's client id", scope=Scope.CLUSTER)
def client_id_matches(
    *,
    account: ServiceAccount,
    identity: ManagedIdentity,
    app: Deployment | Absent | Unreadable,
    service: AppService | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge the annotation that the webhook reads, and name the usual mix-ups."""
    expected = f"{CLIENT_ID_ANNOTATION}: {identity.client_id}"
    by_hand = kubectl(
        *(names, "annotate", "serviceaccount", account.name, "--overwrite"),
        f"{CLIENT_ID_ANNOTATION}={identity.client_id}",
    )
    client_id = account.annotations.get(CLIENT_ID_ANNOTATION, "")
    if not client_id:
        return failed(
            "service-account.no-client-id",
            _instead(account, app, service),
            expected=expected,
            command=by_hand,
        )
    if identity.instead_of:
        return failed(
            "service-account.other-identity",
            f"{CLIENT_ID_ANNOTATION}: {visible(client_id)}, which is {identity.instead_of}",
            expected=f"{expected}, which is {identity.name}",
            command=by_hand,
        )
    if client_id.casefold() != identity.client_id.casefold():
        return failed(
            "service-account.wrong-client-id",
            f"{CLIENT_ID_ANNOTATION}: {visible(client_id)}",
            expected=expected,
            remedy=f"{_mix_up(client_id, identity)} Annotate it with the client id, then restart the pods.",
            command=by_hand,
        )
    tenant = account.annotations.get(TENANT_ID_ANNOTATION)
    if tenant is not None and tenant.casefold() != identity.tenant_id.casefold():
        remove = kubectl(names, "annotate", "serviceaccount", account.name, f"{TENANT_ID_ANNOTATION}-")
        # No other check tells of pods that were made with it.
        restart = kubectl(names, "rollout", "restart", f"deployment/{names.deployment}")
        return failed(
            "service-account.wrong-tenant",
            f"{TENANT_ID_ANNOTATION}: {tenant or '(empty)'}",
            expected=f"{TENANT_ID_ANNOTATION}: {identity.tenant_id}",
            command=f"{remove} && {restart}",
        )
    return passed(f"{CLIENT_ID_ANNOTATION}: {client_id}")


@action
async def create(
    names: Names, identity: ManagedIdentity, account: ServiceAccount | Absent, cluster: ClusterChanges
) -> AsyncIterator[Progress]:
    """Apply the ServiceAccount with the identity's client id.

    Our mark goes on it only if it is of our making, so that a reset never deletes somebody else's.
    """
    ours = isinstance(account, Absent) or _is_ours(account)
    name = names.service_account if isinstance(account, Absent) else account.name
    marks = {f"{MARK}/step": "service-account"} if ours else {}
    manifest = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": name,
            "namespace": names.namespace,
            "annotations": {CLIENT_ID_ANNOTATION: identity.client_id, **marks},
        },
    }
    change = Change(
        f"Apply the ServiceAccount {names.namespace}/{name} with the client id of {identity.name}",
        kubectl_apply(names, manifest),
    )
    yield Planned(change)
    outcome = await cluster.apply(manifest)
    yield Applied(change, already=outcome == "unchanged")
    yield Working(f"serviceaccount/{name} {outcome}")


@reset
def remove(account: ServiceAccount, names: Names, cluster: ClusterChanges) -> Sequence[Undo]:
    """Delete the ServiceAccount, if this tool made it."""
    if not _is_ours(account):
        return ()
    change = Change(
        f"Delete the ServiceAccount {account.namespace}/{account.name}",
        kubectl(names, "delete", "serviceaccount", account.name),
    )
    return (Undo(change, lambda: cluster.delete("ServiceAccount", account.namespace, account.name)),)


def _is_ours(account: ServiceAccount) -> bool:
    return f"{MARK}/step" in account.annotations


def _instead(
    account: ServiceAccount, app: Deployment | Absent | Unreadable, service: AppService | Absent | Unreadable
) -> str:
    """Say what stands there in the annotation's place: a misspelt one, a label, one elsewhere, nothing."""
    if CLIENT_ID_ANNOTATION in account.annotations:
        return f"{CLIENT_ID_ANNOTATION} is empty"
    if CLIENT_ID_ANNOTATION in account.labels:
        return f"{CLIENT_ID_ANNOTATION} is a label, not an annotation"
    alike = [
        name
        for name in account.annotations
        if name.casefold().replace("_", "-").rsplit("/", 1)[-1] in {"client-id", "clientid"}
    ]
    if alike:
        return f"an annotation {alike[0]} in its place"
    elsewhere = " and ".join(_other_places(app, service))
    missing = f"no annotation {CLIENT_ID_ANNOTATION}"
    return f"{missing}; it is on {elsewhere}, where nobody reads it" if elsewhere else missing


def _other_places(
    app: Deployment | Absent | Unreadable, service: AppService | Absent | Unreadable
) -> Iterator[str]:
    """Yield where else the annotation is: on what a person takes for the ServiceAccount."""
    if isinstance(app, Deployment):
        if CLIENT_ID_ANNOTATION in app.template.annotations:
            yield "the pod template"
        if CLIENT_ID_ANNOTATION in app.annotations:
            yield f"the Deployment {app.name}"
    if isinstance(service, AppService) and CLIENT_ID_ANNOTATION in service.annotations:
        yield f"the Service {service.name}"


def _mix_up(client_id: str, identity: ManagedIdentity) -> str:
    if client_id.casefold() == identity.principal_id.casefold():
        return f"This is the object id of {identity.name}."
    if client_id.casefold().startswith("/subscriptions/"):
        return "This is a resource id."
    if "$" in client_id:
        return "This is the name of a shell variable: the shell did not replace it."
    return difference(client_id, identity.client_id)
