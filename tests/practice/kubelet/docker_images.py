"""Images that a real Docker daemon builds for a test, and pushes to the practice registry."""

from __future__ import annotations

import io
import json
import tarfile
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import docker
import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

REPOSITORY = f"test-kubelet-{uuid.uuid4().hex[:8]}"
"""What our images' names begin with: other tests have theirs in the same Docker, and theirs run."""


@contextmanager
def docker_client() -> Iterator[Any]:
    """A client of the daemon; what `build_and_push` left there is removed in the end."""
    try:
        client = docker.from_env(timeout=60)
        client.ping()
    except docker.errors.DockerException:
        pytest.skip("no Docker daemon answers here")
    yield client
    for image in client.images.list():
        for reference in image.attrs["RepoDigests"] or []:
            if f"/{REPOSITORY}-" in reference:
                client.images.remove(reference, force=True)  # a container that is being removed may hold it
    client.close()


def build_and_push(client: Any, registry: str, program: str) -> str:
    """Build `program` on whatever Python image the daemon has; push it; return the reference by digest."""
    bases = [tag for image in client.images.list("python") for tag in image.tags]
    if not bases:
        pytest.skip("the Docker daemon has no Python image, and tests download none")
    dockerfile = (
        f'FROM {bases[0]}\nWORKDIR /app\nCOPY main.py .\nENV PYTHONPATH=/own\nCMD ["python", "main.py"]\n'
    )
    context = io.BytesIO()
    with tarfile.open(fileobj=context, mode="w") as tar:
        for name, text in (("Dockerfile", dockerfile), ("main.py", f"WORD = 'from docker'\n{program}")):
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            tar.addfile(member, io.BytesIO(text.encode()))
    context.seek(0)
    repository = f"{registry}/{REPOSITORY}-{uuid.uuid4().hex[:8]}"
    client.images.build(fileobj=context, custom_context=True, tag=f"{repository}:1h", rm=True)
    told = [json.loads(line) for line in client.images.push(repository, tag="1h").splitlines()]
    digest = next(entry["aux"]["Digest"] for entry in told if "aux" in entry)
    client.images.remove(f"{repository}:1h", force=True)
    return f"{repository}@{digest}"
