"""Build the app's image and push it where the cluster can pull it."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

from workshop_tui.authoring import (
    Absent,
    ActionError,
    Applied,
    AsyncIterator,
    Change,
    Checkout,
    Evidence,
    Finding,
    ImageChanges,
    ImageManifest,
    Names,
    Noted,
    Now,
    Planned,
    Pods,
    Progress,
    PushedImage,
    Scope,
    Sequence,
    Undo,
    Unreadable,
    action,
    check,
    command,
    failed,
    passed,
    pending,
    reset,
)

from .running import asking_pod, running_image

PLATFORM = "linux/amd64"
_DIGEST = re.compile(r"sha256:[0-9a-f]{64}")
_TOO_SOON = timedelta(minutes=2)
"""With less time left a new pod may come too late."""
_FRESH_ENOUGH = timedelta(minutes=10)
"""With less time left, doing it again is worth it when asked."""


@check("The image can be pulled", scope=Scope.WORKSTATION)
def image_available(
    *,
    image: PushedImage | Absent,
    source: Checkout | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge that the registry has it now, or that a ready pod runs it already; and that it is not stale."""
    if isinstance(image, PushedImage) and isinstance(source, Checkout) and _is_stale(image, source):
        return failed(
            "image.stale",
            f"{image.reference} was made of other source",
            expected=f"{image.reference} made of the source as it is now",
            command=_again(image, names, source),
        )
    if isinstance(image, PushedImage) and image.manifest is not None:
        return passed(f"{image.reference} is in the registry")
    return _running(image, pods, names) or _gone(image, source, names)


@check("It is for the cluster's machines", scope=Scope.WORKSTATION)
def platform(
    *,
    image: PushedImage | Absent,
    source: Checkout | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge the platform that the registry names for it."""
    if not isinstance(image, PushedImage) or image.manifest is None:
        return _running(image, pods, names) or _gone(image, source, names)
    platforms = image.manifest.platforms
    if PLATFORM in platforms:
        return passed(PLATFORM if len(platforms) == 1 else f"{PLATFORM}, of {', '.join(platforms)}")
    return failed(
        "image.wrong-platform",
        ", ".join(platforms) or "no platform named",
        expected=PLATFORM,
        command=_again(image, names, source),
    )


@check("Its digest is known", scope=Scope.WORKSTATION)
def digest_known(
    *,
    image: PushedImage | Absent,
    source: Checkout | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    names: Names,
) -> Finding:
    """Judge that there is a digest to deploy by, and that it is still the one that was pushed."""
    if not isinstance(image, PushedImage) or image.manifest is None:
        return _running(image, pods, names) or _gone(image, source, names)
    digest = image.manifest.digest
    if not _DIGEST.fullmatch(digest):
        return failed(
            "image.no-digest",
            digest or "no digest",
            expected="sha256: and 64 hexadecimal digits",
            command=_again(image, names, source),
        )
    pushed = image.evidence.data.get("digest", "") if image.evidence else ""
    if pushed and pushed != digest and image.made_of_source is None:
        return failed("image.replaced", digest, expected=pushed, command=_again(image, names, source))
    return passed(digest)


@check("There is time left to deploy it", scope=Scope.WORKSTATION)
def time_left(
    *,
    image: PushedImage | Absent,
    source: Checkout | Absent | Unreadable,
    pods: Pods | Absent | Unreadable,
    names: Names,
    now: Now,
) -> Finding:
    """Judge the minutes until the registry deletes it; they don't matter once a ready pod runs it."""
    if not isinstance(image, PushedImage) or image.manifest is None:
        return _running(image, pods, names) or _gone(image, source, names)
    expires = image.manifest.expires
    if expires is None:
        return passed("the registry names no end")
    left = expires - now.moment
    if left >= _TOO_SOON:
        return passed(f"{left // timedelta(minutes=1)} minutes left, until {expires:%H:%M} UTC")
    running = _running(image, pods, names)
    if running is not None:
        return running
    over = left <= timedelta(0)
    coming = asking_pod(image, pods, names) if isinstance(pods, Pods) else ""
    if coming and not over:
        return pending(
            "image.expiring",
            f"its time is over at {expires:%H:%M} UTC; pod {coming} is about to run it",
            until=expires,
            expected="a ready pod that runs it",
            command=_again(image, names, source),
        )
    return failed(
        "image.expired" if over else "image.expiring",
        f"its time {'was' if over else 'is'} over at {expires:%H:%M} UTC",
        expected="at least two minutes left",
        command=_again(image, names, source),
    )


@action
async def build_and_push(
    *,
    names: Names,
    source: Checkout,
    image: PushedImage | Absent | Unreadable,
    now: Now,
    images: ImageChanges,
) -> AsyncIterator[Progress]:
    """Build the service's folder and push it, unless the registry has this very source already."""
    builder = "" if images.builder == "auto" else f" with the {images.builder} builder"
    change = Change(f"Build {names.image} for {PLATFORM}{builder} and push it", _by_hand(names, source))
    if isinstance(image, PushedImage) and _is_good(image, source, now):
        yield Applied(change, already=True)
        return
    yield Planned(change)
    digest = ""
    async for progress in images.build_and_push(Path(source.path) / "src" / "ai-service", names.image):
        digest = progress.item
        yield progress
    if not _DIGEST.fullmatch(digest):
        raise ActionError(
            f"The registry took {names.image}, but named no digest for it.", "Try again, or another registry."
        )
    # The time is among the data: the very same image pushed again starts its lifetime anew.
    pushed = datetime.now(UTC)
    data = {
        "reference": names.image,
        "digest": digest,
        "builder": images.builder,
        "pushed": pushed.isoformat(timespec="seconds"),
    }
    yield Noted(Evidence("image-push", source.fingerprint, pushed, data))
    yield Applied(change)


@reset
def forget(image: PushedImage | Absent | Unreadable, names: Names, images: ImageChanges) -> Sequence[Undo]:
    """Forget the image: the registry deletes it where it lets us, and the next push gets a new name."""
    if isinstance(image, Absent):
        return ()
    reference = image.reference if isinstance(image, PushedImage) else names.image
    change = Change(
        f"Delete {reference} from its registry where that can be, and forget that it was pushed"
        " (ttl.sh keeps it until its time is over; the next push gets another name)"
    )
    return (Undo(change, lambda: images.forget(reference)),)


def _is_stale(image: PushedImage, source: Checkout) -> bool:
    """Say whether it is of other code: by what is in it where that was read, else by the note of its push."""
    if image.made_of_source is not None:
        return not image.made_of_source
    return image.evidence is not None and image.evidence.fingerprint != source.fingerprint


def _is_good(image: PushedImage, source: Checkout, now: Now) -> bool:
    manifest: ImageManifest | None = image.manifest
    if manifest is None or _is_stale(image, source):
        return False
    if image.evidence is None and not image.made_of_source:
        return False
    lasting = manifest.expires is None or manifest.expires - now.moment > _FRESH_ENOUGH
    noted = image.evidence.data.get("digest", manifest.digest) if image.evidence else manifest.digest
    return (
        lasting
        and (noted == manifest.digest or bool(image.made_of_source))
        and PLATFORM in manifest.platforms
    )


def _running(image: PushedImage | Absent, pods: Pods | Absent | Unreadable, names: Names) -> Finding | None:
    """Return a pass if a ready pod of the app runs the image already."""
    known = image if isinstance(image, PushedImage) else None
    running = running_image(known, pods, names) if isinstance(pods, Pods) else ""
    return passed(f"a ready pod runs it already: {running}") if running else None


def _gone(image: PushedImage | Absent, source: Checkout | Absent | Unreadable, names: Names) -> Finding:
    if isinstance(image, Absent):
        return failed(
            image.cause,
            image.detail or f"Not there: {image.what}.",
            expected=f"{names.image} in the registry",
            command=image.command or _by_hand(names, source),
        )
    ever = image.evidence is not None
    return failed(
        "image.expired" if ever else "image.missing",
        f"the registry has no {image.reference}{' any more' if ever else ''}",
        expected=f"{image.reference} in the registry",
        command=_again(image, names, source),
    )


def _again(image: PushedImage, names: Names, source: Checkout | Absent | Unreadable) -> str:
    """Return what pushes it again: as it was pushed, since what is noted of a push counts until the next."""
    return command("workshop-tui", "solve", "build-push") if image.evidence else _by_hand(names, source)


def _by_hand(names: Names, source: Checkout | Absent | Unreadable) -> str:
    root = source.path if isinstance(source, Checkout) else names.source
    build = command("docker", "build", "--platform", PLATFORM, "--tag", names.image, f"{root}/src/ai-service")
    return f"{build} && {command('docker', 'push', names.image)}"
