"""What keeps requests out of the account: its network rules, and roles that were given elsewhere."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Breakage
from hands_azure import OPENAI_USER

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breaking_hands import Hands

_ROLE = "managed-identity/role"


@contextmanager
def _at_another_account(hands: Hands) -> Iterator[None]:
    with hands.further_account("another") as path, hands.no_role(hands.principal, OPENAI_USER, path):
        yield


BREAKAGES = (
    Breakage(
        "the account is closed to public networks",
        {
            "grant-yourself/token-accepted": "account.network-closed",
            "verify/answers-in-cluster": "live.network-refused",
            "verify/answers-through-shop": "live.network-refused",
            "lock-the-door/key-refused": "account.network-closed",
            "lock-the-door/identity-works": "live.network-refused",
        },
        lambda hands: hands.account_with(publicNetworkAccess="Disabled"),
        says="publicNetworkAccess=Disabled",
    ),
    Breakage(
        "the identity's role is at another account of the group",
        {_ROLE: "identity.role-missing"},
        _at_another_account,
        says="accounts/another",
        solve=("managed-identity",),
    ),
)
