"""The shop at the addresses that kubectl prints, in a real browser where there is one."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import warnings
from typing import TYPE_CHECKING

import httpx
import pytest

from workshop_tui.practice.cluster import balancing
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    from aks_world import Aks

BROWSER = shutil.which("chromium") or shutil.which("google-chrome")
INGRESS = "jsonpath={.status.loadBalancer.ingress[0].ip}"


def may_bind_low_ports() -> bool:
    with socket.socket() as tried, contextlib.suppress(OSError):
        tried.bind(("127.0.0.254", 80))
        return True
    return False


needs_port_80 = pytest.mark.skipif(not may_bind_low_ports(), reason="port 80 may not be bound here")


def address_of(aks: Aks, name: str) -> str:
    aks.kubectl("rollout", "status", f"deployment/{name}", "--timeout=40s")
    aks.await_value(f"service/{name}", ".status.loadBalancer.ingress[0].ipMode", "VIP")
    return f"http://{aks.kubectl('get', f'svc/{name}', '-o', INGRESS)}"


def fetched(address: str) -> str:
    return httpx.get(address, headers={"Accept": "text/html"}, trust_env=False).raise_for_status().text


def in_browser(address: str, folder: Path) -> str:
    """Return the page as Chromium has it after its scripts ran; without Chromium, as it was sent."""
    if BROWSER is None:
        warnings.warn("no Chromium here: the page is NOT opened in a browser, only fetched", stacklevel=2)
        return fetched(address)
    flags = ["--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={folder}"]
    opened = subprocess.run(  # --virtual-time-budget lets the page's own requests end
        [BROWSER, *flags, "--virtual-time-budget=5000", "--dump-dom", address],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    )
    return opened.stdout


@needs_port_80
def test_store_admin_opens_in_a_browser_at_the_printed_address(aks: Aks, tmp_path: Path) -> None:
    address = address_of(aks, "store-admin")
    assert "Harbour Bell Collar" in fetched(f"{address}/products")
    form = in_browser(f"{address}/product/add", tmp_path)
    assert "Ask AI" in form
    if BROWSER is not None:  # the page's script has asked for the AI service's health
        assert "AI service:" in form
        assert "asking…" not in form
    described = aks.kubectl("describe", "svc", "store-admin")
    assert "EnsuredLoadBalancer" in described
    assert f"{address.removeprefix('http://')} (VIP)" in described


@needs_port_80
def test_store_front_has_an_address_of_its_own(aks: Aks) -> None:
    address = address_of(aks, "store-front")
    assert address != address_of(aks, "store-admin")
    page = fetched(address)
    assert "Driftwood Scratching Post" in page
    assert "simulated" in page
    row = aks.kubectl("get", "svc", "store-front").splitlines()[1].split()
    assert row[1] == "LoadBalancer"
    assert f"http://{row[3]}" == address


def test_a_service_that_is_no_balancer_any_more_has_no_address(aks: Aks) -> None:
    aks.kubectl("create", "service", "loadbalancer", "mine", "--tcp=8080:80")
    ip = address_of_new(aks, "mine")
    with socket.create_connection((ip, 8080), timeout=5) as opened:
        assert opened.recv(1) == b""  # nobody is ready behind it
    aks.kubectl("patch", "svc", "mine", "-p", '{"spec": {"type": "ClusterIP"}}')
    aks.until(lambda printed: not printed, "get", "svc/mine", "-o", INGRESS)
    with pytest.raises(OSError, match=r"."):
        socket.create_connection((ip, 8080), timeout=5)
    aks.kubectl("delete", "svc", "mine")


def address_of_new(aks: Aks, name: str) -> str:
    aks.await_value(f"service/{name}", ".status.loadBalancer.ingress[0].ipMode", "VIP")
    return aks.kubectl("get", f"svc/{name}", "-o", INGRESS)


class NoPods:
    """A network without pods."""

    def resolve(self, _namespace: str, _service: str, _port: int | str) -> tuple[str, int] | None:
        """Return None."""
        return None


async def test_where_port_80_is_not_to_be_had_a_high_port_is_kept(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bind = socket.socket.bind

    def refuse_low(self: socket.socket, address: tuple[str, int]) -> None:
        if address[1] < 1024:
            raise PermissionError(13, "Permission denied")
        bind(self, address)

    monkeypatch.setattr(socket.socket, "bind", refuse_low)
    store = Store(tmp_path / "store.sqlite")
    frontends = []
    for _ in range(2):
        balancer = balancing.Balancer(store, NoPods())
        frontend = balancer.open(("default", "store-front"), [80])
        assert frontend is not None
        frontends.append((frontend.ip, frontend.ports))
        balancer.close(("default", "store-front"))
    store.close()
    assert frontends[0] == frontends[1]
    ip, ((port, real),) = frontends[0]
    assert (ip, port) == ("127.0.0.1", 80)
    assert real > 1024
