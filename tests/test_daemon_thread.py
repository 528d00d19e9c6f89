"""Blocking calls: nobody waits at the end for one that hangs."""

from __future__ import annotations

import subprocess
import sys

import pytest

from workshop_tui.daemon_thread import DaemonThreads

HANGS = """
import asyncio, threading
from workshop_tui.daemon_thread import DaemonThreads

async def main():
    loop = asyncio.get_running_loop()
    loop.set_default_executor(DaemonThreads())
    began = threading.Event()
    hanging = asyncio.create_task(asyncio.to_thread(lambda: (began.set(), threading.Event().wait())))
    await asyncio.to_thread(began.wait)
    print("hangs")

asyncio.run(main())
"""


def test_a_call_that_hangs_does_not_hold_up_the_end() -> None:
    ended = subprocess.run(
        [sys.executable, "-c", HANGS], check=False, capture_output=True, text=True, timeout=30
    )
    assert (ended.returncode, ended.stdout, ended.stderr) == (0, "hangs\n", "")


def test_it_gives_what_comes_of_a_call() -> None:
    threads = DaemonThreads()
    assert threads.submit(int, "ff", base=16).result(10) == 255
    with pytest.raises(ValueError, match="invalid literal"):
        threads.submit(int, "no number").result(10)
