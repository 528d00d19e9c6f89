"""A repository to clone from, and the starter with the requirements of a learner who has edited it."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest
from workstation_world import run_git

from workshop_tui.cloud.source import SERVICE, bundled_starter

if TYPE_CHECKING:
    from pathlib import Path

SIGN_IN = """
if os.environ.get("USE_AZURE_AD", "").lower() == "true":
    from azure.identity import DefaultAzureCredential

    token = DefaultAzureCredential().get_token("https://cognitiveservices.azure.com/.default").token
"""


@dataclass(frozen=True)
class Upstream:
    """A git repository as the shop's is, with a commit that the workshop pins and a newer one."""

    url: str
    pinned: str
    newer: str


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
