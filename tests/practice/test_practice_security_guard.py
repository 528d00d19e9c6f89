"""What a web page, a rude client or a strange path can do to the listeners: nothing."""

from __future__ import annotations

import asyncio
import base64
import time
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from security_world import address_of, connect, own_host, send_raw

from workshop_tui.practice import guard

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn

    from workshop_tui.practice import client

SERVICES = ("arm", "entra", "graph", "openai", "kubernetes", "issuer", "registry", "shop")
BROWSER_PATHS = {"registry": "/v2/", "kubernetes": "/healthz", "arm": "/practice/health", "shop": "/health"}


@pytest.fixture(scope="session")
def kubernetes_token(learner: SignedIn) -> str:
    answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential")
    kubeconfig = yaml.safe_load(base64.b64decode(answer.json()["kubeconfigs"][0]["value"]))
    return str(kubeconfig["users"][0]["user"]["token"])


@pytest.mark.parametrize("service", SERVICES)
class TestPages:
    """A page in a browser on this machine."""

    def get(self, cloud: client.Endpoints, service: str, *headers: str) -> tuple[int, str]:
        lines = [f"GET {BROWSER_PATHS.get(service, '/')} HTTP/1.1", "Connection: close", *headers, "", ""]
        return send_raw(cloud, service, "\r\n".join(lines))

    def test_a_name_of_the_page_s_own_is_refused(self, cloud: client.Endpoints, service: str) -> None:
        port = own_host(cloud, service).rpartition(":")[2]
        foreign = (
            "evil.example",
            f"evil.example:{port}",
            f"localhost.evil.example:{port}",
            "127.0.0.1.nip.io",
        )
        odd = (f"localhost:{port}@evil.example", "[::1].evil.example", "192.0.2.1", "")
        for host in (*foreign, *odd):
            status, text = self.get(cloud, service, f"Host: {host}")
            assert (status, "answers to localhost and 127.0.0.1 only" in text) == (421, True), host
        both = (f"Host: localhost:{port}", "Host: evil.example")
        assert self.get(cloud, service, *both)[0] in {400, 421}
        assert self.get(cloud, service)[0] in {400, 421}, "no Host at all"

    def test_names_of_this_machine_are_good(self, cloud: client.Endpoints, service: str) -> None:
        port = own_host(cloud, service).rpartition(":")[2]
        for host in (
            f"localhost:{port}",
            f"127.0.0.1:{port}",
            f"LOCALHOST:{port}",
            "localhost",
            f"[::1]:{port}",
        ):
            assert self.get(cloud, service, f"Host: {host}")[0] not in {400, 403, 421}, host

    def test_another_origin_is_refused(self, cloud: client.Endpoints, service: str) -> None:
        host = own_host(cloud, service)
        for origin in ("https://evil.example", "null", "http://localhost:1", f"https://{host}.evil.example"):
            status, text = self.get(cloud, service, f"Host: {host}", f"Origin: {origin}")
            assert (status, "serves no page but its own" in text) == (403, True), origin
        status, _ = self.get(cloud, service, f"Host: {host}", f"Origin: http://{host}")
        assert status not in {403, 421}

    def test_no_page_may_read_an_answer(self, cloud: client.Endpoints, service: str) -> None:
        host = own_host(cloud, service)
        asks = [f"Host: {host}", "Access-Control-Request-Method: PUT", "Connection: close", "", ""]
        for origin in ([], ["Origin: https://evil.example"], [f"Origin: http://{host}"]):
            lines = ["OPTIONS / HTTP/1.1", *origin, *asks]
            _, text = send_raw(cloud, service, "\r\n".join(lines))
            assert "access-control" not in text.lower()


def test_the_shop_s_own_form_still_works(
    cloud: client.Endpoints, http: httpx.Client, fresh_name: str
) -> None:
    form = {"name": fresh_name, "price": "1"}
    answer = http.post(f"{cloud['shop']}/product", data=form, headers={"Origin": cloud["shop"]})
    assert answer.status_code == 303
    answer = http.post(f"{cloud['shop']}/product", data=form, headers={"Origin": "https://evil.example"})
    assert answer.status_code == 403
    names = [each["name"] for each in http.get(f"{cloud['shop']}/products").json()]
    assert names.count(fresh_name) == 1


# sizes and time


@pytest.mark.parametrize("service", [each for each in SERVICES if each != "registry"])
def test_a_large_body_is_refused_before_it_is_sent(cloud: client.Endpoints, service: str) -> None:
    lines = (
        f"POST /v1.0/anything HTTP/1.1\r\nHost: {own_host(cloud, service)}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {guard.LARGEST_BODY + 1}\r\n\r\n"
    )
    status, text = send_raw(cloud, service, lines)
    assert (status, "larger than" in text) == (413, True)
    assert "connection: close" in text.lower()


def test_a_large_body_in_pieces_is_refused(
    cloud: client.Endpoints, http: httpx.Client, learner: SignedIn, kubernetes_token: str
) -> None:
    """Each service stops reading at its own limit, whatever length was told."""

    def pieces() -> Any:
        for _ in range(300):
            yield b'"' + b"x" * 65536

    graph = {"Authorization": f"Bearer {learner.token(cloud['graph'])}"}
    arm = {"Authorization": f"Bearer {learner.token()}"}
    kubernetes = {"Authorization": f"Bearer {kubernetes_token}", "Content-Type": "application/json"}
    group = f"{learner.group}?api-version=2024-11-01"
    asked = {
        "arm": http.put(f"{cloud.arm}{group}", content=pieces(), headers=arm),
        "graph": http.post(
            f"{cloud['graph']}/v1.0/directoryObjects/getByIds", content=pieces(), headers=graph
        ),
        "kubernetes": http.post(
            f"{cloud['kubernetes']}/api/v1/namespaces/default/configmaps",
            content=pieces(),
            headers=kubernetes,
        ),
        "entra": http.post(f"{cloud['entra']}/{cloud['tenant_id']}/oauth2/v2.0/token", content=pieces()),
    }
    statuses = {name: answer.status_code for name, answer in asked.items()}
    assert statuses == {"arm": 413, "graph": 413, "kubernetes": 413, "entra": 400}


@pytest.mark.parametrize("service", SERVICES)
def test_many_or_large_headers_are_refused(cloud: client.Endpoints, service: str) -> None:
    start = f"GET / HTTP/1.1\r\nHost: {own_host(cloud, service)}\r\nConnection: close\r\n"
    many = "".join(f"X-{number}: y\r\n" for number in range(100_000))
    for headers in (many, f"X-Long: {'y' * 200_000}\r\n"):
        status, _ = send_raw(cloud, service, f"{start}{headers}\r\n")
        assert status in {400, 431}


@pytest.mark.parametrize("service", SERVICES)
def test_what_is_no_http_is_refused(cloud: client.Endpoints, service: str) -> None:
    for nonsense in (b"\x00\x01\x02\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n", b"\x16\x03\x01 hello\r\n\r\n"):
        assert send_raw(cloud, service, nonsense)[0] == 400


async def test_a_body_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guard, "BODY_SECONDS", 0.05)
    heard = []

    async def app(_scope: Any, receive: Any, _send: Any) -> None:
        while (message := await receive())["type"] == "http.request":
            heard.append(message["body"])
        heard.append(message["type"])

    first = [{"type": "http.request", "body": b"half", "more_body": True}]

    async def receive() -> Any:
        return first.pop() if first else await asyncio.Event().wait()

    async def send(_message: Any) -> None:
        raise AssertionError

    scope = {"type": "http", "headers": [(b"host", b"localhost"), (b"content-length", b"8")]}
    await asyncio.wait_for(guard.Guarded(app)(scope, receive, send), 10)
    assert heard == [b"half", "http.disconnect"]


def test_slow_clients_do_not_keep_others_waiting(cloud: client.Endpoints, http: httpx.Client) -> None:
    half = f"GET /practice/health HTTP/1.1\r\nHost: {own_host(cloud, 'arm')}\r\nX-Slow: ".encode()
    slow = [connect(cloud, "arm") for _ in range(50)]
    try:
        for each in slow:
            each.sendall(half)
        begun = time.monotonic()
        assert http.get(f"{cloud.arm}/practice/health").status_code == 200
        assert time.monotonic() - begun < 5, "milliseconds as a rule"
    finally:
        for each in slow:
            each.close()


# paths


@pytest.mark.parametrize(
    "path",
    [
        "/v2/../../../../etc/blobs/sha256:passwd",
        "/v2/%2e%2e/%2e%2e/%2e%2e/etc/manifests/passwd",
        "/v2/a/blobs/..%2f..%2f..%2fstore.sqlite",
        "/v2/a/blobs/sha256:..%2f..%2f..%2fkeys%2fentra.pem",
        "/v2/a/blobs/sha256:" + "%2e%2e%2f" * 21 + "x",
        "/v2/a/blobs/uploads/..%2f..%2f..%2fstore.sqlite",
        "/v2/a/blobs/uploads/%2e%2e",
        "/v2/..%2f..%2fkeys/tags/list",
        "/v2/a%00b/tags/list",
        "/v2/a/manifests/..%2f..%2fca.key",
    ],
)  # fmt: skip
def test_paths_do_not_leave_the_registry(cloud: client.Endpoints, path: str) -> None:
    for method in ("GET", "DELETE", "PUT", "PATCH"):
        headers = f"Host: {cloud['registry']}\r\nConnection: close\r\nContent-Length: 0"
        status, text = send_raw(cloud, "registry", f"{method} {path} HTTP/1.1\r\n{headers}\r\n\r\n")
        assert status in {400, 404, 405}, (method, text)
        assert "PRIVATE KEY" not in text
    folder = cloud.ca_file.parent
    assert all((folder / each).exists() for each in ("store.sqlite", "ca.key", "keys/entra.pem"))


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/namespaces/default/pods/..%2f..%2f/log",
        "/api/v1/namespaces/default/pods/x/log?container=../../../ca.key",
        "/api/v1/namespaces/..%2f../pods/x/log",
        "/openapi/v3/..%2f..%2f..%2fetc%2fpasswd",
        "/api/v1/namespaces/default/services/..%2f..:80/proxy/",
    ],
)
def test_paths_do_not_leave_the_cluster(
    cloud: client.Endpoints, http: httpx.Client, kubernetes_token: str, path: str
) -> None:
    headers = {"Authorization": f"Bearer {kubernetes_token}"}
    answer = http.get(f"{address_of(cloud, 'kubernetes')}{path}", headers=headers)
    assert answer.status_code in {400, 404, 503}
    assert answer.json()["kind"] == "Status"
