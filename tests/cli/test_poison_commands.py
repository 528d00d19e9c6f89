"""What commands print and write over a poisoned world: text, whole documents, and no secret."""

from __future__ import annotations

import json
import zipfile
from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from command_line import CommandLine
from poison import HARMFUL, POISON, poisoned_step
from tiny_workshop import write_workshop

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

LOUD = POISON["markup that opens"]
KEY = "0123456789abcdef0123456789abcdef"
SAID = {**POISON, "a key in a colour": f"\x1b[31mOPENAI_API_KEY=\x1b[1m{KEY}\x1b[0m"}


class Poisoned(CommandLine):
    """The command line on a workshop whose first step says every poison in all its words."""

    def words(self, *arguments: str) -> list[str]:
        return super().words(*arguments, "--practice", "--workshop", str(self.home / "tiny"))


@pytest.fixture(scope="module")
def poisoned(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Poisoned]:
    home = tmp_path_factory.mktemp("home")
    write_workshop(home / "tiny", look_code=poisoned_step(SAID))
    client.start(home / "practice", time_scale=100)
    yield Poisoned(home)
    client.stop(home / "practice")


def harmless(told: str) -> None:
    found = HARMFUL.findall(told)
    assert not found, found
    assert KEY not in told


def test_reports_are_whole_documents_of_text(poisoned: Poisoned) -> None:
    told = {}
    for form in ("table", "json", "junit", "markdown", "html"):
        ended = poisoned("check", "look", "--format", form)
        assert ended.returncode == 1, ended.stderr
        told[form] = ended.stdout
        harmless(ended.stdout + ended.stderr)
        assert LOUD in ended.stdout, form
    findings = json.loads(told["json"])
    assert LOUD in json.dumps(findings)
    cases = ET.fromstring(told["junit"]).iter("testcase")  # noqa: S314 - we have just written it
    assert sum(case.find("failure") is not None for case in cases) == len(SAID)
    assert "<a " not in told["html"]
    assert "evil.example]here[/link]" in told["html"]


def test_the_plain_guide_says_it_line_by_line(poisoned: Poisoned) -> None:
    lines = ("check", "explain", "hint", "steps", "chain", "do", "yes", "quit")
    ended = poisoned("run", "--plain", "--step", "look", stdin="".join(f"{line}\n" for line in lines))
    assert ended.returncode == 0, ended.stderr
    harmless(ended.stdout + ended.stderr)
    assert LOUD in ended.stdout
    assert POISON["markup that closes nothing"] in ended.stdout


def test_solve_and_status_say_it_as_text(poisoned: Poisoned) -> None:
    for command in (("solve", "look"), ("status",)):
        ended = poisoned(*command)
        harmless(ended.stdout + ended.stderr)
        assert LOUD in ended.stdout, command


def test_the_help_bundle_has_it_as_text_without_the_key(poisoned: Poisoned, tmp_path: Path) -> None:
    log = poisoned.home / "log" / "workshop-tui.log"
    log.parent.mkdir(exist_ok=True)
    log.write_bytes("\n".join(SAID.values()).encode(errors="surrogatepass") + b"\n" + b"z" * 10_000_000)
    with (poisoned.home / "practice" / "log" / "practice.log").open("ab") as practice:
        practice.write("\n".join(SAID.values()).encode(errors="surrogatepass") + b"\n")
    ended = poisoned("doctor", "--bundle", environment={"HOME": str(tmp_path)})
    assert ended.returncode == 0, ended.stderr
    harmless(ended.stdout + ended.stderr)
    (place,) = tmp_path.glob("workshop-tui-help-*.zip")
    with zipfile.ZipFile(place) as archive:
        texts = {name: archive.read(name).decode() for name in archive.namelist()}
    for text in texts.values():
        harmless(text)
    assert LOUD in texts["practice/practice.log"]


def test_the_practice_log_is_text(poisoned: Poisoned) -> None:
    folder = poisoned.home / "practice" / "log"
    for name in ("practice.log", "practice.out"):
        with (folder / name).open("ab") as file:
            file.write("\n".join(SAID.values()).encode(errors="surrogatepass") + b"\n")
            file.write(b"w" * 1_000_000 + b"\n" + b"the end\n")
    ended = CommandLine(poisoned.home)("practice", "log", "--lines", "2000")
    assert ended.returncode == 0
    harmless(ended.stdout + ended.stderr)
    assert ended.stdout.count("the end") == 2
    assert LOUD in ended.stdout
    assert max(map(len, ended.stdout.splitlines())) <= 4000
