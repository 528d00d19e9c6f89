"""The trust chain drawn from facts: a finished workshop, and what each fault does to its links."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

import pytest
from steps_world import CREDENTIAL, FINISHED, ISSUER, KEY, SUBJECT, template

from workshop_tui.facts.engine import Facts
from workshop_tui.model import Absent, FederatedCredentials, ServiceAccount, Unreadable
from workshop_tui.trust_chain import Link, LinkState, read_chain

if TYPE_CHECKING:
    from collections.abc import Mapping

HOLDS, BROKEN, OPEN, UNKNOWN = LinkState.HOLDS, LinkState.BROKEN, LinkState.OPEN, LinkState.UNKNOWN


async def chain(changed: Mapping[type, object] | None = None) -> tuple[Link, ...]:
    async with Facts({**FINISHED, **(changed or {})}, {}) as facts:
        return await read_chain(facts)


async def states(changed: Mapping[type, object] | None = None) -> list[LinkState]:
    return [link.state for link in await chain(changed)]


def credential(**changes: Any) -> dict[type, object]:
    return {FederatedCredentials: FederatedCredentials("myIdentity", (replace(CREDENTIAL, **changes),))}


async def test_a_finished_workshop_holds_from_end_to_end() -> None:
    assert await states() == [HOLDS] * 6


@pytest.mark.parametrize(
    ("what", "changes", "is_", "want"),
    [
        ("issuer", {"issuer": ISSUER.rstrip("/")}, ISSUER, ISSUER.rstrip("/")),
        ("subject", {"subject": SUBJECT + "s"}, SUBJECT, SUBJECT + "s"),
        (
            "audience",
            {"audiences": ("api://azureadtokenexchange",)},
            "api://AzureADTokenExchange",
            "api://azureadtokenexchange",
        ),
    ],
)
async def test_a_credential_that_differs_shows_claim_beside_record(
    what: str, changes: dict[str, Any], is_: str, want: str
) -> None:
    link = (await chain(credential(**changes)))[2]
    assert link.state is BROKEN
    assert link.step == "federate"
    (row,) = [row for row in link.evidence if not row.matches]
    assert (row.what, row.here, row.there) == (what, is_, want)


async def test_an_account_that_would_take_the_token_is_not_lit_before_the_token_gets_there() -> None:
    assert await states(credential(subject="system:serviceaccount:default:other")) == [
        *(HOLDS, HOLDS, BROKEN, HOLDS, HOLDS, OPEN)
    ]


async def test_what_is_not_there_is_open_and_what_cannot_be_read_is_unknown() -> None:
    absent = Absent("the federated credentials", "identity.missing")
    assert (await states({FederatedCredentials: absent}))[2] is OPEN
    unreadable = Unreadable("the federated credentials", "403 Forbidden", "reading.forbidden")
    assert (await states({FederatedCredentials: unreadable}))[2] is UNKNOWN


async def test_the_pods_label_and_account_are_looked_at_and_not_the_deployments() -> None:
    link = (await chain(template(labels={"app": "ai-service"})))[0]
    assert link.state is HOLDS, "the running pod has what counts; the template is another step's business"


async def test_another_client_id_breaks_the_link_to_the_identity() -> None:
    account = FINISHED[ServiceAccount]
    wrong = replace(
        account, annotations={next(iter(account.annotations)): "00000000-0000-4000-8000-000000000000"}
    )
    link = (await chain({ServiceAccount: wrong}))[3]
    assert (link.state, link.step) == (BROKEN, "service-account")


async def test_no_secret_is_ever_part_of_it() -> None:
    assert KEY not in repr(await chain())
