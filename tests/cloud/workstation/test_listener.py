"""Which process listens at a port."""

from __future__ import annotations

import subprocess
import sys

from workshop_tui.cloud.listener import find_listener

LISTENING = """
import socket
opened = socket.create_server(("127.0.0.1", 0))
print(opened.getsockname()[1], flush=True)
input()
"""


def test_who_listens_is_found() -> None:
    pipe = subprocess.PIPE
    with subprocess.Popen(
        [sys.executable, "-c", LISTENING], stdin=pipe, stdout=pipe, env={"MARK": "here"}
    ) as process:
        assert process.stdout is not None
        port = int(process.stdout.readline())
        found = find_listener(port)
        environment = found.environment() if found is not None else None
        process.kill()
    assert found is not None
    assert found.process_id == process.pid
    assert environment is None or environment["MARK"] == "here"
    assert find_listener(port) is None
