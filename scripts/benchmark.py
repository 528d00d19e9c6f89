"""Timings of the things people wait for, each the median of a few runs, beside what was aimed at.

Run by `scripts/benchmark`; with `--practice`, those of the practice cloud alone, with `--desk`, those of the
desk, with `--quit`, how long leaving takes. Everything happens in folders of its own, gone at the end.
"""

from __future__ import annotations

import json
import os
import pty
import select
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from benchmark_desk import measure_desk
from benchmark_practice import measure_practice, processor_seconds
from benchmark_quit import EMPTY_APP, measure_quit

from workshop_tui.practice import client

RUNS = 5


def median(values: list[float]) -> float:
    """Return the median, in the unit of the values."""
    return statistics.median(values)


def first_paint(command: list[str], marker: bytes, environment: dict[str, str]) -> float:
    """Return the seconds from spawning to the marker's text in an 80x24 terminal."""
    started = time.monotonic()
    pid, descriptor = pty.fork()
    if pid == 0:
        os.environ.update(environment, TERM="xterm-256color", COLUMNS="80", LINES="24")
        os.execvp(command[0], command)  # noqa: S606 - our own commands
    seen = b""
    try:
        while marker not in seen:
            ready, _, _ = select.select([descriptor], [], [], 20)
            if not ready:
                raise TimeoutError(f"{command} painted nothing")
            seen += os.read(descriptor, 65536)
        return time.monotonic() - started
    finally:
        os.kill(pid, 9)
        os.waitpid(pid, 0)
        os.close(descriptor)


def practice_start() -> tuple[float, float]:
    """Return the seconds from nothing to a practice cloud that answers, and how many its processor took."""
    with tempfile.TemporaryDirectory(prefix="workshop-tui-benchmark-") as folder:
        started = time.monotonic()
        endpoints = client.start(Path(folder) / "practice")
        took, busy = time.monotonic() - started, processor_seconds(endpoints.pid)
        client.stop(Path(folder) / "practice")
        return took, busy


def check_and_rehearse() -> tuple[float, float, int, int]:
    """Rehearse once; return its seconds, then a whole check's seconds, requests and checks on that world."""
    with tempfile.TemporaryDirectory(prefix="workshop-tui-benchmark-") as folder:
        started = time.monotonic()
        subprocess.run(
            [sys.executable, "-m", "workshop_tui", "rehearse", "--builder", "embedded"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        rehearsal = time.monotonic() - started
        environment = {
            **os.environ,
            "WORKSHOP_TUI_HOME": folder,
            "WORKSHOP_TUI_SOURCE_FROM": "starter",
            "WORKSHOP_TUI_BUILDER": "embedded",
        }
        client.start(Path(folder) / "practice", time_scale=20)
        try:
            run = [sys.executable, "-m", "workshop_tui"]
            solved = subprocess.run(  # noqa: S603 - our own command
                [*run, "solve", "--practice"], env=environment, check=False, capture_output=True, text=True
            )
            if solved.returncode:
                raise SystemExit(f"The workshop could not be solved:\n{solved.stdout[-2000:]}{solved.stderr}")
            seconds, requests, checks = [], 0, 0
            for _ in range(RUNS):
                answer = subprocess.run(  # noqa: S603 - our own command
                    [*run, "check", "--practice", "--format", "json"],
                    env=environment,
                    check=True,
                    capture_output=True,
                )
                report = json.loads(answer.stdout)
                seconds.append(report["seconds"])
                requests = report["requests"]
                checks = sum(len(step["checks"]) for step in report["steps"])
        finally:
            client.stop(Path(folder) / "practice")
        return rehearsal, median(seconds), requests, checks


def main() -> None:
    """Measure and print."""
    if "--desk" in sys.argv[1:]:
        measure_desk()
        return
    if "--quit" in sys.argv[1:]:
        measure_quit()
        return
    starts = [practice_start() for _ in range(RUNS)]
    took, busy = (median(list(each)) for each in zip(*starts, strict=True))
    print(f"practice cloud ready          {took:6.2f} s   (aim 1.5 s; busy for {busy:.2f} s of it)")
    for line in measure_practice().lines():
        print(line)
    if "--practice" in sys.argv[1:]:
        return
    with tempfile.TemporaryDirectory(prefix="workshop-tui-benchmark-") as home:
        environment = {"WORKSHOP_TUI_HOME": home}
        empty, ours = [], []
        for _ in range(RUNS):
            empty.append(first_paint([sys.executable, "-c", EMPTY_APP], b"painted", environment))
            ours.append(
                first_paint([sys.executable, "-m", "workshop_tui", "run"], b"subscription", environment)
            )
    ratio = median(ours) / median(empty)
    print(f"first paint                   {median(ours):6.2f} s   {ratio:.2f} times an empty app (aim 1.5)")
    rehearsal, check, requests, checks = check_and_rehearse()
    print(f"whole check, {checks} checks       {check:6.2f} s   {requests} requests (aim 2 s)")
    print(f"rehearse                      {rehearsal:6.2f} s   (aim 60 s)")
    measure_desk()
    measure_quit()


if __name__ == "__main__":
    main()
