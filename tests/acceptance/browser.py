"""A real Chromium, driven by its own DevTools protocol: a page, its keys, its pictures."""

from __future__ import annotations

import base64
import itertools
import json
import shutil
import subprocess
import time
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

import httpx
import pytest
from websockets.sync.client import connect

if TYPE_CHECKING:
    from pathlib import Path

KEYS = {"Enter": ("\r", 13), "Escape": ("\x1b", 27), "Tab": ("\t", 9)}


class Page:
    """One page. What it cannot load from the loopback address, it does not get: there is no other network."""

    def __init__(self, folder: Path, size: tuple[int, int]) -> None:
        program = (
            shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
        )
        if program is None:
            pytest.skip("no Chromium here: apt-get install chromium")
        words = ["--headless=new", "--no-sandbox", "--disable-gpu", "--remote-debugging-port=0"]
        self._process = subprocess.Popen(
            [
                *(program, *words, f"--user-data-dir={folder}", f"--window-size={size[0]},{size[1]}"),
                *(
                    "--no-first-run",
                    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",
                    "about:blank",
                ),
            ],
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        port = wait_for(lambda: (folder / "DevToolsActivePort").read_text().split()[0])
        listed = httpx.get(f"http://127.0.0.1:{port}/json/list", trust_env=False).json()
        (page,) = [each for each in listed if each["type"] == "page"]
        self._stack = ExitStack()
        self._socket = self._stack.enter_context(connect(page["webSocketDebuggerUrl"], max_size=None))
        self._numbers = itertools.count(1)
        self.call("Page.enable")

    def close(self) -> None:
        self._stack.close()
        self._process.terminate()
        self._process.wait(20)

    def call(self, method: str, **parameters: Any) -> dict[str, Any]:
        number = next(self._numbers)
        self._socket.send(json.dumps({"id": number, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self._socket.recv(timeout=30))
            if answer.get("id") == number:
                assert "error" not in answer, answer
                result: dict[str, Any] = answer["result"]
                return result

    def open(self, address: str) -> None:
        self.call("Page.navigate", url=address)

    def evaluate(self, expression: str) -> Any:
        return self.call("Runtime.evaluate", expression=expression, returnByValue=True)["result"].get("value")

    def press(self, key: str) -> None:
        text, code = KEYS.get(key, (key, ord(key[0].upper())))
        common = {"key": key, "windowsVirtualKeyCode": code, "nativeVirtualKeyCode": code}
        self.call("Input.dispatchKeyEvent", type="keyDown", text=text, **common)
        self.call("Input.dispatchKeyEvent", type="keyUp", **common)

    def picture(self) -> bytes:
        return base64.b64decode(self.call("Page.captureScreenshot", format="png")["data"])


def wait_for(look: Any, seconds: float = 30) -> Any:
    """Return what `look` gives once it gives something; a browser tells no event of these."""
    deadline = time.monotonic() + seconds
    while True:
        try:
            found = look()
        except (FileNotFoundError, IndexError):
            found = None
        if found:
            return found
        assert time.monotonic() < deadline, f"nothing within {seconds:.0f} s"
        time.sleep(0.05)
