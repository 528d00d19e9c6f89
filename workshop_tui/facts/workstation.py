"""Facts of the learner's own machine, and of the image that came from it."""

from __future__ import annotations

import asyncio

from workshop_tui.cloud.images import EVIDENCE as IMAGE_PUSH
from workshop_tui.cloud.images import Images
from workshop_tui.cloud.local_app import EVIDENCE as LOCAL_RUN
from workshop_tui.cloud.local_app import LocalApp
from workshop_tui.cloud.source import SERVICE, Source
from workshop_tui.cloud.source_probe import parse_requirements, probe
from workshop_tui.facts.engine import resolver, sends_model_request
from workshop_tui.model import (
    Absent,
    Checkout,
    Evidence,
    EvidenceBook,
    LocalRun,
    Names,
    PushedImage,
    Requirements,
    SourceBehaviour,
    Unreadable,
)


@resolver
async def checkout(source: Source) -> Checkout | Absent:
    """Read the learner's checkout."""
    return await source.checkout()


@resolver
async def requirements(source: Source, _checkout: Checkout) -> Requirements | Absent | Unreadable:
    """Read what the service's requirements file asks for."""
    file = source.service / "requirements.txt"
    try:
        text = await asyncio.to_thread(file.read_text, encoding="utf-8-sig")
    except FileNotFoundError:
        return Absent(f"the file {SERVICE}/requirements.txt", "source.incomplete")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        return Unreadable(str(file), reason or type(error).__name__, "reading.unexpected")
    return parse_requirements(text)


@resolver
async def source_behaviour(
    source: Source, _checkout: Checkout, asked: Requirements | Absent | Unreadable
) -> SourceBehaviour | Absent | Unreadable:
    """Run the learner's description generator with recorders in place of its libraries."""
    return await probe(source.service, asked if isinstance(asked, Requirements) else None)


@sends_model_request
@resolver
async def local_run(
    app: LocalApp, source: Checkout, evidence: EvidenceBook, names: Names
) -> LocalRun | Absent:
    """See the app running now; else take what the journal saw of this very source."""
    now = await app.run_now()
    if now is not None and now.fingerprint == source.fingerprint:
        return now
    kept = evidence.latest(LOCAL_RUN)
    if kept is not None and kept.fingerprint == source.fingerprint:
        return _from_evidence(kept)
    start = "workshop-tui solve run-locally"
    if now is not None or kept is not None:
        runs = f"What runs on 127.0.0.1:{names.local_port} is of other source, or older than the last change."
        detail = runs if now is not None else "The source has changed since the app was run here."
        return Absent("a run of the app as its source is now", "local.stale", start, detail)
    what = f"a run of the app on 127.0.0.1:{names.local_port}"
    stranger = await app.stranger()
    if stranger:
        detail = f"Port {names.local_port} has another program: {stranger}. Its answers say nothing here."
        return Absent(what, "local.port-busy", start, detail)
    return Absent(what, "local.not-run", start)


def _from_evidence(kept: Evidence) -> LocalRun:
    return LocalRun(
        live=False,
        at=kept.at,
        healthy=kept.data.get("healthy") == "yes",
        description=kept.data.get("description", ""),
        problem=kept.data.get("problem", ""),
        key_in_environment={"yes": True, "no": False}.get(kept.data.get("key_in_environment", "")),
        account_saw=kept.data.get("account_saw", ""),
        fingerprint=kept.fingerprint,
    )


@resolver
async def pushed_image(
    images: Images, names: Names, evidence: EvidenceBook, source: Source
) -> PushedImage | Absent | Unreadable:
    """Ask the registry for the learner's own image, and the journal for when it was pushed.

    An image that the journal knows nothing of tells by itself what it is made of.
    """
    kept = evidence.latest(IMAGE_PUSH)
    if kept is not None and kept.data.get("reference") != names.image:
        kept = None
    pushed = kept.data.get("digest", "") if kept is not None else ""
    try:
        manifest = await images.find(names.image, kept.at if kept is not None else None, digest=pushed)
    except ValueError:
        return Unreadable(
            "the image", f"{names.image!r} is no image reference", "reading.unexpected", "Mend IMAGE_NAME."
        )
    if manifest is None and kept is None:
        return Absent(f"the image {names.image} in its registry", "image.missing")
    made_of_source = None
    if manifest is not None and manifest.digest != pushed:
        made_of_source = await images.is_made_of(names.image, manifest.digest, source.service)
    return PushedImage(names.image, manifest, kept, made_of_source)
