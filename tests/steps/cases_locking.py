"""What the checks that keys are off say of a finished workshop that was changed for just that."""

from __future__ import annotations

from cases_shared import KEY_IN_POD
from steps_world import (
    Case,
    answer,
    but,
)

from workshop_tui.authoring import (
    IdentityAnswer,
    KeyAnswer,
    OpenAIAccount,
)
from workshop_tui.findings import Verdict

LOCK = (
    Case(
        "lock-the-door/key-sign-in-off",
        "lock.key-sign-in-on",
        but(OpenAIAccount, key_sign_in=True),
        command="properties.disableLocalAuth=true",
    ),
    Case(
        "lock-the-door/key-refused",
        "lock.key-accepted",
        {**but(OpenAIAccount, key_sign_in=True), **answer(KeyAnswer, 401, "401", "Invalid subscription key")},
    ),
    Case(
        "lock-the-door/key-refused",
        "lock.propagating",
        answer(KeyAnswer, 401, "401", "Invalid subscription key"),
        Verdict.PENDING,
    ),
    Case(
        "lock-the-door/key-refused",
        "lock.key-accepted",
        {
            **but(OpenAIAccount, key_sign_in=True),
            **answer(KeyAnswer, 403, "Forbidden", "The IP is not allowed"),
        },
    ),
    Case("lock-the-door/key-refused", "reading.throttled", answer(KeyAnswer, 429), Verdict.UNKNOWN),
    Case("lock-the-door/key-refused", "reading.unreachable", answer(KeyAnswer, 503), Verdict.UNKNOWN),
    Case("lock-the-door/key-refused", "reading.unreachable", answer(KeyAnswer, 0), Verdict.UNKNOWN),
    Case("lock-the-door/identity-works", "lock.identity-refused", answer(IdentityAnswer, 500, "", "oh")),
    Case(
        "lock-the-door/identity-works",
        "live.key-refused",
        answer(IdentityAnswer, 400, "", "Key based authentication is disabled for this resource."),
    ),
    Case(
        "lock-the-door/identity-works",
        "live.token-exchange-refused",
        answer(IdentityAnswer, 400, "", "AADSTS700213: No matching federated identity record found"),
    ),
    Case("lock-the-door/identity-works", "reading.throttled", answer(IdentityAnswer, 429), Verdict.UNKNOWN),
    Case(
        "lock-the-door/identity-works",
        "pod.key-exposed",
        {**but(IdentityAnswer, authentication=""), **KEY_IN_POD},
    ),
    Case("lock-the-door/identity-works", "pod.key-exposed", but(IdentityAnswer, authentication="key")),
    Case(
        "lock-the-door/identity-works",
        "lock.identity-refused",
        but(IdentityAnswer, object_id="99999999-9999-4999-8999-999999999999"),
    ),
    Case(
        "lock-the-door/identity-works",
        None,
        but(IdentityAnswer, authentication="", object_id=""),
        Verdict.PASSED,
        says="no key in its pods",
    ),
)
