"""What an action brings to the kubeconfig goes in beside the learner's lines, and out without a trace."""

from __future__ import annotations

import json
import shutil
import stat
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.kubeconfig import KubeconfigFile
from workshop_tui.cloud.kubeconfig_changes import merge, take_out
from workshop_tui.cloud.kubeconfig_text import rewritten

if TYPE_CHECKING:
    from pathlib import Path

LEARNERS = """\
# Mine. Do not touch!
apiVersion: v1
kind: Config
clusters:   # at home and at work
  - name: work
    cluster: {server: 'https://work:6443'}   # behind the VPN
  # the small one
  - cluster:
      server: https://kind:6443
      certificate-authority-data: >-
        QUJDREVG
    name: kind-mine

users:
- name: me
  user:
    token: "t0k:en"
contexts:
- {name: kind-mine, context: {cluster: kind-mine, user: me, namespace: kept}}
- name: work
  context:
    cluster: work
    user: me
current-context: kind-mine  # most days
preferences: {}
# the end
"""
"""As people write them: comments, both styles, lists with and without a margin."""


def credentials(name: str = "aks", server: str = "https://aks:443") -> str:
    user = f"clusterUser_{name}"
    return yaml.safe_dump(
        {
            "apiVersion": "v1",
            "kind": "Config",
            "current-context": name,
            "clusters": [{"name": name, "cluster": {"server": server}}],
            "users": [{"name": user, "user": {"token": "t"}}],
            "contexts": [{"name": name, "context": {"cluster": name, "user": user}}],
        }
    )


def given_file(folder: Path, text: str) -> KubeconfigFile:
    (folder / "config").write_text(text, newline="")
    return KubeconfigFile(folder / "config")


def kubectl(file: KubeconfigFile, *words: str) -> str:
    program = shutil.which("kubectl")
    assert program is not None
    answer = subprocess.run(
        [program, "--kubeconfig", str(file.path), "config", *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    return answer.stdout.strip()


def test_every_line_of_the_learners_stays_and_comes_back_byte_for_byte(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    file.path.chmod(0o640)
    merged = merge(file, credentials())
    assert (merged.name, merged.before, merged.backup) == ("aks", "kind-mine", "")
    text = file.path.read_text()
    changed = set(LEARNERS.splitlines()) - set(text.splitlines())
    assert changed == {"current-context: kind-mine  # most days"}
    assert "current-context: aks  # most days" in text
    assert [item.context.name for item in file.contexts()] == ["kind-mine", "work", "aks"]
    take_out(file, "aks")
    assert file.path.read_text() == LEARNERS
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o640


@pytest.mark.parametrize("ends", ["\n", "\r\n", ""])
def test_line_ends_of_any_kind_stay(tmp_path: Path, ends: str) -> None:
    text = (ends or "\n").join(LEARNERS.splitlines()) + ends
    file = given_file(tmp_path, text)
    merge(file, credentials())
    take_out(file, "aks")
    assert file.path.read_bytes().decode().rstrip("\r\n") == text.rstrip("\r\n")


def test_a_file_of_our_making_goes_again(tmp_path: Path) -> None:
    file = KubeconfigFile(tmp_path / ".kube" / "config")
    merge(file, credentials())
    assert stat.S_IMODE(file.path.stat().st_mode) == 0o600
    take_out(file, "aks")
    assert not file.path.exists()
    take_out(file, "aks")


def test_doing_it_twice_remembers_what_was_before_the_first_time(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    merge(file, credentials())
    once = file.path.read_text()
    merge(file, credentials())
    assert file.path.read_text() == once
    merge(file, credentials(server="https://moved:443"))
    take_out(file, "aks")
    assert file.path.read_text() == LEARNERS


def test_a_context_that_was_there_stays_there(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    merge(file, credentials("work", "https://work:443"))
    found = file.find(name="work", server="https://work")
    assert found is not None
    assert found.context.note is not None
    assert "contexts" not in found.context.note.added
    take_out(file, "work")
    document = yaml.safe_load(file.path.read_text())
    assert document["current-context"] == "kind-mine"
    assert {item["name"] for item in document["contexts"]} == {"kind-mine", "work"}
    assert "extensions" not in document


def test_what_was_so_already_needs_no_note(tmp_path: Path) -> None:
    file = given_file(tmp_path, credentials())
    merge(file, credentials())
    assert file.path.read_text() == credentials()
    take_out(file, "aks")
    assert file.path.read_text() == credentials()


def test_a_context_chosen_since_stays_the_current_one(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    merge(file, credentials())
    kubectl(file, "use-context", "work")
    take_out(file, "aks")
    assert kubectl(file, "current-context") == "work"


def test_what_kubectl_writes_keeps_the_note(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    merge(file, credentials())
    assert kubectl(file, "current-context") == "aks"
    kubectl(file, "set-context", "--current", "--namespace", "pets")
    kubectl(file, "set-context", "further", "--cluster", "aks", "--user", "me")
    take_out(file, "aks")
    document = yaml.safe_load(file.path.read_text())
    assert kubectl(file, "current-context") == "kind-mine"
    assert {item["name"] for item in document["contexts"]} == {"kind-mine", "work", "further"}
    # A context of the learner's own uses the cluster by now; nobody uses the user.
    assert {item["name"] for item in document["clusters"]} == {"kind-mine", "work", "aks"}
    assert {item["name"] for item in document["users"]} == {"me"}


def test_a_current_context_that_is_gone_is_not_put_back(tmp_path: Path) -> None:
    file = given_file(tmp_path, LEARNERS)
    merge(file, credentials())
    kubectl(file, "delete-context", "kind-mine")
    take_out(file, "aks")
    assert yaml.safe_load(file.path.read_text())["current-context"] == ""


def test_a_file_in_braces_is_laid_out_anew_and_kept_as_it_was(tmp_path: Path) -> None:
    text = json.dumps(yaml.safe_load(LEARNERS))
    file = given_file(tmp_path, text)
    merged = merge(file, credentials())
    backup = tmp_path / "config.before-workshop-tui"
    assert merged.backup == str(backup)
    assert backup.read_text() == text
    assert stat.S_IMODE(backup.stat().st_mode) == 0o600
    take_out(file, "aks")
    assert yaml.safe_load(file.path.read_text()) == yaml.safe_load(LEARNERS)


@pytest.mark.parametrize(
    "text", ["", "# only a word of mine\n", "apiVersion: v1\nclusters: []\ncontexts: null\nusers:\n"]
)
def test_an_empty_file_is_filled(tmp_path: Path, text: str) -> None:
    file = given_file(tmp_path, text)
    assert merge(file, credentials()).name == "aks"
    assert file.path.read_text().startswith(text.partition("\n")[0])
    assert kubectl(file, "current-context") == "aks"
    take_out(file, "aks")
    assert not yaml.safe_load(file.path.read_text()).get("contexts")


@pytest.mark.parametrize("text", ["clusters: [a]\n", "contexts: {a: b}\n", "users: 3\n"])
def test_entries_that_are_none_are_told(tmp_path: Path, text: str) -> None:
    file = given_file(tmp_path, text)
    with pytest.raises(ActionError, match="cannot be changed") as caught:
        merge(file, credentials())
    assert "Mend" in caught.value.remedy
    assert file.path.read_text() == text


words = st.text(
    st.characters(min_codepoint=0x20, max_codepoint=0x2FF, exclude_categories=["C", "Z"]), min_size=1
)
scalars: st.SearchStrategy[Any] = words | st.booleans() | st.integers() | st.none()
entries = st.lists(
    st.fixed_dictionaries({"name": words, "a": scalars | st.dictionaries(words, scalars, max_size=2)}),
    max_size=4,
    unique_by=lambda item: str(item["name"]),
)
documents = st.fixed_dictionaries({"clusters": entries, "contexts": entries, "current-context": words})


@given(known=documents, wanted=documents, kept=st.sets(st.integers(0, 3)))
def test_whatever_is_changed_the_text_means_what_was_wanted(
    known: dict[str, Any], wanted: dict[str, Any], kept: set[int]
) -> None:
    for kind in ("clusters", "contexts"):
        stays = [item for index, item in enumerate(known[kind]) if index in kept]
        names = {item["name"] for item in known[kind]}
        wanted = {**wanted, kind: stays + [item for item in wanted[kind] if item["name"] not in names]}
    text = yaml.safe_dump(known, sort_keys=False, allow_unicode=True)
    result = rewritten(text, wanted)
    assert result is not None
    assert yaml.safe_load(result) == wanted
