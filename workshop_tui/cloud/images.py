"""Building and pushing the app's image, with Docker or without, and what the registry says of it."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError
from workshop_tui.cloud import docker_client
from workshop_tui.cloud.docker_builder import DockerBuilder, no_docker
from workshop_tui.cloud.embedded_builder import EmbeddedBuilder
from workshop_tui.cloud.image_content import ImageContent
from workshop_tui.cloud.oci import parse_reference
from workshop_tui.model import ImageManifest

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable
    from pathlib import Path

    from workshop_tui.authoring import Working
    from workshop_tui.cloud.oci import Reference
    from workshop_tui.cloud.registry import Registry
    from workshop_tui.model import EvidenceBook


EVIDENCE = "image-push"


class Images:
    """Implements `ImageChanges`, and reads what the registry has."""

    def __init__(
        self,
        *,
        home: Path,
        registry: Registry,
        evidence: EvidenceBook,
        rename: Callable[[Reference], None],
        builder: str = "auto",
        embedded: bool = False,
        network: str = "",
    ) -> None:
        """Take who builds (`auto`, `docker`, `embedded`), and whether an image without a base can run."""
        self._registry = registry
        self._content = ImageContent(registry)
        self._book = evidence
        self._rename = rename
        self._wanted = builder
        self._may_embed = embedded
        self._docker = DockerBuilder(network=network)
        self._embedded = EmbeddedBuilder(home / "cache" / "layers", registry)
        self._builder = "" if builder == "auto" else builder

    @property
    def builder(self) -> str:
        """Return who builds: `docker` or `embedded`; `auto` until that has been found out."""
        return self._builder or "auto"

    async def choose_builder(self) -> str:
        """Find out who builds here: Docker where it answers, else without, where such an image can run.

        Raises:
            ActionError: nobody can.

        """
        if self._builder == "embedded" and not self._may_embed:
            raise ActionError(
                "An image built without Docker has no base system, and runs in the practice cluster alone.",
                "Install and start Docker, then: export WORKSHOP_TUI_BUILDER=docker",
            )
        if not self._builder:
            problem = await docker_client.problem()
            if problem is None:
                self._builder = "docker"
            elif self._may_embed:
                self._builder = "embedded"
            elif docker_client.is_denied(problem):
                raise no_docker(problem)
            else:
                raise ActionError(
                    "No Docker daemon answers here, and this cluster needs a whole image.",
                    "Install and start Docker (https://docs.docker.com/get-docker/), then try again.",
                )
        return self._builder

    async def build_and_push(self, context: Path, reference: str) -> AsyncIterator[Working]:
        """Build `context` for linux/amd64 and push it; the last `item` yielded is the manifest's digest.

        Raises:
            ActionError: nobody can build here, or the build or the push failed.

        """
        try:
            parse_reference(reference)
        except ValueError as error:
            raise ActionError(
                f"{reference} is no image reference.", "It must be registry/repository:tag, in lower case."
            ) from error
        chosen = self._docker if await self.choose_builder() == "docker" else self._embedded
        try:
            async for step in chosen.build_and_push(context, reference):
                yield step
        except ActionError as error:
            if chosen is self._docker and self._may_embed:
                error.remedy += " Or build without Docker: export WORKSHOP_TUI_BUILDER=embedded"
            raise

    async def forget(self, reference: str) -> None:
        """Make it as if the image had not been pushed, as far as the registry lets us.

        Raises:
            ActionError: the registry does not answer.

        """
        wanted = parse_reference(reference)
        deleted = await self._registry.delete(wanted)
        self._book.forget(EVIDENCE)
        if not deleted:
            # It stays until its time is over: the next push must not be taken for this one.
            self._rename(wanted)

    async def is_made_of(self, reference: str, digest: str, folder: Path) -> bool | None:
        """Say whether the code in the image is the folder's; None where that cannot be told."""
        try:
            wanted = parse_reference(reference)
        except ValueError:
            return None
        return await self._content.is_made_of(wanted, digest, folder)

    async def keys_in(self, reference: str, digest: str) -> tuple[str, ...]:
        """Return the names of variables that hold a key in the image itself; none where it cannot be read."""
        try:
            return await self._content.keys_in(parse_reference(reference), digest)
        except ValueError:
            return ()

    async def find(
        self, reference: str, pushed: datetime | None, *, digest: str = ""
    ) -> ImageManifest | None:
        """Return the image as the registry has it now; None where it has none.

        `pushed` is when it was pushed, where we did, and `digest` what: it expires its tag's lifetime after
        that. One pushed by hand counts from when it was built, which can only be earlier.

        Raises:
            ReadFailure: the registry could not be asked.
            ValueError: it is no image reference.

        """
        wanted = parse_reference(reference)
        found = await self._registry.find(wanted)
        if found is None:
            return None
        if digest and digest != found.digest:
            pushed = None
        since, life = pushed or found.created, wanted.lifetime
        expires = since + life if since is not None and life is not None else None
        if pushed is None and expires is not None and expires < datetime.now(UTC):
            expires = None  # still there: so it was pushed later than it was built, nobody knows when
        return ImageManifest(str(wanted), found.digest, found.platforms, expires)
