"""What there is to choose from for each name, in the order and with the words the learner sees."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.model import CHAT_KINDS
from workshop_tui.model.inventory import Need

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.model.inventory import Holdings, Inventory, Subscription

QUICKSTART = "https://learn.microsoft.com/azure/aks/open-ai-quickstart"


@dataclass(frozen=True, slots=True)
class Candidate:
    """One thing to choose: `value` is what is kept; `detail` and `note` stand beside its title.

    `usual` marks the one to begin at where nothing is set.
    """

    value: str
    title: str
    detail: str
    note: str = ""
    id: str = ""
    usual: bool = False


@dataclass(frozen=True, slots=True)
class DeadEnd:
    """There is nothing to choose from: why, and the way out."""

    reason: str


def alike(one: str, other: str) -> bool:
    """Return whether two names mean the same thing: Azure's ignore case."""
    return one.lower() == other.lower()


def candidates_for(
    name: str, inventory: Inventory, picked: Mapping[str, Candidate]
) -> tuple[Candidate, ...] | Need | DeadEnd:
    """Return the candidates for a name, given the ones picked for the names before it.

    What must be read first is returned as a `Need`; no candidate at all where the name can stay empty.
    """
    if name == "subscription_id":
        return _subscriptions(inventory)
    subscriptions = inventory.subscriptions or ()
    subscription = next(each for each in subscriptions if each.id == picked["subscription_id"].value)
    holdings = inventory.holdings.get(subscription.id.lower())
    if holdings is None:
        says = f"Looking for AKS clusters and Azure OpenAI accounts in {subscription.name}"
        return Need("holdings", says, subscription)
    if name == "resource_group":
        return _groups(subscription, holdings)
    group = picked["resource_group"]
    match name:
        case "cluster":
            return tuple(
                Candidate(each.name, each.name, each.location)
                for each in holdings.clusters
                if alike(each.group, group.value)
            )
        case "account":
            return _accounts(inventory, holdings, subscription, group)
        case _:
            return _deployments(inventory, subscription, picked.get("account"))


def _subscriptions(inventory: Inventory) -> tuple[Candidate, ...] | Need | DeadEnd:
    found = inventory.subscriptions
    if found is None:
        return Need("subscriptions", "Listing your subscriptions")
    if not found:
        return DeadEnd(
            "Your sign-in sees no subscription. Sign in as somebody who has one (az login), or ask for the"
            " Reader role on one."
        )
    several = len({each.tenant_id for each in found}) > 1
    return tuple(
        Candidate(
            each.id,
            each.name or each.id,
            f"{each.tenant} · {each.id}" if several else each.id,
            _note(each),
            usual=each.default,
        )
        for each in sorted(found, key=lambda each: (each.state != "Enabled", each.name.lower()))
    )


def _note(subscription: Subscription) -> str:
    if subscription.state != "Enabled":
        return f"its state is {subscription.state}"
    return "the one az uses now" if subscription.default else ""


def _groups(subscription: Subscription, holdings: Holdings) -> tuple[Candidate, ...] | DeadEnd:
    rows = []
    for group in holdings.groups:
        clusters = sum(alike(each.group, group.name) for each in holdings.clusters)
        accounts = sum(
            alike(each.group, group.name) and each.kind.lower() in CHAT_KINDS for each in holdings.accounts
        )
        if not clusters and not accounts:
            continue
        lack = "no AKS cluster" if not clusters else "no Azure OpenAI account" if not accounts else ""
        row = Candidate(group.name, group.name, group.location, lack, group.id)
        rows.append((bool(lack), group.name.lower(), row))
    if rows:
        return tuple(row for *_, row in sorted(rows, key=lambda each: each[:2]))
    return DeadEnd(
        f"{subscription.name} has no AKS cluster and no Azure OpenAI account that you may see. Choose another"
        f" subscription, ask for the Reader role, or make both first: {QUICKSTART}"
    )


def _accounts(
    inventory: Inventory, holdings: Holdings, subscription: Subscription, group: Candidate
) -> tuple[Candidate, ...] | Need:
    if not any(alike(each.group, group.value) and _can_chat(each.kind) for each in holdings.accounts):
        return ()
    found = inventory.accounts.get(group.id.lower())
    if found is None:
        says = f"Looking at the Azure OpenAI accounts of {group.title}"
        return Need("accounts", says, subscription, group.value, group.id)
    return tuple(
        Candidate(
            each.name,
            each.name,
            f"{each.location} · {each.kind}",
            "" if each.custom_subdomain else "no custom subdomain yet: it takes keys alone, no sign-in",
            each.id,
        )
        for each in found
        if _can_chat(each.kind)
    )


def _can_chat(kind: str) -> bool:
    return kind.lower() in CHAT_KINDS


def _deployments(
    inventory: Inventory, subscription: Subscription, account: Candidate | None
) -> tuple[Candidate, ...] | Need:
    if account is None:
        return ()
    found = inventory.deployments.get(account.id.lower())
    if found is None:
        says = f"Looking for chat models in {account.title}"
        return Need("deployments", says, subscription, account.value, account.id)
    return tuple(
        Candidate(
            each.name,
            each.name,
            each.model,
            "" if each.state in {"Succeeded", ""} else f"its state is {each.state}",
        )
        for each in found
    )
