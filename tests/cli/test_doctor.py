"""`doctor`, `practice log` and completion as a person at a prompt has them."""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from tiny_workshop import write_workshop

if TYPE_CHECKING:
    from collections.abc import Callable

    from command_line import CommandLine

    Complete = Callable[..., list[str]]

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "doctor.schema.json").read_text())


def put(folder: Path, name: str, body: str) -> None:
    """Put a small program into a folder for PATH."""
    folder.mkdir(exist_ok=True)
    (folder / name).write_text(f"#!/bin/sh\n{body}\n")
    (folder / name).chmod(0o755)


@pytest.fixture
def bare(tmp_path: Path) -> dict[str, str]:
    """A machine without the learner's programs, and without Docker."""
    (tmp_path / "bin").mkdir()
    return {
        "PATH": str(tmp_path / "bin"),
        "DOCKER_HOST": f"unix://{tmp_path}/docker.sock",
        "HOME": str(tmp_path),
    }


def test_practice_is_ready_on_a_bare_machine(command_line: CommandLine, bare: dict[str, str]) -> None:
    told = command_line("doctor", "--practice", environment=bare)
    assert told.returncode == 0, told.stdout + told.stderr
    assert told.stdout.startswith("Practice: no subscription, all on this machine — nothing lacking\n")
    assert "Only for typing the commands yourself" in told.stdout
    assert "✘ lacking kubectl: not installed" in told.stdout
    assert told.stderr == ""


def test_lines_fit_eighty_columns_and_commands_are_whole(
    command_line: CommandLine, bare: dict[str, str]
) -> None:
    told = command_line("doctor", environment=bare)
    for line in told.stdout.splitlines():
        in_one_word = " " not in line.strip()  # such as a path, which nobody can break
        assert len(line) <= 80 or line.startswith(" " * 14) or in_one_word, line
    assert "\x1b" not in told.stdout


def test_azure_without_az_is_lacking_with_the_remedy(command_line: CommandLine, bare: dict[str, str]) -> None:
    told = command_line("doctor", "--azure", environment=bare)
    assert told.returncode == 1, told.stdout
    assert "✘ lacking Azure CLI (az): not installed" in told.stdout
    assert "✘ lacking Sign-in to Azure: nobody is signed in" in told.stdout
    assert "not looked at: first" in told.stdout
    assert "Traceback" not in told.stderr


def test_a_sign_in_of_az_is_used(command_line: CommandLine, bare: dict[str, str], tmp_path: Path) -> None:
    """A token is refused, since nobody answers here: what az says of itself is not taken for a sign-in."""
    account = {
        "id": "11111111-1111-4111-8111-111111111111",
        "tenantId": "44444444-4444-4444-8444-444444444444",
        "name": "Learning",
        "user": {"name": "ada@example.org", "type": "user"},
    }
    put(
        tmp_path / "bin",
        "az",
        'case "$*" in\n'
        'version*) echo \'{"azure-cli": "2.91.0"}\';;\n'
        f"'account show'*) echo '{json.dumps(account)}';;\n"
        "*) echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1;;\nesac",
    )
    told = command_line("doctor", "--azure", "--format", "json", environment=bare)
    found = {item["id"]: item for item in json.loads(told.stdout)["diagnoses"]}
    assert found["az"]["state"] == "ok"
    assert "2.91.0" in found["az"]["observed"]
    assert found["sign-in"]["state"] in {"lacking", "unknown"}
    assert told.returncode == 1


def test_the_json_is_as_published(command_line: CommandLine, bare: dict[str, str]) -> None:
    for words, modes in ((["--practice"], {"practice"}), ([], {"practice", "azure"})):
        told = command_line("doctor", "--format", "json", *words, environment=bare)
        document = json.loads(told.stdout)
        jsonschema.validate(document, SCHEMA)
        assert set(document["modes"]) == modes
        assert document["modes"]["practice"] == "ok"
        assert told.returncode == 0
        assert told.stderr == ""


def test_the_saved_choice_decides_the_code(command_line: CommandLine, bare: dict[str, str]) -> None:
    assert command_line("doctor", environment=bare | {"WORKSHOP_TUI_TARGET": "azure"}).returncode == 1
    assert command_line("doctor", environment=bare | {"WORKSHOP_TUI_TARGET": "practice"}).returncode == 0


def test_whatever_hangs_it_ends(command_line: CommandLine, bare: dict[str, str], tmp_path: Path) -> None:
    hang = f"trap '' TERM\nexec {sys.executable} -c 'import time; time.sleep(600)'"
    for name in ("az", "kubectl", "git", "docker"):
        put(tmp_path / "bin", name, hang)
    began = time.monotonic()
    told = command_line("doctor", environment=bare)
    seconds = time.monotonic() - began
    assert told.returncode in {0, 1, 4}
    assert "? unknown kubectl" in told.stdout
    assert seconds < 20, "six are promised; the tests' machine may be busy"


def test_a_resolver_that_hangs_does_not_keep_it_from_ending(
    command_line: CommandLine, bare: dict[str, str], tmp_path: Path
) -> None:
    code = (
        "import socket, sys, time\n"
        "lookup = socket.getaddrinfo\n"
        "def hang(host, *rest, **options):\n"
        "    if host not in (None, '127.0.0.1', 'localhost'):\n"
        "        time.sleep(600)\n"
        "    return lookup(host, *rest, **options)\n"
        "socket.getaddrinfo = hang\n"
        "sys.argv[1:] = ['doctor', '--azure']\n"
        "from workshop_tui.cli.main import main\nmain()\n"
    )
    account = {"id": "11111111-1111-4111-8111-111111111111", "tenantId": "t", "user": {"type": "user"}}
    token = {"accessToken": "e30.eyJvaWQiOiJtZSIsImlkdHlwIjoidXNlciJ9.x", "expires_on": 4102444800}
    answers = f"*token*) echo '{json.dumps(token)}';;\n*) echo '{json.dumps(account)}';;"
    put(tmp_path / "bin", "az", f'case "$*" in\n{answers}\nesac')
    began = time.monotonic()
    told = subprocess.run(
        [sys.executable, "-c", code],
        env=command_line.environment(bare),
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert time.monotonic() - began < 25, "six are promised; the tests' machine may be busy"
    assert told.returncode in {1, 4}, told.stderr
    assert re.search(r"(lacking|unknown) Network: Entra ID", told.stdout)
    assert told.stderr == ""


def test_nothing_but_its_own_folder_is_written(
    command_line: CommandLine, bare: dict[str, str], tmp_path: Path
) -> None:
    command_line("doctor", environment=bare)
    files = {str(file.relative_to(tmp_path)) for file in tmp_path.rglob("*") if file.is_file()}
    assert files <= {"home/log/workshop-tui.log"}


def test_a_bundle_is_written_and_its_path_printed(
    command_line: CommandLine, bare: dict[str, str], tmp_path: Path
) -> None:
    told = command_line("doctor", "--practice", "--bundle", environment=bare)
    assert told.returncode == 0, told.stderr
    written = Path(told.stdout.strip())
    assert re.fullmatch(r"workshop-tui-help-\d{4}-\d\d-\d\d-\d{6}\.zip", written.name)
    assert written.parent == tmp_path
    assert "MANIFEST.txt" in zipfile.ZipFile(written).namelist()
    named = command_line("doctor", "--bundle", str(tmp_path / "mine.zip"), environment=bare)
    assert named.stdout == f"{tmp_path / 'mine.zip'}\n"
    refused = command_line("doctor", "--bundle", str(tmp_path / "no" / "mine.zip"), environment=bare)
    assert refused.returncode == 2
    assert "cannot be written: No such file or directory" in refused.stderr


def write_log(command_line: CommandLine, text: str) -> Path:
    log = command_line.home / "practice" / "log" / "practice.log"
    log.parent.mkdir(parents=True)
    log.write_text(text)
    return log


def test_practice_log_shows_the_last_lines_clean(command_line: CommandLine) -> None:
    write_log(
        command_line, "one\ntwo\n\x1b[31mthree\x1b[0m api-key=0123456789abcdef\n\x1b]52;c;eA==\x07four\n"
    )
    told = command_line("practice", "log", "--lines", "2")
    assert told.returncode == 0
    assert told.stdout == "three api-key=[hidden]\nfour\n"


def test_practice_log_tells_the_last_words_of_one_that_broke_down(command_line: CommandLine) -> None:
    write_log(command_line, "started\n").with_name("practice.out").write_text("MemoryError\n")
    assert command_line("practice", "log").stdout == "started\nIt also said:\nMemoryError\n"


def test_practice_log_without_one(command_line: CommandLine) -> None:
    told = command_line("practice", "log")
    assert (told.returncode, told.stdout) == (0, "")
    assert "has logged nothing yet" in told.stderr


@pytest.mark.parametrize(("number", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_practice_log_follows_rotation_until_it_is_ended(
    command_line: CommandLine, number: signal.Signals, code: int
) -> None:
    log = write_log(command_line, "before\n")
    with subprocess.Popen(
        command_line.words("practice", "log", "-f"),
        env=command_line.environment({"PYTHONUNBUFFERED": "1"}),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as following:
        assert following.stdout is not None
        assert following.stderr is not None
        assert following.stdout.readline() == "before\n"
        with log.open("a") as file:
            file.write("half ")
            file.flush()
            file.write("and half\n")
        assert following.stdout.readline() == "half and half\n"
        log.rename(log.with_suffix(".log.1"))
        log.write_text("after\n")
        assert following.stdout.readline() == "after\n"
        following.send_signal(number)
        assert following.wait(30) == code
        assert following.stderr.read() == ""


BASH = """
eval "$(workshop-tui completion bash)"
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
complete -p workshop-tui | grep -q _workshop_tui_completion || exit 1
_workshop_tui_completion "$1"; printf '%s\\n' "${COMPREPLY[@]}"
"""


@pytest.fixture
def complete(command_line: CommandLine, tmp_path: Path) -> Complete:
    """Ask a real bash for its completions, with what `completion bash` printed."""
    tools = tmp_path / "tools"
    put(tools, "workshop-tui", f'exec {sys.executable} -m workshop_tui "$@"')
    environment = command_line.environment({"PATH": f"{tools}{os.pathsep}{os.environ['PATH']}"})

    def ask(*words: str) -> list[str]:
        told = subprocess.run(
            ["bash", "-c", BASH, "bash", "workshop-tui", *words],
            env=environment,
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
        )
        assert told.stderr == ""
        return told.stdout.split()

    return ask


def test_bash_completes_commands_options_and_steps(complete: Complete) -> None:
    assert "doctor" in complete("do")
    assert "--practice" in complete("doctor", "--pr")
    assert complete("check", "fed") == ["federate"]
    assert complete("solve", "--until", "bu") == ["build-push"]
    assert complete("reset", "--from", "red") == ["redeploy"]
    assert complete("run", "--step", "ver") == ["verify"]
    assert complete("reset", "federate", "serv") == ["service-account"]


def test_steps_of_another_workshop_are_completed(complete: Complete, tmp_path: Path) -> None:
    folder = write_workshop(tmp_path / "tiny")
    assert complete("check", "--workshop", str(folder), "mak") == ["make-identity"]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_other_shells_have_their_scripts(command_line: CommandLine, shell: str) -> None:
    told = command_line("completion", shell)
    assert told.returncode == 0
    assert "_WORKSHOP_TUI_COMPLETE" in told.stdout


def test_the_shell_is_known_or_asked_for(command_line: CommandLine) -> None:
    assert "_WORKSHOP_TUI_COMPLETE" in command_line("completion", environment={"SHELL": "/bin/zsh"}).stdout
    told = command_line("completion", environment={"SHELL": "/bin/ksh"})
    assert told.returncode == 2
    assert "Say for which shell: bash, zsh, fish." in told.stderr
