"""What the doctor says of machines: programs of any version, folders, Docker, Codespaces."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from contextlib import aclosing
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from machines import AZ, KUBECTL

from workshop_tui.doctor import Need, State, counts, diagnose, summary
from workshop_tui.doctor.catalogue import entries
from workshop_tui.exit_codes import ExitCode
from workshop_tui.practice import client
from workshop_tui.target import practice_folder

if TYPE_CHECKING:
    from machines import Machine

    from workshop_tui.doctor import Mode


@pytest.mark.parametrize("mode", ["practice", "azure", None])
async def test_every_entry_is_told_once(machine: Machine, mode: Mode | None) -> None:
    found = await machine.look(mode)
    assert set(found) == {entry.id for entry in entries(mode)}
    for item in found.values():
        assert item.observed
        assert item.remedy or item.state is not State.LACKING, item


async def test_practice_needs_no_program_of_the_learners(machine: Machine) -> None:
    found = await machine.look("practice")
    for name in ("az", "kubectl", "docker", "git"):
        assert found[name].state is State.LACKING
        assert found[name].observed == "not installed"
        assert Need.BY_HAND in found[name].needed_for
        assert not counts(found[name], "practice")
    assert summary(found.values(), "practice") is ExitCode.PASSED
    assert found["practice-cloud"].command == "workshop-tui practice start"


@pytest.mark.parametrize(
    ("minor", "state"), [("27", State.LACKING), ("28", State.LACKING), ("29", State.OK), ("34", State.OK)]
)
async def test_kubectl_must_be_new_enough(machine: Machine, minor: str, state: State) -> None:
    machine.says("kubectl", KUBECTL % (minor, minor))
    kubectl = (await machine.look("practice"))["kubectl"]
    assert kubectl.state is state
    assert f"1.{minor}.7" in kubectl.observed
    if state is State.LACKING:
        assert "older than 1.29" in kubectl.observed
        assert "newer version" in kubectl.remedy


async def test_az_must_be_new_enough(machine: Machine) -> None:
    machine.says("az", AZ % ("2.46.0", "2.46.0"))
    az = (await machine.look("azure"))["az"]
    assert (az.state, Need.AZURE in az.needed_for) == (State.LACKING, True)
    assert "2.46.0" in az.observed


async def test_a_program_that_fails_is_unknown(machine: Machine) -> None:
    machine.put("git", "sys.exit('\\x1b[31mgit: \\x1b]0;title\\x07broken\\x1b[0m')")
    machine.says("kubectl", "\x1b[2Jhello")
    found = await machine.look("practice")
    assert found["git"].state is State.UNKNOWN
    assert "git: broken" in found["git"].observed
    assert found["kubectl"].state is State.UNKNOWN
    assert all("\x1b" not in item.observed for item in found.values())


async def test_a_program_that_hangs_holds_nobody_up_and_is_ended(machine: Machine) -> None:
    note = machine.home.parent / "pid"
    ignore = "import signal; signal.signal(signal.SIGTERM, signal.SIG_IGN)"
    machine.put("kubectl", f"{ignore}\nopen({str(note)!r}, 'w').write(str(os.getpid()))\ntime.sleep(600)")
    machine.says("git", "git version 2.44.0")
    began = time.monotonic()
    found = await machine.look("practice", seconds=3)
    assert time.monotonic() - began < 15, "generous: the tests' machine may be busy"
    assert found["kubectl"].state is State.UNKNOWN
    assert "in time" in found["kubectl"].observed
    if note.exists():
        with pytest.raises(ProcessLookupError):
            os.kill(int(note.read_text()), 0)


async def test_leaving_early_leaves_nothing_running(machine: Machine) -> None:
    machine.put("kubectl", "time.sleep(600)")
    began = time.monotonic()
    async with aclosing(diagnose(machine.settings(), "practice", seconds=60)) as diagnoses:
        async for _ in diagnoses:
            break
    assert time.monotonic() - began < 30


async def test_a_state_folder_that_cannot_be_written(machine: Machine) -> None:
    settings = machine.settings()
    settings.home.rmdir()
    settings.home.parent.joinpath("elsewhere").write_text("a file")
    lost = replace(settings, home=settings.home.parent / "elsewhere")
    found = {item.id: item async for item in diagnose(lost, "practice", seconds=60)}
    assert found["state-folder"].state is State.LACKING
    assert found["state-folder"].command.startswith("export WORKSHOP_TUI_HOME=")
    assert summary(found.values(), "practice") is ExitCode.FAILED


async def test_docker_that_does_not_run_is_lacking_for_azure_alone(machine: Machine) -> None:
    machine.says("docker", "Docker version 28.2.2, build e6534b4")
    found = await machine.look(None)
    daemon = found["docker-daemon"]
    assert daemon.state is State.LACKING
    assert counts(daemon, "azure")
    assert not counts(daemon, "practice")
    assert found["docker"].state is State.OK


async def test_a_practice_cloud_runs_hangs_or_has_ended(machine: Machine) -> None:
    folder = practice_folder(machine.settings().home)
    pid = client.start(folder).pid
    try:
        assert "running and healthy" in (await machine.look("practice"))["practice-cloud"].observed
        os.kill(pid, signal.SIGSTOP)
        hanging = (await machine.look("practice", seconds=8))["practice-cloud"]
        assert hanging.state is State.UNKNOWN
        assert str(pid) in hanging.observed
        os.kill(pid, signal.SIGKILL)
        await asyncio.to_thread(os.waitpid, pid, 0)
        ended = (await machine.look("practice"))["practice-cloud"]
        assert (ended.state, ended.command) == (State.OK, "workshop-tui practice start")
        assert "its world is kept" in ended.observed
    finally:
        client.stop(folder)


async def test_in_a_codespace_ports_have_addresses(machine: Machine) -> None:
    machine.monkeypatch.setenv("CODESPACES", "true")
    machine.monkeypatch.setenv("CODESPACE_NAME", "fuzzy-train")
    machine.monkeypatch.setenv("GITHUB_CODESPACES_PORT_FORWARDING_DOMAIN", "app.github.dev")
    found = await machine.look("practice")
    assert "https://fuzzy-train-PORT.app.github.dev" in found["codespaces"].observed
    assert found["docker"].command == "curl -fsSL https://get.docker.com | sudo sh"
