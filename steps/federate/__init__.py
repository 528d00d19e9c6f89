"""Let the identity trust the tokens of one ServiceAccount in one cluster."""

from __future__ import annotations

from workshop_tui.authoring import (
    TOKEN_AUDIENCE,
    Absent,
    ActionError,
    Applied,
    AsyncIterator,
    AzureChanges,
    Change,
    FederatedCredential,
    FederatedCredentials,
    Finding,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Planned,
    Progress,
    Scope,
    Sequence,
    ServiceAccount,
    Undo,
    Working,
    action,
    best_credential,
    check,
    command,
    credential_fits,
    difference,
    failed,
    passed,
    reset,
    resource_group_of,
    visible,
)


@check("The identity has a federated credential", scope=Scope.AZURE)
def credential_exists(
    credentials: FederatedCredentials,
    *,
    cluster: ManagedCluster,
    identity: ManagedIdentity,
    account: ServiceAccount | Absent,
    names: Names,
) -> Finding:
    """Judge that there is any; the checks below judge the one that comes nearest."""
    best = _best(credentials, cluster, account, names)
    if best is None:
        return _missing(cluster, identity, account, names)
    others = len(credentials.items) - 1
    return passed(best.name if not others else f"{best.name}, the best fitting of {others + 1}")


@check("Its issuer is the cluster's", scope=Scope.AZURE)
def issuer_matches(
    credentials: FederatedCredentials,
    *,
    cluster: ManagedCluster,
    identity: ManagedIdentity,
    account: ServiceAccount | Absent,
    names: Names,
) -> Finding:
    """Judge the issuer to the letter, as Entra ID does."""
    best = _best(credentials, cluster, account, names)
    if best is None:
        return _missing(cluster, identity, account, names)
    if not cluster.issuer_url:
        return failed(
            "issuer.disabled",
            f"{cluster.name} has no issuer, {best.name} names {best.issuer}",
            command=command(
                *("az", "aks", "update", "--resource-group", resource_group_of(cluster.id)),
                *("--name", cluster.name, "--enable-oidc-issuer"),
            ),
        )
    if best.issuer == cluster.issuer_url:
        return passed(best.issuer)
    return failed(
        "federation.issuer-mismatch",
        visible(best.issuer),
        expected=cluster.issuer_url,
        remedy=f"{difference(best.issuer, cluster.issuer_url)} Put in the issuer as the cluster tells it.",
        command=_by_hand("update", best.name, cluster, identity, _subject(account, names)),
    )


@check("Its subject is the pods' ServiceAccount", scope=Scope.AZURE)
def subject_matches(
    credentials: FederatedCredentials,
    *,
    cluster: ManagedCluster,
    identity: ManagedIdentity,
    account: ServiceAccount | Absent,
    names: Names,
) -> Finding:
    """Judge the subject to the letter, and say which part of it is off."""
    best = _best(credentials, cluster, account, names)
    if best is None:
        return _missing(cluster, identity, account, names)
    subject = _subject(account, names)
    if best.subject == subject:
        return passed(best.subject)
    return failed(
        "federation.subject-mismatch",
        visible(best.subject),
        expected=subject,
        remedy=f"{_subject_difference(best.subject, subject)} Correct the credential's subject.",
        command=_by_hand("update", best.name, cluster, identity, subject),
    )


@check("Its audience is the token exchange", scope=Scope.AZURE)
def audience_matches(
    credentials: FederatedCredentials,
    *,
    cluster: ManagedCluster,
    identity: ManagedIdentity,
    account: ServiceAccount | Absent,
    names: Names,
) -> Finding:
    """Judge the audience to the letter."""
    best = _best(credentials, cluster, account, names)
    if best is None:
        return _missing(cluster, identity, account, names)
    if TOKEN_AUDIENCE in best.audiences:
        return passed(TOKEN_AUDIENCE)
    observed = ", ".join(visible(item) for item in best.audiences) or "none"
    return failed(
        "federation.audience-mismatch",
        observed,
        expected=TOKEN_AUDIENCE,
        remedy=f"{difference(', '.join(best.audiences), TOKEN_AUDIENCE)} Correct the credential's audience.",
        command=_by_hand("update", best.name, cluster, identity, _subject(account, names)),
    )


@action
async def trust(
    *,
    credentials: FederatedCredentials,
    cluster: ManagedCluster,
    identity: ManagedIdentity,
    account: ServiceAccount | Absent,
    names: Names,
    azure: AzureChanges,
) -> AsyncIterator[Progress]:
    """Create the credential, or correct the one that is in its way."""
    if not cluster.issuer_url:
        raise ActionError(
            f"{cluster.name} has no OIDC issuer, so there is nothing to trust yet.",
            "Do the step enable-workload-identity first.",
        )
    subject = _subject(account, names)
    wanted = {"issuer": cluster.issuer_url, "subject": subject, "audience": TOKEN_AUDIENCE}
    fitting = next((item for item in credentials.items if credential_fits(item, **wanted)), None)
    name = fitting.name if fitting else _name_to_write(credentials, cluster, subject, names)
    known = any(item.name == name for item in credentials.items)
    change = Change(
        f"{'Correct' if known else 'Create'} the federated credential {name} of {identity.name}",
        _by_hand("update" if known else "create", name, cluster, identity, subject),
    )
    if fitting is not None:
        yield Applied(change, already=True)
        return
    yield Planned(change)
    await azure.put_federated_credential(identity_id=identity.id, name=name, **wanted)
    yield Applied(change)
    yield Working(f"Tokens of {subject} from {cluster.issuer_url} now count as {identity.name}.")


@reset
def distrust(
    credentials: FederatedCredentials, identity: ManagedIdentity, names: Names, azure: AzureChanges
) -> Sequence[Undo]:
    """Delete the federated credential of the workshop's name; any other is left alone."""
    if not any(item.name == names.credential for item in credentials.items):
        return ()
    change = Change(
        f"Delete the federated credential {names.credential} of {identity.name}",
        command(
            *("az", "identity", "federated-credential", "delete", "--name", names.credential, "--yes"),
            *("--identity-name", identity.name, "--resource-group", resource_group_of(identity.id)),
        ),
    )

    async def delete() -> None:
        await azure.delete_federated_credential(identity_id=identity.id, name=names.credential)

    return (Undo(change, delete),)


def _subject(account: ServiceAccount | Absent, names: Names) -> str:
    if isinstance(account, ServiceAccount):
        return account.subject
    return ServiceAccount(names.namespace, names.service_account).subject


def _best(
    credentials: FederatedCredentials, cluster: ManagedCluster, account: ServiceAccount | Absent, names: Names
) -> FederatedCredential | None:
    return best_credential(
        credentials,
        issuer=cluster.issuer_url,
        subject=_subject(account, names),
        audience=TOKEN_AUDIENCE,
        name=names.credential,
    )


def _name_to_write(
    credentials: FederatedCredentials, cluster: ManagedCluster, subject: str, names: Names
) -> str:
    """Return the name to write to: Azure refuses a second credential of the same issuer and subject."""
    pair = (cluster.issuer_url, subject)
    same = next((item.name for item in credentials.items if (item.issuer, item.subject) == pair), None)
    return same or names.credential


def _missing(
    cluster: ManagedCluster, identity: ManagedIdentity, account: ServiceAccount | Absent, names: Names
) -> Finding:
    return failed(
        "federation.missing",
        f"{identity.name} has no federated credential",
        expected=f"a federated credential for {_subject(account, names)}",
        command=_by_hand("create", names.credential, cluster, identity, _subject(account, names)),
    )


def _by_hand(verb: str, name: str, cluster: ManagedCluster, identity: ManagedIdentity, subject: str) -> str:
    return command(
        *("az", "identity", "federated-credential", verb, "--name", name),
        *("--identity-name", identity.name, "--resource-group", resource_group_of(identity.id)),
        *("--issuer", cluster.issuer_url, "--subject", subject, "--audiences", TOKEN_AUDIENCE),
    )


def _subject_difference(observed: str, expected: str) -> str:
    """Name the part of the subject that is off, where it has the usual four parts."""
    parts, wanted = observed.split(":"), expected.split(":")
    if len(parts) != len(wanted) or parts[:2] != wanted[:2] or observed.casefold() == expected.casefold():
        return difference(observed, expected)
    off = [
        f"the {what} is “{seen}” where “{right}” belongs"
        for what, seen, right in zip(
            ("namespace", "ServiceAccount's name"), parts[2:], wanted[2:], strict=True
        )
        if seen != right
    ]
    return f"In it {' and '.join(off)}."
