"""The main job, as a person starts it: the whole workshop, each step red, green, reset, and green again."""

from __future__ import annotations

import os
import re
import shutil
import signal
import subprocess
import sys
import time
import tomllib
from pathlib import Path

import pytest

REHEARSE = [sys.executable, "-m", "workshop_tui", "rehearse"]
STEPS = 13


def left_over(temporary: Path) -> list[Path]:
    return sorted(temporary.glob("workshop-tui-rehearsal-*"))


@pytest.mark.slow
@pytest.mark.timeout(400)
def test_the_whole_workshop_is_proven(tmp_path: Path) -> None:
    told = subprocess.run(
        [*REHEARSE, "--proof", "--builder", "embedded"],
        capture_output=True,
        text=True,
        check=False,
        timeout=390,
        env={**os.environ, "TMPDIR": str(tmp_path)},
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr
    assert len(re.findall(r"before its action: failed: ", told.stdout)) == STEPS - 2, "two steps only look"
    assert len(re.findall(r"after its reset: failed: ", told.stdout)) == STEPS - 2
    passes = re.findall(r"All steps in one pass: (\d+) of (\d+) checks passed", told.stdout)
    assert len(passes) == 2
    assert all(green == counted for green, counted in passes)
    assert re.search(r"^The app in the cluster says: .{20,}", told.stdout, re.MULTILINE)
    assert re.search(r"^The account saw: a token of myIdentity", told.stdout, re.MULTILINE)
    assert "✘" not in told.stdout
    assert left_over(tmp_path) == []


def docker_answers() -> bool:
    if shutil.which("docker") is None:
        return False
    answer = subprocess.run(["docker", "version"], capture_output=True, check=False, timeout=30)
    return answer.returncode == 0


@pytest.mark.slow
@pytest.mark.timeout(400)
@pytest.mark.skipif(not docker_answers(), reason="no Docker daemon answers here")
def test_the_whole_workshop_with_docker(tmp_path: Path) -> None:
    told = subprocess.run(
        [*REHEARSE, "--builder", "docker", "--home", str(tmp_path / "home")],
        capture_output=True,
        text=True,
        check=False,
        timeout=390,
    )
    assert told.returncode == 0, told.stdout[-4000:] + told.stderr
    assert re.search(r"^The account saw: a token of myIdentity", told.stdout, re.MULTILINE)
    saved = tomllib.loads((tmp_path / "home" / "settings.toml").read_text())
    images = subprocess.run(["docker", "images"], capture_output=True, text=True, check=True).stdout
    assert saved["practice"]["image_repository"] not in images, "its images are gone from Docker, too"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_rehearsal_that_is_stopped_leaves_nothing(tmp_path: Path, number: signal.Signals) -> None:
    with subprocess.Popen(
        REHEARSE,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "TMPDIR": str(tmp_path), "PYTHONUNBUFFERED": "1"},
    ) as process:
        assert process.stdout is not None
        for line in process.stdout:
            if "before its action: failed" in line:
                break
        process.send_signal(number)
        rest = process.stdout.read()
        assert process.wait(30) == 128 + number
    assert "Traceback" not in rest
    assert left_over(tmp_path) == []
    deadline = time.monotonic() + 10
    while (processes := practice_processes(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes == []


def practice_processes(temporary: Path) -> list[str]:
    """Return the command lines of processes that still work below this folder (Linux)."""
    lines = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(temporary) in words:
            lines.append(words)
    return lines
