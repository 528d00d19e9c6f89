"""port-forward with every kubectl, to a pod that runs as a real process."""

from __future__ import annotations

import re
from concurrent.futures import ThreadPoolExecutor
from http.client import HTTPException
from typing import TYPE_CHECKING

import pytest
from streams_world import NOBODY

if TYPE_CHECKING:
    from streams_world import StreamsWorld

BIG = bytes(range(256)) * 12_000  # 3 MB


def test_a_service_and_big_bodies_both_ways(world: StreamsWorld, version: str) -> None:
    with world.forwarding(version, "svc/streams", ":80") as forwarding:
        assert forwarding.ask() == b"port 5001"
        assert forwarding.ask(path="/3000000") == b"x" * 3_000_000
        assert forwarding.ask(body=BIG) == BIG


def test_several_ports_and_many_connections_at_once(world: StreamsWorld, version: str) -> None:
    with world.forwarding(version, "deploy/streams", ":5001", ":5003") as forwarding:
        ports = [5001, 5003] * 20
        with ThreadPoolExecutor(16) as pool:
            answers = list(pool.map(forwarding.ask, ports))
    assert answers == [b"port %d" % port for port in ports]


def test_nobody_listens(world: StreamsWorld, version: str) -> None:
    with world.forwarding(version, world.pod, f":{NOBODY}") as forwarding:
        with pytest.raises((OSError, HTTPException)):
            forwarding.ask(NOBODY)
        told = forwarding.words_until("refused")
    local = forwarding.local[NOBODY]
    assert re.search(
        rf"an error occurred forwarding {local} -> {NOBODY}: "
        rf"error forwarding port {NOBODY} to pod [0-9a-f]{{64}}, uid : "
        rf'failed to execute portforward in network namespace \\?"/var/run/netns/cni-[0-9a-f-]{{36}}\\?": '
        rf'failed to connect to localhost:{NOBODY} inside namespace \\?"[0-9a-f]{{64}}\\?", '
        rf"IPv4: dial tcp4 127.0.0.1:{NOBODY}: connect: connection refused "
        rf"IPv6 dial tcp6 \[::1\]:{NOBODY}: connect: connection refused",
        told,
    ), told


@pytest.mark.parametrize("version", ["1.29", "1.32"])
def test_a_pod_that_is_deleted(world: StreamsWorld, version: str) -> None:
    name = f"gone-{version.replace('.', '-')}"
    world.run_pod(name)
    assert world.kubectl(version, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")[0] == 0
    with world.forwarding(version, name, ":5001") as forwarding:
        assert forwarding.ask() == b"port 5001"
        assert world.kubectl(version, "delete", "pod", name)[0] == 0
        with pytest.raises((OSError, HTTPException)):
            forwarding.ask()
        told = forwarding.last_words()
    assert "failed to find sandbox" in told
    assert told.endswith("lost connection to pod\n")
