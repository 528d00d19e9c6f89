"""Facts of the learner's own machine: what they say of each state it can be in."""

from __future__ import annotations

import asyncio
import hashlib
import json
import shutil
import sys
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, TypeVar

import httpx
import pytest

from workshop_tui.cloud.images import EVIDENCE as IMAGE_PUSH
from workshop_tui.cloud.images import Images
from workshop_tui.cloud.local_app import EVIDENCE as LOCAL_RUN
from workshop_tui.cloud.local_app import LocalApp
from workshop_tui.cloud.oci import OCI_CONFIG, OCI_MANIFEST, parse_reference
from workshop_tui.cloud.registry import Blob, Registry
from workshop_tui.cloud.source import SERVICE, Source, bundled_starter
from workshop_tui.facts.catalogue import RESOLVERS
from workshop_tui.facts.engine import Facts
from workshop_tui.model import (
    Absent,
    Checkout,
    Evidence,
    EvidenceBook,
    LocalRun,
    Names,
    PushedImage,
    Requirements,
    SourceBehaviour,
    Unreadable,
)
from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.context import Addresses, Clock, Options, Practice
from workshop_tui.practice.context import Names as PracticeNames
from workshop_tui.practice.registry import create_registry
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

T = TypeVar("T")
NOW = datetime.now(UTC)


def connect(base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20)


@dataclass
class Machine:
    """A learner's machine with nothing on it yet, and a book of what it saw."""

    folder: Path
    port: int
    image: str
    kept: dict[str, Evidence] = field(default_factory=dict)

    def latest(self, kind: str) -> Evidence | None:
        return self.kept.get(kind)

    def forget(self, kind: str) -> None:
        self.kept.pop(kind, None)

    @property
    def root(self) -> Path:
        return self.folder / "shop"

    @property
    def service(self) -> Path:
        return self.root / SERVICE

    def get_source(self) -> None:
        shutil.copytree(bundled_starter(), self.root)

    async def read(self, kind: type[T]) -> T | Absent | Unreadable:
        registry = Registry(connect)
        home = self.folder / "home"
        services: dict[type, object] = {
            Names: Names("subscription", image=self.image, source=str(self.root), local_port=self.port),
            EvidenceBook: self,
            Source: Source(self.root),
            Images: Images(home=home, registry=registry, evidence=self, rename=lambda _: None),
            LocalApp: LocalApp(self.service, home=home, port=self.port, environment={}, connect=connect),
        }
        async with Facts(services, RESOLVERS) as facts:
            return await facts.read(kind)

    async def absence(self, kind: type) -> Absent:
        found = await self.read(kind)
        assert isinstance(found, Absent), found
        return found


@pytest.fixture
async def machine(tmp_path: Path, unused_tcp_port: int) -> AsyncIterator[Machine]:
    nowhere = "https://127.0.0.1:9"
    practice = Practice(
        options=Options(tmp_path),
        clock=Clock(1),
        store=Store(tmp_path / "store.sqlite"),
        addresses=Addresses(nowhere, nowhere, nowhere, nowhere, nowhere, nowhere, "127.0.0.1:9", nowhere),
        names=PracticeNames("tenant", "subscription", "cluster"),
        ca_file=tmp_path / "ca.pem",
    )
    async with serve_on_loopback(create_registry(practice)) as port:
        yield Machine(tmp_path, unused_tcp_port, f"127.0.0.1:{port}/app:1h")


async def test_without_the_source_all_that_needs_it_is_absent_for_that_reason(machine: Machine) -> None:
    for kind in (Checkout, Requirements, SourceBehaviour, LocalRun):
        assert (await machine.absence(kind)).cause == "source.missing"


async def test_the_source_and_what_it_does(machine: Machine) -> None:
    machine.get_source()
    source = await machine.read(Checkout)
    assert isinstance(source, Checkout)
    assert (source.path, source.is_starter, source.missing) == (str(machine.root), True, ())
    asked = await machine.read(Requirements)
    assert isinstance(asked, Requirements)
    assert asked.entries["semantic-kernel"] == "==0.3.1.dev0"
    assert "azure-identity" not in asked.entries
    behaviour = await machine.read(SourceBehaviour)
    assert isinstance(behaviour, SourceBehaviour)
    assert behaviour.scenarios["key"].services[0].sign_in == "key"


async def test_missing_and_unreadable_files_are_told_apart(machine: Machine) -> None:
    machine.get_source()
    (machine.service / "requirements.txt").write_bytes(b"\xff\xfe")
    assert isinstance(await machine.read(Requirements), Unreadable)
    assert isinstance(await machine.read(SourceBehaviour), SourceBehaviour)
    (machine.service / "requirements.txt").unlink()
    assert (await machine.absence(Requirements)).cause == "source.incomplete"
    (machine.service / "routers" / "description_generator.py").unlink()
    assert (await machine.absence(SourceBehaviour)).cause == "source.incomplete"


async def test_a_local_run_counts_for_the_source_it_was_made_of(machine: Machine) -> None:
    machine.get_source()
    absent = await machine.absence(LocalRun)
    assert absent.cause == "local.not-run"
    assert absent.command == "workshop-tui solve run-locally"
    source = await machine.read(Checkout)
    assert isinstance(source, Checkout)
    seen = {"healthy": "yes", "description": "Fine.", "key_in_environment": "no", "account_saw": "token"}
    machine.kept[LOCAL_RUN] = Evidence(LOCAL_RUN, source.fingerprint, NOW, seen)
    assert await machine.read(LocalRun) == LocalRun(
        live=False,
        at=NOW,
        healthy=True,
        description="Fine.",
        problem="",
        key_in_environment=False,
        account_saw="token",
        fingerprint=source.fingerprint,
    )
    (machine.service / "README.md").write_text("not in the image")
    assert isinstance(await machine.read(LocalRun), LocalRun)
    (machine.service / "main.py").write_text("# changed")
    stale = await machine.absence(LocalRun)
    assert (stale.cause, stale.detail) == (
        "local.stale",
        "The source has changed since the app was run here.",
    )


ANOTHERS = """
import http.server, sys

class App(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200)
        self.end_headers()
        self.wfile.write(b'{"status": "ok", "description": "From an old copy."}')

    do_POST = do_GET

server = http.server.HTTPServer(("127.0.0.1", int(sys.argv[1])), App)
print("up", flush=True)
server.serve_forever()
"""
"""Answers as the app does."""


@pytest.mark.parametrize("ours", [True, False])
async def test_what_a_process_of_another_folder_answers_is_no_run_of_this_source(
    machine: Machine, *, ours: bool
) -> None:
    machine.get_source()
    copy = machine.folder / "an old copy"
    shutil.copytree(machine.service, copy)
    (copy / "main.py").write_text("# before the edit\n")
    started = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", ANOTHERS, str(machine.port)),
        cwd=machine.service if ours else copy,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        assert started.stdout is not None
        assert await started.stdout.readline() == b"up\n"
        if ours:
            found = await machine.read(LocalRun)
            assert isinstance(found, LocalRun)
            assert found.description == "From an old copy."
            return
        absent = await machine.absence(LocalRun)
        assert absent.cause == "local.port-busy"
        assert f"process {started.pid}), started in {copy}" in absent.detail
    finally:
        started.kill()
        await started.wait()


async def put_image(reference: str, created: datetime | None) -> str:
    """Push an image of one configuration and no layer; return its digest."""
    config: dict[str, object] = {"os": "linux", "architecture": "arm64", "rootfs": {"type": "layers"}}
    if created is not None:
        config["created"] = created.isoformat().replace("+00:00", "Z")
    content = json.dumps(config).encode()
    blob = Blob(f"sha256:{hashlib.sha256(content).hexdigest()}", len(content), content)
    document = {
        "schemaVersion": 2,
        "mediaType": OCI_MANIFEST,
        "config": {"mediaType": OCI_CONFIG, "digest": blob.digest, "size": blob.size},
        "layers": [],
    }
    registry, wanted = Registry(connect), parse_reference(reference)
    async with registry.connect(wanted) as client:
        async for _ in registry.push_blob(client, wanted, blob):
            pass
        return await registry.push_manifest(client, wanted, json.dumps(document).encode(), OCI_MANIFEST)


async def read_image(machine: Machine) -> PushedImage:
    found = await machine.read(PushedImage)
    assert isinstance(found, PushedImage), found
    return found


async def test_an_image_never_pushed_is_absent_and_one_that_went_is_not(machine: Machine) -> None:
    assert (await machine.absence(PushedImage)).cause == "image.missing"
    machine.kept[IMAGE_PUSH] = Evidence(IMAGE_PUSH, "f", NOW, {"reference": machine.image})
    gone = await read_image(machine)
    assert (gone.manifest, gone.evidence) == (None, machine.kept[IMAGE_PUSH])
    machine.kept[IMAGE_PUSH] = Evidence(IMAGE_PUSH, "f", NOW, {"reference": "ttl.sh/another:1h"})
    assert (await machine.absence(PushedImage)).cause == "image.missing"


async def test_an_image_expires_its_tags_time_after_the_push(machine: Machine) -> None:
    pushed = NOW - timedelta(minutes=10)
    machine.kept[IMAGE_PUSH] = Evidence(IMAGE_PUSH, "f", pushed, {"reference": machine.image})
    digest = await put_image(machine.image, None)
    manifest = (await read_image(machine)).manifest
    assert manifest is not None
    assert (manifest.digest, manifest.platforms) == (digest, ("linux/arm64",))
    assert manifest.expires == pushed + timedelta(hours=1)


@pytest.mark.parametrize(("age", "is_known"), [(timedelta(minutes=10), True), (timedelta(hours=2), False)])
async def test_an_image_pushed_by_hand_counts_from_when_it_was_built(
    machine: Machine, age: timedelta, *, is_known: bool
) -> None:
    await put_image(machine.image, NOW - age)
    manifest = (await read_image(machine)).manifest
    assert manifest is not None
    assert manifest.expires == (NOW - age + timedelta(hours=1) if is_known else None)


async def test_a_registry_that_is_down_is_unreadable(machine: Machine, unused_tcp_port: int) -> None:
    machine.image = f"127.0.0.1:{unused_tcp_port}/app:1h"
    found = await machine.read(PushedImage)
    assert isinstance(found, Unreadable)
    assert found.cause == "image.registry-down"


async def test_one_pass_reads_them_all_at_once(machine: Machine) -> None:
    machine.get_source()
    async with asyncio.timeout(5):
        await asyncio.gather(*(machine.read(kind) for kind in (SourceBehaviour, LocalRun, PushedImage)))
