"""exec and port-forward with the Kubernetes clients of Python, unchanged."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx
import kr8s
import pytest
from clients import package, say
from kr8s.asyncio.objects import Pod
from kubernetes import aio as asynchronous
from kubernetes import client as typed_client
from kubernetes import config as typed_config
from kubernetes import stream as typed_stream
from kubernetes.aio import stream as asynchronous_stream
from streams_world import NOBODY, TOKEN

if TYPE_CHECKING:
    from collections.abc import Iterator

    from streams_world import StreamsWorld

client: Any = typed_client
config: Any = typed_config
stream: Any = typed_stream
aio: Any = asynchronous
aio_stream: Any = asynchronous_stream
SCRIPT = ["sh", "-c", "printenv AZURE_FEDERATED_TOKEN_FILE; echo oh >&2; exit 3"]
STREAMS = {"stdin": False, "stdout": True, "stderr": True, "tty": False}


@pytest.fixture
def core(world: StreamsWorld) -> Iterator[Any]:
    made = config.new_client_from_config(str(world.kubeconfig))
    yield client.CoreV1Api(made)
    made.close()


def test_the_python_client_runs_a_command(core: Any, world: StreamsWorld) -> None:
    say(package("kubernetes"), "exec")
    run = stream.stream(
        core.connect_get_namespaced_pod_exec,
        world.pod,
        "default",
        command=SCRIPT,
        _preload_content=False,
        **STREAMS,
    )
    run.run_forever(timeout=20)
    assert (run.read_stdout(), run.read_stderr(), run.returncode) == (f"{TOKEN}\n", "oh\n", 3)


def test_the_python_client_talks_to_a_command(core: Any, world: StreamsWorld) -> None:
    say(package("kubernetes"), "exec (input)")
    run = stream.stream(
        core.connect_get_namespaced_pod_exec,
        world.pod,
        "default",
        command=["python", "-c", "print(input().upper(), flush=True); input()"],
        _preload_content=False,
        **STREAMS | {"stdin": True},
    )
    run.write_stdin("hello\n")
    assert run.readline_stdout(timeout=20) == "HELLO"
    run.write_stdin("that was all\n")
    run.run_forever(timeout=20)
    assert run.returncode == 0


def test_the_python_client_forwards_ports(core: Any, world: StreamsWorld) -> None:
    say(package("kubernetes"), "port-forward")
    forward = stream.portforward(
        core.connect_get_namespaced_pod_portforward, world.pod, "default", ports=f"5001,{NOBODY}"
    )
    body = b"x" * 3_000_000
    opened = forward.socket(5001)
    opened.settimeout(20)
    head = f"POST / HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: {len(body)}\r\n\r\n"
    opened.sendall(head.encode() + body)
    answer = b"".join(iter(lambda: opened.recv(65536), b""))
    opened.close()
    assert answer.endswith(body)
    assert forward.error(5001) is None
    assert "connect: connection refused" in forward.error(NOBODY)


async def test_the_asynchronous_client_runs_a_command(world: StreamsWorld) -> None:
    say(package("kubernetes").replace(" ", ".aio "), "exec")
    settings = aio.client.Configuration()
    await aio.config.load_kube_config(str(world.kubeconfig), client_configuration=settings)
    async with aio_stream.WsApiClient(settings) as made:
        core = aio.client.CoreV1Api(made)
        output = await core.connect_get_namespaced_pod_exec(world.pod, "default", command=SCRIPT, **STREAMS)
    assert output == f"{TOKEN}\noh\n"


async def test_kr8s_runs_a_command_and_forwards_a_port(world: StreamsWorld) -> None:
    say(package("kr8s"), "exec", "port-forward")
    api = await kr8s.asyncio.api(kubeconfig=str(world.kubeconfig))
    pod = await Pod.get(world.pod, namespace="default", api=api)
    done = await pod.exec(SCRIPT, check=False)
    assert (done.stdout, done.stderr, done.returncode) == (f"{TOKEN}\n".encode(), b"oh\n", 3)
    async with pod.portforward(5001) as port, httpx.AsyncClient(trust_env=False, timeout=20) as http:
        answer = await http.get(f"http://127.0.0.1:{port}/3000000")
    assert answer.content == b"x" * 3_000_000
