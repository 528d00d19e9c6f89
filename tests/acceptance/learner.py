"""A learner at work: terminals as `workshop-tui shell` opens them, and an editor for one file."""

from __future__ import annotations

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

WORKSHOP_TUI = (sys.executable, "-m", "workshop_tui")
SHELL = (*WORKSHOP_TUI, "shell", "--", "bash")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SERVICE = "src/ai-service"
MODULE = "routers/description_generator.py"
OLDEST_KUBECTL = 29
"""The cluster says it is 1.32, and kubectl may be three minors older."""
_DONE = "=== the block is done ==="
_FAILED = "=== failed: "
# What is wrong with a machine is not the page's business: here a build needs the machine's own network.
_OPENING = f"""
set -E
trap 'echo "{_FAILED}$BASH_COMMAND"' ERR
docker() {{
  if [ "$1" = build ]; then shift; set -- build --network=host "$@"; fi
  command docker "$@"
}}
"""


def blocks(markdown: str, language: str) -> list[str]:
    """Return the page's blocks of code in this language, in order."""
    return [body for name, body in FENCE.findall(markdown) if name == language]


class Terminal:
    """One terminal with the workshop's shell in it. Close it, or use it as a context manager."""

    def __init__(self, environment: Mapping[str, str], *, command: Sequence[str] = SHELL) -> None:
        """Open it; what it says from now on is kept for `run` and `interrupt` to return."""
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=dict(environment),
            start_new_session=True,
        )
        self._blocks = tempfile.TemporaryDirectory(prefix="by-hand-")
        self.run(_OPENING)

    def __enter__(self) -> Terminal:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        with self._stopped_after(10):
            self._process.wait()
        self._process.stdout.close()
        self._blocks.cleanup()

    def run(self, block: str, *, seconds: float = 90) -> str:
        """Type a block, wait until it is done, and return what it said.

        Raises:
            AssertionError: one of its commands failed, or it took longer; with all it said.

        """
        self.start(block)
        said = []
        assert self._process.stdout is not None
        with self._stopped_after(seconds):
            for line in self._process.stdout:
                if line.rstrip("\n") == _DONE:
                    break
                said.append(line)
            else:
                raise AssertionError(f"ended, or not done in {seconds} s:\n{block}\n{''.join(said)}")
        text = "".join(said)
        assert _FAILED not in text, f"\n{block}\nsaid:\n{text}"
        return text

    def start(self, block: str) -> None:
        """Type a block that goes on until `interrupt`."""
        assert self._process.stdin is not None
        file = Path(self._blocks.name) / "block.sh"
        file.write_text(block, "utf-8")
        # Read from a file, so that no command of the block can swallow the lines that come after it.
        self._process.stdin.write(f"source {file} </dev/null\necho; echo '{_DONE}'\n")
        self._process.stdin.flush()

    def wait_for(self, words: str, *, seconds: float = 60) -> str:
        """Return what is said until a line holds the words."""
        said = []
        assert self._process.stdout is not None
        with self._stopped_after(seconds):
            for line in self._process.stdout:
                said.append(line)
                if words in line:
                    return "".join(said)
        raise AssertionError(f"never said “{words}”:\n{''.join(said)}")

    def interrupt(self) -> str:
        """Press Ctrl+C, as a terminal sends it to all that runs there, and return the rest; it ends then."""
        os.killpg(self._process.pid, signal.SIGINT)
        assert self._process.stdout is not None
        with self._stopped_after(20):
            return self._process.stdout.read()

    def _stopped_after(self, seconds: float) -> _Stopping:
        return _Stopping(self._process, seconds)


class _Stopping:
    """Ends a terminal with all that runs in it when the time is up; reading from it then ends, too."""

    def __init__(self, process: subprocess.Popen[str], seconds: float) -> None:
        self._timer = threading.Timer(seconds, self._end, [process.pid])

    def __enter__(self) -> None:
        self._timer.start()

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()

    @staticmethod
    def _end(group: int) -> None:
        os.killpg(group, signal.SIGKILL)


def workshop_tui(
    environment: Mapping[str, str], *arguments: str, seconds: float = 120
) -> subprocess.CompletedProcess[str]:
    """Run one of our commands to its end."""
    return subprocess.run(
        [*WORKSHOP_TUI, *arguments],
        env=dict(environment),
        capture_output=True,
        text=True,
        check=False,
        timeout=seconds,
        stdin=subprocess.DEVNULL,
    )


def look(environment: Mapping[str, str], step: str) -> tuple[str, list[str]]:
    """Check a step as scripts do; return its verdict, and each finding that is not passed as a line."""
    done = workshop_tui(environment, "check", step, "--format", "json")
    assert done.stdout, done.stderr
    report: dict[str, Any] = json.loads(done.stdout)
    (judged,) = report["steps"]
    lines = [
        f"{check['id']}: {check['verdict']}: {check.get('cause')}: {check.get('observed')}"
        for check in judged["checks"]
        if check["verdict"] != "passed"
    ]
    return judged["verdict"], lines


def edit_as_the_page_says(home: Path, parts: list[str]) -> None:
    """Type the page's three pieces of Python where its words say."""
    file = home / "aks-store-demo" / SERVICE / MODULE
    on_top, demand, service = parts
    text = file.read_text("utf-8")
    text, times = re.subn(r"^if not api_key:\n    raise .*\n", lambda _: demand, text, flags=re.MULTILINE)
    assert times == 1
    indented = "".join(f"    {line}" for line in service.splitlines(keepends=True))
    text, times = re.subn(
        r"^    kernel\.add_chat_service\(.*AzureChatCompletion\(.*\n",
        lambda _: indented,
        text,
        flags=re.MULTILINE,
    )
    assert times == 1
    heading, imports, rest = text.partition("import os\n")
    file.write_text(f"{heading}{imports}{on_top}{rest}", "utf-8")


def tools() -> dict[str, str]:
    """Return the programs that the pages use, or skip the test: none of the pages' commands is tried then."""
    az = shutil.which("az")
    if az is None:
        pytest.skip("no az here: scripts/test brings one; or `uv tool install azure-cli`")
    docker = shutil.which("docker")
    if docker is None or subprocess.run([docker, "version"], capture_output=True, check=False).returncode:
        pytest.skip("no Docker daemon here: scripts/prepare-docker brings one to a Debian machine")
    return {"az": az, "kubectl": _kubectl()}


def forget_images(registry: str) -> None:
    """Take from the Docker daemon what was built and pulled for this practice cloud's registry."""
    line = "{{.Repository}} {{.Tag}} {{.Digest}}"
    listed = subprocess.run(
        ["docker", "image", "ls", "--digests", "--format", line], capture_output=True, text=True, check=True
    ).stdout.splitlines()
    # By their names and not their ids: the same bytes may have names of others, too.
    names = [
        f"{repository}:{tag}" if tag != "<none>" else f"{repository}@{digest}"
        for repository, tag, digest in map(str.split, listed)
        if repository.startswith(f"{registry}/")
    ]
    if names:
        subprocess.run(["docker", "image", "rm", *dict.fromkeys(names)], capture_output=True, check=False)


def _kubectl() -> str:
    """Return a kubectl of the cluster's age where there are several, as az aks install-cli would."""
    elsewhere = shutil.which("gcloud")
    beside = str(Path(elsewhere).resolve().parent) if elsewhere else None
    exact = shutil.which("kubectl.1.32") or shutil.which("kubectl.1.32", path=beside)
    kubectl = exact or shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl here: see https://kubernetes.io/docs/tasks/tools/")
    told = subprocess.run(
        [kubectl, "version", "--client", "--output", "json"], capture_output=True, text=True, check=True
    )
    version = json.loads(told.stdout)["clientVersion"]
    if int(re.sub(r"\D", "", version["minor"])) < OLDEST_KUBECTL:
        pytest.skip(
            f"kubectl {version['gitVersion']} is too old for the cluster: 1.{OLDEST_KUBECTL} or newer"
        )
    return kubectl
