"""Make the identity that the app will have, and let it ask the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    CHAT_ACTION,
    MARK,
    OPENAI_USER_ROLE,
    Absent,
    Applied,
    AsyncIterator,
    AzureChanges,
    Change,
    Finding,
    IdentityRoles,
    ManagedIdentity,
    Names,
    OpenAIAccount,
    Planned,
    Progress,
    Scope,
    Sequence,
    SignedIn,
    Undo,
    Unreadable,
    Working,
    action,
    check,
    command,
    failed,
    is_guid,
    passed,
    reset,
    resource_group_of,
    role_allowing,
    role_managing,
    scope_covers,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


@check("The managed identity is there", scope=Scope.AZURE)
def identity_exists(identity: ManagedIdentity) -> Finding:
    """Judge that there is one; its absence is told with its own cause."""
    why = f", {identity.chosen_because}" if identity.chosen_because else ""
    return passed(f"{identity.name} in {resource_group_of(identity.id)}{why}")


@check("Its client id and object id are known", scope=Scope.AZURE)
def ids_known(identity: ManagedIdentity) -> Finding:
    """Judge that both ids are there: the one names it to Entra ID, the other takes the role."""
    observed = f"client id {identity.client_id or 'none'}, object id {identity.principal_id or 'none'}"
    if not is_guid(identity.client_id) or not is_guid(identity.principal_id):
        return failed(
            "identity.ids-unknown",
            observed,
            expected="client id and object id, both GUIDs",
            command=command(
                *("az", "identity", "show", "--name", identity.name),
                *("--resource-group", resource_group_of(identity.id)),
            ),
        )
    return passed(observed)


@check("A role lets it ask the model", scope=Scope.AZURE)
def role(
    roles: IdentityRoles,
    identity: ManagedIdentity,
    account: OpenAIAccount,
    me: SignedIn | Absent | Unreadable,
) -> Finding:
    """Judge by data action and scope, whatever the role is called."""
    grant = role_allowing(roles.grants, CHAT_ACTION, account.id)
    if grant is not None:
        through = "" if grant.direct else ", through a group"
        return passed(f"{grant.role_name} at {grant.scope or '/'}{through}")
    managing = role_managing(roles.grants, account.id)
    observed = f"{managing.role_name}, which has no data action for chat" if managing else "no such role"
    missed = next(_misses(roles, identity, account, me), "")
    return failed(
        "identity.control-plane-only" if managing else "identity.role-missing",
        f"{observed}; {missed}" if missed else observed,
        expected=f"a role with {CHAT_ACTION} at {account.id} or above",
        command=_assign(identity.principal_id, account),
    )


def _misses(
    roles: IdentityRoles,
    identity: ManagedIdentity,
    account: OpenAIAccount,
    me: SignedIn | Absent | Unreadable,
) -> Iterator[str]:
    """Yield what was assigned instead: to it elsewhere, to another id of its, to somebody else."""
    for grant in roles.others:
        if grant.principal_id.casefold() == identity.principal_id.casefold():
            yield f"{identity.name} has {grant.role_name} at {grant.scope}"
    # One's own is from the step grant-yourself, and right.
    own = me.object_id.casefold() if isinstance(me, SignedIn) else ""
    here = [grant for grant in roles.others if scope_covers(grant.scope, account.id)]
    for grant in here:
        if grant.principal_id.casefold() == identity.client_id.casefold():
            yield f"{grant.role_name} is assigned to its client id, where the object id belongs"
    for grant in here:
        if grant.principal_id.casefold() != own:
            yield f"{grant.role_name} is assigned to {grant.principal_id}"


@action
async def create(
    names: Names,
    account: OpenAIAccount,
    identity: ManagedIdentity | Absent,
    roles: IdentityRoles | Absent | Unreadable,
    azure: AzureChanges,
) -> AsyncIterator[Progress]:
    """Create the identity, then assign it the role; what is there already is taken over."""
    made = Change(
        f"Create the managed identity {names.identity}",
        command(
            "az", "identity", "create", "--name", names.identity, "--resource-group", names.resource_group
        ),
    )
    if isinstance(identity, Absent):
        yield Planned(made)
        identity = await azure.put_identity(names.identity)
        yield Applied(made)
    else:
        yield Working(f"The identity {identity.name} is there: client id {identity.client_id}")
        yield Applied(made, already=True)
    granted = Change(
        f"Assign Cognitive Services OpenAI User to {identity.name}", _assign(identity.principal_id, account)
    )
    if isinstance(roles, IdentityRoles) and role_allowing(roles.grants, CHAT_ACTION, account.id):
        yield Applied(granted, already=True)
        return
    yield Planned(granted)
    new = await azure.assign_role(
        scope=account.id,
        role=OPENAI_USER_ROLE,
        principal_id=identity.principal_id,
        principal_kind="ServicePrincipal",
    )
    yield Applied(granted, already=not new)


@reset
def remove(
    account: OpenAIAccount,
    identity: ManagedIdentity,
    roles: IdentityRoles | Absent | Unreadable,
    azure: AzureChanges,
) -> Sequence[Undo]:
    """Remove the role assignment and the identity that this tool made; your own stay."""
    undos = []
    assignment = azure.role_assignment_id(
        scope=account.id, role=OPENAI_USER_ROLE, principal_id=identity.principal_id
    )
    listed = not isinstance(roles, IdentityRoles) or any(
        grant.id.casefold() == assignment.casefold() for grant in roles.grants
    )
    if listed:
        change = Change(
            f"Remove Cognitive Services OpenAI User from {identity.name}",
            command("az", "role", "assignment", "delete", "--ids", assignment),
        )
        undos.append(Undo(change, lambda: azure.remove_role(assignment)))
    if MARK in identity.tags:
        change = Change(
            f"Delete the managed identity {identity.name}",
            command("az", "identity", "delete", "--ids", identity.id),
        )
        undos.append(Undo(change, lambda: azure.delete_identity(identity.id)))
    return undos


def _assign(principal_id: str, account: OpenAIAccount) -> str:
    return command(
        *("az", "role", "assignment", "create", "--role", "Cognitive Services OpenAI User"),
        *("--assignee-object-id", principal_id, "--assignee-principal-type", "ServicePrincipal"),
        *("--scope", account.id),
    )
