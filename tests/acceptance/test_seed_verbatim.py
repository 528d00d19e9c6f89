"""Every command of the workshop's source text, in order, as it stands there, with the real clients.

What is not verbatim: `ttl.sh` is the practice registry's address; the checkout is the starter, since no test
needs the internet; endless commands run beside and are stopped; `az login` is a script's.
"""

from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from learner import SERVICE, Terminal, workshop_tui
from seed_text import TEXT, Block, blocks

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

pytestmark = [
    pytest.mark.slow,
    pytest.mark.timeout(500),
    pytest.mark.skipif(not TEXT.is_file(), reason="the workshop's source text is not beside this checkout"),
]

ENVIRONMENT = 'eval "$(workshop-tui practice env)"\n'


class Workshop:
    """A learner with the text in one hand and a terminal in the other."""

    def __init__(self, environment: Mapping[str, str], terminal: Terminal) -> None:
        self._environment = environment
        self._terminal = terminal
        home = Path(environment["WORKSHOP_TUI_HOME"])
        self._checkout = home / "aks-store-demo"
        self.endpoints: dict[str, Any] = json.loads((home / "practice" / "endpoints.json").read_text("utf-8"))
        self.said: list[str] = []

    def do(self, block: Block) -> None:
        """Do what a block is for."""
        if block.language == "bash":
            self._type(block.body.replace("ttl.sh/", f"{self.endpoints['registry']}/"))
        elif block.title == "requirements.txt":
            (self._checkout / SERVICE / "requirements.txt").write_text(block.body, "utf-8")
        elif block.title == "description_generator.py":
            (self._checkout / SERVICE / "routers" / block.title).write_text(block.body, "utf-8")

    def _type(self, command: str) -> None:
        special: dict[str, Callable[[str], str]] = {
            "git checkout": self._check_out,
            "az login": self._sign_in,
            "uvicorn": self._run_app,
            "curl": self._ask_and_stop,
            "kubectl get pods --selector app=ai-service -w": self._watch_pods,
            "kubectl logs --selector app=ai-service -f": self._follow_logs,
        }
        how = next((each for start, each in special.items() if command.startswith(start)), self._just_type)
        self.said.append(how(command))

    def _just_type(self, command: str) -> str:
        return self._terminal.run(command, seconds=240)

    def _check_out(self, _: str) -> str:
        solved = workshop_tui(self._environment, "solve", "get-code")
        assert solved.returncode == 0, solved.stdout + solved.stderr
        return self._terminal.run(f"cd {self._checkout}\n")

    def _sign_in(self, _: str) -> str:
        sign_in = self.endpoints["sign_in"]
        return self._terminal.run(
            f"az login --service-principal --tenant {self.endpoints['tenant_id']}"
            f" --username {sign_in['client_id']} --password {sign_in['client_secret']}\n"
        )

    def _run_app(self, command: str) -> str:
        self._terminal.start(f"{command.strip()} &\n")
        return self._terminal.wait_for("Uvicorn running")

    def _ask_and_stop(self, command: str) -> str:
        with Terminal(self._environment, command=("bash",)) as other:
            answer = other.run(command)
        self._terminal.run("kill %1; wait; deactivate\n")
        return answer

    def _watch_pods(self, command: str) -> str:
        with Terminal(self._environment, command=("bash",)) as other:
            other.run(ENVIRONMENT)
            other.start(command)
            seen = other.wait_for("1/1")
            return seen + other.interrupt()

    def _follow_logs(self, command: str) -> str:
        with Terminal(self._environment, command=("bash",)) as other:
            other.run(ENVIRONMENT)
            other.start(command)
            seen = other.wait_for("Uvicorn running on http://0.0.0.0:5001")
            return seen + other.interrupt()


def test_the_text_word_for_word(by_hand: dict[str, str]) -> None:
    with Terminal(by_hand, command=("bash",)) as terminal:
        terminal.run(ENVIRONMENT)
        workshop = Workshop(by_hand, terminal)
        for block in blocks():
            workshop.do(block)
    first, *_, described, shop = workshop.said
    assert shop.startswith("http://")
    assert "OPENAI_API_KEY:" in first
    assert "OPENAI_API_KEY" not in described
    assert "AZURE_FEDERATED_TOKEN_FILE:" in described
    judged = workshop_tui(by_hand, "check")
    assert judged.returncode == 0, judged.stdout
    must_open_in_a_browser(shop.strip(), workshop)


def must_open_in_a_browser(address: str, workshop: Workshop) -> None:
    """Open the printed address; where no port below 1024 may be bound, the one that the step shows."""
    elsewhere = workshop.endpoints["shop"]
    url = address if may_bind_low_ports() else elsewhere
    with httpx.Client(base_url=url, trust_env=False, timeout=30) as browser:
        assert "Products" in browser.get("/").text
        product = {"name": "Seafarer's Tug Rope", "tags": ["toy", "dog"]}
        described = browser.post("/ai/generate/description", json=product)
    assert described.status_code == httpx.codes.OK, described.text
    assert described.json()["description"]


def may_bind_low_ports() -> bool:
    """Say whether this machine lets us have a port below 1024, by taking one for a moment."""
    with socket.socket() as listener:
        try:
            listener.bind(("127.0.0.1", 83))
        except PermissionError:
            return False
    return True
