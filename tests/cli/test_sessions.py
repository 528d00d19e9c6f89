"""Commands on a practice cloud, with a tiny workshop: one step that makes a managed identity."""

from __future__ import annotations

import json
import os
import shlex
import signal
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import jsonschema
import pytest
from command_line import CommandLine
from tiny_workshop import MAKE_IDENTITY, write_workshop

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMA = json.loads((Path(__file__).parents[2] / "docs" / "check.schema.json").read_text())
CODE = MAKE_IDENTITY.replace("ManagedIdentity | Absent", "ManagedIdentity")


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    home = tmp_path_factory.mktemp("home")
    client.start(home / "practice", time_scale=100)
    yield home
    client.stop(home / "practice")


@pytest.fixture(scope="module")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_workshop(tmp_path_factory.mktemp("tiny"), make_identity_code=CODE)


class Tiny(CommandLine):
    """The command line on the tiny workshop."""

    def words(self, *arguments: str) -> list[str]:
        command, *rest = arguments
        options = ("--practice", "--workshop", str(self.home / "tiny"), "--identity", "mine")
        return super().words(command, *options, *rest)


@pytest.fixture
def tiny(home: Path, workshop: Path) -> Iterator[Tiny]:
    if not (home / "tiny").exists():
        (home / "tiny").symlink_to(workshop)
    command_line = Tiny(home)
    yield command_line
    assert command_line("reset", "--all", "--yes").returncode == 0


def test_from_red_to_green_and_back(tiny: Tiny) -> None:
    before = tiny("check")
    assert before.returncode == 1
    assert "✘ failed   The identity is there" in before.stdout
    solved = tiny("solve")
    assert solved.returncode == 0, solved.stdout + solved.stderr
    assert "→ Make the identity" in solved.stdout
    assert tiny("check").returncode == 0
    again = tiny("solve")
    assert again.returncode == 0
    assert "✔ is so already" in again.stdout
    dry = tiny("reset", "make-identity", "--dry-run")
    assert dry.returncode == 0
    assert "· Delete the identity" in dry.stdout
    assert tiny("check").returncode == 0, "a dry run changes nothing"
    assert tiny("reset", "make-identity", "--yes").returncode == 0
    assert tiny("check").returncode == 1


def test_json_is_all_there_is_on_standard_output(tiny: Tiny) -> None:
    told = tiny("check", "--format", "json", "--scope", "all")
    document = json.loads(told.stdout)
    jsonschema.validate(document, SCHEMA)
    assert document["verdict"] == "failed"
    assert document["target"]["kind"] == "practice"
    assert document["target"]["resource_group"] == "myResourceGroup"
    assert [step["id"] for step in document["steps"]] == ["look", "make-identity"], "not the bonus"
    assert document["requests"] >= 2
    assert told.stderr == ""


def test_a_file_instead_of_standard_output(tiny: Tiny, tmp_path: Path) -> None:
    told = tiny("check", "look", "--format", "junit", "--output", str(tmp_path / "report.xml"))
    assert (told.returncode, told.stdout) == (0, "")
    assert 'testsuite name="look"' in (tmp_path / "report.xml").read_text()
    assert tiny("check", "look", "--output", str(tmp_path / "no" / "report.xml")).returncode == 2


def test_the_bonus_counts_when_asked_for(tiny: Tiny) -> None:
    assert tiny("solve").returncode == 0
    assert tiny("check", "--bonus").returncode == 3
    assert tiny("check", "extra").returncode == 3
    assert tiny("check").returncode == 0


def test_a_mistyped_step_is_answered_with_the_nearest(tiny: Tiny) -> None:
    for command in (["check", "lok"], ["solve", "--until", "lok"], ["reset", "--from", "lok"]):
        told = tiny(*command)
        assert told.returncode == 2
        assert told.stderr == "There is no step lok. Did you mean look?\n"


def test_nothing_in_the_scopes_asked_for(tiny: Tiny) -> None:
    told = tiny("check", "look", "--scope", "live")
    assert told.returncode == 2
    assert "None of these steps has a check in live." in told.stderr


def test_the_gate_is_held(tiny: Tiny) -> None:
    told = tiny("solve", "extra")
    assert told.returncode == 1
    assert "“Extra” opens when 2 · Make identity has passed." in told.stdout


def test_status_says_what_is_next(tiny: Tiny) -> None:
    told = tiny("status")
    assert told.returncode == 0
    assert "✔  1 · Look: passed" in told.stdout
    assert "Next: Make identity." in told.stdout


def test_what_is_printed_fits_the_terminal_and_its_commands_are_whole(tiny: Tiny) -> None:
    told = tiny("status", environment={"COLUMNS": "60"}).stdout.splitlines()
    assert all(len(line) <= 60 for line in told if "workshop-tui" not in line)
    (done,) = [line for line in told if line.startswith("Have it done:")]
    words = shlex.split(done.removeprefix("Have it done:"))
    assert words[:4] == ["workshop-tui", "solve", "make-identity", "--practice"]
    refused = tiny("solve", "extra", environment={"COLUMNS": "60"}).stdout.splitlines()
    assert refused[-1].split()[:5] == ["run", "workshop-tui", "solve", "--until", "extra"]
    assert "--practice" in refused[-1], "what is printed goes where this went"
    assert all(len(line) <= 60 for line in refused[:-1])


def test_the_shell_has_every_setting(tiny: Tiny) -> None:
    told = tiny("shell", "--", "sh", "-c", "echo $RG_NAME $KUBECONFIG; exit 7")
    assert (told.returncode, told.stdout) == (
        7,
        f"myResourceGroup {tiny.home / 'practice' / 'kubeconfig'}\n",
    )


def test_ctrl_c_in_the_shell_is_the_shells(tiny: Tiny) -> None:
    script = "trap 'echo caught' INT; kill -INT $PPID; kill -INT $$; echo still here"
    told = tiny("shell", "--", "sh", "-c", script)
    assert (told.returncode, told.stdout) == (0, "caught\nstill here\n")


def test_a_shell_that_is_not_there(tiny: Tiny) -> None:
    told = tiny("shell", "--", "/no/such/shell")
    assert told.returncode == 2
    assert "/no/such/shell cannot be started" in told.stderr


def test_env_can_be_evaluated(tiny: Tiny) -> None:
    exports = CommandLine(tiny.home)("practice", "env").stdout
    told = subprocess.run(
        ["sh", "-c", f"{exports}\necho $WORKSHOP_TUI_TARGET; test -f $AZURE_FEDERATED_TOKEN_FILE"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (told.returncode, told.stdout) == (0, "practice\n")
    assert "client_secret" not in exports


def test_solve_can_be_interrupted_and_goes_on(tiny: Tiny, workshop: Path) -> None:
    code = (workshop / "steps" / "make_identity" / "__init__.py").read_text()
    wait = "    await __import__('asyncio').sleep(60)\n"
    slow = code.replace("    yield Planned(change)\n", f"    yield Planned(change)\n{wait}")
    folder = tiny.home / "slow"
    write_workshop(folder, make_identity_code=slow)
    for number, expected in ((signal.SIGINT, 130), (signal.SIGTERM, 143), (signal.SIGKILL, -9)):
        words = [str(folder) if word == str(tiny.home / "tiny") else word for word in tiny.words("solve")]
        with subprocess.Popen(
            words,
            env={**tiny.environment(), "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as process:
            assert process.stdout is not None
            assert process.stderr is not None
            for line in process.stdout:
                if "Make the identity" in line:
                    break
            busy = tiny("solve", "make-identity")
            assert busy.returncode == 1
            assert f"solving make-identity, process {process.pid}" in busy.stdout
            os.kill(process.pid, number)
            assert process.wait(20) == expected
            assert "Traceback" not in process.stderr.read()
    assert tiny("solve").returncode == 0


def test_watching_ends_when_all_has_passed(tiny: Tiny) -> None:
    watching = subprocess.Popen(
        tiny.words("check", "--watch", "--format", "json"),
        env=tiny.environment(),
        stdout=subprocess.PIPE,
        text=True,
    )
    assert watching.stdout is not None
    first = "".join(iter(watching.stdout.readline, "}\n")) + "}"
    assert json.loads(first)["verdict"] == "failed"
    assert tiny("solve").returncode == 0
    rest, _ = watching.communicate(timeout=60)
    assert json.loads(rest[rest.rindex("\n{\n") if "\n{\n" in rest else 0 :])["verdict"] == "passed"
    assert watching.returncode == 0


def test_the_plain_guide_goes_from_red_to_green_line_by_line(tiny: Tiny) -> None:
    told = tiny("run", "--plain", stdin="next\nhint\nexplain\ndo\nyes\nsteps\nquit\n")
    assert told.returncode == 0, told.stderr
    lines = told.stdout.splitlines()
    assert "Step 2 of 3: Make identity." in lines
    assert "This step: failed." in lines
    assert "Root cause: The managed identity is not there" in lines, told.stdout
    assert "> Hint 1 of 1: Look again." in lines
    assert any("az identity create --name mine" in line for line in lines)
    assert "This step: passed; next opens the next step." in lines
    assert "\x1b" not in told.stdout
