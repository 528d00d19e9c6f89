"""Judging the learner's programs: there or not, new enough or not."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.doctor import remedies
from workshop_tui.doctor.diagnosis import Judgement, Need, State, lacking, ok, unknown

if TYPE_CHECKING:
    from workshop_tui.model.machine import DockerDaemon, Machine, Platform, Program

OLDEST = {"az": (2, 47), "kubectl": (1, 29), "git": (2, 18), "uv": (0, 5)}
"""The oldest versions that will do.

az 2.47 is the first with the workload identity flags released; kubectl 1.29 still does all that the pages
ask of the practice cloud's 1.32; git 2.18 fetches a single commit as we do.
"""
_WHY = {
    "az": "For your sign-in to Azure, and for the commands of the workshop's pages.",
    "kubectl": "The pages' commands ask for it; the workshop's own actions speak to the cluster themselves.",
}


def program(found: Program, platform: Platform) -> Judgement:
    """Judge whether a program is there and new enough."""
    if not found.path:
        remedy, command = remedies.install(found.name, platform)
        return lacking("not installed", f"{remedy} {_WHY.get(found.name, '')}".strip(), command)
    if found.problem:
        remedy, command = remedies.install(found.name, platform)
        return unknown(f"{found.path} is there, but: {found.problem}", f"Try it yourself. {remedy}", command)
    observed = f"{found.version} ({found.path})"
    oldest = OLDEST.get(found.name, (0, 0))
    if version_of(found.version) < oldest:
        remedy, command = remedies.renew(found.name, platform)
        wanted = ".".join(str(part) for part in oldest)
        return lacking(f"{observed} is older than {wanted}", remedy, command)
    return ok(observed)


def version_of(text: str) -> tuple[int, ...]:
    """Return a version's numbers."""
    return tuple(int(part) for part in text.split(".") if part.isdigit())


def az(found: Program, platform: Platform, *, other_sign_in: bool) -> Judgement:
    """Judge az: without it nobody is signed in, unless the environment holds another way."""
    judged = program(found, platform)
    if judged.state is not State.OK and other_sign_in:
        return Judgement(judged.state, judged.observed, judged.remedy, judged.command, (Need.BY_HAND,))
    return judged


def uv(found: Program) -> Judgement:
    """Judge uv, which comes with us."""
    if not found.path:
        return lacking(
            "missing", "It comes with workshop-tui, and prepares the app's Python.", "pip install uv"
        )
    if found.problem:
        return unknown(
            f"{found.path} is there, but: {found.problem}",
            "Install it anew.",
            "pip install --force-reinstall uv",
        )
    return ok(f"{found.version} ({found.path})")


def docker(found: DockerDaemon, client: Program, machine: Machine) -> Judgement:
    """Judge whether an image for AKS's nodes, which are amd64, can be built here."""
    if found.trouble:
        if not client.path and found.trouble == "absent":
            return lacking(
                "not installed, and no daemon answers", *remedies.install("docker", machine.platform)
            )
        return lacking(_TROUBLE[found.trouble], *remedies.start_docker(found.trouble, machine.platform))
    observed = f"daemon {found.version}, {found.architecture}"
    observed += f", buildx {found.buildx}" if found.buildx else ", no buildx"
    if found.architecture not in ("amd64", "x86_64"):
        sentence, command = remedies.emulate_amd64(machine.platform)
        return ok(f"{observed}: images for AKS are built by emulation", sentence, command)
    if not found.buildx:
        hint = "Without buildx `docker build` warns that its builder is deprecated, and builds all the same."
        return ok(observed, hint)
    return ok(observed)


_TROUBLE = {
    "absent": "installed, but no daemon has its socket here",
    "permission": "the daemon's socket may not be used by you",
    "stopped": "no daemon answers",
    "silent": "the daemon does not answer in time",
}


def docker_client(found: Program, platform: Platform) -> Judgement:
    """Judge the docker command, which only the pages' commands need."""
    if not found.path:
        return lacking("not installed", *remedies.install("docker", platform))
    if found.problem:
        return unknown(f"{found.path} is there, but: {found.problem}")
    return ok(f"{found.version} ({found.path})")
