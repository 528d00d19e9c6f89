"""What is made of the image that a pod runs: by what is in it, and by how it answers."""

from __future__ import annotations

from dataclasses import replace

import pytest
from steps_world import (
    DEPLOYMENT,
    FINISHED,
    KEY,
    OTHER_DIGEST,
    POD,
    STATUS,
    TEMPLATE,
    judge_in,
    variable,
)

from workshop_tui.authoring import (
    Absent,
    Answer,
    Deployment,
    Finding,
    Pods,
    PushedImage,
    RunningImage,
    Unreadable,
)
from workshop_tui.findings import Verdict

MINE = "mine.azurecr.io/shop/ai"
RUNNING = f"{MINE}@{OTHER_DIGEST}"
ASK = "GET https://cluster/proxy/health"


async def judged(seen: object) -> Finding:
    """Return what is said of an image of one's own registry that a ready pod runs."""
    container = replace(TEMPLATE.containers[0], image=f"{MINE}:1")
    template = replace(TEMPLATE, containers=(container,))
    status = replace(STATUS, image=f"{MINE}:1", image_id=RUNNING)
    world: dict[type, object] = {
        Deployment: replace(DEPLOYMENT, template=template),
        Pods: Pods((replace(POD, spec=replace(POD.spec, containers=(container,)), statuses=(status,)),)),
        PushedImage: Absent("image", "image.missing"),
        RunningImage: seen,
    }
    return await judge_in("redeploy/image", {**FINISHED, **world})


def health(status: int, text: str = "") -> RunningImage:
    return RunningImage(RUNNING, health=Answer(status, "", text, ASK))


@pytest.mark.parametrize(
    ("seen", "words"),
    [
        (RunningImage(RUNNING, made_of_source=True), "its code is the source's"),
        (replace(health(200, "ok"), made_of_source=False), "it answers as the app does"),
        (health(200, "OK"), "it answers as the app does"),
        *((health(status), "run by a ready pod") for status in (0, 429, 500, 502, 503)),
        (RunningImage(f"other@{OTHER_DIGEST}", health=Answer(404, "", "", ASK)), "run by a ready pod"),
        (RunningImage(RUNNING), "run by a ready pod"),
        (Absent("image", "app.no-pods"), "run by a ready pod"),
        (Unreadable("image", "?"), "run by a ready pod"),
    ],
)
async def test_what_may_be_the_app_passes(seen: object, words: str) -> None:
    finding = await judged(seen)
    assert finding.verdict is Verdict.PASSED
    assert finding.observed.startswith(f"{RUNNING}, run by a ready pod")
    assert finding.observed.endswith(words)


@pytest.mark.parametrize(
    "seen",
    [
        *(health(status) for status in (200, 301, 404, 405, 499)),
        *(health(status, text) for status, text in ((404, "ok"), (200, "fine"))),
    ],
)
async def test_what_answers_otherwise_is_not_the_app(seen: RunningImage) -> None:
    finding = await judged(seen)
    assert (finding.verdict, finding.cause) == (Verdict.FAILED, "pod.wrong-image")
    assert seen.health is not None
    words = f"{seen.health.status} {seen.health.text}" if seen.health.text else str(seen.health.status)
    assert finding.observed == f"{RUNNING}; {ASK}: {words}"
    assert finding.command == "workshop-tui solve build-push redeploy"


async def test_a_key_in_the_image_itself_is_within_reach() -> None:
    seen = RunningImage(RUNNING, ("OPENAI_API_KEY", "AOAI_KEY"))
    finding = await judge_in("verify/no-key-in-pods", {**FINISHED, RunningImage: seen})
    assert (finding.verdict, finding.cause) == (Verdict.FAILED, "pod.key-exposed")
    assert finding.observed == f"OPENAI_API_KEY, AOAI_KEY in the image's own environment, {RUNNING}"
    # What a pod's own containers hold is told before what its image does.
    keyed = replace(POD.spec.containers[0], environment=(variable("OPENAI_API_KEY", KEY),))
    pods = Pods((replace(POD, spec=replace(POD.spec, containers=(keyed,))),))
    both = await judge_in("verify/no-key-in-pods", {**FINISHED, RunningImage: seen, Pods: pods})
    assert both.observed.endswith(f"in container ai-service, as plain text, pod {POD.name}")
    for unseen in (RunningImage(RUNNING), Absent("image", "app.no-pods"), Unreadable("image", "?")):
        found = await judge_in("verify/no-key-in-pods", {**FINISHED, RunningImage: unseen})
        assert found.verdict is Verdict.PASSED
