"""The wheel holds the workshop, and an installation without a checkout finds it."""

from __future__ import annotations

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
import uv

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run(
        [uv.find_uv_bin(), "build", "--wheel", "--out-dir", str(folder), str(ROOT)],
        check=True,
        capture_output=True,
    )
    return next(folder.glob("*.whl"))


def test_the_wheel_holds_steps_and_assets_and_nothing_that_python_left(wheel: Path) -> None:
    names = zipfile.ZipFile(wheel).namelist()
    for wanted in (
        "workshop.toml",
        "steps/federate/step.md",
        "steps/federate/__init__.py",
        "assets/starter/",
    ):
        assert any(name.startswith(f"workshop_tui/bundled/{wanted}") for name in names), wanted
    assert "workshop_tui/causes/catalogue.toml" in names
    assert not [name for name in names if "__pycache__" in name or "/.venv/" in name]


def test_an_installed_copy_loads_its_bundled_workshop(wheel: Path, tmp_path: Path) -> None:
    zipfile.ZipFile(wheel).extractall(tmp_path)
    code = (
        "import workshop_tui.workshop as w; f = w.find_bundled(); s = w.load_workshop(f).steps;"
        "print(f.name, len(s), s[0].id)"
    )
    answer = subprocess.run(
        [sys.executable, "-c", code],
        env={"PYTHONPATH": str(tmp_path), "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.stdout.split() == ["bundled", "13", "exposed-key"], answer.stderr
