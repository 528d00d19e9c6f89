"""A learner who does it all by hand: every command of every page, with the real az, kubectl and docker.

Each step is red before its page's commands and green after them, and nothing but the pages helps.
"""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from learner import Terminal, blocks, edit_as_the_page_says, look, workshop_tui

from workshop_tui.pages import render
from workshop_tui.session import open_session
from workshop_tui.settings import load_settings
from workshop_tui.workshop import find_bundled, load_workshop

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.workshop import Step

PENDING_SECONDS = 30
"""How long what becomes true by itself may take: a role's three seconds, and the time to look."""
ENDLESS = "uvicorn main:app"


@pytest.fixture
def environment(tmp_path: Path) -> Iterator[dict[str, str]]:
    """A learner's machine: the tools on PATH, a home of one's own, and a practice cloud that runs."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port = listener.getsockname()[1]
    tools = tmp_path / "tools"
    tools.mkdir()
    found = {
        **os.environ,
        "PATH": f"{tools}{os.pathsep}{os.environ['PATH']}",
        "WORKSHOP_TUI_HOME": str(tmp_path / "home"),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "LOCAL_PORT": str(port),
        "DOCKER_BUILDKIT": "0",
    }
    for name, program in _tools().items():
        (tools / name).symlink_to(program)
    assert workshop_tui(found, "practice", "start").returncode == 0
    yield found
    workshop_tui(found, "practice", "stop")


def _tools() -> dict[str, str]:
    """Return the programs that the pages use, or skip: none of the pages' commands is tried then."""
    az = os.environ.get("WORKSHOP_TUI_AZ") or shutil.which("az")
    if az is None:
        pytest.skip("no az: `pip install azure-cli` into an environment, then WORKSHOP_TUI_AZ=…/bin/az")
    # The one that is told which version to be; what `kubectl` may be there asks the cluster first.
    exact = "/usr/lib/google-cloud-sdk/bin/kubectl.1.32"
    kubectl = exact if Path(exact).is_file() else shutil.which("kubectl")
    if kubectl is None:
        pytest.skip("no kubectl: see https://kubernetes.io/docs/tasks/tools/")
    if (
        shutil.which("docker") is None
        or subprocess.run(["docker", "version"], capture_output=True, check=False).returncode
    ):
        pytest.skip("no Docker daemon: scripts/prepare-docker brings one to a Debian machine")
    return {"az": az, "kubectl": kubectl}


async def page_of(step: Step, environment: dict[str, str]) -> str:
    """Return the step's page with the values that are known now, as the screen shows it."""
    async with open_session(load_settings(environment), read_only=True) as session:
        return render(step.page, await session.guide.variables())


def green(environment: dict[str, str], step: str) -> None:
    """Look until the step has passed, as long as it says that it will by itself."""
    until = time.monotonic() + PENDING_SECONDS
    verdict, lines = look(environment, step)
    while verdict == "pending" and time.monotonic() < until:
        verdict, lines = look(environment, step)
    assert verdict == "passed", "\n".join(lines)


@pytest.mark.slow
@pytest.mark.timeout(400)
async def test_every_step_by_hand(environment: dict[str, str]) -> None:
    with Terminal(environment) as terminal:
        for step in load_workshop(find_bundled()).steps:
            started = time.monotonic()
            page = await page_of(step, environment)
            verdict, lines = look(environment, step.id)
            print(f"{step.id}: {verdict} {lines}")
            assert verdict == "failed" or step.kind == "observe", f"{step.id}: {verdict} before its page"
            for block in blocks(page, "bash"):
                print(block)
                await do(step, block, page, terminal, environment)
            green(environment, step.id)
            print(f"{step.id}: {time.monotonic() - started:.1f} s")


async def do(step: Step, block: str, page: str, terminal: Terminal, environment: dict[str, str]) -> None:
    """Do what a block says, and what stands in words beside it."""
    source = Path(environment["WORKSHOP_TUI_HOME"]) / "aks-store-demo"
    if block.startswith("git clone"):
        # No test needs the internet. The page says so, too: “No network? Do it for me unpacks a stand-in”.
        assert workshop_tui(environment, "solve", step.id).returncode == 0
    elif block == "az login\n":
        # “In the practice cloud you are signed in already.”
        terminal.run("az account show")
    elif "git diff" in block:
        edit_as_the_page_says(
            source / "src/ai-service/routers/description_generator.py", blocks(page, "python")
        )
        assert "2 files changed" in terminal.run(block)
    elif ENDLESS in block:
        with Terminal(environment) as other:
            other.start(block)
            other.wait_for("Uvicorn running")
            (ask,) = [each for each in blocks(page, "bash") if each.startswith("curl")]
            assert '"description"' in terminal.run(ask)
            green(environment, step.id)
            other.interrupt()
    elif step.id == "run-locally" and block.startswith("curl"):
        pass  # asked while it ran
    else:
        print(terminal.run(block, seconds=240))
