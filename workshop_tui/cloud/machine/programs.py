"""The learner's programs: where they are, and what versions they say they are."""

from __future__ import annotations

import json
import os
import re
import shutil
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.processes import CommandError, run_command
from workshop_tui.cloud.text import clean
from workshop_tui.model.machine import AzSignIn, Program

if TYPE_CHECKING:
    from collections.abc import Mapping

SECONDS = 3.8
"""How long a program may take to say its version, or az to say who is signed in."""
_LEAVE_SECONDS = 0.2

_ASK = {
    "az": ("version", "--output", "json"),
    "kubectl": ("version", "--client", "--output=json"),
    "docker": ("--version",),
    "git": ("--version",),
    "kubelogin": ("--version",),
    "uv": ("--version",),
}
_VERSION = re.compile(r"v?(\d+\.\d+(?:\.\d+)?)")


async def read_program(name: str, *, path: str | None = None) -> Program:
    """Find a program on PATH, or take it where it is, and ask it for its version."""
    found = path or shutil.which(name)
    if found is None:
        return Program(name)
    try:
        told = await _ask(found, *_ASK[name])
    except CommandError as error:
        return Program(name, found, problem=clean(error, limit=200))
    version = _version(name, told)
    return Program(name, found, version, "" if version else "it told no version")


def _version(name: str, told: str) -> str:
    """Return the version in what a program said; JSON where it can say so, since words change."""
    document = _json(told)
    if name == "az" and document.get("azure-cli"):
        told = str(document["azure-cli"])
    elif name == "kubectl" and isinstance(document.get("clientVersion"), dict):
        told = str(document["clientVersion"].get("gitVersion", ""))
    found = _VERSION.search(told)
    return found[1] if found else ""


def _json(told: str) -> dict[str, Any]:
    try:
        document = json.loads(told)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


async def read_az_sign_in(az: str) -> AzSignIn | str:
    """Ask az whom it is signed in as: it reads its own files for that, and asks no network.

    Returns why it is nobody, where that is so.

    Raises:
        TimeoutError: it did not say so in time.

    """
    try:
        document = _json(await _ask(az, "account", "show", "--output", "json"))
    except CommandError as error:
        if "did not end" in error.what:
            raise TimeoutError from error
        return clean(error.output or error.what, limit=200).removeprefix("ERROR: ")
    user = document.get("user")
    user = user if isinstance(user, dict) else {}
    return AzSignIn(
        subscription_id=clean(document.get("id", "")),
        subscription=clean(document.get("name", "")),
        tenant_id=clean(document.get("tenantId", "")),
        name=clean(user.get("name", "")),
        kind=clean(user.get("type", "")),
        cloud=clean(document.get("environmentName") or "AzureCloud"),
    )


async def read_buildx(docker: str) -> str:
    """Return the version of docker's buildx plugin, or an empty string."""
    try:
        told = await _ask(docker, "buildx", "version")
    except CommandError:
        return ""
    found = _VERSION.search(told)
    return found[1] if found else ""


async def _ask(program: str, *arguments: str) -> str:
    return await run_command(
        [program, *arguments], seconds=SECONDS, environment=_environment(), leave_seconds=_LEAVE_SECONDS
    )


def _environment() -> Mapping[str, str]:
    # English words, and no process of az's that outlives our question.
    return {**os.environ, "LC_ALL": "C.UTF-8", "AZURE_CORE_COLLECT_TELEMETRY": "false"}
