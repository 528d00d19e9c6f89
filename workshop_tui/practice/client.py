"""How the rest of the project starts, finds and stops a practice cloud.

The only module of `practice/` that others import, and a light one: it loads no server. Its functions block;
`start` may take as long as a first start takes. POSIX only for starting and stopping.
"""

from __future__ import annotations

import os
import shutil
import socket
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING

from workshop_tui.practice import server_process
from workshop_tui.practice.client_environment import AZ_FOLDER, prepare
from workshop_tui.practice.endpoints import LISTENS_ON, Endpoints, read_endpoints, status

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = [
    "Endpoints",
    "PracticeError",
    "az_folder",
    "environment",
    "read_endpoints",
    "reset",
    "start",
    "status",
    "stop",
]


class PracticeError(RuntimeError):
    """The practice cloud could not be started, stopped or reset; the message says why and what helps."""


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

    The options count for a cloud that is started, not for one that runs. `time_scale` is how
    many simulated seconds a real one has; the other seconds are simulated ones, and how long new role
    assignments, federated credentials and cluster updates take to count. `webhook_layout` is the release of
    the workload identity webhook by whose layout tokens are mounted.

    Raises:
        PracticeError: it did not start, with its own reason.

    """
    folder = folder.absolute()
    with _os_errors_explained(folder), _start_lock(folder):
        _see_localhost()
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
        words = server_process.spawn(folder, [str(part) for pair in options.items() for part in pair])
        if words != server_process.READY:
            raise PracticeError(words)
        endpoints = read_endpoints(folder)
        if endpoints is None:
            raise PracticeError(
                f"the practice cloud ended right after its start: {folder / 'log' / 'practice.out'} says more"
            )
        return endpoints


def _see_localhost() -> None:
    """See that the name in all the addresses means where the servers listen; it may mean ::1, too."""
    try:
        found = socket.getaddrinfo("localhost", None, type=socket.SOCK_STREAM)
    except socket.gaierror:
        found = []
    addresses = sorted({str(item[4][0]) for item in found})
    if LISTENS_ON not in addresses:
        raise PracticeError(
            f"localhost means {' and '.join(addresses) or 'nothing'} on this machine, not {LISTENS_ON}, where"
            f" the practice cloud listens: add the line `{LISTENS_ON} localhost` to /etc/hosts, then start it"
            " again"
        )


@contextmanager
def _os_errors_explained(folder: Path) -> Iterator[None]:
    """Turn what the system says of the folder into words for people."""
    try:
        yield
    except OSError as error:
        reason = error.strerror or str(error)
        raise PracticeError(
            f"{folder} can't be written to ({reason}): make room there, or allow writing, and try again"
        ) from error


@contextmanager
def _start_lock(folder: Path) -> Iterator[None]:
    """Let one starter at a time through; the next finds the cloud running."""
    import fcntl  # noqa: PLC0415 - POSIX only

    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    with os.fdopen(os.open(folder / "start.lock", os.O_WRONLY | os.O_CREAT, 0o600), "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


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
    if not server_process.end(endpoints.pid):
        raise PracticeError(
            f"the practice cloud (process {endpoints.pid}) did not end in {server_process.STOP_SECONDS:.0f} s"
        )
    return True


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
    if folder.exists():
        shutil.rmtree(folder)


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
