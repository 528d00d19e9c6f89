"""Probes and hooks, as kubectl shows what comes of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from aks_world import pod

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

SOON = {"periodSeconds": 5, "failureThreshold": 2, "timeoutSeconds": 5}
STATUS = "jsonpath={.status.containerStatuses[0]}"
TESTED = "get", "pod", "probed", "-o"
GRPC = """
import socket, threading
ANSWER = b"\\0\\0\\0\\0\\2\\x08" + bytes((STATUS,))
def frame(kind, flags, stream, payload):
    return len(payload).to_bytes(3, "big") + bytes((kind, flags)) + stream.to_bytes(4, "big") + payload
def answer(client):
    client.recv(65536)
    client.sendall(frame(4, 0, 0, b"") + frame(1, 4, 1, b"\\x88"))
    client.sendall(frame(0, 0, 1, ANSWER) + frame(1, 5, 1, b""))
    client.recv(65536)
    client.close()
server = socket.socket(); server.bind(("0.0.0.0", 5001)); server.listen(8)
while True: threading.Thread(target=answer, args=(server.accept()[0],)).start()
"""


@pytest.fixture(scope="module")
def image(aks: Aks) -> str:
    return aks.push("probed")


@pytest.fixture(autouse=True)
def _tidy(aks: Aks) -> Iterator[None]:
    yield
    aks.kubectl("delete", "pod", "-l", "app=probed", "--grace-period=0", "--force")


def test_startup_probe_that_never_succeeds(aks: Aks) -> None:
    """As the AKS store's own: 60 s, then three tries, five seconds apart; then it is restarted."""
    sleeper = aks.push(app="import time; time.sleep(600)", repository="sleeper")
    get = {"httpGet": {"path": "/health", "port": 5001}}
    probe = get | {"initialDelaySeconds": 60, "failureThreshold": 3, "periodSeconds": 5}
    aks.apply(pod("probed", sleeper, startupProbe=probe))
    ip = aks.until(bool, "get", "pod", "probed", "-o", "jsonpath={.status.podIP}")
    refused = f'Get "http://{ip}:5001/health": dial tcp {ip}:5001: connect: connection refused'
    aks.events("pod/probed", f"Startup probe failed: {refused}")
    aks.events("pod/probed", "Container app failed startup probe, will be restarted")
    aks.await_value("pod/probed", ".status.containerStatuses[0].restartCount", "1")
    assert "0/1 " in aks.kubectl("get", "pod", "probed")


def test_readiness_and_liveness_over_http(aks: Aks, image: str) -> None:
    live = {"httpGet": {"path": "/health", "port": 5001}, **SOON}
    startup = live | {"failureThreshold": 200}  # a busy machine is slow to start a process
    aks.apply(pod("probed", image, startupProbe=startup, readinessProbe=live, livenessProbe=live))
    aks.await_ready("pod/probed")
    aks.kubectl("exec", "probed", "--", "python", "-c", "open('sick', 'w').close()")
    for probe in ("Readiness", "Liveness"):
        aks.events("pod/probed", f"{probe} probe failed: HTTP probe failed with statuscode: 500")
    aks.await_value("pod/probed", ".status.containerStatuses[0].restartCount", "1")
    aks.events("pod/probed", "Container app failed liveness probe, will be restarted")


def test_tcp_probe(aks: Aks, image: str) -> None:
    aks.apply(pod("probed", image, readinessProbe={"tcpSocket": {"port": 5002}, **SOON}))
    ip = aks.until(bool, "get", "pod", "probed", "-o", "jsonpath={.status.podIP}")
    aks.events("pod/probed", f"Readiness probe failed: dial tcp {ip}:5002: connect: connection refused")
    aks.shows("0/1     Running", "get", "pod", "probed")


def test_exec_probe(aks: Aks, image: str) -> None:
    code = "import os, sys; sys.exit(0 if os.path.exists('well') else print('not well') or 1)"
    probe = {"exec": {"command": ["python", "-c", code]}, **SOON}
    aks.apply(pod("probed", image, readinessProbe=probe))
    aks.events("pod/probed", "Readiness probe failed: not well")
    aks.kubectl("exec", "probed", "--", "python", "-c", "open('well', 'w').close()")
    aks.await_ready("pod/probed")


@pytest.mark.parametrize(
    ("probe", "words"),
    [
        (
            {"exec": {"command": ["no-such-program"]}},
            'exec: "no-such-program": executable file not found in $PATH: unknown',
        ),
        ({"httpGet": {"port": "http"}}, 'strconv.Atoi: parsing "http": invalid syntax'),
    ],
)
def test_probe_that_can_not_be_made(aks: Aks, image: str, probe: dict[str, Any], words: str) -> None:
    aks.apply(pod("probed", image, readinessProbe=probe | SOON))
    told = aks.events("pod/probed", words)  # events of earlier pods of that name are listed, too
    (line, *_) = (each for each in told.splitlines() if words in each)
    assert "Readiness probe errored and resulted in unknown state: " in line


def test_exec_probe_that_takes_too_long(aks: Aks, image: str) -> None:
    command = ["python", "-c", "import time; time.sleep(60)"]
    probe = {"exec": {"command": command}, **SOON, "timeoutSeconds": 1}
    aks.apply(pod("probed", image, livenessProbe=probe))
    words = f'Liveness probe failed: command timed out: "{" ".join(command)}" timed out after 1s'
    aks.events("pod/probed", words)
    aks.await_value("pod/probed", ".status.containerStatuses[0].restartCount", "1")


@pytest.mark.parametrize(
    ("status", "words"), [(1, ""), (2, 'service unhealthy (responded with "NOT_SERVING")')]
)
def test_grpc_probe(aks: Aks, status: int, words: str) -> None:
    server = aks.push(app=GRPC.replace("STATUS", str(status)), repository=f"grpc{status}")
    aks.apply(pod("probed", server, readinessProbe={"grpc": {"port": 5001}, **SOON}))
    if words:
        aks.events("pod/probed", f"Readiness probe failed: {words}")
    else:
        aks.await_ready("pod/probed")


def test_hook_after_the_start(aks: Aks, image: str) -> None:
    write = {"exec": {"command": ["python", "-c", "open('hooked', 'w').write('yes')"]}}
    aks.apply(pod("probed", image, lifecycle={"postStart": write}))
    aks.await_ready("pod/probed")
    printed = aks.kubectl("exec", "probed", "--", "python", "-c", "print(open('hooked').read())")
    assert printed == "yes\n"


def test_hook_after_the_start_that_fails(aks: Aks, image: str) -> None:
    fail = {"exec": {"command": ["python", "-c", "raise SystemExit(2)"]}}
    aks.apply(pod("probed", image, lifecycle={"postStart": fail}))
    told = aks.events("pod/probed", "PostStartHook failed")
    assert "FailedPostStartHook" in told
    aks.await_waiting("probed", "CrashLoopBackOff")


def test_hook_before_the_end_and_the_grace(aks: Aks) -> None:
    """An app that does not heed SIGTERM: told by the hook first, then killed after its grace."""
    stubborn = (
        "import os, signal, time\n"
        "signal.signal(signal.SIGTERM, lambda *_: print('not yet', flush=True))\n"
        "print('up', flush=True)\n"
        "while True:\n"
        "    if os.path.exists('asked'): print('asked first', flush=True); os.remove('asked')\n"
        "    time.sleep(0.05)\n"
    )
    ask = {"exec": {"command": ["python", "-c", "open('asked', 'w').close(); import time; time.sleep(0.5)"]}}
    grace = {"terminationGracePeriodSeconds": 4}
    image = aks.push(app=stubborn, repository="stubborn")
    aks.apply(pod("probed", image, lifecycle={"preStop": ask}, spec=grace))
    aks.await_ready("pod/probed")
    aks.shows("up", "logs", "probed")
    aks.kubectl("delete", "pod", "probed", "--wait=false")
    assert "1/1     Terminating" in aks.kubectl("get", "pod", "probed")
    aks.shows("asked first\nnot yet", "logs", "probed")
    aks.kubectl("wait", "--for=delete", "pod/probed", "--timeout=30s")
