"""What the signed-in principal may see and do: subscriptions, tokens, the API server's own answers."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud import versions
from workshop_tui.cloud.errors import reading
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.tokens import claims_of
from workshop_tui.model.machine import ClusterRights, Subscriptions

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.cloud.arm import Arm
    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.cloud.tokens import Tokens

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_WANTED = (
    ("list", "", "pods", ""),
    ("get", "", "pods", "log"),
    ("create", "", "services", "proxy"),
    ("create", "", "serviceaccounts", ""),
    ("patch", "apps", "deployments", ""),
)
"""Verb, group, resource, subresource: what the workshop's steps do in the cluster."""


async def read_subscriptions(arm: Arm) -> Subscriptions:
    """List the subscriptions that the principal sees.

    Raises:
        ReadFailure: they could not be read.

    """
    with reading("your subscriptions"):
        found = await arm.list("/subscriptions", versions.SUBSCRIPTIONS)
    return Subscriptions(
        {
            clean(item["subscriptionId"]): clean(item.get("displayName", ""))
            for item in found
            if item.get("subscriptionId")
        }
    )


async def read_claims(tokens: Tokens, scope: str) -> Mapping[str, Any]:
    """Get a token for the scope and return its claims; the token itself stays where it is.

    Raises:
        ReadFailure: there is none to be had.

    """
    return claims_of(await tokens.token(scope))


async def read_cluster_rights(client: ClusterClient, namespace: str) -> ClusterRights:
    """Ask the API server whether we may do what the steps do; it stores nothing.

    Raises:
        ReadFailure: it could not be asked.

    """
    with reading("your rights in the cluster"):
        answers = await asyncio.gather(*(_may(client, namespace, wanted) for wanted in _WANTED))
    names = [
        f"{verb} {resource}{f'/{subresource}' if subresource else ''}"
        for verb, _, resource, subresource in _WANTED
    ]
    return ClusterRights(namespace, dict(zip(names, answers, strict=True)))


async def _may(client: ClusterClient, namespace: str, wanted: tuple[str, str, str, str]) -> bool:
    names = ("verb", "group", "resource", "subresource")
    attributes = {"namespace": namespace, **dict(zip(names, wanted, strict=True))}
    review = {
        "apiVersion": "authorization.k8s.io/v1",
        "kind": "SelfSubjectAccessReview",
        "spec": {"resourceAttributes": {key: value for key, value in attributes.items() if value}},
    }
    answer = await client.send("POST", _REVIEWS, body=review)
    return bool(answer.json().get("status", {}).get("allowed"))
