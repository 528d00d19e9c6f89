"""A repository to clone from, the starter to edit, and one home whose installations all tests share."""

from __future__ import annotations

import shutil
from typing import TYPE_CHECKING

import pytest
from workstation_world import Upstream, run_git

from workshop_tui.cloud.source import SERVICE, bundled_starter

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture(scope="session")
def upstream(tmp_path_factory: pytest.TempPathFactory) -> Upstream:
    folder = tmp_path_factory.mktemp("upstream") / "shop"
    shutil.copytree(bundled_starter(), folder)
    (folder / ".workshop-starter").unlink()
    run_git(folder, "init", "--quiet", "--initial-branch=main")
    run_git(folder, "config", "uploadpack.allowAnySHA1InWant", "true")
    run_git(folder, "add", "--all")
    run_git(folder, "commit", "--quiet", "--message=first")
    pinned = run_git(folder, "rev-parse", "HEAD")
    (folder / SERVICE / "main.py").write_text("# the future\n")
    run_git(folder, "commit", "--quiet", "--all", "--message=second")
    return Upstream(folder.as_uri(), pinned, run_git(folder, "rev-parse", "HEAD"))


@pytest.fixture
def service(tmp_path: Path) -> Path:
    """The starter's service in a folder of its own."""
    folder = tmp_path / "checkout"
    shutil.copytree(bundled_starter(), folder)
    return folder / SERVICE


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One home for all, so that the requirements are installed once."""
    return tmp_path_factory.mktemp("workstation-home")
