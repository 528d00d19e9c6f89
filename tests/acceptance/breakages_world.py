"""The practice world that is broken: new, with the learner's session in it and a person's hands."""

from __future__ import annotations

import os
import ssl
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING

import httpx
from breakages import World
from breaking_hands import Hands
from free_ports import free_port

from workshop_tui.practice import client
from workshop_tui.session import open_session
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


@asynccontextmanager
async def practice_world(home: Path, *, credential_seconds: float = 2.0) -> AsyncIterator[World]:
    """Start a practice world in `home`, twenty times as fast, in which nothing has been done yet.

    A new federated credential is unknown at sign-in for `credential_seconds` of simulated time.
    """
    cloud = client.start(home / "practice", time_scale=20, credential_seconds=credential_seconds)
    environment = {
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "LOCAL_PORT": str(free_port()),
        "PATH": os.environ["PATH"],
    }
    tls = ssl.create_default_context(cafile=cloud["ca_file"])
    try:
        async with open_session(load_settings(environment)) as session:
            with httpx.Client(verify=tls, timeout=20, trust_env=False) as http:
                yield World(environment, session, Hands(cloud, home, http, environment))
    finally:
        client.stop(home / "practice")
