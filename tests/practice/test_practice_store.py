"""The store: documents that outlive the process, one process at a time."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

from workshop_tui.practice.store import Store, StoreInUseError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


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
