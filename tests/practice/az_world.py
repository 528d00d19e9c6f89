"""The real `az` in the tests' hands: commands in one process of az's own Python, or each in its own."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from html import unescape
from itertools import takewhile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from clients import say

from workshop_tui.practice import client

if TYPE_CHECKING:
    import httpx

    from workshop_tui.practice.client import Endpoints

DRIVER = Path(__file__).parent / "az_driver.py"
GROUP, ACCOUNT, CLUSTER = "myResourceGroup", "myOpenAI", "myAKSCluster"
ROLE = "Cognitive Services OpenAI User"
SECONDS = 60
HIDDEN = re.compile(r'<input type="hidden" name="(\w+)" value="([^"]*)">')


def az_python() -> str | None:
    """Return the Python that runs the installed az; None where no az is."""
    program = shutil.which("az")
    if program is None:
        return None
    first = Path(program).read_text("utf-8", "replace").partition("\n")[0]
    named = first.removeprefix("#!").strip()
    found = [named if "python" in named else "", "/opt/az/bin/python3"]
    return next((each for each in found if each and Path(each).is_file()), None)


def az_version() -> str:
    """Return the version of the installed az; empty where that cannot be told without running it."""
    python = az_python() or ""
    installed = next(Path(python).parents[1].glob("lib/python*/site-packages/azure_cli-*.dist-info"), None)
    return installed.stem.removeprefix("azure_cli-") if installed else ""


class Az:
    """`az` with a configuration folder of its own; called with a command, it returns what that prints."""

    def __init__(self, cloud: Endpoints, configuration: Path | None = None) -> None:
        """Prepare the environment; without a `configuration` it is the learner's, signed in already."""
        self.cloud = cloud
        self.environment = {**os.environ, **client.environment(cloud.ca_file.parent)}
        if configuration is not None:
            known = Path(self.environment["AZURE_CONFIG_DIR"])
            configuration.mkdir()
            for name in ("clouds.config", "versionCheck.json"):
                shutil.copy(known / name, configuration / name)
            self.environment["AZURE_CONFIG_DIR"] = str(configuration)
        self._driver: subprocess.Popen[str] | None = None

    def __call__(self, *arguments: str, code: int = 0) -> Any:
        """Return the output, taken for JSON, or the error output of a command that is to fail."""
        got, out, err = self.run(*arguments)
        assert got == code, (arguments, got, out, err)
        if code:
            return err
        return json.loads(out) if out.strip() else None

    def run(self, *arguments: str) -> tuple[int, str, str]:
        """Return exit code, output and error output."""
        python = az_python()
        assert python is not None
        self._note(arguments)
        if self._driver is None:
            self._driver = subprocess.Popen(
                [python, str(DRIVER)],
                env=self.environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        assert self._driver.stdin is not None
        assert self._driver.stdout is not None
        self._driver.stdin.write(json.dumps([*arguments, "--output", "json"]) + "\n")
        self._driver.stdin.flush()
        code, out, err = json.loads(self._driver.stdout.readline())
        return code, out, err

    def begin(self, *arguments: str) -> subprocess.Popen[str]:
        """Start a command in a process of its own, as a terminal does."""
        self._note(arguments)
        return subprocess.Popen(
            ["az", *arguments, "--output", "json"],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def _note(self, arguments: tuple[str, ...]) -> None:
        words = takewhile(lambda word: not word.startswith("-") and "=" not in word, arguments)
        say(f"az {az_version()}", " ".join(words))

    def close(self) -> None:
        """End the driver."""
        if self._driver is not None:
            self._driver.communicate(timeout=SECONDS)
            self._driver = None


def device_code(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Read page and code from what `az login --use-device-code` tells its person."""
    assert process.stderr is not None
    for line in process.stderr:
        found = re.search(r"open the page (\S+) and enter the code (\w+) to authenticate", line)
        if found is not None:
            return found[1], found[2]
    raise AssertionError("az told no code")


def approve(cloud: Endpoints, http: httpx.Client, page: str, code: str, **other: str) -> httpx.Response:
    """Answer the page as the person would; `other` fields replace what is right."""
    learner = cloud["learner"]
    password = Path(learner["password_file"]).read_text("utf-8")
    fields = {"code": code, "user_name": learner["user_name"], "password": password, **other}
    return http.post(page, data=fields)


def filled(page: str, cloud: Endpoints, **other: str) -> dict[str, str]:
    """Return the fields of the sign-in page, filled in as the person would."""
    learner = cloud["learner"]
    password = Path(learner["password_file"]).read_text("utf-8")
    hidden = {name: unescape(value) for name, value in HIDDEN.findall(page)}
    return {**hidden, "user_name": learner["user_name"], "password": password, **other}
