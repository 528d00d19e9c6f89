"""The target: chosen, asked whether it answers, and told how to be had where it does not."""

from __future__ import annotations

import asyncio
import json
import os
import pwd
from functools import partial
from typing import TYPE_CHECKING

import pytest

from workshop_tui.cloud.az_credential import AzCredential
from workshop_tui.cloud.tokens import Tokens, claims_of
from workshop_tui.practice import client
from workshop_tui.read_failure import ReadFailure
from workshop_tui.saved_settings import SettingsError
from workshop_tui.settings import Settings, load_settings
from workshop_tui.target import TargetError, load_target, practice_folder

if TYPE_CHECKING:
    from pathlib import Path

SUBSCRIPTION = "11111111-2222-3333-4444-555555555555"
TENANT = "66666666-7777-8888-9999-000000000000"
SCOPE = "https://management.azure.com/.default"


def settings_in(home: Path, target: str | None, **environment: str) -> Settings:
    return load_settings({"WORKSHOP_TUI_HOME": str(home), **environment}, target=target)


def test_a_target_has_to_be_chosen(tmp_path: Path) -> None:
    with pytest.raises(TargetError, match=r"--practice .*--azure"):
        load_target(settings_in(tmp_path, None))


def test_without_a_home_folder_one_is_asked_for(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As in a container that runs under a user of no name."""

    def nobody(_: int) -> object:
        raise KeyError

    monkeypatch.setattr(pwd, "getpwuid", nobody)
    for name in ("HOME", "XDG_STATE_HOME", "KUBECONFIG", "AZURE_CONFIG_DIR"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingsError, match="Set HOME, or WORKSHOP_TUI_HOME"):
        load_settings({})
    with pytest.raises(TargetError, match="Set HOME to the folder"):
        load_target(settings_in(tmp_path, "azure", SUBSCRIPTION_ID=SUBSCRIPTION))


def test_a_practice_cloud_is_asked_not_believed(tmp_path: Path) -> None:
    settings = settings_in(tmp_path, "practice")
    with pytest.raises(TargetError, match=r"No practice cloud is running here. Start it with: "):
        load_target(settings)
    folder = practice_folder(settings.home)
    endpoints = client.start(folder, time_scale=20.0)
    try:
        target = load_target(settings)
        assert target.kind == "practice"
        assert target.arm == endpoints.arm
        assert target.names.image.startswith(f"{endpoints['registry']}/")
        assert target.names.image == load_target(settings).names.image, "made once and kept"
    finally:
        # What a kill leaves behind: the address book, and nobody at the address.
        kept = (folder / "endpoints.json").read_text()
        client.stop(folder)
    (folder / "endpoints.json").write_text(kept)
    with pytest.raises(TargetError, match=r"has ended; its world is kept"):
        load_target(settings)


@pytest.fixture
def az(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `az` that answers from files: `account.json`, and `token.json` or the words of its refusal."""
    folder = tmp_path / "bin"
    folder.mkdir()
    program = folder / "az"
    program.write_text(
        "#!/bin/sh\n"
        f'echo "$@" >> {folder}/asked\n'
        f'[ "$2" = show ] && exec cat {folder}/account.json\n'
        f"[ -e {folder}/token.json ] && exec cat {folder}/token.json\n"
        "echo \"ERROR: Please run 'az login' to setup account.\" >&2; exit 1\n"
    )
    program.chmod(0o700)
    account = {"id": SUBSCRIPTION, "tenantId": TENANT, "user": {"name": "a@b", "type": "user"}}
    (folder / "account.json").write_text(json.dumps(account))
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    return folder


def test_azure_without_a_subscription_takes_that_of_az(
    tmp_path: Path, az: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KUBECONFIG", f"{tmp_path}/first:{tmp_path}/second")
    target = load_target(settings_in(tmp_path, "azure"))
    assert (target.names.subscription_id, target.tenant_id) == (SUBSCRIPTION, TENANT)
    assert target.kubeconfig == tmp_path / "first"
    assert target.further_kubeconfigs == (tmp_path / "second",)
    assert target.names.image.startswith("ttl.sh/")
    assert "account show" in (az / "asked").read_text()


def test_azure_without_az_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(TargetError, match=r"Azure CLI is not installed.*--subscription"):
        load_target(settings_in(tmp_path, "azure"))


def test_azure_where_az_is_signed_out_says_so(tmp_path: Path, az: Path) -> None:
    (az / "account.json").unlink()
    with pytest.raises(TargetError, match=r"az knows none.*az login"):
        load_target(settings_in(tmp_path, "azure"))


def test_relative_kubeconfigs_are_made_whole(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path), "SUBSCRIPTION_ID": SUBSCRIPTION}
    target = load_target(load_settings(environment, target="azure", kubeconfig="config"))
    assert target.kubeconfig == tmp_path / "config"
    assert target.names.kubeconfig == str(tmp_path / "config")


async def test_az_is_asked_once_for_a_token_however_many_want_it(tmp_path: Path, az: Path) -> None:
    token = "eyJhbGciOiJub25lIn0.eyJvaWQiOiAibWUiLCAiaWR0eXAiOiAidXNlciJ9.x"
    answer = {"accessToken": token, "expires_on": 4102444800, "tokenType": "Bearer"}
    (az / "token.json").write_text(json.dumps(answer))
    target = load_target(settings_in(tmp_path, "azure", SUBSCRIPTION_ID=SUBSCRIPTION))
    async with Tokens(partial(target.credential, az=AzCredential(SUBSCRIPTION))) as tokens:
        at_once = await asyncio.gather(*(tokens.token(SCOPE) for _ in range(5)))
        assert {*at_once, await tokens.token(SCOPE)} == {token}
        assert claims_of(token) == {"oid": "me", "idtyp": "user"}
    (asked,) = (az / "asked").read_text().splitlines()
    assert SUBSCRIPTION in asked


async def test_nobody_signed_in_is_told_as_that(tmp_path: Path, az: Path) -> None:
    assert az
    target = load_target(settings_in(tmp_path, "azure", SUBSCRIPTION_ID=SUBSCRIPTION))
    async with Tokens(partial(target.credential, az=AzCredential(SUBSCRIPTION))) as tokens:
        with pytest.raises(ReadFailure) as caught:
            await tokens.token(SCOPE)
    assert caught.value.unreadable.cause == "reading.not-signed-in"
    assert caught.value.unreadable.reason == "nobody is signed in to Azure on this machine"


async def test_a_missing_az_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("AZURE_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("PATH", str(tmp_path))
    target = load_target(settings_in(tmp_path, "azure", SUBSCRIPTION_ID=SUBSCRIPTION))
    async with Tokens(partial(target.credential, az=AzCredential(SUBSCRIPTION))) as tokens:
        with pytest.raises(ReadFailure, match="Azure CLI is not installed"):
            await tokens.token(SCOPE)


def test_claims_of_what_is_no_token() -> None:
    assert claims_of("nonsense") == {}
    assert claims_of("a.!!.c") == {}
