"""The app as a process on this machine: started, waited for, and stopped whatever happens."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import signal
import sys
from collections import deque
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.atomic import is_running, replace_file
from workshop_tui.cloud.listener import describe_process, find_listener, is_free
from workshop_tui.cloud.processes import end_group
from workshop_tui.cloud.text import clean

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping

START_SECONDS = 60.0
_LAUNCHER = str(Path(__file__).with_name("launcher.py"))
_READY = "Uvicorn running on"
_TAIL = 25
_LINE = 256 * 1024
_PASSED_ON = (
    *("PATH", "HOME", "USER", "LANG", "TMPDIR"),
    *("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"),
    *("SSL_CERT_FILE", "SSL_CERT_DIR", "REQUESTS_CA_BUNDLE"),
)
"""What the app gets of our own environment: where things are, proxies, trust. No key is among them."""


def app_environment(*layers: Mapping[str, str]) -> dict[str, str]:
    """Return the app's whole environment: what it needs of ours, then the layers; never a key."""
    found = {name: os.environ[name] for name in _PASSED_ON if name in os.environ}
    found |= {"PYTHONUNBUFFERED": "1", "PYTHONDONTWRITEBYTECODE": "1"}
    # A proxy must not stand between the app and this machine's own services.
    found |= dict.fromkeys(("NO_PROXY", "no_proxy"), "127.0.0.1,localhost")
    for layer in layers:
        found |= layer
    return {name: value for name, value in found.items() if name != "OPENAI_API_KEY"}


@asynccontextmanager
async def run_app(
    python: Path, service: Path, port: int, environment: Mapping[str, str], note: Path
) -> AsyncIterator[None]:
    """Run the app on 127.0.0.1 until left; `note` is the file that remembers it, should we be killed.

    Raises:
        ActionError: the port is taken, or the app does not come up; with what it said.

    """
    await stop_left_over(note)
    if not is_free(port):
        raise ActionError(*_busy(port))
    program = [python, "-m", "uvicorn", "main:app", "--host", "127.0.0.1", "--port", str(port)]
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", _LAUNCHER, str(os.getpid())),
        *map(str, program),
        cwd=service,
        env=dict(environment),
        stdin=asyncio.subprocess.DEVNULL,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
        start_new_session=True,
        limit=_LINE,
    )
    last: deque[str] = deque(maxlen=_TAIL)
    ready = asyncio.Event()
    reader = asyncio.create_task(_read_log(process, last, ready), name="the app's log")
    try:
        left = {"process_id": process.pid, "program": str(python), "owner": os.getpid()}
        replace_file(note, json.dumps(left).encode())
        await _wait_ready(process, ready, reader, last)
        yield
    finally:
        await end_group(process)
        reader.cancel()
        await asyncio.gather(reader, return_exceptions=True)
        _forget(note)


async def _read_log(process: asyncio.subprocess.Process, last: deque[str], ready: asyncio.Event) -> None:
    """Take the app's log as it comes, so that it never blocks on a full pipe; tell when it is up."""
    assert process.stdout is not None  # noqa: S101 - for the type checker: a pipe was asked for
    while True:
        try:
            line = await process.stdout.readline()
        except ValueError:  # longer than anybody reads
            continue
        if not line:
            return
        text = clean(line.decode(errors="replace"))
        if text:
            last.append(text)
        if _READY in text:
            ready.set()


async def _wait_ready(
    process: asyncio.subprocess.Process, ready: asyncio.Event, reader: asyncio.Task[None], last: deque[str]
) -> None:
    up = asyncio.create_task(ready.wait())
    try:
        await asyncio.wait({up, reader}, timeout=START_SECONDS, return_when=asyncio.FIRST_COMPLETED)
    finally:
        up.cancel()
    if ready.is_set():
        return
    said = _telling(last)
    if reader.done():
        status = await process.wait()
        raise ActionError(
            f"The app ended while starting (status {status}): {said}", "Mend what it says, then try again."
        )
    raise ActionError(f"The app was not up within {START_SECONDS:.0f} seconds: {said}", "Try again.")


def _telling(last: deque[str]) -> str:
    """Return the line of a log that most likely tells why: an exception's, else the last one."""
    lines = [line for line in last if line]
    errors = [line for line in lines if "Error" in line or "Exception" in line or "AADSTS" in line]
    return clean((errors or lines or ["it said nothing"])[-1])


def _busy(port: int) -> tuple[str, str]:
    holder = find_listener(port)
    if holder is None:
        return (
            f"Port {port} is taken by another program (of another user, so its name is not told).",
            "Stop what listens there, then try again.",
        )
    name = holder.name or "a program"
    return (
        f"Port {port} is taken by {name} (process {holder.process_id}): {clean(holder.command, limit=120)}",
        f"Stop it (kill {holder.process_id}), then try again.",
    )


async def stop_left_over(note: Path) -> None:
    """Stop the app of a run that was killed before it could stop it itself."""
    left = _read_note(note)
    if left is not None:
        await _end_if_ours(*left)
        _forget(note)


def _read_note(note: Path) -> tuple[int, str] | None:
    try:
        left = json.loads(note.read_text(encoding="utf-8"))
        # While whoever started it lives, it is no left-over.
        return None if is_running(int(left["owner"])) else (int(left["process_id"]), str(left["program"]))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _forget(note: Path) -> None:
    note.unlink(missing_ok=True)


async def _end_if_ours(process_id: int, program: str) -> None:
    # Ids are used again: only what still runs this very program is ours.
    for deadly in (signal.SIGTERM, signal.SIGKILL):
        for _ in range(30):
            if not describe_process(process_id).command.startswith(program):
                return
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(process_id, deadly)
            # Not our child, so no event tells of its end.
            await asyncio.sleep(0.1)
