"""How the rest of the project starts, finds and stops a practice cloud.

The only module of `practice/` that others import, and a light one: it loads no server. Its functions block;
`start` may take as long as a first start takes. POSIX only for starting and stopping.
"""

from __future__ import annotations

import http.client
import json
import os
import select
import shutil
import signal
import ssl
import subprocess
import sys
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workshop_tui.practice.client_environment import AZ_FOLDER, prepare

if TYPE_CHECKING:
    from collections.abc import Iterator

START_SECONDS = 30.0
STOP_SECONDS = 15.0
HEALTH_SECONDS = 3.0


class PracticeError(RuntimeError):
    """The practice cloud could not be started, stopped or reset; the message says why and what helps."""


@dataclass(frozen=True, slots=True)
class Endpoints:
    """What `endpoints.json` says; `document` is all of it, the sign-in's secret included."""

    document: dict[str, Any] = field(repr=False)

    @property
    def arm(self) -> str:
        """Azure Resource Manager's address."""
        return str(self.document["arm"])

    @property
    def ca_file(self) -> Path:
        """The certificate authority to trust."""
        return Path(self.document["ca_file"])

    @property
    def pid(self) -> int:
        """The process, as it said itself. Never proof that it runs: ask `status`."""
        return int(self.document["pid"])

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401  # it is JSON
        """Return one entry of the document."""
        return self.document[name]


def start(
    folder: Path,
    *,
    time_scale: float = 1.0,
    role_seconds: float = 3.0,
    credential_seconds: float = 2.0,
    cluster_update_seconds: float = 3.0,
    webhook_layout: str = "v1.5",
) -> Endpoints:
    """Start the practice cloud of `folder` and return once everything answers; at once if it runs already.

    The options count for a cloud that is started, not for one that runs.

    Raises:
        PracticeError: it did not start, with its own reason.

    """
    folder = folder.absolute()
    with _told_of(folder), _starting(folder):
        running = status(folder)
        if running is not None:
            return running
        options = {
            "--folder": folder,
            "--time-scale": time_scale,
            "--role-seconds": role_seconds,
            "--credential-seconds": credential_seconds,
            "--cluster-update-seconds": cluster_update_seconds,
            "--webhook-layout": webhook_layout,
        }
        words = _spawn(folder, [str(part) for pair in options.items() for part in pair])
        if words != "ready":
            raise PracticeError(words)
        endpoints = read_endpoints(folder)
        if endpoints is None:
            raise PracticeError(
                f"the practice cloud ended right after its start: {folder / 'log' / 'practice.out'} says more"
            )
        return endpoints


def _spawn(folder: Path, options: list[str]) -> str:
    """Start the process, detached, and return what it says on its pipe: `ready`, or why not."""
    output = folder / "log" / "practice.out"
    output.parent.mkdir(exist_ok=True, mode=0o700)
    reading, writing = os.pipe()
    try:
        with os.fdopen(os.open(output, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as log:
            process = subprocess.Popen(  # noqa: S603  # our own module, by the interpreter that runs us
                [sys.executable, "-m", "workshop_tui.practice", *options, "--ready-fd", str(writing)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=subprocess.STDOUT,
                pass_fds=[writing],
                start_new_session=True,
                cwd=folder,
                env=_child_environment(),
            )
        os.close(writing)
        writing = -1
        try:
            words = _read_words(reading)
        except BaseException:
            # Ctrl-C while waiting: nobody else knows of the process yet, so nobody else could stop it.
            process.terminate()
            raise
    finally:
        os.close(reading)
        if writing >= 0:
            os.close(writing)
    if words is None:
        process.terminate()
        return f"the practice cloud was not ready after {START_SECONDS:.0f} s"
    if not words:
        tail = output.read_text("utf-8", "replace").strip().splitlines()[-1:]
        return f"the practice cloud ended before it was ready: {''.join(tail) or 'it said nothing'}"
    if words != "ready":
        process.wait(STOP_SECONDS)
    return words


def _child_environment() -> dict[str, str]:
    """Let the child find this very package, also when it was found by way of the current folder."""
    package_parent = str(Path(__file__).resolve().parents[2])
    known = os.environ.get("PYTHONPATH", "")
    return {**os.environ, "PYTHONPATH": os.pathsep.join(filter(None, [package_parent, known]))}


def _read_words(descriptor: int) -> str | None:
    """Read until the other side closes; None when that takes too long."""
    deadline = time.monotonic() + START_SECONDS
    words = b""
    while True:
        ready, _, _ = select.select([descriptor], [], [], max(0.0, deadline - time.monotonic()))
        if not ready:
            return None
        chunk = os.read(descriptor, 4096)
        if not chunk:
            return words.decode("utf-8", "replace")
        words += chunk


@contextmanager
def _told_of(folder: Path) -> Iterator[None]:
    """Turn what the system says of the folder into words for people."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise PracticeError(
            f"{folder} can't be written to ({reason}): make room there, or allow writing, and try again"
        ) from error


@contextmanager
def _starting(folder: Path) -> Iterator[None]:
    """Let one starter at a time through; the next finds the cloud running."""
    import fcntl  # noqa: PLC0415  # POSIX only

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder / "start.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def read_endpoints(folder: Path) -> Endpoints | None:
    """Return what `endpoints.json` says, true or not; None when there is none."""
    try:
        document = json.loads((folder / "endpoints.json").read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return Endpoints(document) if isinstance(document, dict) else None


def status(folder: Path) -> Endpoints | None:
    """Return the endpoints of a practice cloud that answers, else None.

    The address is asked over TLS with the folder's own authority, so no other program can answer for it. A
    copy of a folder speaks of the original, which is another's.
    """
    endpoints = read_endpoints(folder.absolute())
    if endpoints is None or not _is_in(endpoints, folder):
        return None
    health = _health(endpoints)
    return endpoints if health is not None and health.get("pid") == endpoints.pid else None


def _is_in(endpoints: Endpoints, folder: Path) -> bool:
    """Say whether the practice cloud's own folder is this one, by whatever path."""
    try:
        return endpoints.ca_file.parent.samefile(folder)
    except (OSError, KeyError, TypeError):
        return False


def _health(endpoints: Endpoints) -> dict[str, Any] | None:
    connection = None
    try:
        address = urlsplit(endpoints.arm)
        context = ssl.create_default_context(cafile=str(endpoints.ca_file))
        connection = http.client.HTTPSConnection(
            address.hostname or "", address.port, timeout=HEALTH_SECONDS, context=context
        )
        connection.request("GET", "/practice/health")
        answer = json.loads(connection.getresponse().read())
    except (OSError, ValueError, KeyError, http.client.HTTPException):
        return None
    finally:
        if connection is not None:
            connection.close()
    return answer if isinstance(answer, dict) else None


def stop(folder: Path) -> bool:
    """Stop the practice cloud and wait for its end; False when none was running.

    Raises:
        PracticeError: it did not end in time.

    """
    endpoints = status(folder)
    if endpoints is None:
        with suppress(FileNotFoundError):
            (folder / "endpoints.json").unlink()
        return False
    if not _end(endpoints.pid):
        raise PracticeError(
            f"the practice cloud (process {endpoints.pid}) did not end in {STOP_SECONDS:.0f} s"
        )
    return True


def _end(pid: int) -> bool:
    """Send SIGTERM and wait; True when the process has ended."""
    if hasattr(os, "pidfd_open"):
        try:
            descriptor = os.pidfd_open(pid)
        except ProcessLookupError:
            return True
        try:
            signal.pidfd_send_signal(descriptor, signal.SIGTERM)
            ended, _, _ = select.select([descriptor], [], [], STOP_SECONDS)
            _reap(pid)
            return bool(ended)
        except ProcessLookupError:
            return True
        finally:
            os.close(descriptor)
    os.kill(pid, signal.SIGTERM)
    deadline = time.monotonic() + STOP_SECONDS
    while time.monotonic() < deadline:  # no event to wait for where there are no pidfds
        _reap(pid)
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.05)
    return False


def _reap(pid: int) -> None:
    """Collect the process if it is a child of ours, so that no zombie is left."""
    with suppress(ChildProcessError):
        os.waitpid(pid, os.WNOHANG)


def reset(folder: Path) -> None:
    """Delete the state of a practice cloud that is stopped; the next start makes a new world.

    Raises:
        PracticeError: it runs.

    """
    folder = folder.absolute()
    if status(folder) is not None:
        raise PracticeError("the practice cloud runs: stop it first")
    marks = ("store.sqlite", "ca.pem", "endpoints.json", "log", "start.lock")
    if folder.exists() and any(folder.iterdir()) and not any((folder / each).exists() for each in marks):
        raise PracticeError(f"{folder} is no practice cloud's folder: nothing was deleted")
    shutil.rmtree(folder, ignore_errors=False) if folder.exists() else None


def az_folder(folder: Path) -> Path:
    """Return where the learner's az keeps its configuration for this practice cloud."""
    return folder / AZ_FOLDER


def environment(folder: Path) -> dict[str, str]:
    """Return the variables that point `az`, `kubectl` and scripts at the running practice cloud.

    Prepares the private `az` configuration folder, too; the learner's own `~/.azure` and kubeconfig are never
    touched.

    Raises:
        PracticeError: it does not run.

    """
    endpoints = status(folder)
    if endpoints is None:
        raise PracticeError("the practice cloud does not run: start it with `workshop-tui practice start`")
    return prepare(folder.absolute(), endpoints.document)
