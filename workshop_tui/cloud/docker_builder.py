"""Building and pushing with the Docker daemon, as the learner's own `docker build` and `docker push`."""

from __future__ import annotations

import io
import os
import re
import tarfile
from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import ActionError, Working
from workshop_tui.cloud.build_context import image_files
from workshop_tui.cloud.docker_client import connect, is_denied, is_lost, stream
from workshop_tui.cloud.oci import Reference, parse_reference
from workshop_tui.cloud.text import clean
from workshop_tui.daemon_thread import in_daemon_thread

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping
    from pathlib import Path

PLATFORM = "linux/amd64"
BASE_IMAGE = "WORKSHOP_TUI_BASE_IMAGE"
"""Environment variable naming another base image, for machines that cannot pull the Dockerfile's own."""
_FROM = re.compile(r"^([ \t]*FROM[ \t]+(?:--\S+[ \t]+)*)(\S+)", re.IGNORECASE | re.MULTILINE)
_STEP = re.compile(r"Step (\d+)/(\d+)")


class DockerBuilder:
    """Builds and pushes with the daemon that answers here."""

    def __init__(self, *, network: str = "") -> None:
        """Take the network mode for builds; empty for Docker's own default."""
        self._network = network

    async def build_and_push(self, context: Path, reference: str) -> AsyncIterator[Working]:
        """Build for linux/amd64 and push; the last item yielded is the manifest's digest.

        Raises:
            ActionError: the build or the push failed, with Docker's own words.

        """
        wanted = parse_reference(reference)
        try:
            client = await in_daemon_thread(connect, seconds=10)
        except Exception as error:
            raise no_docker(error) from error
        try:
            async for progress in self._build(client, context, wanted):
                yield progress
            await _expect_platform(client, str(wanted))
            async for progress in _push(client, wanted):
                yield progress
        except ActionError:
            raise
        except TimeoutError:
            raise ActionError(
                "Docker said nothing for minutes.", "See how Docker fares, then try again."
            ) from None
        except Exception as error:  # the SDK's own, its HTTP library's, and the socket's
            if is_lost(error):
                raise ActionError(
                    "Docker went away in the middle of its work.",
                    "See that it runs (docker info), then try again: what it had built by then is kept.",
                ) from error
            said = clean(getattr(error, "explanation", None) or error, limit=400)
            raise ActionError(
                f"The image could not be built: {said}", "Read what Docker says, then try again."
            ) from error
        finally:
            client.close()

    async def _build(self, client: Any, context: Path, wanted: Reference) -> AsyncIterator[Working]:  # noqa: ANN401 - the SDK has no types
        packed = await in_daemon_thread(lambda: pack_context(context), seconds=60)

        def begin() -> Iterable[dict[str, Any]]:
            found: Iterable[dict[str, Any]] = client.build(
                fileobj=packed,
                custom_context=True,
                tag=str(wanted),
                decode=True,
                rm=True,
                forcerm=True,
                platform=PLATFORM,
                network_mode=self._network or None,
            )
            return found

        fraction: float | None = None
        async for event in stream(client, begin):
            _raise_failure("The image could not be built", event)
            text = clean(event.get("stream") or event.get("status") or "", limit=200)
            if step := _STEP.match(text):
                fraction = (int(step[1]) - 1) / int(step[2])
            layer = clean(event.get("id", ""), limit=40)
            if layer:
                yield _of_layer(layer, text, event)
            elif step:
                yield Working(text, fraction)
            elif text and not text.startswith("━"):  # pip's bars say nothing line by line
                yield Working(text, item="build")
        yield Working(f"Built {wanted}", 1.0, "build")


def no_docker(error: Exception) -> ActionError:
    """Return why Docker cannot be used here, and the way out."""
    if is_denied(error):
        return ActionError(
            "Docker's socket may not be used by you: permission denied.",
            'Join its group (sudo usermod -aG docker "$USER"), sign in to this machine anew, then try again.',
        )
    return ActionError(f"Docker does not answer: {clean(error, limit=200)}", "Start Docker, then try again.")


async def _expect_platform(client: Any, tag: str) -> None:  # noqa: ANN401 - the SDK has no types
    """Look at what was built: the classic builder may take layers of another platform from its cache."""
    found = await in_daemon_thread(lambda: client.inspect_image(tag), seconds=30)
    built = f"{found.get('Os')}/{found.get('Architecture')}"
    if built != PLATFORM:
        raise ActionError(
            f"Docker built for {clean(built, limit=40)}, not for {PLATFORM}, which the cluster's nodes need.",
            f"Build it without the cache: docker build --no-cache --platform={PLATFORM} -t {tag} .",
        )


async def _push(client: Any, wanted: Reference) -> AsyncIterator[Working]:  # noqa: ANN401 - the SDK has no types
    def begin() -> Iterable[dict[str, Any]]:
        found: Iterable[dict[str, Any]] = client.push(wanted.name, tag=wanted.tag, stream=True, decode=True)
        return found

    digest = ""
    async for event in stream(client, begin):
        _raise_failure("The image could not be pushed", event)
        digest = (event.get("aux") or {}).get("Digest") or digest
        text = clean(event.get("status", ""), limit=200)
        layer = clean(event.get("id", ""), limit=40)
        if text:
            yield _of_layer(layer, text, event) if layer else Working(text)
    if not digest:
        raise ActionError("Docker pushed the image, but told no digest.", "Push again.")
    yield Working(f"Pushed {wanted}", 1.0, digest)


_DONE = ("Pushed", "Layer already exists", "Mounted from", "Pull complete", "Already exists")
"""What Docker says last of a layer."""


def _of_layer(layer: str, text: str, event: Mapping[str, Any]) -> Working:
    """Return how a layer stands."""
    said = f"Layer {layer}: {text[:1].lower()}{text[1:]}"
    return Working(said, 1.0 if text.startswith(_DONE) else _fraction(event), layer)


def _fraction(event: Mapping[str, Any]) -> float | None:
    detail = event.get("progressDetail") or {}
    if not detail.get("total"):
        return None
    # Docker may report more than the total.
    return min(float(detail.get("current", 0)) / float(detail["total"]), 1.0)


def _raise_failure(what: str, event: Mapping[str, Any]) -> None:
    """Find the failure in the stream: the daemon's answer is a success whatever happens in it."""
    if "error" not in event and "errorDetail" not in event:
        return
    said = clean((event.get("errorDetail") or {}).get("message") or event.get("error"), limit=400)
    remedy = "Read what Docker says, then try again."
    if "pull" in said or "registry-1.docker.io" in said or "manifest unknown" in said:
        remedy = (
            f"If this machine cannot pull the base image, name one that it has: export {BASE_IMAGE}=name:tag"
        )
    raise ActionError(f"{what}: {said}", remedy)


def pack_context(context: Path) -> io.BytesIO:
    """Return the build context as a tar: what `.dockerignore` lets through, and the Dockerfile.

    Raises:
        ActionError: there is no Dockerfile.

    """
    try:
        dockerfile = (context / "Dockerfile").read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise ActionError(
            f"{context / 'Dockerfile'} cannot be read.", "Get the shop's source first."
        ) from error
    packed = io.BytesIO()
    with tarfile.open(fileobj=packed, mode="w") as archive:
        for name in image_files(context):
            if name != "Dockerfile":
                archive.add(context / name, name, recursive=False, filter=_anonymous)
        content = with_base_image(dockerfile, os.environ.get(BASE_IMAGE, "")).encode()
        entry = tarfile.TarInfo("Dockerfile")
        entry.size = len(content)
        archive.addfile(entry, io.BytesIO(content))
    packed.seek(0)
    return packed


def _anonymous(entry: tarfile.TarInfo) -> tarfile.TarInfo:
    entry.uid = entry.gid = 0
    entry.uname = entry.gname = ""
    return entry


def with_base_image(dockerfile: str, base: str) -> str:
    """Return the Dockerfile with its last `FROM` naming another image; unchanged where none is named."""
    found = list(_FROM.finditer(dockerfile))
    if not base or not found:
        return dockerfile
    start, end = found[-1].span(2)
    return dockerfile[:start] + base + dockerfile[end:]
