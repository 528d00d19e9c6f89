"""Turn keys off at the account: what was in plain sight opens nothing any more."""

from __future__ import annotations

from workshop_tui.authoring import (
    Absent,
    ActionError,
    Answer,
    Applied,
    AsyncIterator,
    AzureChanges,
    AzureClock,
    Change,
    FederatedCredentials,
    Finding,
    IdentityAnswer,
    IdentityRoles,
    KeyAnswer,
    ManagedCluster,
    ManagedIdentity,
    Names,
    Now,
    OpenAIAccount,
    Planned,
    Pods,
    Progress,
    Scope,
    Sequence,
    ServiceAccount,
    Sightings,
    Undo,
    Unreadable,
    Working,
    action,
    check,
    command,
    exposed_keys,
    failed,
    is_throttled,
    judge_propagation,
    let_networks_in,
    lock_settles,
    passed,
    pending,
    refusal_of,
    reset,
    resource_group_of,
    told,
    unknown,
    wanted_credential,
)

_FORBIDDEN = 403
_SERVER_FAULT = 500


@check("Sign-in with keys is off", scope=Scope.AZURE)
def key_sign_in_off(account: OpenAIAccount) -> Finding:
    """Judge the account's own setting."""
    if account.key_sign_in:
        return failed(
            "lock.key-sign-in-on",
            f"{account.name}: disableLocalAuth is false",
            expected=f"{account.name}: disableLocalAuth is true",
            command=_lock(account, "true"),
        )
    return passed(f"{account.name}: disableLocalAuth is true")


@check("A key is refused for being a key", scope=Scope.LIVE)
def key_refused(reply: KeyAnswer, account: OpenAIAccount, sightings: Sightings, now: Now) -> Finding:
    """Judge the answer to a made-up key: 403 says that keys are not looked at, 401 that they are."""
    answer = reply.answer
    refusal = refusal_of(answer)
    if answer.status == _FORBIDDEN and refusal is not None and refusal.cause == "live.key-refused":
        return passed(told(answer))
    if is_throttled(answer):
        return unknown("reading.throttled", told(answer))
    if not answer.status or answer.status >= _SERVER_FAULT:
        return unknown("reading.unreachable", told(answer))
    if refusal is not None and refusal.cause == "live.network-refused":
        blind = f"{told(answer)}: it did not get as far as to look at a key"
        return unknown("account.network-closed", blind)
    return _still_looked_at(answer, account, sightings, now)


def _still_looked_at(answer: Answer, account: OpenAIAccount, sightings: Sightings, now: Now) -> Finding:
    """Judge an answer that is not the refusal of all keys: it may come, if they were turned off of late."""
    expected = f"{answer.ask}: 403 AuthenticationTypeDisabled"
    lock = _lock(account, "true")
    if account.key_sign_in:
        return failed("lock.key-accepted", told(answer), expected=expected, command=lock)
    until = lock_settles(account, sightings, now.moment)
    if until is not None:
        return pending("lock.propagating", told(answer), until=until, expected=expected)
    refusal = refusal_of(answer)
    if refusal is None or refusal.cause != "live.key-refused":
        return unknown("reading.unexpected", told(answer))
    late = "Keys are off for longer than that takes: turn them off once more, and see what the account says."
    return failed("lock.key-accepted", told(answer), expected=expected, remedy=late, command=lock)


@check("The identity still gets through", scope=Scope.LIVE)
def identity_works(
    *,
    reply: IdentityAnswer,
    identity: ManagedIdentity,
    account: OpenAIAccount | Absent | Unreadable,
    roles: IdentityRoles | Absent | Unreadable,
    credentials: FederatedCredentials | Absent | Unreadable,
    cluster: ManagedCluster | Absent | Unreadable,
    service_account: ServiceAccount | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    azure_clock: AzureClock | Absent | Unreadable,
    sightings: Sightings,
    names: Names,
    now: Now,
) -> Finding:
    """Judge the app's live answer, and that it came with the identity's token."""
    answer = reply.answer
    expected = f"{answer.ask}: 200, with a token of {identity.name}"
    if not answer.good:
        if is_throttled(answer):
            return unknown("reading.throttled", told(answer))
        refusal = refusal_of(answer)
        cause = refusal.cause if refusal else "lock.identity-refused"
        propagating = judge_propagation(
            answer,
            roles=roles,
            credentials=credentials,
            wanted=wanted_credential(cluster, service_account, names),
            azure_clock=azure_clock,
            sightings=sightings,
            now=now,
        )
        opened = ""
        if isinstance(account, OpenAIAccount) and cause == "live.network-refused":
            opened = let_networks_in(account)
        return propagating or failed(cause, told(answer), expected=expected, command=opened)
    return _signed_in(reply, identity, pods, expected)


def _signed_in(
    reply: IdentityAnswer, identity: ManagedIdentity, pods: Pods | Absent | Unreadable, expected: str
) -> Finding:
    """Judge what a good answer came with: the identity's token, another's, or a key."""
    answer = reply.answer
    exposed = _exposed(pods)
    if reply.authentication == "key" or (exposed and reply.authentication != "token"):
        seen = exposed or "the account saw a key"
        return failed("pod.key-exposed", f"{answer.ask}: {answer.status}, {seen}", expected=expected)
    if reply.object_id and reply.object_id.casefold() != identity.principal_id.casefold():
        return failed(
            "lock.identity-refused",
            f"{answer.ask}: {answer.status}, with a token of {reply.object_id}",
            expected=f"{answer.ask}: 200, with a token of {identity.principal_id}",
        )
    if reply.authentication != "token" and not isinstance(pods, Pods):
        reason = pods.reason if isinstance(pods, Unreadable) else "there are none"
        cause = pods.cause if isinstance(pods, Unreadable) else "reading.unexpected"
        return unknown(cause, f"{told(answer)}; with a key or without can't be told from its pods: {reason}")
    who = f"a token of {identity.name}" if reply.authentication == "token" else "no key in its pods"
    return passed(f"{answer.ask}: {answer.status}, with {who}: {answer.text}")


@action
async def lock(
    account: OpenAIAccount, pods: Pods | Absent | Unreadable, azure: AzureChanges
) -> AsyncIterator[Progress]:
    """Renew both keys, then turn keys off; in this order, since Azure renews none once they are off."""
    off = Change(f"Turn off sign-in with keys at {account.name}", _lock(account, "true"))
    if not account.key_sign_in:
        yield Applied(off, already=True)
        return
    exposed = _exposed(pods)
    if exposed:
        raise ActionError(
            f"The app still has a key ({exposed}); it would stop working.",
            "Do the step redeploy first, so that the app signs in with its identity.",
        )
    renew = Change(f"Regenerate both keys of {account.name}: the ones that were seen end", _renew(account))
    yield Planned(renew)
    await azure.regenerate_keys(account.id)
    yield Applied(renew)
    yield Planned(off)
    await azure.set_key_sign_in(account.id, allowed=False)
    yield Applied(off)
    yield Working("It can take a few minutes until every part of the service refuses keys.")


@reset
def unlock(account: OpenAIAccount, azure: AzureChanges) -> Sequence[Undo]:
    """Let keys in again; the regenerated ones, since the old can't come back."""
    if account.key_sign_in:
        return ()
    change = Change(
        f"Turn sign-in with keys at {account.name} on again (with new keys: the old ones can't come back)",
        _lock(account, "false"),
    )
    return (Undo(change, lambda: azure.set_key_sign_in(account.id, allowed=True)),)


def _exposed(pods: Pods | Absent | Unreadable) -> str:
    if not isinstance(pods, Pods):
        return ""
    return next((f"{key}, pod {pod.name}" for pod in pods.running for key in exposed_keys(pod.spec)), "")


def _lock(account: OpenAIAccount, value: str) -> str:
    return command(
        *("az", "resource", "update", "--ids", account.id),
        *("--set", f"properties.disableLocalAuth={value}"),
    )


def _renew(account: OpenAIAccount) -> str:
    words = (
        *("az", "cognitiveservices", "account", "keys", "regenerate", "--name", account.name),
        *("--resource-group", resource_group_of(account.id), "--key-name"),
    )
    return " && ".join(command(*words, key) for key in ("key1", "key2"))
