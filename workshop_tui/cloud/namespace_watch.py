"""Tells that something in the learner's namespace has changed, by Kubernetes' own watches.

What has changed is not told, only that something has: whoever hears it looks for themselves.
"""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from typing import TYPE_CHECKING

import httpx

from workshop_tui.cloud.cluster import path_of
from workshop_tui.cloud.errors import TOO_MANY, RefusedError

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator

    from workshop_tui.cloud.cluster import ClusterClient

KINDS = ("Deployment", "Pod", "ServiceAccount")
"""What is listened to: what the workshop's checks of the cluster are about."""
QUIET_SECONDS = 0.2
"""What comes within this time of each other is told as one."""
LONGEST_SECONDS = 1.0
"""After this time it is told though more is still coming."""
PAUSE_SECONDS = 1.0
"""Before a watch is begun anew; after each failure in a row so much longer."""
FAILURES = 5
"""Failures in a row after which nobody listens any more: some fifteen seconds without an API server."""
_GONE = 410
_SERVER_FAULT = 500

_Heard = asyncio.Queue[bool]
_CHANGED, _ENDED = True, False
"""What is heard: a change; that all watches have ended."""


class NamespaceWatch:
    """The changes in one namespace of one cluster."""

    def __init__(self, client: ClusterClient, namespace: str) -> None:
        """Take where to listen; nothing is sent before somebody does."""
        self._client = client
        self._namespace = namespace

    async def changes(self) -> AsyncGenerator[None, None]:
        """Yield after changes, once for those that come together, until nothing more can be heard.

        It ends without an error where the API server lets us watch nothing, or is away for long.
        """
        heard: _Heard = asyncio.Queue()
        listening = asyncio.create_task(self._listen_to_all(heard), name="listen to the namespace")
        try:
            while await heard.get():
                more = await _until_quiet(heard)
                yield
                if not more:
                    return
        finally:
            listening.cancel()
            await asyncio.gather(listening, return_exceptions=True)

    async def _listen_to_all(self, heard: _Heard) -> None:
        try:
            async with asyncio.TaskGroup() as group:
                for kind in KINDS:
                    group.create_task(self._listen(kind, heard), name=f"watch {kind}")
        finally:
            heard.put_nowait(_ENDED)

    async def _listen(self, kind: str, heard: _Heard) -> None:
        """Say of every change that there is one; where a watch ends, begin it anew at the same place."""
        failures, version, begun = 0, "", False
        while failures <= FAILURES:
            try:
                if not version:
                    version = await self._newest_version(kind)
                    if begun:
                        heard.put_nowait(_CHANGED)  # nobody knows what happened in between
                    begun = True
                watch = self._client.watch(kind, self._namespace, version=version)
                async with aclosing(watch) as events:
                    async for event in events:
                        failures = 0
                        version = event["object"]["metadata"].get("resourceVersion") or version
                        if event["type"] != "BOOKMARK":
                            heard.put_nowait(_CHANGED)
            except RefusedError as error:
                status = error.refusal.status
                if status == _GONE:
                    version = ""
                elif status < _SERVER_FAULT and status != TOO_MANY:
                    return  # we may not watch these; others may be heard
                failures += 1
            except httpx.HTTPError:
                failures += 1
            # Also where a watch ends well: a proxy between may end each at once.
            await asyncio.sleep(PAUSE_SECONDS * max(failures, 1))

    async def _newest_version(self, kind: str) -> str:
        """Return the version from which on there is something new."""
        answer = await self._client.send("GET", path_of(kind, self._namespace), query={"limit": "1"})
        return str((answer.json().get("metadata") or {}).get("resourceVersion", ""))


async def _until_quiet(heard: _Heard) -> bool:
    """Wait until no more changes come, though not for long; False where all watches have ended."""
    deadline = asyncio.get_running_loop().time() + LONGEST_SECONDS
    while True:
        now = asyncio.get_running_loop().time()
        try:
            async with asyncio.timeout(min(QUIET_SECONDS, deadline - now)):
                if not await heard.get():
                    return False
        except TimeoutError:
            return True
