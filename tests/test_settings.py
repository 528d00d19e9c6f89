"""Settings: flags before environment before what was saved; everything is looked at before it is used."""

from __future__ import annotations

import stat
from typing import TYPE_CHECKING

import pytest

from workshop_tui.model import Names
from workshop_tui.saved_settings import SettingsError, read_saved, save
from workshop_tui.settings import for_target, home_folder, load_settings, overruling

if TYPE_CHECKING:
    from pathlib import Path


def test_flags_come_before_environment_before_what_was_saved(tmp_path: Path) -> None:
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path)}
    save(tmp_path, {"target": "practice", "resource_group": "saved", "identity": "saved"})
    save(tmp_path, {"identity": "saved-for-practice", "namespace": "saved"}, "practice")
    save(tmp_path, {"namespace": "elsewhere"}, "azure")
    environment |= {"RG_NAME": "exported", "MANAGED_IDENTITY_NAME": "exported"}
    settings = load_settings(environment, flags={"identity": "said", "cluster": ""})
    assert settings.target == "practice"
    names = settings.whole_names(Names("s", cluster="default"))
    assert (names.resource_group, names.identity, names.namespace) == ("exported", "said", "saved")
    assert names.cluster == "default", "an option that was not given changes nothing"


def test_saved_names_do_not_outlive_what_they_lie_in(tmp_path: Path) -> None:
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path)}
    save(tmp_path, {"resource_group": "one", "cluster": "c", "account": "first", "identity": "mine"}, "azure")
    for flags, left in (
        ({"resource_group": "ONE"}, {"cluster", "account", "identity", "resource_group"}),
        ({"resource_group": "two"}, {"identity", "resource_group"}),
        ({"account": "second"}, {"resource_group", "cluster", "account", "identity"}),
    ):
        assert set(load_settings(environment, target="azure", flags=flags).names) == left
        undecided = load_settings(environment, flags=flags)
        assert set(for_target(undecided, "azure").names) == left, "chosen later, it comes to the same"


def test_an_empty_value_is_forgotten_and_the_environment_comes_first(tmp_path: Path) -> None:
    save(tmp_path, {"cluster": "c", "account": "a"}, "azure")
    save(tmp_path, {"cluster": "", "account": "b", "model_deployment": ""}, "azure")
    assert read_saved(tmp_path, "azure") == {"account": "b"}
    assert overruling({"AOAI_NAME": "a", "AKS_NAME": ""}, {"account": "b", "cluster": "c"}) == ["AOAI_NAME"]


def test_the_apps_port_is_a_number(tmp_path: Path) -> None:
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path), "LOCAL_PORT": "5002"}
    assert load_settings(environment).whole_names(Names("s")).local_port == 5002
    for wrong in ("80", "70000", "http"):
        with pytest.raises(SettingsError, match="local port cannot be"):
            load_settings(environment | {"LOCAL_PORT": wrong})


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SUBSCRIPTION_ID", "mine"),
        ("RG_NAME", "a/b"),
        ("SERVICE_ACCOUNT_NAMESPACE", "Default"),
        ("IMAGE_NAME", "no-registry"),
        ("AKS_NAME", "\x1b[31mred"),
        ("AKS_NAME", "../x y;$(id)"),
        ("AOAI_NAME", "$(id)"),
        ("WORKSHOP_TUI_TARGET", "moon"),
        ("WORKSHOP_TUI_BUILDER", "podman"),
    ],
)
def test_what_cannot_be_is_told(tmp_path: Path, variable: str, value: str) -> None:
    with pytest.raises(SettingsError) as caught:
        load_settings({"WORKSHOP_TUI_HOME": str(tmp_path), variable: value})
    assert "\x1b" not in str(caught.value)


def test_the_home_is_private(tmp_path: Path) -> None:
    home = home_folder({"WORKSHOP_TUI_HOME": str(tmp_path / "home")})
    assert stat.S_IMODE(home.stat().st_mode) == 0o700


def test_in_codespaces_the_home_outlives_a_rebuild(tmp_path: Path) -> None:
    environment = {"CODESPACES": "true", "CODESPACE_VSCODE_FOLDER": str(tmp_path)}
    assert home_folder(environment) == tmp_path / ".workshop-tui"


def test_a_number_without_quotes_counts(tmp_path: Path) -> None:
    (tmp_path / "settings.toml").write_text("local_port = 5002\n[practice]\nlocal_port = 5003\n")
    environment = {"WORKSHOP_TUI_HOME": str(tmp_path)}
    assert load_settings(environment).names == {"local_port": "5002"}
    assert load_settings(environment, target="practice").names == {"local_port": "5003"}
