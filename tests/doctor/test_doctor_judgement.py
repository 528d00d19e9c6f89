"""Judging readings, without reading anything: platforms, clocks, terminals, people, Docker."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from workshop_tui.doctor import azure, machine, programs, remedies
from workshop_tui.doctor.diagnosis import Diagnosis, Need, State, summary
from workshop_tui.doctor.rendering import as_table
from workshop_tui.exit_codes import ExitCode
from workshop_tui.model import Permissions, RoleGrant, SignedIn
from workshop_tui.model.machine import (
    AppPython,
    AzSignIn,
    Codespace,
    DockerDaemon,
    LoopbackPorts,
    Machine,
    Platform,
    Program,
    Reach,
    StateFolder,
    Subscriptions,
    Terminal,
)

UBUNTU = Machine(Platform.DEBIAN, "Ubuntu 24.04", "x86_64", (3, 12, 3))
TERMINAL = Terminal(True, 80, 24, "utf-8", "xterm-256color", "", "256")  # noqa: FBT003 - a person sits at it
ACCOUNT = "/subscriptions/s/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"


@pytest.mark.parametrize("name", ["az", "kubectl", "kubelogin", "docker", "git"])
@pytest.mark.parametrize("platform", list(Platform))
def test_every_program_has_a_remedy_on_every_platform(name: str, platform: Platform) -> None:
    sentence, command = remedies.install(name, platform)
    assert sentence.startswith("Install ")
    assert command or "https://" in sentence
    assert ("brew" in command or "xcode" in command) is (platform is Platform.MACOS)
    assert "newer version" in remedies.renew(name, platform)[0]


@pytest.mark.parametrize(
    ("platform", "trouble", "command"),
    [
        (Platform.DEBIAN, "stopped", "sudo systemctl start docker"),
        (Platform.WSL, "stopped", "sudo service docker start"),
        (Platform.MACOS, "absent", "open -a Docker"),
        (Platform.DEBIAN, "permission", 'sudo usermod -aG docker "$USER" && newgrp docker'),
    ],
)
def test_a_docker_that_does_not_answer_is_started_as_the_platform_does(
    platform: Platform, trouble: str, command: str
) -> None:
    here = Machine(platform, "", "x86_64", (3, 12, 0))
    judged = programs.docker(DockerDaemon(trouble), Program("docker", "/usr/bin/docker"), here)
    assert (judged.state, judged.command) == (State.LACKING, command)


def test_docker_on_another_architecture_builds_by_emulation() -> None:
    daemon = DockerDaemon(version="28", architecture="arm64", buildx="0.17")
    judged = programs.docker(daemon, Program("docker", "/d"), UBUNTU)
    assert judged.state is State.OK
    assert "emulation" in judged.observed
    assert "binfmt" in judged.command


def test_docker_without_client_and_daemon_is_to_be_installed() -> None:
    judged = programs.docker(DockerDaemon("absent"), Program("docker"), UBUNTU)
    assert judged.command == "curl -fsSL https://get.docker.com | sudo sh"


@pytest.mark.parametrize(
    ("ahead", "state", "words"),
    [
        (0.4, State.OK, "within 1 s"),
        (-119.0, State.OK, "within 119 s"),
        (600.0, State.LACKING, "10 minutes ahead of"),
        (-600.0, State.LACKING, "10 minutes behind"),
        (None, State.UNKNOWN, "not known"),
    ],
)
def test_the_clock_may_be_two_minutes_off(ahead: float | None, state: State, words: str) -> None:
    judged = machine.clock(Reach("https://a", 404, ahead_seconds=ahead), Platform.DEBIAN)
    assert judged.state is state
    assert words in judged.observed


@pytest.mark.parametrize(
    ("status", "problem", "state"),
    [
        (200, "", State.OK),
        (401, "", State.OK),
        (404, "", State.OK),
        (407, "", State.LACKING),
        (503, "", State.UNKNOWN),
        (0, "no answer in time", State.LACKING),
    ],
)
def test_any_answer_of_a_service_will_do(status: int, problem: str, state: State) -> None:
    judged = machine.reach(Reach("https://ttl.sh/v2/", status, problem))
    assert judged.state is state
    assert "ttl.sh" in judged.observed


@pytest.mark.parametrize(
    ("terminal", "state", "words"),
    [
        (TERMINAL, State.OK, "80 by 24"),
        (Terminal(True, 120, 15, "UTF-8", "xterm", "vscode", "16"), State.OK, "COLORTERM"),  # noqa: FBT003
        (Terminal(True, 40, 10, "utf-8", "xterm", "", "16"), State.LACKING, "larger"),  # noqa: FBT003
        (Terminal(True, 80, 24, "ascii", "xterm", "", "16"), State.LACKING, "UTF-8"),  # noqa: FBT003
        (Terminal(True, 80, 24, "utf-8", "dumb", "", "none"), State.LACKING, "TERM"),  # noqa: FBT003
        (Terminal(False, 0, 0, "utf-8", "", "", "none"), State.UNKNOWN, "no terminal"),  # noqa: FBT003
    ],
)
def test_terminals(terminal: Terminal, state: State, words: str) -> None:
    judged = machine.terminal(terminal)
    assert judged.state is state
    assert words in f"{judged.observed} {judged.remedy} {judged.command}"


@pytest.mark.parametrize(
    ("program", "multiplexer", "state", "words"),
    [
        ("Apple_Terminal", "", State.LACKING, "iTerm2"),
        ("", "screen", State.LACKING, "tmux"),
        ("", "tmux", State.OK, "set-clipboard on"),
        ("vscode", "", State.OK, "browser"),
        ("", "", State.OK, "OSC 52"),
    ],
)
def test_clipboards(program: str, multiplexer: str, state: State, words: str) -> None:
    judged = machine.clipboard(
        Terminal(True, 80, 24, "utf-8", "xterm", program, "16", multiplexer)  # noqa: FBT003
    )
    assert judged.state is state
    assert words in f"{judged.observed} {judged.remedy} {judged.command}"


def test_folders_disks_and_ports() -> None:
    assert machine.disk(StateFolder("/h", 100_000_000)).state is State.LACKING
    assert "tight" in machine.disk(StateFolder("/h", 1_000_000_000)).remedy
    assert machine.disk(StateFolder("/h", 0, "gone")).state is State.UNKNOWN
    assert machine.state_folder(StateFolder("/h", 1, "Read-only file system")).state is State.LACKING
    assert machine.loopback_ports(LoopbackPorts(0, "Operation not permitted")).state is State.LACKING
    assert machine.codespaces(Codespace("x", "https://x-PORT.app.github.dev")).command == "gh codespace ports"


def test_python_and_windows() -> None:
    assert machine.python(UBUNTU).state is State.OK
    assert machine.python(Machine(Platform.OTHER, "Windows", "AMD64", (3, 12, 0))).command == "wsl --install"
    assert machine.python(Machine(Platform.DEBIAN, "Debian", "x86_64", (3, 10, 0))).state is State.LACKING


def test_the_apps_python_may_be_loaded_by_uv() -> None:
    assert machine.app_python(AppPython(path="/usr/bin/python3.11")).state is State.OK
    assert machine.app_python(AppPython(download="https://a/b")).state is State.OK
    lost = machine.app_python(AppPython(download="https://a/b", problem="no answer in time"))
    assert (lost.state, lost.command) == (State.LACKING, "uv python install 3.11")


@pytest.mark.parametrize(
    ("name", "kind", "told"),
    [
        ("ada@example.org", "User", "a user"),
        ("ada_example.org#EXT#@contoso.onmicrosoft.com", "User", "a guest user"),
        ("live.com#ada@example.org", "User", "a guest user"),
        ("68d32738", "ServicePrincipal", "a service principal"),
    ],
)
def test_who_is_signed_in(name: str, kind: str, told: str) -> None:
    person = SignedIn("o", "t", name, "User" if kind == "User" else "ServicePrincipal")
    assert told in azure.sign_in(AzSignIn("s", "S", "t", name, "user"), person).observed


def test_a_sign_in_without_subscriptions() -> None:
    judged = azure.subscriptions(Subscriptions({}), "s")
    assert (judged.state, judged.command) == (State.LACKING, "az login --tenant TENANT")


def grant(*actions: str, denied: tuple[str, ...] = (), scope: str = "/subscriptions/s") -> RoleGrant:
    return RoleGrant("i", scope, "Some role", "d", "p", (Permissions(actions, denied),))


@pytest.mark.parametrize(
    ("grants", "state"),
    [
        ([grant("*")], State.OK),
        ([grant("Microsoft.Authorization/roleAssignments/*")], State.OK),
        ([grant("*", denied=("Microsoft.Authorization/*/Write",))], State.LACKING),
        ([grant("*/read")], State.LACKING),
        ([grant("*", scope="/subscriptions/s/resourceGroups/other")], State.LACKING),
        ([grant("*", denied=("Microsoft.Authorization/*",)), grant("*", scope=ACCOUNT)], State.OK),
        ([], State.LACKING),
    ],
)
def test_rights_count_by_action_and_scope(grants: list[RoleGrant], state: State) -> None:
    assert azure.right(grants, azure.ROLE_WRITE, ACCOUNT, "g").state is state


def test_a_condition_is_told_unless_another_role_has_none() -> None:
    narrowed = replace(grant("*"), condition="@Request[…] ForAnyOfAnyValues:GuidEquals {…}")
    judged = azure.right([narrowed], azure.ROLE_WRITE, ACCOUNT, "g")
    assert judged.state is State.OK
    assert "under a condition" in judged.observed
    assert "condition" not in azure.right([narrowed, grant("*")], azure.ROLE_WRITE, ACCOUNT, "g").observed


def line(state: State, *needed_for: Need) -> Diagnosis:
    return Diagnosis("az", "az", needed_for, state, "seen", "mend it" if state is State.LACKING else "")


def test_only_what_the_mode_needs_decides() -> None:
    by_hand, azure_line = line(State.LACKING, Need.BY_HAND), line(State.UNKNOWN, Need.AZURE)
    assert summary([by_hand, azure_line], "practice") is ExitCode.PASSED
    assert summary([by_hand, azure_line], "azure") is ExitCode.UNKNOWN
    assert summary([azure_line, line(State.LACKING, Need.AZURE)], "azure") is ExitCode.FAILED


def test_what_waits_for_the_same_thing_is_told_in_one_breath() -> None:
    waiting = [
        Diagnosis(name, title, (Need.AZURE,), State.UNKNOWN, "not looked at: first your sign-in")
        for name, title in (("cluster", "AKS cluster"), ("account", "Account"))
    ]
    table = as_table(waiting, ["azure"], width=80)
    assert table.count("not looked at") == 1
    assert re.search(r"2 more: not looked at: first your sign-in:\n +Account, AKS cluster\n", table)
