"""Sign-in plugins of a kubeconfig, `kubelogin` for one: looked for first, and never run on the screen."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.text import clean, tail
from workshop_tui.model import Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Mapping

PLUGIN_SECONDS = 30.0
_WHAT = "your sign-in to the cluster"


async def run_plugin(spec: Mapping[str, Any], server: str) -> dict[str, str]:
    """Run the plugin and return its `status`: `token`, or `clientCertificateData` and `clientKeyData`.

    Raises:
        ReadFailure: it is not installed, it failed, or it took too long.

    """
    command = str(spec.get("command", ""))
    _expect_installed(command, spec)
    process = await asyncio.create_subprocess_exec(
        command,
        *(str(item) for item in spec.get("args") or ()),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.PIPE,
        env=_environment(spec, server),
        start_new_session=True,
    )
    try:
        async with asyncio.timeout(PLUGIN_SECONDS):
            output, problem = await process.communicate()
    except TimeoutError as error:
        reason = f"{clean(command)} did not end within {PLUGIN_SECONDS:.0f} seconds: it may want a person"
        remedy = "Run kubectl get pods once in a terminal, sign in there, then check again."
        raise ReadFailure(Unreadable(_WHAT, reason, "reading.not-signed-in", remedy)) from error
    finally:
        if process.returncode is None:
            # It has a process group of its own: what it started ends with it.
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            await process.wait()
    try:
        return _status_in(output)
    except ValueError as error:
        said = tail(problem.decode(errors="replace"), lines=1, limit=300)
        reason = f"{clean(command)} gave no credential: {said or f'exit code {process.returncode}'}"
        raise ReadFailure(Unreadable(_WHAT, reason, "reading.not-signed-in")) from error


def _expect_installed(command: str, spec: Mapping[str, Any]) -> None:
    """Raise a ReadFailure, with the kubeconfig's own hint where it has one, if the plugin is not on PATH."""
    if shutil.which(command) is None:
        hint = clean(spec.get("installHint") or "", limit=300)
        reason = f"the kubeconfig signs in with {clean(command)}, which is not installed"
        remedy = hint or f"Install {clean(command)}, or fetch the cluster's credentials again."
        raise ReadFailure(Unreadable(_WHAT, reason, "reading.not-signed-in", remedy))


def _environment(spec: Mapping[str, Any], server: str) -> dict[str, str]:
    """Return ours, with what the kubeconfig adds, and with what the plugin is asked for."""
    added = {str(item["name"]): str(item.get("value", "")) for item in spec.get("env") or ()}
    asked = {
        "apiVersion": spec.get("apiVersion", "client.authentication.k8s.io/v1"),
        "kind": "ExecCredential",
        "spec": {"interactive": False, "cluster": {"server": server}},
    }
    return {**os.environ, **added, "KUBERNETES_EXEC_INFO": json.dumps(asked)}


def _status_in(output: bytes) -> dict[str, str]:
    """Return the status of the ExecCredential that the plugin printed.

    Raises:
        ValueError: it printed none.

    """
    try:
        status = json.loads(output)["status"]
        return {key: str(value) for key, value in status.items()}
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError from error
