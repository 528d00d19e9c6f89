"""Give the learner the role that the app's identity will need, too."""

from __future__ import annotations

from workshop_tui.authoring import (
    CHAT_ACTION,
    OPENAI_USER_ROLE,
    Absent,
    Applied,
    AsyncIterator,
    AzAccount,
    AzureChanges,
    AzureClock,
    Change,
    Finding,
    LearnerAnswer,
    LearnerRoles,
    Now,
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
    clock_offset,
    command,
    failed,
    is_throttled,
    let_networks_in,
    passed,
    pending,
    refusal_of,
    reset,
    role_allowing,
    role_managing,
    role_settles,
    skew_words,
    told,
    unknown,
)

_OK = 200
_SERVER_FAULT = 500
_OF_THE_ACCOUNT = {
    "live.no-subdomain": "account.no-subdomain",
    "live.deployment-unknown": "deployment.model-missing",
    "live.network-refused": "account.network-closed",
}
"""What a refusal says of the account, since it was asked at the address and for the name that it gave."""


@check("You are signed in", scope=Scope.WORKSTATION)
def signed_in(me: SignedIn, clock: AzureClock | Absent | Unreadable) -> Finding:
    """Judge that this machine acts as somebody; nobody has its own cause.

    A clock that is off stops no sign-in by itself: it is told before it does harm.
    """
    who = f"{me.name} ({'user' if me.kind == 'User' else 'service principal'} {me.object_id})"
    wrong = skew_words(clock.ahead, "this machine's", "Azure's") if isinstance(clock, AzureClock) else ""
    return passed(f"{who}; {wrong}: set it by the network's time" if wrong else who)


@check("A role lets you ask the model", scope=Scope.WORKSTATION)
def role(
    roles: LearnerRoles, me: SignedIn, account: OpenAIAccount, az: AzAccount | Absent | Unreadable
) -> Finding:
    """Judge by data action and scope, whatever the role is called and whoever it came through."""
    grant = role_allowing(roles.grants, CHAT_ACTION, account.id)
    if grant is not None:
        through = "" if grant.direct else ", through a group"
        return passed(f"{grant.role_name} at {grant.scope or '/'}{through}")
    expected = f"a role with {CHAT_ACTION} at {account.id} or above"
    if isinstance(az, AzAccount) and az.name.casefold() != me.name.casefold():
        return failed(
            "sign-in.other-than-az",
            f"no such role for {me.name}, as whom tool and app sign in; az is signed in as {az.name}",
            expected=expected,
            command=_assign(me, account),
        )
    managing = role_managing(roles.grants, account.id)
    return failed(
        "role.control-plane-only" if managing else "role.missing",
        f"{managing.role_name}, which has no data action for chat" if managing else "no such role",
        expected=expected,
        command=_assign(me, account),
    )


@check("The account accepts your token", scope=Scope.WORKSTATION)
def token_accepted(
    *,
    reply: LearnerAnswer,
    roles: LearnerRoles,
    me: SignedIn,
    account: OpenAIAccount,
    clock: AzureClock | Absent | Unreadable,
    now: Now,
) -> Finding:
    """Judge a real request, made with a token of the learner's own."""
    answer = reply.answer
    if answer.status == _OK:
        return passed(f"{answer.ask}: {answer.status}")
    if is_throttled(answer):
        return unknown("reading.throttled", told(answer))
    if not answer.status or answer.status >= _SERVER_FAULT:
        return unknown("reading.unreachable", told(answer))
    refusal = refusal_of(answer)
    expected = f"{answer.ask}: {_OK}"
    if refusal is not None and refusal.cause == "live.permission-denied":
        until = role_settles(roles.grants, CHAT_ACTION, account.id, now.moment, ahead=clock_offset(clock))
        return (
            pending("role.propagating", told(answer), until=until, expected=expected)
            if until is not None
            else _denied(told(answer), expected, roles=roles, me=me, account=account)
        )
    if refusal is not None and refusal.cause in _OF_THE_ACCOUNT:
        cause = _OF_THE_ACCOUNT[refusal.cause]
        closed = cause == "account.network-closed"
        observed = f"{told(answer)}; the account has {account.closed_by or 'no such rule any more'}"
        return failed(
            cause,
            observed if closed else told(answer),
            expected=expected,
            command=let_networks_in(account) if closed else "",
        )
    return failed(
        "token.refused",
        told(answer),
        expected=expected,
        command=command("az", "login", "--tenant", me.tenant_id),
    )


def _denied(
    observed: str, expected: str, *, roles: LearnerRoles, me: SignedIn, account: OpenAIAccount
) -> Finding:
    if role_allowing(roles.grants, CHAT_ACTION, account.id) is None:
        return failed("role.missing", observed, expected=expected, command=_assign(me, account))
    return failed(
        "live.permission-denied",
        observed,
        expected=expected,
        remedy="The role is there and old enough: a deny assignment may forbid the request. Look at the"
        " account's access control.",
    )


@action
async def assign(
    me: SignedIn, account: OpenAIAccount, roles: LearnerRoles | Unreadable, azure: AzureChanges
) -> AsyncIterator[Progress]:
    """Assign the role to the signed-in principal, unless a role of any name does it already."""
    change = Change(f"Assign Cognitive Services OpenAI User to {me.name}", _assign(me, account))
    if isinstance(roles, LearnerRoles):
        grant = role_allowing(roles.grants, CHAT_ACTION, account.id)
        if grant is not None:
            yield Working(f"{grant.role_name} at {grant.scope or '/'} allows it already")
            yield Applied(change, already=True)
            return
    yield Planned(change)
    made = await azure.assign_role(
        scope=account.id, role=OPENAI_USER_ROLE, principal_id=me.object_id, principal_kind=me.kind
    )
    yield Applied(change, already=not made)
    yield Working("A new role takes up to five minutes to count everywhere; the check waits for it.")


@reset
def withdraw(
    me: SignedIn, account: OpenAIAccount, roles: LearnerRoles, azure: AzureChanges
) -> Sequence[Undo]:
    """Remove the role assignment that this tool made; one that you made yourself stays."""
    ours = azure.role_assignment_id(scope=account.id, role=OPENAI_USER_ROLE, principal_id=me.object_id)
    if not any(grant.id.casefold() == ours.casefold() for grant in roles.grants):
        return ()
    change = Change(
        f"Remove Cognitive Services OpenAI User from {me.name}",
        command("az", "role", "assignment", "delete", "--ids", ours),
    )
    return (Undo(change, lambda: azure.remove_role(ours)),)


def _assign(me: SignedIn, account: OpenAIAccount) -> str:
    return command(
        *("az", "role", "assignment", "create", "--role", "Cognitive Services OpenAI User"),
        *("--assignee-object-id", me.object_id, "--assignee-principal-type", me.kind),
        *("--scope", account.id),
    )
