"""What git knows of the learner's clone: its commit, whose work is on top, and the originals of files."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.git import git
from workshop_tui.cloud.processes import CommandError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path


class Clone:
    """A clone of the shop's repository, which may not be there yet."""

    def __init__(self, root: Path, *, repository: str, commit: str, service: str) -> None:
        """Take its folder, where it comes from, the workshop's commit, and the subfolder that is changed."""
        self._root = root
        self._repository = repository
        self._commit = commit
        self._service = service

    async def head(self) -> str | None:
        """Return HEAD of the clone whose root is here; None where here is no clone's root."""
        if not (self._root / ".git").exists():
            return None
        try:
            return (await git(self._root, "rev-parse", "--verify", "HEAD")).strip()
        except CommandError:
            return None

    async def original(self, path: str) -> str:
        """Return the text of a file as the workshop's commit has it, else as the clone's HEAD does.

        Raises:
            CommandError: git knows neither.

        """
        try:
            return await git(self._root, "show", f"{self._commit}:{path}")
        except CommandError:
            return await git(self._root, "show", f"HEAD:{path}")

    async def has_own_commits(self, head: str) -> bool:
        """Return whether HEAD is the workshop's commit with the learner's own changes to the service on top.

        Commits that the repository itself has published are not the learner's.
        """
        if not head or head == self._commit:
            return False
        try:
            await git(self._root, "merge-base", "--is-ancestor", self._commit, head)
            changed = await git(self._root, "diff", "--name-only", self._commit, head)
            origin = await git(self._root, "config", "--default", "", "remote.origin.url")
            published = await git(self._root, "branch", "--remotes", "--contains", head)
        except CommandError:  # it is no ancestor, or not even known here
            return False
        theirs = bool(published.strip()) and _plain_url(origin) == _plain_url(self._repository)
        return not theirs and all(line.startswith(f"{self._service}/") for line in changed.splitlines())

    async def move_to_commit(self, head: str) -> AsyncIterator[str]:
        """Check out the workshop's commit, fetched where need be; yields progress.

        Raises:
            ActionError: there are changes that would be lost, or git could not do it.

        """
        advice = f"Keep your work, then: git -C {self._root} checkout {self._commit}"
        try:
            if await git(self._root, "status", "--porcelain", "--untracked-files=no"):
                raise ActionError(
                    f"{self._root} is at commit {head[:12]}, not {self._commit[:12]}, and has changes.",
                    advice,
                )
            known = await git(self._root, "cat-file", "-t", self._commit) if head else ""
        except CommandError:
            known = ""
        try:
            if not known:
                yield f"Fetching commit {self._commit[:12]}."
                await git(self._root, "fetch", "--no-tags", "--depth=1", "origin", self._commit, seconds=240)
            await git(self._root, "checkout", "--quiet", "--detach", self._commit, seconds=60)
        except CommandError as error:
            raise ActionError(
                f"The commit {self._commit[:12]} could not be checked out: {error.output or error.what}.",
                advice,
            ) from error
        yield f"Checked out {self._commit[:12]}."


def _plain_url(url: str) -> str:
    return url.strip().removesuffix("/").removesuffix(".git").lower()
