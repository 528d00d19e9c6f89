"""Following a rollout by its events, to its end or to the reason why it cannot end."""

from __future__ import annotations

import asyncio
from contextlib import aclosing, suppress
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.authoring import ActionError, Working
from workshop_tui.cloud.errors import RefusedError
from workshop_tui.cloud.rollout_state import RolloutState, Trouble
from workshop_tui.cloud.text import clean, tail

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from workshop_tui.cloud.cluster import ClusterClient

ROLLOUT_SECONDS = 10 * 60.0
GRACE_SECONDS = 20.0
"""How long a trouble may last that can mend itself: a webhook that restarts, a registry that hiccups."""
SHORTEST_WATCH = 1.0
KINDS = ("Deployment", "ReplicaSet", "Pod")
_GONE = 410

Event = tuple[str, str, dict[str, Any]]


async def follow_rollout(client: ClusterClient, namespace: str, name: str) -> AsyncGenerator[Working, None]:
    """Yield the rollout's state in words as it changes, and that of each new pod, until it is complete.

    Raises:
        ActionError: it cannot complete, with the reason seen.

    """
    events: asyncio.Queue[Event | BaseException] = asyncio.Queue()
    state = RolloutState(name)
    watchers = [
        asyncio.create_task(_keep_watching(client, kind, namespace, events), name=f"watch {kind}")
        for kind in KINDS
    ]
    try:
        async with aclosing(_states(client, namespace, state, events)) as words:
            async for word in words:
                yield word
    finally:
        for watcher in watchers:
            watcher.cancel()
        await asyncio.gather(*watchers, return_exceptions=True)


async def _states(
    client: ClusterClient, namespace: str, state: RolloutState, events: asyncio.Queue[Event | BaseException]
) -> AsyncGenerator[Working, None]:
    loop = asyncio.get_running_loop()
    pods: dict[str, Working] = {}
    deadline = loop.time() + ROLLOUT_SECONDS
    last, trouble, since = "", None, 0.0
    while True:
        if state.complete:
            await _catch_up(client, namespace, state)
        for pod in state.pods():
            if pods.get(pod.item) != pod:
                pods[pod.item] = pod
                yield pod
        if state.complete:
            yield Working(f"{state.name} is rolled out.")
            return
        found = state.trouble()
        if found is None or trouble is None or found.key != trouble.key:
            since = loop.time()
        elif not found.final:
            found = trouble  # the words it was first told in
        trouble = found
        final = trouble is not None and trouble.final and not await _has_come(client, namespace, trouble)
        if trouble is not None and (final or loop.time() >= since + GRACE_SECONDS):
            raise await _explain(client, namespace, trouble)
        words = state.words(trouble)
        if words and words != last:
            last = words
            yield Working(words)
        if loop.time() >= deadline:
            raise ActionError(f"{state.name} was not rolled out within ten minutes: {last}", _LOOK)
        limit = deadline if trouble is None else min(deadline, since + GRACE_SECONDS)
        with suppress(TimeoutError):
            async with asyncio.timeout_at(limit):
                await _take_events(state, events)


async def _take_events(state: RolloutState, events: asyncio.Queue[Event | BaseException]) -> None:
    """Wait for an event, and take all that have come by then."""
    event = await events.get()
    if isinstance(event, BaseException):
        raise event
    state.take(*event)
    while not events.empty():
        more = events.get_nowait()
        if not isinstance(more, BaseException):
            state.take(*more)


async def _catch_up(client: ClusterClient, namespace: str, state: RolloutState) -> None:
    """Read what the rollout came to: the watches of pods and ReplicaSets may lag behind the Deployment's."""
    for kind in ("ReplicaSet", "Pod"):
        state.take(kind, "LISTED", await client.list(kind, namespace))


async def _has_come(client: ClusterClient, namespace: str, trouble: Trouble) -> bool:
    """Return whether the ServiceAccount that a ReplicaSet missed is there by now: it tries again itself."""
    if not trouble.service_account:
        return False
    return await client.get("ServiceAccount", namespace, trouble.service_account) is not None


_LOOK = "See kubectl describe pods, and check the step: it names the cause."


async def _explain(client: ClusterClient, namespace: str, trouble: Trouble) -> ActionError:
    """Return the trouble as an error, with the last words of the container where it crashed."""
    said = ""
    if trouble.pod and trouble.container:
        log = await client.log(namespace, trouble.pod, trouble.container, previous=True)
        log = log or await client.log(namespace, trouble.pod, trouble.container)
        said = last_error_in(log)
    return ActionError(f"{trouble.what}{f' Its log ends: {said}' if said else ''}", _LOOK)


def last_error_in(log: str) -> str:
    """Return the line of a log that tells most: Azure's own error, else the last one."""
    lines = [line for line in tail(log, lines=60, limit=8000).splitlines() if line.strip()]
    telling = [line for line in lines if "AADSTS" in line or "PermissionDenied" in line]
    return clean((telling or lines or [""])[-1], limit=400)


async def _keep_watching(
    client: ClusterClient, kind: str, namespace: str, events: asyncio.Queue[Event | BaseException]
) -> None:
    """Put what is there into the queue, then every change; start anew where a stream ends."""
    failures = 0
    while True:
        try:
            listed = await client.list(kind, namespace)
            events.put_nowait((kind, "LISTED", listed))
            version = str((listed.get("metadata") or {}).get("resourceVersion", ""))
            begun = asyncio.get_running_loop().time()
            watch = client.watch(kind, namespace, version=version)
            async with aclosing(watch) as stream:
                async for event in stream:
                    failures = 0
                    events.put_nowait((kind, event["type"], event["object"]))
            if asyncio.get_running_loop().time() - begun < SHORTEST_WATCH:
                await asyncio.sleep(SHORTEST_WATCH)  # a proxy between that lets no stream through
        except RefusedError as error:
            if error.refusal.status != _GONE:
                events.put_nowait(error)
                return
        except httpx.HTTPError as error:
            # The API server may be away for a moment: enabling the issuer restarts it.
            failures += 1
            if failures > 5:  # noqa: PLR2004 - some ten seconds
                events.put_nowait(error)
                return
            await asyncio.sleep(failures * 0.5)
