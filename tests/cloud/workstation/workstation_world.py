"""What the tests of the learner's own machine share: a book of evidence, a registry, git repositories."""

from __future__ import annotations

import subprocess
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx

from workshop_tui.cloud.images import Images
from workshop_tui.cloud.registry import Registry
from workshop_tui.practice.cluster.kubelet.serving import serve_on_loopback
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.registry import create_registry
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from workshop_tui.model import Evidence


@dataclass(frozen=True)
class Upstream:
    """A git repository as the shop's is, with a commit that the workshop pins and a newer one."""

    url: str
    pinned: str
    newer: str


class Book:
    """The journal's evidence, kept in memory."""

    def __init__(self, *kept: Evidence) -> None:
        self.kept = {item.kind: item for item in kept}

    def latest(self, kind: str) -> Evidence | None:
        return self.kept.get(kind)

    def forget(self, kind: str) -> None:
        self.kept.pop(kind, None)


def connect(base_url: str) -> httpx.AsyncClient:
    return httpx.AsyncClient(base_url=base_url, trust_env=False, timeout=20)


@asynccontextmanager
async def serving_registry(folder: Path, *, time_scale: float = 1.0) -> AsyncIterator[str]:
    """Serve the practice registry; yield its host and port."""
    nowhere = "https://127.0.0.1:9"
    practice = Practice(
        options=Options(folder, time_scale=time_scale),
        clock=Clock(time_scale),
        store=Store(folder / "store.sqlite"),
        addresses=Addresses(nowhere, nowhere, nowhere, nowhere, nowhere, nowhere, "127.0.0.1:9", nowhere),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=folder / "ca.pem",
    )
    async with serve_on_loopback(create_registry(practice)) as port:
        yield f"127.0.0.1:{port}"


def open_images(home: Path, builder: str = "embedded", *, embedded: bool = True) -> Images:
    return Images(
        home=home,
        registry=Registry(connect),
        evidence=Book(),
        rename=lambda _: None,
        builder=builder,
        embedded=embedded,
        network="host",
    )


def run_git(folder: Path, *arguments: str) -> str:
    identity = ("-c", "user.name=A Learner", "-c", "user.email=learner@example.com")
    return subprocess.run(
        ["git", "-C", str(folder), *identity, *arguments], check=True, capture_output=True, text=True
    ).stdout.strip()


SIGN_IN = """
    from azure.identity import DefaultAzureCredential
    token = DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token
    kernel.add_chat_service("chat", AzureChatCompletion(deployment, endpoint, token, ad_auth=True))
"""


def sign_in_with_identity(service: Path) -> None:
    """Edit the starter as a learner does, in the shortest way: with a token, and without asking for a key."""
    with (service / "requirements.txt").open("a") as requirements:
        requirements.write("azure-identity==1.14.0\n")
    generator = service / "routers" / "description_generator.py"
    before = generator.read_text()
    after = before.replace("if not api_key:\n", "if False:\n").replace(
        '    kernel.add_chat_service("chat", AzureChatCompletion(deployment, endpoint, api_key))\n', SIGN_IN
    )
    assert after.count("ad_auth=True") == 1
    generator.write_text(after)
