"""Building without Docker, pushing, and what the registry says afterwards; over real HTTP."""

from __future__ import annotations

import asyncio
import hashlib
import io
import json
import os
import sys
import tarfile
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from workstation_world import Book, connect, open_images, serving_registry

from workshop_tui.authoring import ActionError, Working
from workshop_tui.cloud.images import EVIDENCE, Images
from workshop_tui.cloud.oci import OCI_INDEX, OCI_MANIFEST, parse_reference
from workshop_tui.cloud.registry import Registry
from workshop_tui.model import Evidence
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@pytest.fixture
async def registry(tmp_path: Path) -> AsyncIterator[str]:
    folder = tmp_path / "registry"
    folder.mkdir()
    async with serving_registry(folder) as address:
        yield address


async def push(images: Images, service: Path, reference: str) -> list[Working]:
    return [step async for step in images.build_and_push(service, reference)]


async def blob(address: str, repository: str, digest: str) -> bytes:
    async with connect(f"http://{address}") as client:
        return (await client.get(f"/v2/{repository}/blobs/{digest}")).raise_for_status().content


async def manifest(address: str, repository: str, tag: str) -> dict[str, Any]:
    async with connect(f"http://{address}") as client:
        answer = await client.get(f"/v2/{repository}/manifests/{tag}", headers={"Accept": OCI_MANIFEST})
        found: dict[str, Any] = answer.raise_for_status().json()
        return found


async def test_a_push_is_found_again_by_its_digest(registry: str, service: Path, home: Path) -> None:
    images, reference = open_images(home), f"{registry}/app:1h"
    assert await images.find(reference, None) is None
    steps = await push(images, service, reference)
    now = datetime.now(UTC)
    found = await images.find(reference, now)
    assert found is not None
    assert (found.digest, found.platforms) == (steps[-1].item, ("linux/amd64",))
    assert found.expires == now + timedelta(hours=1)
    layers = {step.item for step in steps if step.fraction == 1.0}
    assert len(layers) == 5  # the requirements, two layers, the configuration, the manifest


async def test_the_same_source_makes_the_same_image_and_sends_nothing_twice(
    registry: str, service: Path, home: Path
) -> None:
    first = await push(open_images(home), service, f"{registry}/app:1h")
    os.utime(service / "main.py", (1, 1))
    again = await push(open_images(home), service, f"{registry}/app:2h")
    assert again[-1].item == first[-1].item
    assert sum("is there already" in step.text for step in again) == 3
    (service / "main.py").write_text("# another app\n")
    other = await push(open_images(home), service, f"{registry}/app:3h")
    assert other[-1].item != first[-1].item
    assert sum("is there already" in step.text for step in other) == 1


async def test_the_image_starts_as_its_configuration_says(
    registry: str, service: Path, home: Path, tmp_path: Path, unused_tcp_port: int
) -> None:
    (service / ".env").write_text("OPENAI_API_KEY=secret\n")
    await push(open_images(home), service, f"{registry}/app:1h")
    document = await manifest(registry, "app", "1h")
    config = json.loads(await blob(registry, "app", document["config"]["digest"]))
    root = tmp_path / "root"
    for layer, told in zip(document["layers"], config["rootfs"]["diff_ids"], strict=True):
        content = await blob(registry, "app", layer["digest"])
        assert f"sha256:{hashlib.sha256(content).hexdigest()}" == told == layer["digest"]
        with tarfile.open(fileobj=io.BytesIO(content)) as archive:
            assert {entry.mtime for entry in archive} == {0}
            archive.extractall(root)  # noqa: S202 - bytes of our own making; 3.11.2 has no filters yet
    assert not (root / "app" / ".env").exists()
    assert not list((root / "app").glob("test_*"))
    run = config["config"]
    assert (config["architecture"], config["os"]) == ("amd64", "linux")
    assert run["Labels"] == {"dev.workshop-tui.builder": "embedded", "dev.workshop-tui.python": "3.11"}
    assert run["ExposedPorts"] == {"5001/tcp": {}}
    if sys.version_info[:2] != (3, 11):
        pytest.skip("only Python 3.11 can run what is in the image")
    environment = dict(entry.split("=", 1) for entry in run["Env"])
    environment["PYTHONPATH"] = f"{root}{environment['PYTHONPATH']}"
    program = [sys.executable, *run["Cmd"][1:-1], str(unused_tcp_port)]
    program[program.index("0.0.0.0")] = "127.0.0.1"  # noqa: S104 - taken out, not put in
    settings = {
        "USE_AZURE_OPENAI": "True",
        "OPENAI_API_KEY": "none",
        "AZURE_OPENAI_ENDPOINT": "https://127.0.0.1:9/",
        "AZURE_OPENAI_DEPLOYMENT_NAME": "chat",
    }
    process = await asyncio.create_subprocess_exec(
        *program,
        cwd=f"{root}{run['WorkingDir']}",
        env=environment | settings,
        stderr=asyncio.subprocess.PIPE,
    )
    assert process.stderr is not None
    try:
        async with asyncio.timeout(40):
            while b"Uvicorn running" not in (line := await process.stderr.readline()):
                assert line, "the app ended"
        async with connect(f"http://127.0.0.1:{unused_tcp_port}") as client:
            assert (await client.get("/health")).json() == {"status": "ok"}
    finally:
        process.kill()
        await process.wait()


async def test_the_start_is_read_from_the_dockerfile(registry: str, service: Path, home: Path) -> None:
    usual = ["python", "-m", "uvicorn", "main:app", "--host", "0.0.0.0", "--port", "5001"]  # noqa: S104 - in a pod
    cases = {
        'FROM x\nEXPOSE 80\nCMD ["gunicorn", "app"]\n': (["gunicorn", "app"], "80/tcp"),
        'CMD ["uvicorn", \\\n "main:app"]\n': (["python", "-m", "uvicorn", "main:app"], "5001/tcp"),
        "CMD uvicorn main:app\n": (usual, "5001/tcp"),
    }
    for dockerfile, (command, port) in cases.items():
        (service / "Dockerfile").write_text(dockerfile)
        await push(open_images(home), service, f"{registry}/app:1h")
        document = await manifest(registry, "app", "1h")
        config = json.loads(await blob(registry, "app", document["config"]["digest"]))["config"]
        assert (config["Cmd"], config["ExposedPorts"]) == (command, {port: {}})


async def test_forgetting_deletes_the_image_and_voids_the_evidence(
    registry: str, service: Path, home: Path
) -> None:
    book = Book(Evidence(EVIDENCE, "fingerprint", datetime.now(UTC)))
    renamed: list[str] = []
    images = Images(
        home=home,
        registry=Registry(connect),
        evidence=book,
        rename=lambda reference: renamed.append(reference.repository),
        builder="embedded",
        embedded=True,
    )
    reference = f"{registry}/app:1h"
    await push(images, service, reference)
    await images.forget(reference)
    await images.forget(reference)
    assert await images.find(reference, None) is None
    assert book.latest(EVIDENCE) is None
    assert renamed == []


async def test_an_expired_image_is_gone(tmp_path: Path, service: Path, home: Path) -> None:
    async with serving_registry(tmp_path) as address:
        images, reference = open_images(home), f"{address}/app:1s"
        await push(images, service, reference)
        async with asyncio.timeout(5):
            while await images.find(reference, None) is not None:  # noqa: ASYNC110 - nobody tells of it
                await asyncio.sleep(0.05)


async def test_a_registry_that_is_down_says_so(service: Path, home: Path, unused_tcp_port: int) -> None:
    images, reference = open_images(home), f"127.0.0.1:{unused_tcp_port}/app:1h"
    with pytest.raises(ReadFailure) as unread:
        await images.find(reference, None)
    assert unread.value.unreadable.cause == "image.registry-down"
    assert "nothing listens" in unread.value.unreadable.reason
    with pytest.raises(ActionError, match="does not answer: nothing listens"):
        await push(images, service, reference)


async def test_a_refusal_is_told_in_the_registrys_words(registry: str, service: Path, home: Path) -> None:
    with pytest.raises(ActionError, match="NAME_INVALID"):
        await push(open_images(home), service, f"{registry}/bad..name:1h")


async def test_an_index_tells_all_its_platforms(registry: str, service: Path, home: Path) -> None:
    images = open_images(home)
    digest = (await push(images, service, f"{registry}/app:1h"))[-1].item
    entries = [
        {
            "mediaType": OCI_MANIFEST,
            "digest": digest,
            "size": 1,
            "platform": {"os": os_, "architecture": kind},
        }
        for os_, kind in (("linux", "arm64"), ("linux", "amd64"), ("unknown", "unknown"))
    ]
    body = json.dumps({"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}).encode()
    async with connect(f"http://{registry}") as client:
        headers = {"Content-Type": OCI_INDEX}
        (await client.put("/v2/app/manifests/4h", content=body, headers=headers)).raise_for_status()
    found = await images.find(f"{registry}/app:4h", None)
    assert found is not None
    assert found.platforms == ("linux/arm64", "linux/amd64")
    assert found.digest == f"sha256:{hashlib.sha256(body).hexdigest()}"


async def test_requirements_that_do_not_install_leave_nothing(
    registry: str, service: Path, tmp_path: Path
) -> None:
    (service / "requirements.txt").write_text("fastapi==0.0.0.0.1\n")
    with pytest.raises(ActionError, match="could not be installed"):
        await push(open_images(tmp_path / "home"), service, f"{registry}/app:1h")
    assert list((tmp_path / "home/cache/layers").iterdir()) == []


async def test_only_the_practice_cluster_runs_an_image_without_a_base(service: Path, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="no base system"):
        await push(open_images(tmp_path, embedded=False), service, "ttl.sh/app:1h")


async def test_without_docker_the_practice_cloud_goes_on_and_azure_says_how(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, service: Path
) -> None:
    monkeypatch.setenv("DOCKER_HOST", f"unix://{tmp_path}/no.sock")
    assert await open_images(tmp_path, "auto").choose_builder() == "embedded"
    with pytest.raises(ActionError, match="No Docker daemon answers") as refused:
        await push(open_images(tmp_path, "auto", embedded=False), service, "ttl.sh/app:1h")
    assert "docs.docker.com" in refused.value.remedy


@pytest.mark.parametrize("text", ["app", "UPPER/app:1h", "ttl.sh/app 1", "ttl.sh/:1h", ""])
async def test_what_is_no_reference_is_refused(text: str, service: Path, tmp_path: Path) -> None:
    with pytest.raises(ActionError, match="no image reference"):
        await push(open_images(tmp_path), service, text)


@pytest.mark.parametrize(
    ("reference", "url", "life"),
    [
        ("ttl.sh/x:1h", "https://ttl.sh", timedelta(hours=1)),
        ("ttl.sh/x:90m", "https://ttl.sh", timedelta(minutes=90)),
        ("ttl.sh/x:9w", "https://ttl.sh", timedelta(hours=24)),
        ("ttl.sh/x:v1", "https://ttl.sh", timedelta(hours=24)),
        ("127.0.0.1:5000/x:30s", "http://127.0.0.1:5000", timedelta(seconds=30)),
        ("localhost:5000/x:1d", "http://localhost:5000", timedelta(hours=24)),
        ("me.azurecr.io/team/x:1h", "https://me.azurecr.io", None),
    ],
)
def test_lifetimes_and_addresses_go_by_the_registry(reference: str, url: str, life: timedelta | None) -> None:
    parsed = parse_reference(reference)
    assert (str(parsed), parsed.url, parsed.lifetime) == (reference, url, life)


async def test_leaving_a_push_early_ends_it(registry: str, service: Path, home: Path) -> None:
    images = open_images(home)
    progress = images.build_and_push(service, f"{registry}/app:1h")
    async for step in progress:
        if step.fraction:
            break
    await progress.aclose()  # type: ignore[attr-defined] # an async generator
    assert await images.find(f"{registry}/app:1h", None) is None
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "blob upload"]
