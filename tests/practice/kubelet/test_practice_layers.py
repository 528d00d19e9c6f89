"""Layers of an image, hostile ones too."""

from __future__ import annotations

import io
import tarfile
from typing import TYPE_CHECKING

import pytest
from kubelet_world import layer_of

from workshop_tui.practice.cluster.kubelet.layers import LayerError, unpack_layer

if TYPE_CHECKING:
    from pathlib import Path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    folder = tmp_path / "root"
    folder.mkdir()
    return folder


def unpack(root: Path, layer: bytes) -> None:
    archive = root.parent / "layer"
    archive.write_bytes(layer)
    unpack_layer(archive, root)


def link(name: str, target: str, kind: bytes = tarfile.SYMTYPE) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.type, member.linkname = kind, target
    return member


def test_later_layers_replace_and_remove(root: Path) -> None:
    unpack(root, layer_of({"app/a": "old", "app/b": "b", "data/x": "x"}))
    unpack(root, layer_of({"app/a": "new", "app/.wh.b": "", "data/.wh..wh..opq": "", "data/y": "y"}))
    assert (root / "app/a").read_text() == "new"
    assert not (root / "app/b").exists()
    assert [path.name for path in (root / "data").iterdir()] == ["y"]


@pytest.mark.parametrize("name", ["../escaped", "app/../../escaped", "/app/../../escaped"])
def test_path_that_leaves_the_image_is_refused(root: Path, name: str) -> None:
    with pytest.raises(LayerError, match="leaves the image"):
        unpack(root, layer_of({name: "x"}))
    assert not (root.parent / "escaped").exists()


@pytest.mark.parametrize("target", ["/", "/etc", "../../..", "../outside"])
def test_file_written_through_a_link_stays_inside(root: Path, target: str) -> None:
    (root.parent / "outside").mkdir()
    unpack(root, layer_of({}, lambda tar: tar.addfile(link("door", target))))
    unpack(root, layer_of({"door/file": "x"}))
    assert not list((root.parent / "outside").iterdir())
    assert [path for path in root.rglob("file") if path.resolve().is_relative_to(root)]


def test_absolute_link_points_into_the_image(root: Path) -> None:
    files = {"usr/share/word": "here"}
    unpack(root, layer_of(files, lambda tar: tar.addfile(link("etc/word", "/usr/share/word"))))
    assert (root / "etc/word").read_text() == "here"


def test_hard_link_stays_inside(root: Path) -> None:
    (root.parent / "secret").write_text("not yours")
    with pytest.raises(LayerError):
        unpack(root, layer_of({}, lambda tar: tar.addfile(link("mine", "../secret", tarfile.LNKTYPE))))
    files = {"a": "same"}
    unpack(root, layer_of(files, lambda tar: tar.addfile(link("b", "a", tarfile.LNKTYPE))))
    assert (root / "b").read_text() == "same"


def test_devices_are_left_out_and_rubbish_is_refused(root: Path) -> None:
    device = tarfile.TarInfo("dev/null")
    device.type = tarfile.CHRTYPE
    unpack(root, layer_of({}, lambda tar: tar.addfile(device)))
    assert not (root / "dev/null").exists()
    with pytest.raises(LayerError, match="not a tar archive"):
        unpack(root, io.BytesIO(b"\x28\xb5\x2f\xfd rubbish" * 99).getvalue())
