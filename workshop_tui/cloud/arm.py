"""Azure Resource Manager, by the Azure SDK's own pipeline: sign-in, retries, Retry-After, time limits.

The pipeline alone (`arm_pipeline.py`), no client with typed methods: those hide the headers that long-running
operations are followed by, their default poller fails on Azure's answer to a new managed identity (a relative
`Location` without an api-version), and their models are 11 MB.
"""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any, cast

from workshop_tui.cloud.errors import CONFLICT, NOT_FOUND, REFUSED, RefusedError, refusal_of
from workshop_tui.cloud.sdk import sdk_loaded

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

    from azure.core.rest import AsyncHttpResponse, HttpRequest
    from azure.mgmt.core import AsyncARMPipelineClient

    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.cloud.tokens import Tokens
    from workshop_tui.target import Target

POLL_SECONDS = (0.5, 10.0)
"""First and longest pause between looks at an operation that says no Retry-After itself."""
OPERATION_SECONDS = 20 * 60.0
"""How long an operation may take at most; a cluster update takes two to ten minutes."""
ENDED = frozenset({"succeeded", "failed", "canceled"})


class Arm:
    """Reads and writes resources as plain JSON documents."""

    def __init__(self, target: Target, tokens: Tokens, guard: RequestGuard) -> None:
        """Take where it is, who asks, and what every request passes."""
        self.subscription = f"/subscriptions/{target.names.subscription_id}"
        self.address = target.arm
        self._target = target
        self._tokens = tokens
        self._guard = guard
        self._client: AsyncARMPipelineClient[HttpRequest, AsyncHttpResponse] | None = None

    async def get(self, path: str, version: str, **query: str) -> dict[str, Any] | None:
        """Return the resource, or None where there is none.

        Raises:
            RefusedError: ARM said no.
            ReadFailure: there is no sign-in.
            Exception: of the SDK, where ARM did not answer.

        """
        try:
            response = await self.send("GET", path, version, query=query)
        except RefusedError as error:
            if error.refusal.status == NOT_FOUND:
                return None
            raise
        return cast("dict[str, Any]", response.json())

    async def list(self, path: str, version: str, **query: str) -> list[dict[str, Any]]:
        """Return all resources of a collection, page by page; an absent parent has none."""
        found: list[dict[str, Any]] = []
        page = await self.get(path, version, **query)
        while page is not None:
            found += page.get("value", [])
            following = page.get("nextLink")
            if not following:
                break
            page = (await self.send("GET", str(following), "")).json()
        return found

    async def send(
        self,
        method: str,
        path: str,
        version: str,
        *,
        body: Mapping[str, Any] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> AsyncHttpResponse:
        """Send one request and return its answer; `path` may be a whole URL, then `version` may be empty.

        Raises:
            RefusedError: the answer is a refusal.

        """
        await sdk_loaded()
        from azure.core.rest import HttpRequest  # noqa: PLC0415 - heavy

        url = path if path.startswith("https://") else f"{self._target.arm}{path}"
        parameters = {**({"api-version": version} if version else {}), **(query or {})}
        request = HttpRequest(method, url, params=parameters, json=body)
        response = await self._open().send_request(request)
        if response.status_code >= REFUSED:
            raise RefusedError(refusal_of(response.status_code, response.text()))
        return response

    async def follow(self, response: AsyncHttpResponse) -> AsyncGenerator[str, None]:
        """Yield the status of the operation that an answer points to, as it changes, until it has ended.

        Raises:
            RefusedError: it failed, with its own reason.
            TimeoutError: it took too long.

        """
        url = response.headers.get("Azure-AsyncOperation")
        if not url:
            yield "Succeeded"
            return
        last = ""
        own_pause, longest = POLL_SECONDS
        pause = _retry_after(response) or own_pause
        async with asyncio.timeout(OPERATION_SECONDS):
            while True:
                # Azure tells nobody when an operation ends: asking again is its own documented way.
                await asyncio.sleep(pause)
                answer = await self.send("GET", url, "")
                operation = answer.json()
                status = str(operation.get("status", ""))
                if status != last:
                    last = status
                    yield status
                if status.lower() in ENDED:
                    break
                own_pause = min(own_pause * 1.5, longest)
                pause = _retry_after(answer) or own_pause
        if last.lower() != "succeeded":
            raise RefusedError(refusal_of(CONFLICT, answer.text()))

    def _open(self) -> AsyncARMPipelineClient[HttpRequest, AsyncHttpResponse]:
        if self._client is None:
            from workshop_tui.cloud.arm_pipeline import open_pipeline  # noqa: PLC0415 - heavy

            self._client = open_pipeline(self._target, self._tokens, self._guard)
        return self._client

    async def close(self) -> None:
        """Close the client's connections."""
        if self._client is not None:
            await self._client.close()


def _retry_after(response: AsyncHttpResponse) -> float:
    try:
        return max(0.0, float(response.headers.get("Retry-After", "0")))
    except ValueError:
        return 0.0
