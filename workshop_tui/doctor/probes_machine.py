"""Looking at this machine, one function a line of the doctor's."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.machine.app_python import read_app_python
from workshop_tui.cloud.machine.docker_daemon import read_docker_daemon
from workshop_tui.cloud.machine.programs import read_program
from workshop_tui.cloud.machine.surroundings import read_codespace, read_loopback_ports, read_terminal
from workshop_tui.cloud.python_runtime import find_uv
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.doctor import machine, programs
from workshop_tui.model.machine import Program
from workshop_tui.target import practice_cloud

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from workshop_tui.doctor.diagnosis import Judgement
    from workshop_tui.doctor.looking import Looking


async def _python(looking: Looking) -> Judgement:
    return machine.python(await looking.machine())


async def _state_folder(looking: Looking) -> Judgement:
    return machine.state_folder(await looking.state_folder())


async def _disk(looking: Looking) -> Judgement:
    return machine.disk(await looking.state_folder())


async def _loopback_ports(_looking: Looking) -> Judgement:
    return machine.loopback_ports(await in_daemon_thread(read_loopback_ports))


async def _uv(_looking: Looking) -> Judgement:
    try:
        path = await in_daemon_thread(find_uv)
    except ActionError:
        return programs.uv(Program("uv"))
    return programs.uv(await read_program("uv", path=str(path)))


async def _app_python(looking: Looking) -> Judgement:
    return machine.app_python(await read_app_python(await looking.tls()))


async def _practice_cloud(looking: Looking) -> Judgement:
    return machine.practice_cloud(await in_daemon_thread(partial(practice_cloud, looking.home)))


async def _az(looking: Looking) -> Judgement:
    found, here = await looking.program("az"), await looking.machine()
    return programs.az(found, here.platform, other_sign_in=looking.other_sign_in)


def _program(name: str) -> Callable[[Looking], Awaitable[Judgement]]:
    async def look(looking: Looking) -> Judgement:
        found, here = await looking.program(name), await looking.machine()
        return programs.program(found, here.platform)

    return look


async def _docker_daemon(looking: Looking) -> Judgement:
    found, client = await read_docker_daemon(), await looking.program("docker")
    return programs.docker(found, client, await looking.machine())


async def _docker(looking: Looking) -> Judgement:
    found, here = await looking.program("docker"), await looking.machine()
    return programs.docker_client(found, here.platform)


async def _terminal(looking: Looking) -> Judgement:
    return machine.terminal(read_terminal(looking.environment))


async def _clipboard(looking: Looking) -> Judgement:
    return machine.clipboard(read_terminal(looking.environment))


async def _codespaces(looking: Looking) -> Judgement:
    return machine.codespaces(read_codespace(looking.environment))


PROBES: Mapping[str, Callable[[Looking], Awaitable[Judgement]]] = {
    "python": _python,
    "state-folder": _state_folder,
    "disk": _disk,
    "loopback-ports": _loopback_ports,
    "uv": _uv,
    "app-python": _app_python,
    "practice-cloud": _practice_cloud,
    "az": _az,
    "docker-daemon": _docker_daemon,
    "kubectl": _program("kubectl"),
    "docker": _docker,
    "git": _program("git"),
    "terminal": _terminal,
    "clipboard": _clipboard,
    "codespaces": _codespaces,
}
