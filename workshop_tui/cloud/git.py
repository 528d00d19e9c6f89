"""git, run so that it never asks, never waits for ever, and never takes orders from our own environment."""

from __future__ import annotations

import os
import shutil
from typing import TYPE_CHECKING

from workshop_tui.cloud.processes import CommandError, run_command, stream_command

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

LOOK_SECONDS = 15.0
FETCH_SECONDS = 240.0


def git_environment() -> dict[str, str]:
    """Return our environment without what would point git at another repository or at a prompt."""
    keep = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    # Where to find trust and proxies is the machine's business, not another repository's.
    keep |= {name: os.environ[name] for name in ("GIT_SSL_CAINFO", "GIT_SSL_CAPATH") if name in os.environ}
    return keep | {
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_ASKPASS": "true",
        "SSH_ASKPASS": "true",
        "LC_ALL": "C.UTF-8",
    }


async def git(folder: Path, *arguments: str, seconds: float = LOOK_SECONDS) -> str:
    """Run a git command in the folder and return what it printed.

    Raises:
        CommandError: git is missing, failed, or took too long.

    """
    program = shutil.which("git")
    if program is None:
        raise CommandError("git is not installed", "")
    # No monitor and no hook of the repository is started by our looking.
    fixed = (
        "-c",
        "core.fsmonitor=false",
        "-c",
        "core.hooksPath=/dev/null",
        "-c",
        "advice.detachedHead=false",
    )
    return await run_command(
        [program, *fixed, *arguments], seconds=seconds, environment=git_environment(), folder=folder
    )


async def fetch_commit(folder: Path, repository: str, commit: str) -> AsyncIterator[str]:
    """Make `folder` (empty, existing) a clone of the repository at this commit alone; yield progress.

    Raises:
        CommandError: git is missing, the repository does not answer, or it does not have the commit.

    """
    await git(folder, "init", "--quiet")
    await git(folder, "remote", "add", "origin", repository)
    # Whether anybody answers is known in seconds; the download itself may take its time.
    await git(folder, "ls-remote", "--quiet", "origin", "HEAD")
    program = shutil.which("git") or "git"
    lines = stream_command(
        [program, "fetch", "--progress", "--no-tags", "--depth=1", "origin", commit],
        seconds=FETCH_SECONDS,
        environment=git_environment(),
        folder=folder,
    )
    async for line in lines:
        if line.endswith("done."):  # git repeats itself at every percent
            yield line
    await git(folder, "checkout", "--quiet", "--detach", "FETCH_HEAD", seconds=60)


async def commit_all(folder: Path, message: str) -> None:
    """Make `folder` a repository with one commit of all that is in it, asking for nobody's name or signature.

    Raises:
        CommandError: git is missing, or failed.

    """
    await git(folder, "init", "--quiet")
    await git(folder, "add", "--all")
    author = ("-c", "user.name=workshop-tui", "-c", "user.email=workshop-tui@localhost")
    await git(folder, *author, "-c", "commit.gpgsign=false", "commit", "--quiet", "--message", message)
