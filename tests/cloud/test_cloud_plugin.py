from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud import sign_in_plugin
from workshop_tui.cloud.cluster_connection import connect
from workshop_tui.cloud.kubeconfig import KubeconfigFile
from workshop_tui.cloud.permitted import RequestGuard
from workshop_tui.cloud.sign_in_plugin import run_plugin
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from pathlib import Path


def plugin(folder: Path, script: str) -> dict[str, object]:
    file = folder / "plugin"
    file.write_text(f"#!/bin/sh\n{script}\n")
    file.chmod(0o700)
    return {"command": str(file), "args": ["get-token"], "env": [{"name": "GREETING", "value": "hello"}]}


async def test_a_plugin_gives_a_token_and_gets_no_terminal(tmp_path: Path) -> None:
    answer = json.dumps({"kind": "ExecCredential", "status": {"token": "GIVEN"}})
    script = f"[ -t 0 ] && exit 9\n[ $1 = get-token ] && echo '{answer}' | sed s/GIVEN/$GREETING/"
    assert (await run_plugin(plugin(tmp_path, script), "https://s"))["token"] == "hello"


async def test_a_plugin_that_is_not_installed_is_told_before_it_is_run() -> None:
    spec = {"command": "kubelogin-that-is-not-there", "installHint": "Install it with az aks install-cli."}
    with pytest.raises(ReadFailure) as caught:
        await run_plugin(spec, "https://s")
    assert "is not installed" in caught.value.unreadable.reason
    assert caught.value.unreadable.remedy == "Install it with az aks install-cli."


async def test_a_plugin_that_fails_says_why(tmp_path: Path) -> None:
    script = "echo 'first' >&2; printf '\\033[31mplease sign in\\n' >&2; exit 1"
    with pytest.raises(ReadFailure, match="gave no credential: please sign in"):
        await run_plugin(plugin(tmp_path, script), "https://s")


async def test_a_plugin_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sign_in_plugin, "PLUGIN_SECONDS", 0.2)
    with pytest.raises(ReadFailure, match="did not end within"):
        await run_plugin(plugin(tmp_path, "exec sleep 60"), "https://s")


async def test_credentials_that_cannot_be_used_are_told(tmp_path: Path) -> None:
    file = KubeconfigFile(tmp_path / "config")
    file.path.write_text(
        "clusters: [{name: c, cluster: {server: 'https://s', certificate-authority-data: bm90IGE=}}]\n"
        "users: [{name: u, user: {token: t}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n"
    )
    (entries,) = file.contexts()
    with pytest.raises(ReadFailure, match="cannot be used"):
        await connect(entries, RequestGuard(read_only=True))
