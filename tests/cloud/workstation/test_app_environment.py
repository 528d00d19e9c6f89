"""The app's environment: made once for its requirements, whole or not at all."""

from __future__ import annotations

import asyncio
import os
import subprocess
import sys
import time
from typing import TYPE_CHECKING

import pytest

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.python_runtime import AppEnvironment, find_python

if TYPE_CHECKING:
    from pathlib import Path


def tell_versions(python: Path) -> str:
    program = "import idna, sys; print(*sys.version_info[:2], idna.__version__)"
    return subprocess.run([python, "-c", program], check=True, capture_output=True, text=True).stdout


async def test_the_environment_is_made_once_and_anew_when_the_requirements_change(
    service: Path, tmp_path: Path
) -> None:
    (service / "requirements.txt").write_text("idna==3.10\n")
    environment = AppEnvironment(tmp_path / "environments", service / "requirements.txt")
    first = [line async for line in environment.make()]
    assert first[0].startswith("Making an environment with ")
    assert not any("idna" in line for line in first), "nobody needs forty packages one by one"
    python = environment.python()
    assert python is not None
    assert tell_versions(python) == "3 11 3.10\n"
    started = time.monotonic()
    assert "is ready" in await anext(environment.make())
    assert time.monotonic() - started < 0.5
    (service / "requirements.txt").write_text("idna==3.9\n")
    assert environment.python() is None


async def test_two_who_make_it_at_once_share_the_first(service: Path, tmp_path: Path) -> None:
    (service / "requirements.txt").write_text("idna==3.10\n")
    environment = AppEnvironment(tmp_path / "environments", service / "requirements.txt")

    async def make() -> None:
        async for _ in environment.make():
            pass

    async def other() -> None:
        program = (
            "import asyncio, pathlib, sys\nfrom workshop_tui.cloud.python_runtime import AppEnvironment\n"
        )
        program += "made = AppEnvironment(pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2])).make()\n"
        program += "async def main():\n    async for _ in made: pass\nasyncio.run(main())"
        places = (str(tmp_path / "environments"), str(service / "requirements.txt"))
        process = await asyncio.create_subprocess_exec(sys.executable, "-c", program, *places)
        assert await process.wait() == 0

    await asyncio.gather(make(), other())
    python = environment.python()
    assert python is not None
    assert tell_versions(python) == "3 11 3.10\n"
    assert list((tmp_path / "environments").iterdir()) == [environment.place()]


async def test_requirements_that_do_not_install_leave_no_half_environment(
    service: Path, tmp_path: Path
) -> None:
    (service / "requirements.txt").write_text("idna==0.0.0.0.1\n")
    environment = AppEnvironment(tmp_path / "environments", service / "requirements.txt")
    with pytest.raises(ActionError, match="could not be installed"):
        async for _ in environment.make():
            pass
    assert list((tmp_path / "environments").iterdir()) == []


async def test_a_python_of_that_name_that_does_not_run_is_not_taken(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shim = tmp_path / "python3.11"
    shim.write_text("#!/bin/sh\nexit 127\n")
    shim.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    monkeypatch.setattr(sys, "version_info", (3, 13, 0, "final", 0))
    found = await find_python()
    assert found is None or found != shim
