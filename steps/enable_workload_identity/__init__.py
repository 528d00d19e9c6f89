"""Let the cluster issue tokens that Entra ID can check, and give them to pods."""

from __future__ import annotations

from workshop_tui.authoring import (
    Absent,
    Applied,
    AsyncIterator,
    AzureChanges,
    Change,
    Finding,
    IssuerDocuments,
    ManagedCluster,
    Planned,
    Progress,
    Scope,
    Sequence,
    Undo,
    Working,
    action,
    check,
    command,
    difference,
    failed,
    passed,
    pending,
    reset,
    resource_group_of,
)

_SETTLED = ("Succeeded", "Failed", "Canceled", "")


@check("The cluster has an OIDC issuer", scope=Scope.AZURE)
def issuer_enabled(cluster: ManagedCluster) -> Finding:
    """Judge that the issuer is on and has an address."""
    if cluster.oidc_issuer and cluster.issuer_url:
        return passed(cluster.issuer_url)
    observed = f"{cluster.name}: issuer {'on, without an address' if cluster.oidc_issuer else 'off'}"
    return _not_yet("issuer.disabled", observed, f"{cluster.name}: issuer on", cluster)


@check("Workload Identity is on", scope=Scope.AZURE)
def workload_identity_enabled(cluster: ManagedCluster) -> Finding:
    """Judge that the cluster runs the webhook that gives pods their identity."""
    if cluster.workload_identity:
        return passed(f"{cluster.name}: Workload Identity on")
    return _not_yet(
        "workload-identity.disabled",
        f"{cluster.name}: Workload Identity off",
        f"{cluster.name}: Workload Identity on",
        cluster,
    )


@check("The issuer's documents are served", scope=Scope.AZURE)
def issuer_serves(documents: IssuerDocuments | Absent, cluster: ManagedCluster) -> Finding:
    """Judge what Entra ID will fetch: the discovery document, to the letter, and the keys."""
    update = _update(cluster)
    if isinstance(documents, Absent):
        observed = documents.detail or f"Not there: {documents.what}."
        return _not_yet(documents.cause, observed, "the issuer's documents", cluster)
    if not cluster.issuer_url:
        return failed("issuer.disabled", f"{cluster.name} has no issuer", command=update)
    if documents.issuer != cluster.issuer_url:
        return failed(
            "issuer.not-served",
            documents.issuer or "no issuer named",
            expected=cluster.issuer_url,
            remedy=difference(documents.issuer, cluster.issuer_url),
        )
    if not documents.jwks_uri.startswith("https://") or not documents.key_ids:
        return failed(
            "issuer.not-served",
            f"{_keys(documents)} at {documents.jwks_uri or 'no address'}",
            expected="at least one key at an https address",
        )
    return passed(f"{documents.url}: {_keys(documents)} at {documents.jwks_uri}")


def _keys(documents: IssuerDocuments) -> str:
    count = len(documents.key_ids)
    return f"{count} key" if count == 1 else f"{count} keys"


@action
async def enable(cluster: ManagedCluster, azure: AzureChanges) -> AsyncIterator[Progress]:
    """Update the cluster and wait for Azure to be done; an update already under way is joined."""
    change = Change(
        f"Turn on the OIDC issuer and Workload Identity of {cluster.name} (this takes minutes)",
        _update(cluster),
    )
    if _on(cluster) and cluster.state == "Succeeded":
        yield Applied(change, already=True)
        return
    yield Planned(change)
    async for status in azure.update_cluster(cluster.id, oidc_issuer=True, workload_identity=True):
        yield Working(status)
    yield Applied(change)


@reset
def disable(cluster: ManagedCluster, azure: AzureChanges) -> Sequence[Undo]:
    """Turn Workload Identity off; the issuer stays, since Azure can't turn it off."""
    if not cluster.workload_identity:
        return ()

    async def turn_off() -> None:
        async for _ in azure.update_cluster(cluster.id, workload_identity=False):
            pass

    change = Change(
        f"Turn off Workload Identity of {cluster.name} (the issuer stays: Azure can't turn it off)",
        command(
            *("az", "aks", "update", "--resource-group", resource_group_of(cluster.id)),
            *("--name", cluster.name, "--disable-workload-identity"),
        ),
    )
    return (Undo(change, turn_off),)


def _on(cluster: ManagedCluster) -> bool:
    return cluster.oidc_issuer and bool(cluster.issuer_url) and cluster.workload_identity


def _not_yet(cause: str, observed: str, expected: str, cluster: ManagedCluster) -> Finding:
    if cluster.state not in _SETTLED:
        return pending("cluster.busy", f"{observed}; {cluster.state}", until=None, expected=expected)
    return failed(cause, observed, expected=expected, command=_update(cluster))


def _update(cluster: ManagedCluster) -> str:
    return command(
        *("az", "aks", "update", "--resource-group", resource_group_of(cluster.id), "--name", cluster.name),
        *("--enable-oidc-issuer", "--enable-workload-identity"),
    )
