"""The learner's checkout: fetched, read, changed and put back; whole or not at all."""

from __future__ import annotations

import asyncio
import shlex
import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from workshop_tui.authoring import PINNED_COMMIT, ActionError
from workshop_tui.cloud.atomic import beside, remove_folder, replace_file, sweep
from workshop_tui.cloud.build_context import fingerprint
from workshop_tui.cloud.clone import Clone
from workshop_tui.cloud.git import commit_all, fetch_commit
from workshop_tui.cloud.processes import CommandError
from workshop_tui.model import Absent, Checkout

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

REPOSITORY = "https://github.com/Azure-Samples/aks-store-demo"
SERVICE = "src/ai-service"
NEEDED = (
    "Dockerfile",
    "main.py",
    "requirements.txt",
    "routers/__init__.py",
    "routers/description_generator.py",
    "skills/ProductSkill/Description/config.json",
    "skills/ProductSkill/Description/skprompt.txt",
)
"""What the service cannot do without, relative to its folder."""
STARTER_MARK = ".workshop-starter"
"""The file, holding a version, by which an unpacked starter is known."""
_CLONE_MARK = "workshop-tui"
"""The file inside `.git` that says: `fetch` made this clone, so `remove` may delete it."""


def bundled_starter() -> Path:
    """Return our own starter's folder: the checkout's if there is one, else the installed copy."""
    package = Path(__file__).resolve().parents[1]
    candidates = (package.parent / "assets" / "starter", package / "bundled" / "assets" / "starter")
    return next((folder for folder in candidates if folder.is_dir()), candidates[0])


class Source:
    """The checkout at one path. Implements `SourceChanges`, and reads the fact `Checkout`."""

    def __init__(
        self,
        root: Path,
        *,
        source_from: str = "auto",
        repository: str = REPOSITORY,
        commit: str = PINNED_COMMIT,
        starter: Path | None = None,
    ) -> None:
        """Take the checkout's place; `source_from` is `auto`, `clone` or `starter`."""
        self.root = root
        self._from = source_from
        self._repository = repository
        self._commit = commit
        self._starter = starter or bundled_starter()
        self._clone = Clone(root, repository=repository, commit=commit, service=SERVICE)

    @property
    def service(self) -> Path:
        """The folder of the service that the workshop changes."""
        return self.root / SERVICE

    @property
    def clone_command(self) -> str:
        """Return the command that a learner would type."""
        root = shlex.quote(str(self.root))
        return f"git clone {self._repository} {root} && git -C {root} checkout {self._commit}"

    async def checkout(self) -> Checkout | Absent:
        """Read what is there."""
        if not self.root.is_dir() or not any(self.root.iterdir()):
            return Absent(f"the shop's source at {self.root}", "source.missing", self.clone_command)
        starter = self._starter_version()
        commit = starter if starter is not None else await self._clone.head()
        if commit is None and not self.service.is_dir():
            return Absent(
                f"the shop's source at {self.root}",
                "source.missing",
                self.clone_command,
                f"{self.root} is there, but holds neither a clone nor {SERVICE}.",
            )
        return Checkout(
            path=str(self.root),
            commit=commit or "",
            is_starter=starter is not None,
            missing=self._missing(),
            fingerprint=await asyncio.to_thread(fingerprint, self.service),
            own_commits=starter is None and await self._clone.has_own_commits(commit or ""),
        )

    async def fetch(self) -> AsyncIterator[str]:
        """Clone the pinned commit, or unpack the starter; what is there already is kept.

        Raises:
            ActionError: something else is in the way, or nothing could be fetched.

        """
        await asyncio.to_thread(sweep, self.root)
        if self.root.is_dir() and any(self.root.iterdir()):
            async for line in self._mend():
                yield line
            return
        # Made beside its place and renamed there in the end: nobody ever sees half a checkout.
        parent, part = self.root.parent, beside(self.root)
        try:
            parent.mkdir(parents=True, exist_ok=True)
            part.mkdir()
            async for line in self._fetch_into(part):
                yield line
            if self.root.is_dir():
                self.root.rmdir()  # an empty folder in its place
            part.rename(self.root)
        except OSError as error:
            raise ActionError(
                f"The source could not be put at {self.root}: {error.strerror or error}.",
                f"See that {parent} can be written to and that the disk is not full, then try again.",
            ) from error
        finally:
            await asyncio.to_thread(shutil.rmtree, part, ignore_errors=True)
        yield f"The source is at {self.root}."

    async def read(self, path: str) -> str:
        """Return a text file below the checkout, line ends as they are.

        Raises:
            ActionError: it is not there, or is no text.

        """
        file = self._inside(path)
        try:
            return file.read_bytes().decode("utf-8")
        except (OSError, UnicodeDecodeError) as error:
            reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
            raise ActionError(f"{file} cannot be read: {reason}.", f"Look at {file}.") from error

    async def write(self, path: str, text: str) -> None:
        """Replace a text file below the checkout, whole or not at all, keeping its permissions.

        Raises:
            ActionError: it cannot be written.

        """
        await self._replace(self._inside(path), text.encode())

    async def restore(self, path: str) -> None:
        """Put back the file as `fetch` brought it.

        Raises:
            ActionError: nobody has the original.

        """
        file = self._inside(path)
        if self._starter_version() is not None:
            original = self._starter / path
            if not original.is_file():
                raise ActionError(f"The starter has no {path}.", "Restore the file by hand.")
            await self._replace(file, original.read_bytes())
            return
        try:
            text = await self._clone.original(path)
        except CommandError as error:
            raise ActionError(
                f"git could not restore {path}: {error.output or error.what}.",
                f"Restore it by hand: git -C {self.root} checkout HEAD -- {path}",
            ) from error
        await self._replace(file, text.encode())

    async def remove(self) -> None:
        """Delete the checkout that `fetch` made; nothing to do where there is none.

        Raises:
            ActionError: the folder was not made by `fetch`.

        """
        if not self.root.exists():
            return
        if self._starter_version() is None and not (self.root / ".git" / _CLONE_MARK).is_file():
            raise ActionError(
                f"{self.root} was not made by this workshop, and is left alone.",
                "Move or delete it yourself if you do not need it any more.",
            )
        await asyncio.to_thread(remove_folder, self.root)

    async def _fetch_into(self, part: Path) -> AsyncIterator[str]:
        if self._from != "starter":
            yield f"Cloning {self._repository}."
            try:
                async for line in fetch_commit(part, self._repository, self._commit):
                    yield line
            except CommandError as error:
                if self._from == "clone":
                    raise ActionError(
                        f"The source could not be cloned: {error.output or error.what}.",
                        "Check the network, or take the starter: export WORKSHOP_TUI_SOURCE_FROM=starter",
                    ) from error
                yield f"GitHub does not answer here ({(error.output or error.what).splitlines()[-1]})."
            else:
                (part / ".git" / _CLONE_MARK).write_text("made by workshop-tui\n", encoding="utf-8")
                return
        yield "Unpacking the workshop's own starter, which has the same files and behaviour."
        shutil.rmtree(part)
        await asyncio.to_thread(shutil.copytree, self._starter, part, ignore=_byproducts)
        # With a commit of its own, `git diff` shows the learner's changes, as it does in a clone.
        try:
            await commit_all(part, "The workshop's starter, as it was unpacked")
        except CommandError as error:
            yield f"It is no git repository, so `git diff` will not show your changes: {error.what}."

    async def _mend(self) -> AsyncIterator[str]:
        """Take what is there as the learner's; bring only what is missing, never over their changes."""
        if self._starter_version() is None:
            head = await self._clone.head()
            if head is None:
                raise ActionError(
                    f"{self.root} is in the way: it holds files, but is no clone of the shop's source.",
                    "Move it away, or name another folder: export SOURCE=/path/to/checkout",
                )
            if head != self._commit and not await self._clone.has_own_commits(head):
                async for line in self._clone.move_to_commit(head):
                    yield line
        for name in self._missing():
            await self.restore(f"{SERVICE}/{name}")
            yield f"Restored {SERVICE}/{name}."
        yield f"The source is at {self.root} already; your changes are kept."

    def _starter_version(self) -> str | None:
        try:
            return (self.root / STARTER_MARK).read_text(encoding="utf-8").strip()[:40]
        except OSError:
            return None

    def _missing(self) -> tuple[str, ...]:
        return tuple(name for name in NEEDED if not (self.service / name).is_file())

    def _inside(self, path: str) -> Path:
        file = self.root / path
        if not file.resolve().is_relative_to(self.root.resolve()):
            raise ActionError(f"{path} leads out of the checkout.", "Replace the link by a plain file.")
        return file

    async def _replace(self, file: Path, content: bytes) -> None:
        try:
            await asyncio.to_thread(replace_file, file, content)
        except OSError as error:
            raise ActionError(
                f"{file} cannot be written: {error.strerror}.",
                "Check the folder's permissions and disk space.",
            ) from error


def _byproducts(_folder: str, names: list[str]) -> set[str]:
    return {name for name in names if name in {"__pycache__", ".pytest_cache", ".env", ".venv"}}
