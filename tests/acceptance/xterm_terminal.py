"""A real xterm.js, as VS Code has it, in a real Chromium, on a real pseudo-terminal.

The xterm.js is the one that textual-serve brings along; a small server of our own joins it to the terminal,
as an editor does. Everything is on the loopback address.
"""

from __future__ import annotations

import asyncio
import fcntl
import json
import os
import pty
import struct
import subprocess
import termios
import threading
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import textual_serve
from aiohttp import WSMsgType, web
from browser import Page, wait_for

if TYPE_CHECKING:
    from collections.abc import Sequence

STATIC = Path(textual_serve.__file__).parent / "static"
PAGE = """<!DOCTYPE html><html><head><link rel="stylesheet" href="/static/css/xterm.css">
<script src="/static/js/textual.js"></script><style>html, body {{ margin: 0; height: 100%; }}
.textual-terminal {{ width: 100vw; height: 100vh; }}</style></head><body>
<div class="textual-terminal" data-session-websocket-url="{socket}" data-font-size="14"></div>
</body></html>"""
ROWS = """(() => { const b = terminal.buffer.active, rows = [];
for (let i = 0; i < terminal.rows; i++)
  rows.push(b.getLine(b.viewportY + i).translateToString(true, 0, terminal.cols));
return rows; })()"""


class Joint:
    """The server between the page and the program's pseudo-terminal."""

    def __init__(self, command: Sequence[str]) -> None:
        self._command = command
        self.process: subprocess.Popen[bytes] | None = None
        self._ours = -1
        self._ready = threading.Event()
        self._loop = asyncio.new_event_loop()
        self.port = 0
        threading.Thread(target=self._serve, daemon=True).start()
        assert self._ready.wait(20)

    def _serve(self) -> None:
        asyncio.set_event_loop(self._loop)
        self._loop.run_until_complete(self._start())
        self._loop.run_forever()

    async def _start(self) -> None:
        server = web.Application()
        server.router.add_get("/", self._page)
        server.router.add_get("/static/js/textual.js", self._script)
        server.router.add_static("/static", STATIC)
        server.router.add_get("/socket", self._socket)
        runner = web.AppRunner(server)
        await runner.setup()
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        assert site._server is not None
        self.port = site._server.sockets[0].getsockname()[1]  # type: ignore[attr-defined]
        self._ready.set()

    async def _page(self, _: web.Request) -> web.Response:
        text = PAGE.format(socket=f"ws://127.0.0.1:{self.port}/socket")
        return web.Response(text=text, content_type="text/html")

    async def _script(self, _: web.Request) -> web.Response:
        """The script as it is, but that the page's terminal can be looked at from outside."""
        script = (STATIC / "js" / "textual.js").read_text("utf-8")
        opened = "this.terminal.open(e)"
        assert script.count(opened) == 1
        shown = script.replace(opened, "(window.terminal=this.terminal).open(e)")
        return web.Response(text=shown, content_type="text/javascript")

    async def _socket(self, request: web.Request) -> web.WebSocketResponse:
        socket = web.WebSocketResponse()
        await socket.prepare(request)
        size = int(request.query["width"]), int(request.query["height"])
        self._run(size)
        self._loop.add_reader(self._ours, self._pass_on, socket)
        async for message in socket:
            if message.type is WSMsgType.TEXT:
                self._take(json.loads(message.data))
        self._loop.remove_reader(self._ours)
        return socket

    def _run(self, size: tuple[int, int]) -> None:
        self._ours, theirs = pty.openpty()
        self._resize(*size)
        # A size in the environment is that of another terminal, or of none: pytest-xdist's workers have one.
        environment = {**os.environ, "TERM": "xterm-256color", "COLORTERM": "truecolor", "LANG": "C.UTF-8"}
        environment |= {"COLUMNS": "80", "LINES": "24"}
        self.process = subprocess.Popen(
            self._command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env=environment,
            start_new_session=True,
            # Its own terminal: else nobody tells it that the size has changed.
            preexec_fn=lambda: fcntl.ioctl(0, termios.TIOCSCTTY, 0),  # noqa: PLW1509 - it only calls the kernel
        )
        os.close(theirs)

    def _pass_on(self, socket: web.WebSocketResponse) -> None:
        try:
            data = os.read(self._ours, 65536)
        except OSError:
            self._loop.remove_reader(self._ours)
            return
        if not socket.closed:
            self._loop.create_task(self._send(socket, data))

    async def _send(self, socket: web.WebSocketResponse, data: bytes) -> None:
        with suppress(ConnectionError):  # the page has gone
            await socket.send_bytes(data)

    def _take(self, message: list[Any]) -> None:
        match message:
            case ["stdin", str(text)]:
                os.write(self._ours, text.encode())
            case ["resize", {"width": int(width), "height": int(height)}]:
                self._resize(width, height)
            case _:
                pass

    def _resize(self, width: int, height: int) -> None:
        fcntl.ioctl(self._ours, termios.TIOCSWINSZ, struct.pack("HHHH", height, width, 0, 0))

    def close(self) -> None:
        if self.process is not None and self.process.poll() is None:
            self.process.kill()
            self.process.wait(10)
        self._loop.call_soon_threadsafe(self._loop.stop)


class XtermTerminal:
    """Somebody at the keys and the mouse of an xterm.js."""

    def __init__(self, command: Sequence[str], folder: Path, size: tuple[int, int]) -> None:
        self._stack = ExitStack()
        self.joint = Joint(command)
        self._stack.callback(self.joint.close)
        self.page = Page(folder, size)
        self._stack.callback(self.page.close)
        address = f"http://127.0.0.1:{self.joint.port}/"
        with suppress(AssertionError):
            permissions = ["clipboardReadWrite", "clipboardSanitizedWrite"]
            self.page.call("Browser.grantPermissions", origin=address, permissions=permissions)
        # A terminal without the keyboard's focus draws no footer until it has it.
        self.page.call("Emulation.setFocusEmulationEnabled", enabled=True)
        self.page.open(address)
        wait_for(lambda: self.page.evaluate("window.terminal && (terminal.focus(), true)"))

    def close(self) -> None:
        self._stack.close()

    def rows(self) -> list[str]:
        return [row.rstrip() for row in self.page.evaluate(f"window.terminal ? {ROWS} : []")]

    def wait(self, *wanted: str, seconds: float = 60) -> list[str]:
        """Return the rows once all these texts are shown."""
        try:
            wait_for(lambda: all(text in "\n".join(self.rows()) for text in wanted), seconds)
        except AssertionError:
            shown = "\n".join(self.rows())
            raise AssertionError(f"{wanted} was not shown within {seconds:.0f} s:\n{shown}") from None
        return self.rows()

    def wait_without(self, unwanted: str, seconds: float = 60) -> list[str]:
        """Return the rows once this text is no longer shown."""
        try:
            wait_for(lambda: unwanted not in "\n".join(self.rows()), seconds)
        except AssertionError:
            shown = "\n".join(self.rows())
            raise AssertionError(f"{unwanted} was shown for more than {seconds:.0f} s:\n{shown}") from None
        return self.rows()

    def click(self, text: str) -> None:
        """Click where the text is shown."""
        self.wait(text)
        row, line = next((row, line) for row, line in enumerate(self.rows()) if text in line)
        cell = """(() => { const b = terminal.element.querySelector('.xterm-screen').getBoundingClientRect();
        return [b.left, b.top, b.width / terminal.cols, b.height / terminal.rows]; })()"""
        left, top, width, height = self.page.evaluate(cell)
        place = {"x": left + (line.index(text) + 1.5) * width, "y": top + (row + 0.5) * height}
        for kind in ("mousePressed", "mouseReleased"):
            self.page.call(
                "Input.dispatchMouseEvent", type=kind, button="left", clickCount=1, buttons=1, **place
            )

    def resize(self, width: int, height: int) -> None:
        self.page.call(
            "Emulation.setDeviceMetricsOverride",
            width=width,
            height=height,
            deviceScaleFactor=1,
            mobile=False,
        )
