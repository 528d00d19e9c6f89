"""The registry, by unchanged OCI clients: skopeo, crane, oras and Docker's own command line.

What these tests reached is read from the practice cloud's own request log: see `claims` in conftest.py.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest
from clients import Program, RecordProperty, driven, program
from oci_layout import write_layout

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workshop_tui.practice.client import Endpoints

PLAIN, FROM_PLAIN, TO_PLAIN = "--tls-verify=false", "--src-tls-verify=false", "--dest-tls-verify=false"
"""How skopeo is told that the registry speaks HTTP; crane and Docker know it of 127.0.0.1."""
ABSENT = f"sha256:{'0' * 64}"


@pytest.fixture
def repository(cloud: Endpoints, fresh_name: str) -> str:
    """A repository of the test's own."""
    return f"{cloud['registry']}/{fresh_name}/app"


@pytest.fixture
def skopeo(record_property: RecordProperty) -> Program:
    found = program("skopeo")
    version = found.run("--version").split()[-1]
    commands = ("copy", "copy --all", "copy --format v2s2", "inspect", "list-tags", "delete")
    driven(record_property, f"skopeo {version}", *commands)
    return found


def test_by_skopeo(skopeo: Program, repository: str, tmp_path: Path) -> None:
    index = write_layout(tmp_path / "layout", "hello")
    whole, part = f"docker://{repository}:1h", f"docker://{repository}:5m"
    skopeo.run("copy", "--all", TO_PLAIN, f"oci:{tmp_path}/layout:made", whole)
    assert json.loads(skopeo.run("inspect", PLAIN, whole))["Digest"] == index
    raw = json.loads(skopeo.run("inspect", "--raw", PLAIN, whole))
    assert [each["platform"]["architecture"] for each in raw["manifests"]] == ["amd64", "arm64"]
    skopeo.run("copy", "--format", "v2s2", FROM_PLAIN, TO_PLAIN, whole, part)
    assert json.loads(skopeo.run("inspect", "--raw", PLAIN, part))["mediaType"].startswith(
        "application/vnd.docker.distribution.manifest.v2"
    )
    assert json.loads(skopeo.run("list-tags", PLAIN, f"docker://{repository}"))["Tags"] == ["1h", "5m"]
    skopeo.run("copy", FROM_PLAIN, TO_PLAIN, whole, f"docker://{repository}-mounted:1h")
    skopeo.run("copy", FROM_PLAIN, whole, f"dir:{tmp_path}/pulled")
    assert (tmp_path / "pulled" / "manifest.json").is_file()
    skopeo.run("delete", PLAIN, part)
    refused = skopeo.run("inspect", PLAIN, part, fails=True)
    assert "manifest unknown: manifest unknown" in refused


def test_zstd_layers_by_skopeo(skopeo: Program, repository: str, tmp_path: Path) -> None:
    write_layout(tmp_path / "layout", repository, compressed=False)
    packed = f"docker://{repository}:1h"
    skopeo.run("copy", "--dest-compress-format=zstd", TO_PLAIN, f"oci:{tmp_path}/layout:made", packed)
    (layer,) = json.loads(skopeo.run("inspect", "--raw", PLAIN, packed))["layers"]
    assert layer["mediaType"] == "application/vnd.oci.image.layer.v1.tar+zstd"
    skopeo.run("copy", FROM_PLAIN, packed, f"dir:{tmp_path}/pulled")
    digest = layer["digest"].removeprefix("sha256:")
    assert (tmp_path / "pulled" / digest).read_bytes()[:4] == bytes.fromhex("28b52ffd")


def test_by_crane(repository: str, tmp_path: Path, record_property: RecordProperty) -> None:
    crane = program("crane")
    commands = ("push", "digest", "manifest", "config", "ls", "tag", "copy", "validate", "pull", "delete")
    driven(record_property, f"crane {crane.run('version').strip()}", *commands, "catalog (refused)")
    write_layout(tmp_path / "layout", "hello")
    image = f"{repository}:1h"
    crane.run("push", "--index", str(tmp_path / "layout"), image)
    digest = crane.run("digest", image).strip()
    assert json.loads(crane.run("manifest", f"{repository}@{digest}"))["schemaVersion"] == 2
    assert json.loads(crane.run("config", image))["architecture"] == "amd64"
    crane.run("tag", image, "2h")
    assert crane.run("ls", repository).split() == ["1h", "2h"]
    crane.run("copy", image, f"{repository}-copy:1h")
    assert crane.run("validate", "--remote", f"{repository}-copy:1h").startswith("PASS")
    crane.run("pull", "--format", "oci", image, str(tmp_path / "pulled"))
    assert (tmp_path / "pulled" / "index.json").is_file()
    crane.run("delete", f"{repository}:2h")
    assert crane.run("ls", repository).split() == ["1h"]
    crane.run("delete", f"{repository}@{digest}")
    assert "MANIFEST_UNKNOWN: manifest unknown" in crane.run("manifest", image, fails=True)
    assert "NAME_UNKNOWN" in crane.run("ls", f"{repository}-none", fails=True)
    assert "UNAUTHORIZED" in crane.run("catalog", repository.partition("/")[0], fails=True)


@pytest.fixture
def oras(record_property: RecordProperty) -> Program:
    found = program("oras")
    told = re.search(r"Version: +(\S+)", found.run("version"))
    commands = ("push", "attach", "discover", "repo tags", "pull", "blob delete", "manifest push", "tag")
    driven(record_property, f"oras {told[1] if told else ''}".strip(), *commands)
    return found


def test_by_oras(oras: Program, repository: str, tmp_path: Path) -> None:
    """What refers to an image, and the manifests a registry refuses."""
    (tmp_path / "words").write_text("hello")
    image, kind = f"{repository}:1h", ("--plain-http", "--artifact-type")
    oras.run("push", *kind, "application/x-thing", image, "words:text/plain", within=tmp_path)
    oras.run("attach", *kind, "application/x-signature", image, "words:text/plain", within=tmp_path)
    found = json.loads(oras.run("discover", "--plain-http", "--format", "json", image))
    assert [each["artifactType"] for each in found["referrers"]] == ["application/x-signature"]
    none = json.loads(oras.run("discover", *kind, "application/x-other", "--format", "json", image))
    assert none["referrers"] == []
    oras.run("tag", "--plain-http", image, "2h")
    assert oras.run("repo", "tags", "--plain-http", repository).split() == ["1h", "2h"]
    oras.run("pull", "--plain-http", image, "--output", str(tmp_path / "pulled"))
    assert (tmp_path / "pulled" / "words").read_text() == "hello"
    listed = json.loads(oras.run("manifest", "fetch", "--plain-http", image))
    blob = f"{repository}@{listed['layers'][0]['digest']}"
    oras.run("blob", "delete", "--plain-http", "--force", blob)
    assert "not found" in oras.run("blob", "fetch", "--plain-http", "--output", "-", blob, fails=True)
    oras.run("manifest", "delete", "--plain-http", "--force", f"{repository}:2h")


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ({"schemaVersion": 3}, "manifest invalid"),
        (
            {"schemaVersion": 2, "config": {"mediaType": "a/b", "digest": ABSENT, "size": 5}, "layers": []},
            "manifest blob unknown: blob unknown to registry",
        ),
        (
            {"schemaVersion": 2, "manifests": [{"mediaType": "a/b", "digest": ABSENT, "size": 5}]},
            "manifest blob unknown: manifest unknown to registry",
        ),
    ],
)
def test_refused_to_oras(
    oras: Program, repository: str, tmp_path: Path, manifest: dict[str, object], words: str
) -> None:
    kind = "index" if "manifests" in manifest else "manifest"
    document = {"mediaType": f"application/vnd.oci.image.{kind}.v1+json", **manifest}
    (tmp_path / "manifest.json").write_text(json.dumps(document))
    file = str(tmp_path / "manifest.json")
    assert words in oras.run("manifest", "push", "--plain-http", f"{repository}:1h", file, fails=True)


@pytest.fixture
def docker(record_property: RecordProperty) -> Iterator[Program]:
    found = program("docker")
    try:
        versions = found.run("version", "--format", "{{.Client.Version}} {{.Server.Version}}").split()
    except AssertionError:
        pytest.skip("no Docker daemon answers here: docker is NOT driven")
    commands = ("build", "push", "pull", "manifest inspect", "manifest create", "manifest push")
    driven(record_property, "docker {} with dockerd {}".format(*versions), *commands)
    made = set(found.run("image", "ls", "--quiet").split())
    yield found
    if left := set(found.run("image", "ls", "--quiet", "--filter", "label=of=these-tests").split()) - made:
        found.run("rmi", "--force", *left)


def test_by_docker(docker: Program, repository: str, tmp_path: Path) -> None:
    (tmp_path / "words").write_text(repository)
    (tmp_path / "Dockerfile").write_text("FROM scratch\nLABEL of=these-tests\nCOPY words /\n")
    image = f"{repository}:1h"
    docker.run("build", "--tag", image, str(tmp_path))
    pushed = re.search(r"1h: digest: (sha256:\w+) size: \d+", docker.run("push", image))
    assert pushed is not None
    inspected = json.loads(docker.run("manifest", "inspect", "--insecure", "--verbose", image))
    assert inspected["Descriptor"]["digest"] == pushed[1]
    docker.run("rmi", image)
    assert f"Digest: {pushed[1]}" in docker.run("pull", image)
    docker.run("manifest", "create", "--insecure", f"{repository}-list:1h", image)
    try:
        docker.run("manifest", "push", "--insecure", "--purge", f"{repository}-list:1h")
    except AssertionError:
        docker.run("manifest", "rm", f"{repository}-list:1h")
        raise
    listed = json.loads(docker.run("manifest", "inspect", "--insecure", f"{repository}-list:1h"))
    assert [each["digest"] for each in listed["manifests"]] == [pushed[1]]
    refused = docker.run("pull", f"{repository}:2h", fails=True)
    assert f"manifest for {repository}:2h not found: manifest unknown: manifest unknown" in refused
    inspect = ("manifest", "inspect", "--insecure", f"{repository}:2h")
    assert "no such manifest" in docker.run(*inspect, fails=True)
