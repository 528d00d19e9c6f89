"""The process: quick to start, found again, alone in its folder, gone when stopped, whole after kill -9."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import socket
import ssl
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import httpx
import pytest
from practice_world import SignedIn

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

KEYS = {
    "version", "pid", "started", "ca_file", "arm", "entra", "graph", "openai", "kubernetes", "issuer",
    "registry", "shop", "tenant_id", "subscription_id", "resource_group", "cluster_name", "account_name",
    "deployment_name", "sign_in", "learner", "time_scale", "role_seconds", "credential_seconds",
}  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path) -> Iterator[Path]:
    """A folder whose practice cloud is stopped at the end."""
    yield tmp_path / "practice"
    client.stop(tmp_path / "practice")


def test_start_status_stop(folder: Path) -> None:
    assert client.status(folder) is None
    begun = time.monotonic()
    endpoints = client.start(folder, time_scale=50)
    assert time.monotonic() - begun < 10, "the aim is 1.5 s; a busy machine gets more"
    assert set(endpoints.document) == KEYS
    assert (folder / "endpoints.json").stat().st_mode & 0o777 == 0o600
    assert client.status(folder) == endpoints
    assert client.start(folder) == endpoints, "started once"
    assert client.stop(folder) is True
    assert not (folder / "endpoints.json").exists()
    assert client.stop(folder) is False
    with pytest.raises(ProcessLookupError):
        os.kill(endpoints.pid, 0)


@pytest.mark.parametrize(
    ("means", "told"), [(["::1"], "localhost means ::1 on this"), ([], "localhost means nothing on this")]
)
def test_a_localhost_that_is_elsewhere_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch, means: list[str], told: str
) -> None:
    running = client.start(folder, time_scale=50)
    found = [(socket.AF_INET6, socket.SOCK_STREAM, 6, "", (address, 0, 0, 0)) for address in means]

    def look_up(*_: object, **__: object) -> list[object]:
        if not found:
            raise socket.gaierror
        return list(found)

    monkeypatch.setattr(socket, "getaddrinfo", look_up)
    with pytest.raises(client.PracticeError, match=told) as caught:
        client.start(folder)
    assert "add the line `127.0.0.1 localhost` to /etc/hosts" in str(caught.value)
    monkeypatch.undo()
    # Asked where it listens, whatever the name means: so it can be stopped.
    assert client.status(folder) == running


def test_two_starters_get_one_cloud(folder: Path) -> None:
    with ThreadPoolExecutor(2) as pool:
        first, second = pool.map(lambda _: client.start(folder, time_scale=50), range(2))
    assert first == second


def test_the_world_and_its_addresses_stay(folder: Path) -> None:
    before = client.start(folder, time_scale=50).document
    client.stop(folder)
    after = client.start(folder, time_scale=50).document
    changing = {"pid", "started"}
    assert {key: before[key] for key in KEYS - changing} == {key: after[key] for key in KEYS - changing}


def test_a_killed_cloud_is_noticed_and_started_again(folder: Path) -> None:
    before = client.start(folder, time_scale=50)
    os.kill(before.pid, signal.SIGKILL)
    os.waitpid(before.pid, 0)
    assert client.read_endpoints(folder) is not None
    assert client.status(folder) is None
    with pytest.raises(client.PracticeError, match="does not run"):
        client.environment(folder)
    after = client.start(folder, time_scale=50)
    assert (after.arm, after["tenant_id"]) == (before.arm, before["tenant_id"])


def test_a_folder_belongs_to_one_process(folder: Path) -> None:
    client.start(folder, time_scale=50)
    command = [sys.executable, "-m", "workshop_tui.practice", "--folder", str(folder)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert second.returncode == 2
    assert f"another practice cloud uses {folder}" in second.stderr
    assert client.status(folder) is not None, "the first one is left alone"


def test_a_port_taken_meanwhile_is_named(folder: Path) -> None:
    port = urlsplit(client.start(folder, time_scale=50).arm).port
    client.stop(folder)
    with socket.socket() as other:
        other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        other.bind(("127.0.0.1", port or 0))
        other.listen()
        with pytest.raises(client.PracticeError, match=f"port {port}, where .* arm service"):
            client.start(folder)


def test_sigint_stops_it_in_order(folder: Path) -> None:
    command = [sys.executable, "-m", "workshop_tui.practice", "--folder", str(folder), "--time-scale", "50"]
    reading, writing = os.pipe()
    command += ["--ready-fd", str(writing)]
    with subprocess.Popen(command, pass_fds=[writing]) as process:
        os.close(writing)
        assert os.read(reading, 100) == b"ready"
        os.close(reading)
        assert client.status(folder) is not None
        process.send_signal(signal.SIGINT)
        assert process.wait(15) == 0
    assert not (folder / "endpoints.json").exists()


def test_it_goes_with_its_folder(folder: Path) -> None:
    endpoints = client.start(folder, time_scale=50)
    descriptor = os.pidfd_open(endpoints.pid)
    folder.rename(folder.with_name("gone"))
    ended, _, _ = select.select([descriptor], [], [], 20)
    os.close(descriptor)
    assert ended, "nobody could stop it any more"
    os.waitpid(endpoints.pid, 0)


def test_a_folder_that_can_not_be_used(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(client.PracticeError, match=r"can't be written to \(Not a directory\)"):
        client.start(tmp_path / "file" / "practice")


@contextmanager
def small_disk(folder: Path, options: str) -> Iterator[None]:
    """Mount a small file system at the folder; to do so takes root."""
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
    if subprocess.run(command, capture_output=True, check=False).returncode:
        pytest.skip(
            "no file system of the test's own can be mounted here: full and read-only disks are NOT tried"
        )
    try:
        yield
    finally:
        subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.mark.parametrize(
    ("options", "reason"),
    [("ro", "Read-only file system"), ("size=16k", "No space left|full|disk I/O error")],
)
def test_a_disk_that_can_not_be_written_is_told(tmp_path: Path, options: str, reason: str) -> None:
    with small_disk(tmp_path / "disk", options), pytest.raises(client.PracticeError, match=reason) as told:
        client.start(tmp_path / "disk" / "practice")
    assert "make room there, or allow writing, and try again" in str(told.value)


def test_a_disk_that_is_full_at_some_point_of_the_start_is_told(tmp_path: Path) -> None:
    """Wherever it runs out: sizes from nothing to nearly enough."""
    for size in (64, 200, 272, 280, 288):
        with small_disk(tmp_path / f"disk-{size}", f"size={size}k"):
            try:
                client.start(tmp_path / f"disk-{size}" / "practice", time_scale=50)
            except client.PracticeError as error:
                told = str(error)
                assert "No space left" in told or "is full" in told, told
                assert "Traceback" not in told
                assert "ExceptionGroup" not in told, told
            else:
                client.stop(tmp_path / f"disk-{size}" / "practice")


def fill(path: Path) -> None:
    """Write until there is no room."""
    with path.open("wb", buffering=0) as filler, suppress(OSError):
        while True:
            filler.write(b"x" * 4096)


def test_a_disk_that_fills_up_later_stops_writing_only(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    with small_disk(disk, "size=16m"):
        cloud = client.start(disk / "practice", time_scale=50)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            learner = SignedIn(cloud, http)
            before = learner.make_identity("before")
            fill(disk / "filler")
            body = {"location": "eastus", "tags": {"text": "x" * 20_000}}
            refused = learner.call("PUT", learner.identity_path("during"), body)
            assert refused.status_code == 500
            assert "can't be written to (database or disk is full)" in refused.json()["error"]["message"]
            assert learner.call("GET", learner.identity_path("during")).status_code == 404
            assert learner.call("GET", learner.identity_path("before")).json()["properties"] == before
            (disk / "filler").unlink()
            assert learner.call("PUT", learner.identity_path("during"), body).status_code == 201
        assert client.stop(disk / "practice")


def test_another_path_to_the_folder_finds_the_same_cloud(folder: Path, tmp_path: Path) -> None:
    endpoints = client.start(folder, time_scale=50)
    link = tmp_path / "link"
    link.symlink_to(folder)
    assert client.start(link) == endpoints
    command = [sys.executable, "-m", "workshop_tui.practice", "--folder", str(link)]
    second = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert second.returncode == 2
    assert f"another practice cloud uses {folder}" in second.stderr


def test_a_copy_of_the_folder_is_no_second_way_in(folder: Path, tmp_path: Path) -> None:
    """It has the original's ports, which are remembered: clients would speak to another world."""
    client.start(folder, time_scale=50)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy, ignore=shutil.ignore_patterns("pods"))
    assert client.status(copy) is None
    with pytest.raises(
        client.PracticeError, match=r"is used by another program: stop that program, or begin anew"
    ):
        client.start(copy)


def test_two_in_different_folders_live_side_by_side(folder: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    try:
        both = [client.start(each, time_scale=50) for each in (folder, other)]
        assert [client.status(each) for each in (folder, other)] == both
        services = ("arm", "entra", "graph", "openai", "kubernetes", "issuer", "registry", "shop")
        assert len({each[name] for each in both for name in services}) == 2 * len(services)
        assert both[0]["tenant_id"] != both[1]["tenant_id"]
    finally:
        client.stop(other)


def test_reset(folder: Path) -> None:
    before = client.start(folder, time_scale=50)
    with pytest.raises(client.PracticeError, match="stop it first"):
        client.reset(folder)
    client.stop(folder)
    client.reset(folder)
    assert not folder.exists()
    client.reset(folder)
    assert client.start(folder, time_scale=50)["tenant_id"] != before["tenant_id"]


def test_reset_spares_other_folders(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("years of work")
    with pytest.raises(client.PracticeError, match="no practice cloud's folder"):
        client.reset(tmp_path)
    assert (tmp_path / "thesis.txt").exists()


def test_the_environment_points_everything_here(cloud: client.Endpoints) -> None:
    folder = cloud.ca_file.parent
    environment = client.environment(folder)
    assert environment["AZURE_CLOUD_NAME"] == "Practice"
    configuration = (folder / "azure-cli" / "clouds.config").read_text()
    assert f"endpoint_resource_manager = {cloud.arm}" in configuration
    assert f"endpoint_microsoft_graph_resource_id = {cloud['graph']}/" in configuration
    bundle = (folder / "ca-bundle.pem").read_text()
    assert cloud.ca_file.read_text() in bundle
    assert bundle.count("BEGIN CERTIFICATE") > 1, "real hosts stay reachable"
    assert client.environment(folder) == environment
    assert "localhost" in environment["NO_PROXY"]
    assert cloud["sign_in"]["client_secret"] not in json.dumps(environment)
