"""A learner at 80 by 24 who makes three mistakes by hand, reads the findings, and mends them in the shell."""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from typing import TYPE_CHECKING

import pytest
from learner import tools, workshop_tui
from tmux_terminal import TmuxTerminal

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(shutil.which("tmux") is None, reason="tmux is missing: apt-get install tmux"),
    pytest.mark.timeout(400),
]

CREDENTIAL = (
    'az identity federated-credential {verb} -g "$RG_NAME" --identity-name "$MANAGED_IDENTITY_NAME"'
    ' --name "$FEDERATED_CRED_NAME" --issuer "$AKS_OIDC_ISSUER" -o none'
    " --subject system:serviceaccount:default:{account} --audiences {audience}"
)
ANNOTATE = (
    'kubectl annotate sa "$SERVICE_ACCOUNT_NAME" --overwrite azure.workload.identity/client-id="{value}"'
)


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[TmuxTerminal]:
    """The TUI, opened where the identity is there and the cluster vouches for its pods."""
    folder = tmp_path / "tools"
    folder.mkdir()
    for name, program in tools().items():
        (folder / name).symlink_to(program)
    home = tmp_path / "home"
    kept = {name: value for name, value in os.environ.items() if not name.startswith("WORKSHOP_TUI")}
    environment = {
        **kept,
        "PATH": f"{folder}{os.pathsep}{os.environ['PATH']}",
        "WORKSHOP_TUI_HOME": str(home),
        "WORKSHOP_TUI_TARGET": "practice",
        "WORKSHOP_TUI_BUILDER": "embedded",
        "WORKSHOP_TUI_SOURCE_FROM": "starter",
        "SHELL": "/bin/sh",
        "PS1": "$ ",
    }
    client.start(home / "practice", time_scale=20)
    window = TmuxTerminal(f"mistakes-{os.getpid()}")
    try:
        for step in ("exposed-key", "enable-workload-identity", "managed-identity"):
            solved = workshop_tui(environment, "solve", step)
            assert solved.returncode == 0, solved.stdout + solved.stderr
        command = shlex.join([sys.executable, "-m", "workshop_tui", "run", "--step", "federate"])
        size = ("-x", "80", "-y", "24")
        window.tmux("new-session", "-d", "-s", "main", *size, command, environment=environment)
        yield window
    finally:
        window.tmux("kill-server")
        client.stop(home / "practice")


def in_the_shell(terminal: TmuxTerminal, *commands: str) -> None:
    """Go to the shell, type the commands, and come back."""
    terminal.press("s")
    terminal.wait("The workshop's settings are exported")
    for number, command in enumerate(commands):
        terminal.type(f"{command}; echo done-{number}=$?")
        terminal.wait(f"done-{number}=0")
    terminal.type("exit")
    terminal.wait("Do it")


def test_three_mistakes_are_read_and_mended(terminal: TmuxTerminal) -> None:
    audience = "api://AzureADTokenExchange"
    terminal.wait("9 · Federate", "failed · The identity trusts no pod yet")

    # The subject names another service account: what is and what should be stand below each other.
    in_the_shell(terminal, CREDENTIAL.format(verb="create", account="ai-service", audience=audience))
    terminal.wait("failed · The credential names another subject")
    terminal.press("Tab")
    terminal.press("Tab")
    terminal.wait("is    system:serviceaccount:default:ai-service", "ai-service-account")
    terminal.press("e")
    terminal.wait("Explain", "The credential names another subject", "The way out")
    terminal.press("q")

    # Mended, but for the audience, which was typed in lower case.
    wrong = CREDENTIAL.format(verb="update", account="ai-service-account", audience=audience.lower())
    in_the_shell(terminal, wrong)
    terminal.wait("failed · The credential names another audience")
    in_the_shell(terminal, CREDENTIAL.format(verb="update", account="ai-service-account", audience=audience))
    terminal.wait("passed · n opens the next step", seconds=90)

    # The service account gets the object id instead of the client id.
    terminal.press("n")
    terminal.wait("10 · Give the pod a name", "failed")
    in_the_shell(
        terminal,
        'kubectl create sa "$SERVICE_ACCOUNT_NAME"',
        ANNOTATE.format(value="$MANAGED_IDENTITY_OBJECT_ID"),
    )
    terminal.wait("failed · The ServiceAccount points to another identity")
    terminal.press("t")
    terminal.wait("Trust chain", "federated credential → identity")
    terminal.press("q")
    in_the_shell(terminal, ANNOTATE.format(value="$MANAGED_IDENTITY_CLIENT_ID"))
    terminal.wait("passed · n opens the next step")
