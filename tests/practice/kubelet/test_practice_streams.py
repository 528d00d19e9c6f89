"""exec, attach and port-forward with unchanged clients, against a pod that runs as a real process."""

from __future__ import annotations

import json
import os
import re

import pytest
import websocket
from streams_world import TOKEN, VERSIONS, StreamsWorld


def test_exec_runs_in_the_pods_environment(world: StreamsWorld, version: str) -> None:
    script = "printenv AZURE_FEDERATED_TOKEN_FILE; echo oh >&2; cat notes.txt; pwd; exit 3"
    code, output, error = world.exec(version, "sh", "-c", script)
    assert (code, output.splitlines()) == (3, [TOKEN, "in the image", "/app"])
    assert error == "oh\ncommand terminated with exit code 3\n"


def test_input_is_read_to_its_end(world: StreamsWorld, version: str) -> None:
    sent = b"".join(b"line %d\n" % number for number in range(200_000))
    code, output, error = world.kubectl(
        version, "exec", "-i", world.pod, "--", "sh", "-c", "cat; echo that was all >&2", stdin=sent
    )
    assert (code, error) == (0, "that was all\n")
    assert output.encode() == sent


def test_a_shell_on_a_terminal(world: StreamsWorld, version: str) -> None:
    shell = world.on_terminal(version, "sh")
    shell.type("PS1='ready> '\n")
    shell.until("ready> ")
    shell.until("ready> ")
    shell.type(
        "tty >/dev/null && echo on a $((1 + 1)) terminal; cat $AZURE_FEDERATED_TOKEN_FILE | cut -c 1-2\n"
    )
    assert "on a 2 terminal\r\ney\r\n" in shell.until("ready> ") + shell.until("ready> ")
    shell.resize(123, 45)
    shell.type("until stty size | grep '45 123'; do sleep 0.1; done\n")
    shell.until("\n45 123")
    shell.type("sh -c 'echo sleeping | tr a-z A-Z; exec sleep 600'\n")
    shell.until("SLEEPING")
    shell.type("\x03")  # Ctrl-C
    shell.until("ready> ")
    shell.type("exit 7\n")
    assert shell.end() == 7


def test_refusals_of_exec(world: StreamsWorld, version: str) -> None:
    missing = (
        "exec failed: unable to start container process: "
        'exec: "no-such-thing": executable file not found in $PATH: unknown'
    )
    code, _, error = world.exec(version, "no-such-thing")
    assert code == 1
    assert re.match(
        "error: (Internal error occurred: )+error executing command in container: "
        "failed to exec in container: "
        r'failed to start exec "[0-9a-f]{64}": OCI runtime exec failed: ' + re.escape(missing),
        error,
    )
    assert error.count("Internal error occurred") == (1 if version == "1.29" else 2)
    code, _, error = world.exec(version, "/bin/no-such-thing")
    assert 'exec: "/bin/no-such-thing": stat /bin/no-such-thing: no such file or directory: unknown' in error
    code, _, error = world.kubectl(version, "exec", world.pod, "-c", "nope", "--", "env")
    assert error == f"Error from server (BadRequest): container nope is not valid for pod {world.pod}\n"
    code, _, error = world.kubectl(version, "exec", "nope", "--", "env")
    assert error == 'Error from server (NotFound): pods "nope" not found\n'


def test_every_way_into_a_pod(world: StreamsWorld) -> None:
    # The oldest and the newest speak SPDY and WebSockets; the ones between are for the table of clients.
    for version in VERSIONS if os.environ.get("WORKSHOP_TUI_KUBECTL_MATRIX") else ("1.29", "1.33"):
        assert world.exec(version, "true")[0] == 0
        with world.forwarding(version, f"pod/{world.pod}", ":5001") as forwarding:
            assert forwarding.ask() == b"port 5001"
            with world.attached(version) as attached:
                told = attached.lines_after(forwarding.ask)
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
