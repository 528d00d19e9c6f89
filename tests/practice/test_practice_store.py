"""The store: documents that outlive the process, one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pytest

from workshop_tui.practice.store import Store, StoreInUseError, StoreUnusableError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@dataclass
class Mount:
    """A small file system of the test's own."""

    folder: Path

    def again(self, options: str) -> None:
        subprocess.run(["mount", "-o", options, str(self.folder)], check=True)


@pytest.fixture
def mounted(tmp_path: Path) -> Iterator[Mount]:
    """A file system of half a megabyte; to make one takes root."""
    folder = tmp_path / "mounted"
    folder.mkdir()
    command = ["mount", "-t", "tmpfs", "-o", "size=512k,mode=0700", "tmpfs", str(folder)]
    try:
        subprocess.run(command, check=True, capture_output=True)
    except (OSError, subprocess.CalledProcessError) as error:
        pytest.skip(f"no small file system can be mounted here: {error}")
    yield Mount(folder)
    subprocess.run(["umount", "--lazy", str(folder)], check=True)


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    opened = Store(tmp_path / "state" / "store.sqlite")
    yield opened
    opened.close()


def test_documents_are_copies(store: Store) -> None:
    store.write("pod", "default/a", {"labels": {"x": "y"}})
    first = store.read("pod", "default/a")
    assert first == {"labels": {"x": "y"}}
    first["labels"]["x"] = "changed"
    assert store.read("pod", "default/a") == {"labels": {"x": "y"}}
    assert store.read("pod", "default/b") is None
    assert store.read("service", "default/a") is None


def test_scan_takes_prefixes_to_the_letter(store: Store) -> None:
    for key in ("b/2", "a_/1", "a%/1", "ab/1", "b/1"):
        store.write("pod", key, {"key": key})
    assert [key for key, _ in store.scan("pod", "b/")] == ["b/1", "b/2"]
    assert [key for key, _ in store.scan("pod", "a_")] == ["a_/1"]
    assert len(store.scan("pod")) == 5


def test_removed(store: Store) -> None:
    store.write("pod", "a", {})
    assert [store.remove("pod", "a") for _ in range(2)] == [True, False]


def test_a_transaction_is_all_or_nothing(store: Store) -> None:
    def half() -> None:
        with store.transaction():
            store.write("pod", "a", {})
            with store.transaction():
                store.write("pod", "b", {})
            raise LookupError

    with pytest.raises(LookupError):
        half()
    assert store.scan("pod") == []


def test_it_belongs_to_one_process(tmp_path: Path) -> None:
    first = Store(tmp_path / "store.sqlite")
    with pytest.raises(StoreInUseError, match="another practice cloud uses"):
        Store(tmp_path / "store.sqlite")
    first.close()
    Store(tmp_path / "store.sqlite").close()


def test_another_path_to_the_folder_is_the_same_folder(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to("real")
    first = Store(tmp_path / "real" / "store.sqlite")
    with pytest.raises(StoreInUseError, match="another practice cloud uses"):
        Store(tmp_path / "link" / "store.sqlite")
    first.close()


def test_a_damaged_file_is_told(tmp_path: Path) -> None:
    (tmp_path / "store.sqlite").write_text("this is no database, and never was one " * 100)
    with pytest.raises(
        StoreUnusableError, match=r"is damaged .*: begin anew with `workshop-tui practice reset`"
    ):
        Store(tmp_path / "store.sqlite")


def test_a_folder_that_can_not_be_written_is_told(mounted: Mount) -> None:
    Store(mounted.folder / "store.sqlite").close()
    mounted.again("remount,ro")
    with pytest.raises(
        StoreUnusableError, match=r"can't be written to .*: make room there, or allow writing"
    ):
        Store(mounted.folder / "store.sqlite")


def write_two(store: Store, number: int) -> None:
    with store.transaction():
        for kind in "ab":
            store.write(kind, f"{number:04}", {"text": "x" * 2000})


def test_a_full_disk_is_told_and_nothing_is_half_written(mounted: Mount) -> None:
    store = Store(mounted.folder / "store.sqlite")
    written: list[int] = []

    def fill() -> None:
        for number in range(1000):
            write_two(store, number)
            written.append(number)

    with pytest.raises(StoreUnusableError, match=r"can't be written to \(database or disk is full\)"):
        fill()
    assert 5 < len(written) < 1000
    assert [len(store.scan(kind)) for kind in "ab"] == [len(written)] * 2, "and it can still be read"
    mounted.again("remount,size=2m")
    write_two(store, 1000)
    store.close()
    store = Store(mounted.folder / "store.sqlite")
    assert [len(store.scan(kind)) for kind in "ab"] == [len(written) + 1] * 2
    store.close()


def test_its_files_are_its_owners(tmp_path: Path) -> None:
    store = Store(tmp_path / "state" / "store.sqlite")
    store.write("pod", "a", {})
    assert (tmp_path / "state").stat().st_mode & 0o077 == 0
    assert all(each.stat().st_mode & 0o077 == 0 for each in (tmp_path / "state").iterdir())
    store.close()


def test_what_was_written_survives_kill_9(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pathlib import Path\nfrom workshop_tui.practice.store import Store\n"
        "store = Store(Path(sys.argv[1]))\n"
        "for n in range(100):\n    store.write('pod', f'{n:03}', {'n': n})\n"
        "print('written', flush=True)\nsys.stdin.read()\n"
    )
    command = [sys.executable, "-c", code, str(tmp_path / "store.sqlite")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"written\n"
        os.kill(process.pid, signal.SIGKILL)
    store = Store(tmp_path / "store.sqlite")
    assert [document["n"] for _, document in store.scan("pod")] == list(range(100))
    store.close()
