"""The real kubectls of this machine, and how a test drives one and says what it drove.

One version is driven, the newest found; all of 1.29 to 1.33 when WORKSHOP_TUI_KUBECTL_MATRIX is set.
"""

from __future__ import annotations

import os
import queue
import re
import shutil
import subprocess
import threading
import time
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING

from clients import RecordProperty, driven
from practice_world import kubectl_program

if TYPE_CHECKING:
    from collections.abc import Iterator

MATRIX = "WORKSHOP_TUI_KUBECTL_MATRIX"
VERSIONS = ("1.29", "1.30", "1.31", "1.32", "1.33")
_GROUPS = frozenset({"rollout", "set", "auth", "create", "config", "cluster-info"})
"""Commands that are named with the word after them."""
_LONG_NAMES = {"sa": "serviceaccount", "cm": "configmap", "ns": "namespace", "svc": "service"}
_WITH_VALUES = frozenset({"-n", "--namespace", "--kubeconfig", "--as", "--as-group", "-v"})


def programs() -> dict[str, str]:
    """Return the programs to drive by their versions; none where there is no kubectl."""
    found = shutil.which("kubectl")
    folders = [str(Path(found).resolve().parent)] if found else []
    named = {
        version: path
        for version in VERSIONS
        for folder in (None, *folders)
        if (path := shutil.which(f"kubectl.{version}", path=folder))
    }
    if os.environ.get(MATRIX):
        return named
    if named:
        newest = max(named, key=lambda version: int(version.partition(".")[2]))
        return {newest: named[newest]}
    program = kubectl_program()
    return {_version_of(program): program} if program else {}


def _version_of(program: str) -> str:
    told = subprocess.run(
        [program, "version", "--client"], capture_output=True, text=True, timeout=30, check=False
    ).stdout
    match = re.search(r"v(\d+\.\d+)", told)
    return match[1] if match else "unknown"


@dataclass
class Running:
    """A kubectl that has not ended, and the lines it has printed."""

    lines: queue.Queue[str]
    seen: list[str] = field(default_factory=list)

    def until(self, text: str, seconds: float = 30) -> list[str]:
        """Wait for a line with this text; return all lines up to it."""
        end = time.monotonic() + seconds
        while not any(text in line for line in self.seen):
            try:
                self.seen.append(self.lines.get(timeout=max(0.01, end - time.monotonic())))
            except queue.Empty:
                raise AssertionError(f"no line with {text!r} among {self.seen}") from None
        return self.seen


@dataclass(frozen=True)
class Kubectl:
    """One kubectl on one cluster: called with arguments, it returns all that is printed."""

    version: str
    program: str
    environment: dict[str, str]
    record: RecordProperty | None = None
    noted: set[str] = field(default_factory=set)

    @property
    def minor(self) -> int:
        """The minor version."""
        return int(self.version.partition(".")[2])

    def __call__(
        self, *arguments: str, stdin: str = "", fails: bool = False, environment: dict[str, str] | None = None
    ) -> str:
        """Run a command to its end; an AssertionError when it fails (or, with `fails`, does not)."""
        self.note(*arguments)
        done = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            env=self.environment | (environment or {}),
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    @contextmanager
    def running(self, *arguments: str, environment: dict[str, str] | None = None) -> Iterator[Running]:
        """Run a command beside the test, and end it with the block."""
        self.note(*arguments)
        lines: queue.Queue[str] = queue.Queue()
        with subprocess.Popen(
            [self.program, *arguments],
            env=self.environment | (environment or {}),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        ) as process:
            assert process.stdout is not None
            reader = threading.Thread(target=_read, args=(process.stdout, lines), daemon=True)
            reader.start()
            try:
                yield Running(lines)
            finally:
                process.kill()
                reader.join(10)

    def note(self, *arguments: str) -> None:
        """Say for the table of clients what is driven: each command once a test."""
        command = command_of(arguments)
        if self.record and command not in self.noted:
            if self.noted:
                self.record("command", command)
            else:
                driven(self.record, f"kubectl {self.version}", command)
            self.noted.add(command)


def _read(stream: IO[str], lines: queue.Queue[str]) -> None:
    for line in stream:
        lines.put(line.rstrip("\n"))


def command_of(arguments: tuple[str, ...]) -> str:
    """Return a command's name: `get`, `rollout undo`, `create token`."""
    words = []
    skip = False
    for argument in arguments:
        if not skip and not argument.startswith("-"):
            words.append(argument)
        skip = argument in _WITH_VALUES
        if argument == "-f":
            break
    named = words[:2] if words[:1] and words[0] in _GROUPS else words[:1]
    return " ".join(_LONG_NAMES.get(word, word) for word in named)
