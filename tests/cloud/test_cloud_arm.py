"""ARM's ways that a practice cloud has no occasion for: pages, throttling, failures, a server not trusted."""

from __future__ import annotations

import asyncio
import ssl
import time
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import pytest
import trustme
from aiohttp import web

from workshop_tui.causes import CATALOGUE
from workshop_tui.cloud import azure_changes
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.cloud.azure_changes import AzureWriter
from workshop_tui.cloud.errors import RefusedError
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.cloud.tokens import ManagementTokens, Tokens
from workshop_tui.facts.azure import account_log
from workshop_tui.model import Absent, Names
from workshop_tui.read_failure import ReadFailure
from workshop_tui.target import Target

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Awaitable, Callable
    from pathlib import Path

    Answer = Callable[[web.Request], Awaitable[web.Response]]


class _Credential:
    """Gives a token without asking anybody."""

    async def get_token(self, *scopes: str, **_: Any) -> Any:
        from azure.core.credentials import AccessToken  # noqa: PLC0415 - heavy

        return AccessToken(f"token for {scopes[0]}", int(time.time()) + 3600)

    async def close(self) -> None:
        pass


@dataclass
class Server:
    """A stand-in for ARM: answers what a test says, and remembers what it was asked."""

    folder: Path
    answers: list[Answer] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    url: str = ""

    async def answer(self, request: web.Request) -> web.Response:
        self.asked.append(f"{request.method} {request.path_qs}")
        assert request.headers["Authorization"].startswith("Bearer ")
        return await (self.answers.pop(0) if len(self.answers) > 1 else self.answers[0])(request)

    @asynccontextmanager
    async def running(self, *, trusted: bool = True) -> AsyncIterator[Arm]:
        authority, stranger = trustme.CA(), trustme.CA()
        tls = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
        (authority if trusted else stranger).issue_cert("127.0.0.1").configure_cert(tls)
        ca_file = self.folder / "ca.pem"
        authority.cert_pem.write_to_path(str(ca_file))
        application = web.Application()
        application.router.add_route("*", "/{path:.*}", self.answer)
        runner = web.AppRunner(application, shutdown_timeout=0.1)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0, ssl_context=tls)
        await site.start()
        assert site._server is not None
        self.url = f"https://127.0.0.1:{site._server.sockets[0].getsockname()[1]}"  # type: ignore[attr-defined]
        target = Target(
            kind="azure",
            arm=self.url,
            arm_scope=f"{self.url}/.default",
            authority="https://unused.invalid",
            tenant_id="t",
            names=replace(Names("S"), resource_group="G"),
            kubeconfig=self.folder / "config",
            ca_file=ca_file,
        )
        arm = Arm(target, Tokens(_Credential), RequestGuard(read_only=False))  # type: ignore[arg-type]
        try:
            yield arm
        finally:
            await arm.close()
            await runner.cleanup()


def says(status: int, body: object, **headers: str) -> Answer:
    async def answer(_: web.Request) -> web.Response:
        named = {key.replace("_", "-"): value for key, value in headers.items()}
        return web.json_response(body, status=status, headers=named)

    return answer


@pytest.fixture
def server(tmp_path: Path) -> Server:
    return Server(tmp_path)


async def test_a_list_is_read_page_by_page(server: Server) -> None:
    async def first(_: web.Request) -> web.Response:
        return web.json_response({"value": [{"name": "a"}], "nextLink": f"{server.url}/next?$skiptoken=1"})

    server.answers = [first, says(200, {"value": [{"name": "b"}]})]
    async with server.running() as arm:
        assert [item["name"] for item in await arm.list("/things", "2020-01-01")] == ["a", "b"]
    assert server.asked == ["GET /things?api-version=2020-01-01", "GET /next?$skiptoken=1"]


async def test_one_connection_is_used_for_what_is_asked_one_after_the_other(server: Server) -> None:
    connections = set()

    async def note(request: web.Request) -> web.Response:
        connections.add(request.transport)
        return web.json_response({"name": "a"})

    server.answers = [note]
    async with server.running() as arm:
        for _ in range(5):
            await arm.get("/thing", "2020-01-01")
    assert len(connections) == 1


async def test_throttling_is_waited_for_as_long_as_azure_says(server: Server) -> None:
    refused = {"error": {"code": "SubscriptionRequestsThrottled", "message": "slow down"}}
    server.answers = [says(429, refused, Retry_After="1"), says(200, {"name": "a"})]
    begun = time.monotonic()
    async with server.running() as arm:
        assert await arm.get("/thing", "2020-01-01") == {"name": "a"}
    assert 0.9 < time.monotonic() - begun < 5


@pytest.mark.parametrize(
    ("status", "body", "cause", "said"),
    [
        (
            403,
            {"error": {"code": "AuthorizationFailed", "message": "no"}},
            "no-permission",
            "AuthorizationFailed",
        ),
        (401, {"error": {"code": "ExpiredAuthenticationToken", "message": "old"}}, "not-signed-in", "old"),
        (400, {"code": "BadRequest", "message": "flat, as AKS"}, "unexpected", "flat, as AKS"),
        (400, "<html>\x1b[31m", "unexpected", "HTTP 400"),
    ],
)
async def test_refusals_are_told_by_their_cause(
    server: Server, status: int, body: object, cause: str, said: str
) -> None:
    server.answers = [says(status, body)]
    async with server.running() as arm:
        with pytest.raises(ReadFailure) as caught:
            await Azure(arm, "G").group()
    assert caught.value.unreadable.cause == f"reading.{cause}"
    assert said in caught.value.unreadable.reason
    assert "\x1b" not in caught.value.unreadable.reason


async def test_a_server_that_is_not_trusted_is_not_believed(server: Server) -> None:
    server.answers = [says(200, {"id": "x", "name": "G", "location": "eastus"})]
    async with server.running(trusted=False) as arm:
        with pytest.raises(ReadFailure, match="certificate is not trusted"):
            await Azure(arm, "G").group()
    assert server.asked == []


async def test_an_operation_is_followed_as_its_status_changes(server: Server) -> None:
    async def accepted(_: web.Request) -> web.Response:
        headers = {"Azure-AsyncOperation": f"{server.url}/operation", "Retry-After": "0.05"}
        return web.json_response({}, status=202, headers=headers)

    server.answers = [
        accepted,
        *(
            says(200, {"status": status}, Retry_After="0.05")
            for status in ("InProgress", "InProgress", "ReconcilingDNS", "Succeeded")
        ),
    ]
    async with server.running() as arm:
        response = await arm.send("PUT", "/thing", "2020-01-01", body={})
        statuses = [status async for status in arm.follow(response)]
    assert statuses == ["InProgress", "ReconcilingDNS", "Succeeded"]


async def test_an_operation_that_fails_says_why(server: Server) -> None:
    async def accepted(_: web.Request) -> web.Response:
        headers = {"Azure-AsyncOperation": f"{server.url}/operation", "Retry-After": "0.05"}
        return web.json_response({}, status=202, headers=headers)

    failure = {"status": "Failed", "error": {"code": "QuotaExceeded", "message": "no cores left"}}
    server.answers = [accepted, says(200, failure)]
    async with server.running() as arm:
        response = await arm.send("PUT", "/thing", "2020-01-01", body={})
        with pytest.raises(RefusedError, match="QuotaExceeded: no cores left"):
            async for _ in arm.follow(response):
                pass


async def test_a_read_can_be_cancelled(server: Server) -> None:
    reached = asyncio.Event()

    async def never(_: web.Request) -> web.Response:
        reached.set()
        await asyncio.Event().wait()
        raise AssertionError

    server.answers = [never]
    async with server.running() as arm:
        asking = asyncio.create_task(arm.get("/thing", "2020-01-01"))
        await reached.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking


async def test_an_account_that_names_no_operation_is_looked_at(
    server: Server, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(azure_changes, "ACCOUNT_PAUSE", 0.01)
    changing = {"properties": {"provisioningState": "Accepted", "disableLocalAuth": True}}
    done = {"properties": {"provisioningState": "Succeeded", "disableLocalAuth": True}}
    server.answers = [says(202, {}), says(200, changing), says(200, done)]
    async with server.running() as arm:
        await AzureWriter(arm, Azure(arm, "G")).set_key_sign_in("/account", allowed=False)
    assert [line.partition(" ")[0] for line in server.asked] == ["PATCH", "GET", "GET"]


async def test_a_target_without_a_log_has_none(server: Server) -> None:
    server.answers = [says(500, {})]
    async with server.running() as arm:
        target = arm._target
        reader = AccountLogReader(
            target, ManagementTokens(arm._tokens, "scope"), RequestGuard(read_only=True)
        )
        found = await account_log(reader)
    assert isinstance(found, Absent)
    assert found.cause in CATALOGUE
    assert server.asked == []
