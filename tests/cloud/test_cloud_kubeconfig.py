from __future__ import annotations

import stat
from typing import TYPE_CHECKING, Any

import pytest
import yaml

from workshop_tui.authoring import ActionError
from workshop_tui.changes import MergedContext
from workshop_tui.cloud.kubeconfig import KubeconfigFile, same_server
from workshop_tui.cloud.kubeconfig_changes import merge
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from pathlib import Path


def kubeconfig(name: str, server: str, *, token: str = "t") -> dict[str, Any]:  # noqa: S107 - not one
    return {
        "apiVersion": "v1",
        "kind": "Config",
        "current-context": name,
        "clusters": [{"name": name, "cluster": {"server": server}}],
        "users": [{"name": f"clusterUser_{name}", "user": {"token": token}}],
        "contexts": [{"name": name, "context": {"cluster": name, "user": f"clusterUser_{name}"}}],
    }


@pytest.fixture
def file(tmp_path: Path) -> KubeconfigFile:
    return KubeconfigFile(tmp_path / ".kube" / "config")


def test_merging_into_nothing_makes_a_private_file(file: KubeconfigFile) -> None:
    assert merge(file, yaml.safe_dump(kubeconfig("mine", "https://mine:443"))) == MergedContext("mine")
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    found = file.find(name="mine", server="https://mine")
    assert found is not None
    assert found.context.current


def test_merging_touches_nothing_else(file: KubeconfigFile) -> None:
    other = kubeconfig("other", "https://other:6443", token="o")
    other["preferences"] = {"colors": True}
    other["contexts"][0]["context"]["namespace"] = "kept"
    file.path.parent.mkdir()
    file.path.write_text(yaml.safe_dump(other))
    merge(file, yaml.safe_dump(kubeconfig("mine", "https://old:443")))
    merge(file, yaml.safe_dump(kubeconfig("mine", "https://new:443")))
    document = yaml.safe_load(file.path.read_text())
    assert document["preferences"] == {"colors": True}
    assert document["current-context"] == "mine"
    for kind in ("clusters", "users", "contexts"):
        assert document[kind][0] == other[kind][0]
        assert len(document[kind]) == 2
    assert document["clusters"][1]["cluster"]["server"] == "https://new:443"


def test_a_link_stays_a_link(file: KubeconfigFile, tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text(yaml.safe_dump(kubeconfig("other", "https://other")))
    file.path.parent.mkdir()
    file.path.symlink_to(real)
    merge(file, yaml.safe_dump(kubeconfig("mine", "https://mine")))
    assert file.path.is_symlink()
    assert len(yaml.safe_load(real.read_text())["contexts"]) == 2


def test_a_chosen_context_gives_its_name(tmp_path: Path) -> None:
    file = KubeconfigFile(tmp_path / "config", "practice")
    assert merge(file, yaml.safe_dump(kubeconfig("mine", "https://mine"))).name == "practice"
    found = file.find(name="anything", server="https://mine")
    assert found is not None
    assert found.context.name == "practice"


@pytest.mark.parametrize("content", ["- a list", "not: [closed", "just text"])
def test_a_broken_file_is_left_alone(file: KubeconfigFile, content: str) -> None:
    file.path.parent.mkdir()
    file.path.write_text(content)
    with pytest.raises(ActionError, match="cannot be changed"):
        merge(file, yaml.safe_dump(kubeconfig("mine", "https://mine")))
    assert file.path.read_text() == content
    with pytest.raises(ReadFailure):
        file.contexts()


def test_the_address_decides_where_it_is_known(file: KubeconfigFile) -> None:
    merge(file, yaml.safe_dump(kubeconfig("mine", "https://deleted.example:443")))
    assert file.find(name="mine", server="recreated.example") is None
    assert file.find(name="mine", server="") is not None
    assert file.find(name="another", server="deleted.example") is not None


def test_no_file_has_no_contexts(file: KubeconfigFile) -> None:
    assert file.contexts() == []
    assert file.find(name="mine", server="mine") is None


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.example:443", "a.example", True),
        ("https://A.example", "https://a.example:443/", True),
        ("https://a.example:6443", "a.example", False),
        ("https://localhost:1", "localhost:2", False),
        ("https://a:notaport", "b", False),
    ],
)
def test_addresses_are_compared_as_servers(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table
    assert same_server(one, other) is same


def test_several_files_are_read_together_as_kubectl_does(tmp_path: Path) -> None:
    first, second = tmp_path / "a" / "config", tmp_path / "b" / "config"
    for folder in (first.parent, second.parent):
        folder.mkdir()
    documents = [kubeconfig("one", "https://one"), kubeconfig("two", "https://two")]
    # The second file renames the first one's context in vain, and keeps its certificate beside itself.
    documents[1]["contexts"].append({"name": "one", "context": {"cluster": "two", "user": "clusterUser_two"}})
    documents[1]["clusters"][0]["cluster"]["certificate-authority"] = "ca.pem"
    documents[1]["current-context"] = "two"
    first.write_text(yaml.safe_dump(documents[0]))
    second.write_text(yaml.safe_dump(documents[1]))
    file = KubeconfigFile(first, further=[second, tmp_path / "missing"])
    found = {item.context.name: item for item in file.contexts()}
    assert {name: item.context.server for name, item in found.items()} == {
        "one": "https://one",
        "two": "https://two",
    }
    assert found["one"].context.current
    assert not found["two"].context.current
    assert (found["one"].context.path, found["two"].context.path) == (str(first), str(second))
    assert found["two"].cluster["certificate-authority"] == str(second.parent / "ca.pem")
    merge(file, yaml.safe_dump(kubeconfig("three", "https://three")))
    assert yaml.safe_load(second.read_text()) == documents[1]
