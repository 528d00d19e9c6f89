"""The command line without a cloud: help, mistakes, and every way to end."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from tiny_workshop import write_workshop

from workshop_tui import __version__

if TYPE_CHECKING:
    from command_line import CommandLine

COMMANDS = [
    "run",
    "rehearse",
    "check",
    "solve",
    "reset",
    "status",
    "shell",
    "practice",
    "drill",
    "doctor",
    "serve",
    "completion",
]


def test_help_names_every_command(command_line: CommandLine) -> None:
    told = command_line("--help")
    assert told.returncode == 0
    listed = told.stdout.partition("Commands:")[2]
    assert re.findall(r"^  ([a-z]+) ", listed, re.MULTILINE) == COMMANDS
    assert "..." not in listed, "no command's help is cut short"


@pytest.mark.parametrize("command", COMMANDS)
def test_each_command_has_help(command_line: CommandLine, command: str) -> None:
    told = command_line(command, "--help")
    assert told.returncode == 0
    assert "Usage: " in told.stdout


@pytest.mark.parametrize("group", ["practice", "drill"])
def test_no_help_of_a_group_is_cut_short(command_line: CommandLine, group: str) -> None:
    told = command_line(group, "--help", environment={"COLUMNS": "80"})
    assert told.returncode == 0
    assert "..." not in told.stdout.partition("Commands:")[2]


@pytest.mark.parametrize(
    ("words", "same"), [(["help"], []), (["help", "drill", "start"], ["drill", "start"])]
)
def test_help_is_a_word_too(command_line: CommandLine, words: list[str], same: list[str]) -> None:
    told = command_line(*words)
    assert (told.returncode, told.stdout) == (0, command_line(*same, "--help").stdout)


def test_version(command_line: CommandLine) -> None:
    assert command_line("--version").stdout.strip() == f"workshop-tui, version {__version__}"


@pytest.mark.parametrize("words", [[], ["run"], ["--practice"], ["--step", "verify"]])
def test_the_tui_without_a_terminal_says_what_to_use(command_line: CommandLine, words: list[str]) -> None:
    told = command_line(*words)
    assert told.returncode == 2
    assert "`workshop-tui status`" in told.stderr
    assert not told.stdout


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["chek"], "There is no command chek. Did you mean check?"),
        (["zzz"], "There is no command zzz. The commands are: run, rehearse"),
        (["check", "--format", "yaml"], "'yaml' is not one of"),
        (["check", "--scope", "moon", "--practice"], "there is no moon; the scopes are azure, cluster"),
        (["check", "--azure", "--subscription", "abc"], "The setting subscription id cannot be “abc”"),
        (["check", "--azure", "--namespace", "No!"], "a Kubernetes name"),
        (["check"], "--practice"),
        (["status"], "or set WORKSHOP_TUI_TARGET"),
        (["check", "--practice"], "Start it with: workshop-tui practice start"),
        (["check", "--practice", "buildpush"], "There is no step buildpush. Did you mean build-push?"),
        (["solve", "--azure", "--until", "federat"], "There is no step federat. Did you mean federate?"),
        (
            ["run", "--plain", "--azure", "--step", "federat"],
            "There is no step federat. Did you mean federate?",
        ),
        (
            ["run", "--plain", "--practice", "--step", "manage-identity"],
            "managed-identity or enable-workload-identity?",
        ),
        (["drill", "check"], "Start it with: workshop-tui practice start"),
        (["drill", "start", "app-key-left", "--azure"], "There is no drill app-key-left"),
        (["practice", "env"], "No practice cloud is running here."),
        (["practice", "reset"], "There is no terminal to ask on: say --yes"),
        (["reset"], "Say which: STEP…, --from STEP or --all."),
        (["reset", "look", "--all"], "Say which: STEP…, --from STEP or --all."),
        (["check", "--practice", "--azure"], "Say --practice or --azure, not both."),
        (["solve", "look", "--until", "look"], "Name steps, or --until STEP, not both."),
    ],
)
def test_a_mistake_is_told_in_a_sentence(command_line: CommandLine, words: list[str], sentence: str) -> None:
    told = command_line(*words)
    assert told.returncode == 2, told.stderr
    assert sentence in told.stderr
    assert "Traceback" not in told.stderr
    assert not told.stdout


def test_a_folder_that_is_no_workshop(command_line: CommandLine, tmp_path: Path) -> None:
    told = command_line("check", "--practice", "--workshop", str(tmp_path))
    assert told.returncode == 2
    sentence = "is not a workshop: it has no workshop.toml. Name a folder that has one with --workshop."
    assert told.stderr == f"{tmp_path} {sentence}\n"


def test_an_unknown_target(command_line: CommandLine) -> None:
    told = command_line("status", environment={"WORKSHOP_TUI_TARGET": "moon"})
    assert told.returncode == 2
    assert "There is no target moon: it is azure or practice." in told.stderr


def test_a_home_that_cannot_be_used(command_line: CommandLine) -> None:
    command_line.home.write_text("a file")
    told = command_line("status", "--practice")
    assert told.returncode == 2
    assert "Set WORKSHOP_TUI_HOME to a folder that you may write to." in told.stderr


def test_saved_settings_that_cannot_be_read(command_line: CommandLine) -> None:
    command_line.home.mkdir()
    (command_line.home / "settings.toml").write_text("target = ")
    told = command_line("status")
    assert told.returncode == 2
    assert "Mend or delete it." in told.stderr


def test_a_practice_cloud_that_was_killed_is_noticed(command_line: CommandLine) -> None:
    folder = command_line.home / "practice"
    folder.mkdir(parents=True)
    stale = {"arm": "https://localhost:9", "ca_file": str(folder / "ca.pem"), "pid": 1}
    (folder / "endpoints.json").write_text(json.dumps(stale))
    told = command_line("check", "--practice")
    assert told.returncode == 2
    assert "The one that was here has ended; its world is kept." in told.stderr


@pytest.mark.parametrize("document", ["[]", "null", "{}", '{"arm": 5', ""])
def test_an_address_book_that_is_none_is_taken_as_no_cloud(command_line: CommandLine, document: str) -> None:
    folder = command_line.home / "practice"
    folder.mkdir(parents=True)
    (folder / "endpoints.json").write_text(document)
    told = command_line("check", "--practice")
    assert told.returncode == 2
    assert "Start it with: workshop-tui practice start" in told.stderr


def test_practice_status_without_one(command_line: CommandLine) -> None:
    told = command_line("practice", "status")
    assert told.returncode == 1
    assert "No practice cloud is running." in told.stdout
    assert command_line("practice", "stop").returncode == 0


def run_main(command_line: CommandLine, body: str, **variables: str) -> subprocess.CompletedProcess[str]:
    """Run `main` for `practice stop` with its work replaced by this code."""
    code = (
        "import sys, workshop_tui.practice.client as client\n"
        f"def stop(folder):\n    {body}\n"
        "client.stop = stop\nsys.argv[1:] = ['practice', 'stop']\n"
        "from workshop_tui.cli.main import main\nmain()\n"
    )
    return subprocess.run(
        [sys.executable, "-c", code],
        env=command_line.environment(variables),
        capture_output=True,
        text=True,
        check=False,
        timeout=30,
    )


def test_what_should_not_have_happened_goes_to_the_log(command_line: CommandLine) -> None:
    told = run_main(command_line, "raise RuntimeError('broken in the middle')")
    log = command_line.home / "log" / "workshop-tui.log"
    assert told.returncode == 4
    assert told.stderr.startswith(
        "Something went wrong that should not have: RuntimeError. The details are in"
    )
    assert str(log) in told.stderr
    assert "Traceback" not in told.stderr
    assert "broken in the middle" in log.read_text()


@pytest.mark.parametrize(("name", "code"), [("SIGINT", 130), ("SIGTERM", 143), ("SIGHUP", 129)], ids=str)
def test_a_signal_ends_it_in_order(command_line: CommandLine, name: str, code: int) -> None:
    # Whoever runs the tests may have them ignore a signal, as `nohup` does; what is ignored stays ignored.
    usual = signal.signal(signal.Signals[name], signal.SIG_DFL)
    try:
        told = run_main(command_line, f"import signal; signal.raise_signal(signal.{name})")
    finally:
        signal.signal(signal.Signals[name], usual)
    assert told.returncode == code
    assert "Traceback" not in told.stderr


def test_a_coroutine_cleans_up_before_a_signal_ends_it(command_line: CommandLine) -> None:
    code = (
        "import asyncio, signal\n"
        "    from workshop_tui.cli.running import run\n"
        "    async def work():\n"
        "        try:\n"
        "            signal.raise_signal(signal.SIGTERM)\n"
        "            await asyncio.Event().wait()\n"
        "        finally:\n"
        "            await asyncio.sleep(0)\n"
        "            print('cleaned up')\n"
        "    run(work())"
    )
    told = run_main(command_line, code)
    assert (told.returncode, told.stdout) == (143, "cleaned up\n")


def test_nobody_reads_the_output(command_line: CommandLine) -> None:
    reader = subprocess.Popen(["true"], stdin=subprocess.PIPE)
    reader.wait()
    told = subprocess.run(
        command_line.words("check", "--help"),
        env=command_line.environment(),
        stdout=reader.stdin,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stderr) == (141, "")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="Linux's full device")
def test_no_room_for_the_output(command_line: CommandLine) -> None:
    with Path("/dev/full").open("w") as full:
        told = subprocess.run(
            command_line.words("practice", "status"),
            env=command_line.environment(),
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    assert told.returncode == 2
    assert told.stderr.startswith("It cannot be written: No space left on device. Make room")
    assert "Traceback" not in told.stderr


@pytest.mark.parametrize("closed", [">&-", "2>&-", "<&-", "<&- >&- 2>&-"])
def test_closed_streams_do_not_end_it(command_line: CommandLine, closed: str) -> None:
    told = subprocess.run(
        ["sh", "-c", f'"$@" {closed}', "sh", *command_line.words("practice", "status")],
        env=command_line.environment(),
        capture_output=True,
        text=True,
        check=False,
    )
    assert told.returncode == 1, "no practice cloud is running"
    assert "Traceback" not in told.stderr


def test_a_path_in_a_sentence_stays_as_it_is(command_line: CommandLine) -> None:
    told = run_main(
        command_line, "from workshop_tui.workshop import WorkshopError; raise WorkshopError('my/a.md: no')"
    )
    assert told.stderr == "my/a.md: no\n"


def test_signs_that_a_terminal_cannot_show_do_not_end_it(command_line: CommandLine) -> None:
    body = "sys.stdout.write('\\u2718 \\udc80')"
    told = run_main(command_line, body, PYTHONIOENCODING="ascii")
    assert (told.returncode, told.stdout) == (0, "\\u2718 \\udc80")


def test_completion_offers_commands_and_steps(command_line: CommandLine, tmp_path: Path) -> None:
    folder = write_workshop(tmp_path / "tiny")

    def complete(words: str) -> str:
        count = str(len(words.split(" ")) - 1)
        variables = {"_WORKSHOP_TUI_COMPLETE": "bash_complete", "COMP_WORDS": words, "COMP_CWORD": count}
        return command_line(environment=variables).stdout

    assert "rehearse" in complete("workshop-tui re")
    assert "make-identity" in complete(f"workshop-tui check --workshop {folder} ma")
