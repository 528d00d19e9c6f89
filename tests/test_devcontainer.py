"""The codespace brings what the doctor looks for, and keeps the learner's progress."""

from __future__ import annotations

import json
import os
import subprocess
from pathlib import Path

import pytest

from workshop_tui.settings import home_folder

ROOT = Path(__file__).parents[1]
FOLDER = ROOT / ".devcontainer"


@pytest.fixture
def codespace() -> dict[str, object]:
    document: dict[str, object] = json.loads((FOLDER / "devcontainer.json").read_text("utf-8"))
    return document


def test_every_tool_is_brought(codespace: dict[str, object]) -> None:
    brought = json.dumps([codespace["image"], codespace["features"]])
    for tool in ("python:3.12", "azure-cli", "docker-in-docker", '"version": "1.32"'):
        assert tool in brought, tool


def test_every_port_has_a_name(codespace: dict[str, object]) -> None:
    ports, names = codespace["forwardPorts"], codespace["portsAttributes"]
    assert isinstance(ports, list)
    assert isinstance(names, dict)
    assert {str(port) for port in ports} == set(names)
    assert all(names[str(port)]["label"] for port in ports)


def test_its_script_is_one_that_the_shell_can_read(codespace: dict[str, object]) -> None:
    assert codespace["postCreateCommand"] == "bash .devcontainer/prepare"
    assert os.access(FOLDER / "prepare", os.X_OK)
    subprocess.run(["bash", "-n", str(FOLDER / "prepare")], check=True)


def test_progress_lies_inside_the_workspace_there(tmp_path: Path) -> None:
    workspace = tmp_path / "workspaces" / "shop"
    workspace.mkdir(parents=True)
    environment = {"CODESPACES": "true", "CODESPACE_VSCODE_FOLDER": str(workspace), "HOME": str(tmp_path)}
    assert home_folder(environment).is_relative_to(workspace)
