"""Facts of this very moment: answers to live requests."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from math import ceil

import httpx

from workshop_tui.authoring import app_container, is_of_the_shop, kubectl, refusal_of
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.cluster import ClusterClient
from workshop_tui.cloud.descriptions import Descriptions
from workshop_tui.cloud.errors import RefusedError, reading
from workshop_tui.cloud.images import Images
from workshop_tui.cloud.source import Source
from workshop_tui.cloud.text import tail
from workshop_tui.cloud.web import USER_AGENT
from workshop_tui.cloud.workloads import read_shop_front
from workshop_tui.facts.engine import resolver, sends_model_request
from workshop_tui.model import (
    Absent,
    AccountRequest,
    Answer,
    AppLog,
    ClusterDescription,
    Deployment,
    IdentityAnswer,
    KeyAnswer,
    LearnerAnswer,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    Pods,
    PushedImage,
    RunningImage,
    ShopDescription,
    ShopFront,
    Unreadable,
)

NOBODY_LISTENS = frozenset({502, 503})
CLOCKS_APART = timedelta(seconds=2)
"""How far the account's clock may be behind ours."""


@sends_model_request
@resolver
async def learner_answer(
    descriptions: Descriptions, account: OpenAIAccount, model: ModelDeployment
) -> LearnerAnswer:
    """Ask the account with the signed-in principal's own token."""
    return LearnerAnswer(await descriptions.with_own_token(account, model))


@sends_model_request
@resolver
async def key_answer(descriptions: Descriptions, account: OpenAIAccount, model: ModelDeployment) -> KeyAnswer:
    """Show the account a made-up key."""
    return KeyAnswer(await descriptions.with_made_up_key(account, model))


@dataclass(frozen=True, slots=True)
class AskedInCluster:
    """The app's answer through the cluster, and when it was asked."""

    answer: Answer
    begun: datetime


@sends_model_request
@resolver
async def asked_in_cluster(
    descriptions: Descriptions, client: ClusterClient, names: Names, app: Deployment
) -> AskedInCluster:
    """Ask the app through the cluster, where there is such an app."""
    del app  # asked for, so that its absence is what gets reported
    begun = datetime.now(UTC)
    return AskedInCluster(await descriptions.through_the_cluster(client, names), begun)


@resolver
async def cluster_description(asked: AskedInCluster) -> ClusterDescription:
    """Give the app's answer through the cluster."""
    return ClusterDescription(asked.answer)


@sends_model_request
@resolver
async def app_log(
    asked: AskedInCluster, client: ClusterClient, found: Pods | Absent | Unreadable, names: Names
) -> AppLog:
    """Read what the app logged since it was asked, where its answer alone does not tell what is wrong."""
    if asked.answer.good or refusal_of(asked.answer) is not None or not isinstance(found, Pods):
        return AppLog("")
    # Where nobody listens at all, it is the app's start that tells why.
    since = (
        0
        if asked.answer.status in NOBODY_LISTENS
        else ceil((datetime.now(UTC) - asked.begun + CLOCKS_APART).total_seconds())
    )
    ready = [pod for pod in found.running if pod.ready]
    apps = [(pod.name, app_container(pod.spec, names.deployment)) for pod in ready]
    with reading(f"the log of {names.deployment}"):
        logs = await asyncio.gather(
            *(
                client.log(names.namespace, name, container.name, seconds=since)
                for name, container in apps
                if container is not None
            )
        )
    return AppLog(tail("\n".join(logs)))


@resolver
async def running_image(
    *,
    images: Images,
    descriptions: Descriptions,
    client: ClusterClient,
    source: Source,
    found: Pods,
    pushed: PushedImage | Absent | Unreadable,
    names: Names,
) -> RunningImage | Absent:
    """Look into the image that a ready pod of the newest kind runs.

    What it is made of, and how it answers, is asked only of one that is not the pushed one: whatever a
    learner put into a registry of their choice counts as theirs, as far as nothing says otherwise.
    """
    running = image_of_the_app(found, names)
    digest = running.rpartition("@")[2]
    if not digest:
        return Absent("image that a ready pod runs", "app.no-pods")
    if is_of_the_shop(running):
        return RunningImage(running)
    name = running.removeprefix("docker-pullable://")
    keys = await images.keys_in(name, digest)
    known = {pushed.manifest.digest} if isinstance(pushed, PushedImage) and pushed.manifest else set()
    if isinstance(pushed, PushedImage) and pushed.evidence is not None:
        known.add(pushed.evidence.data.get("digest", ""))
    if digest in known:
        return RunningImage(running, keys)
    made = await images.is_made_of(name, digest, source.service)
    health = None if made else await descriptions.health_through_the_cluster(client, names)
    return RunningImage(running, keys, made, health)


def image_of_the_app(found: Pods, names: Names) -> str:
    """Return the image, by its digest, that the app's container in a ready pod of the newest kind runs."""
    for pod in found.running:
        container = app_container(pod.spec, names.deployment) if pod.current and pod.ready else None
        for status in pod.statuses if container is not None else ():
            if container is not None and status.name == container.name and "@" in status.image_id:
                return status.image_id
    return ""


@resolver
async def shop_description(
    descriptions: Descriptions, client: ClusterClient, names: Names, app: Deployment
) -> ShopDescription | Absent:
    """Ask the app through the shop's admin site."""
    del app  # as above
    found = await descriptions.through_the_shop(client, names)
    if found is None:
        return Absent(
            f"Service {names.shop_service} in the namespace {names.namespace}",
            "live.shop-unreachable",
            kubectl(names, "get", "services"),
        )
    answer, address = found
    front = None if answer.good else await _shop_front(client, names)
    return ShopDescription(answer, address, front)


async def _shop_front(client: ClusterClient, names: Names) -> ShopFront | None:
    """Read the site's Deployment and Service; None where one may not look."""
    try:
        deployment, service = await asyncio.gather(
            client.get("Deployment", names.namespace, names.shop_service),
            client.get("Service", names.namespace, names.shop_service),
        )
    except (RefusedError, httpx.HTTPError):
        return None
    return read_shop_front(deployment, service)


@resolver
async def identity_answer(
    asked: AskedInCluster, log: AccountLogReader, identity: ManagedIdentity | Absent | Unreadable
) -> IdentityAnswer:
    """Say who the account saw when the app was asked, where its log can tell."""
    if not log.kept:
        return IdentityAnswer(asked.answer)
    seen = await log.read(since=asked.begun - CLOCKS_APART)
    principal = identity.principal_id if isinstance(identity, ManagedIdentity) else ""
    request = of_the_app(seen.requests, principal)
    if request is None:
        return IdentityAnswer(asked.answer)
    return IdentityAnswer(asked.answer, request.authentication, request.object_id)


def of_the_app(requests: tuple[AccountRequest, ...], principal: str) -> AccountRequest | None:
    """Return the newest request that the app made: the identity's, else the newest that is not ours."""
    others = [item for item in requests if item.user_agent != USER_AGENT]
    by_identity = [item for item in others if principal and item.object_id == principal]
    return (by_identity or others or [None])[-1]  # type: ignore[list-item]
