"""Whether an answer is a refusal that time will mend: what is right by now is not known everywhere yet."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.findings import pending
from workshop_tui.judgement.answers import entra_code, may_be_propagating, refusal_of, told
from workshop_tui.judgement.chain import fitting_settles, outdated_sign_in, role_settles
from workshop_tui.judgement.clocks import clock_offset
from workshop_tui.judgement.roles import CHAT_ACTION
from workshop_tui.model import IdentityRoles

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.findings import Finding
    from workshop_tui.model import (
        Absent,
        Answer,
        AzureClock,
        FederatedCredentials,
        Now,
        Sightings,
        Unreadable,
    )


def judge_propagation(
    answer: Answer,
    *,
    roles: IdentityRoles | Absent | Unreadable,
    credentials: FederatedCredentials | Absent | Unreadable,
    wanted: Mapping[str, str],
    azure_clock: AzureClock | Absent | Unreadable,
    sightings: Sightings,
    now: Now,
) -> Finding | None:
    """Return `pending` where the identity is refused though its role, or its credential, is right and young.

    The answer is a refusal. `wanted` is what the pods' tokens are compared with.
    """
    expected = f"{answer.ask}: 200 and a description"
    refusal = refusal_of(answer)
    denied = refusal is not None and refusal.cause == "live.permission-denied"
    if denied and isinstance(roles, IdentityRoles):
        ahead = clock_offset(azure_clock)
        until = role_settles(roles.grants, CHAT_ACTION, roles.scope, now.moment, ahead=ahead)
        if until is not None:
            return pending("role.propagating", told(answer), until=until, expected=expected)
    words = f"{answer.code} {answer.text}"
    # A token of the issuer of before is refused for ever: no waiting mends that.
    outdated = outdated_sign_in(words, wanted, credentials) == "pod.outdated-issuer"
    if may_be_propagating(entra_code(words)) and not outdated:
        until = fitting_settles(credentials, wanted, sightings, now.moment)
        if until is not None:
            return pending("federation.propagating", told(answer), until=until, expected=expected)
    return None
