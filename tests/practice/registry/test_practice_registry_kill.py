"""A practice cloud that is killed in the middle of an upload, and the client that goes on with it."""

from __future__ import annotations

import hashlib
import os
import signal
import socket
import time
from typing import TYPE_CHECKING

import httpx
import pytest

from workshop_tui.practice import client

if TYPE_CHECKING:
    from pathlib import Path


def test_an_upload_goes_on_after_kill_9(tmp_path: Path) -> None:
    data = os.urandom(3_000_000)
    digest = f"sha256:{hashlib.sha256(data).hexdigest()}"
    try:
        cloud = client.start(tmp_path)
        with httpx.Client(base_url=f"http://{cloud['registry']}") as http:
            place = http.post("/v2/app/blobs/uploads/").headers["location"]
            begin_to_send(cloud["registry"], place, data)
            until_it_grew(http, place)
        os.kill(cloud["pid"], signal.SIGKILL)
        again = client.start(tmp_path)
        assert (again["registry"], again["pid"] != cloud["pid"]) == (cloud["registry"], True)
        with httpx.Client(base_url=f"http://{again['registry']}") as http:
            come = until_it_grew(http, place)
            assert http.get(f"/v2/app/blobs/{digest}").status_code == 404, "half a blob is no blob"
            span = {"Content-Range": f"{come}-{len(data) - 1}"}
            assert http.patch(place, content=data[come:], headers=span).status_code == 202
            assert http.put(place, params={"digest": digest}).status_code == 201
            assert http.get(f"/v2/app/blobs/{digest}").content == data
    finally:
        client.stop(tmp_path)


def begin_to_send(registry: str, place: str, data: bytes) -> None:
    """Send two thirds of what was announced, on a connection that is never closed by us."""
    host, _, port = registry.partition(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    head = f"PATCH {place} HTTP/1.1\r\nHost: {registry}\r\nContent-Length: {len(data)}\r\n\r\n"
    connection.sendall(head.encode() + data[:2_000_000])
    connection.detach()


def until_it_grew(http: httpx.Client, place: str) -> int:
    """Return how many bytes have come, once there are some."""
    end = time.monotonic() + 30
    while time.monotonic() < end:
        last = int(http.get(place).raise_for_status().headers["range"].partition("-")[2])
        if last > 0:
            return last + 1
        time.sleep(0.02)
    pytest.fail("nothing has come in half a minute")
