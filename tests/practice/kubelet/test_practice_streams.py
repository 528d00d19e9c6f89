"""exec, attach and port-forward with unchanged clients, against a pod that runs as a real process."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import httpx
import pytest
import websocket
from streams_world import TOKEN, VERSIONS, StreamsWorld, kubectl_programs, streams_world

if TYPE_CHECKING:
    from collections.abc import Iterator

    from practice_world import SignedIn


@pytest.fixture(scope="module")
def world(learner: SignedIn, tmp_path_factory: pytest.TempPathFactory) -> Iterator[StreamsWorld]:
    if not kubectl_programs():
        pytest.skip("there is no kubectl on this machine")
    with streams_world(learner, tmp_path_factory.mktemp("streams")) as made:
        yield made


@pytest.fixture(params=VERSIONS)
def version(request: pytest.FixtureRequest) -> str:
    if request.param not in kubectl_programs():
        pytest.skip(f"there is no kubectl {request.param} on this machine")
    return str(request.param)


def test_exec_runs_in_the_pods_environment(world: StreamsWorld, version: str) -> None:
    script = "printenv AZURE_FEDERATED_TOKEN_FILE; echo oh >&2; cat notes.txt; pwd; exit 3"
    code, output, error = world.exec(version, "sh", "-c", script)
    assert (code, output.splitlines()) == (3, [TOKEN, "in the image", "/app"])
    assert error == "oh\ncommand terminated with exit code 3\n"


def test_port_forward(world: StreamsWorld, version: str) -> None:
    with world.forwarding(version, "svc/streams", ":80") as forwarding, httpx.Client(trust_env=False) as http:
        assert http.get(f"{forwarding.url()}/").text == "port 5001"
        assert len(http.get(f"{forwarding.url()}/3000000").content) == 3_000_000


def test_every_way_into_a_pod(world: StreamsWorld) -> None:
    for version in ("1.29", "1.33"):
        assert world.exec(version, "true")[0] == 0
        with world.forwarding(version, f"pod/{world.pod}", ":5001") as forwarding:
            assert httpx.get(f"{forwarding.url()}/", trust_env=False).text == "port 5001"
            with world.attached(version) as attached:
                told = attached.lines_after(lambda: httpx.get(f"{forwarding.url()}/", trust_env=False))
        assert "asked for /\n" in told


@pytest.mark.parametrize(
    ("path", "protocol", "words"),
    [
        ("exec?command=env", "v9.channel.k8s.io", "requested protocol(s) are not supported"),
        ("portforward", "v4.channel.k8s.io", 'query parameter "port" is required'),
        ("portforward?ports=x", "v4.channel.k8s.io", 'unable to parse "x" as a port'),
    ],
)
def test_refused_to_a_websocket(world: StreamsWorld, path: str, protocol: str, words: str) -> None:
    server, token, trust = world.access()
    url = f"{server.replace('https', 'wss')}/api/v1/namespaces/default/pods/{world.pod}/{path}"
    with pytest.raises(websocket.WebSocketBadStatusException) as refused:
        websocket.create_connection(
            url,
            header=[f"Authorization: Bearer {token}"],
            subprotocols=[protocol],
            sslopt={"ca_certs": trust},
        )
    assert refused.value.status_code == 400
    assert words in json.loads(refused.value.resp_body or b"")["message"]
