"""The journal: written by several processes, apart for each workshop and target, one actor at a time."""

from __future__ import annotations

import os
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from workshop_tui.findings import failed, passed
from workshop_tui.journal import BusyError, Journal, JournalError, recall
from workshop_tui.model import Evidence

if TYPE_CHECKING:
    from pathlib import Path

NOON = datetime(2026, 1, 1, 12, tzinfo=UTC)


def test_entries_are_kept_apart_for_each_workshop_and_target(tmp_path: Path) -> None:
    practice, azure = Journal(tmp_path, "w/practice-1"), Journal(tmp_path, "w/azure-1")
    practice.write("opened", "look")
    practice.write("opened", "make-identity")
    assert practice.last_step() == "make-identity"
    assert azure.last_step() == ""
    assert [entry.step for entry in practice.entries("opened")] == ["make-identity", "look"]


def test_only_its_owner_reads_it(tmp_path: Path) -> None:
    folder = tmp_path / "home"
    Journal(folder, "w/t").write("opened", "look")
    for file in folder.iterdir():
        assert stat.S_IMODE(file.stat().st_mode) & 0o077 == 0, file


def test_a_finding_is_written_when_it_changes(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w/t")
    for finding in (passed("a"), passed("a"), failed("reading.throttled", "b"), passed("a")):
        journal.write_finding("look", "group", finding)
    verdicts = [entry.body["verdict"] for entry in journal.entries("finding")]
    assert verdicts == ["passed", "failed", "passed"]


def test_what_has_passed_once_is_known_until_it_is_undone(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w/t")
    assert journal.passed_before() == frozenset()
    for step in ("look", "make-identity", "look"):
        journal.note_passed(step)
    assert journal.passed_before() == {"look", "make-identity"}
    assert len(list(journal.entries("passed"))) == 2, "the same pass is not written again"
    journal.write("undone", "look", what="all of it")
    assert journal.passed_before() == {"make-identity"}
    journal.note_passed("look")
    assert Journal(tmp_path, "w/t").passed_before() == {"look", "make-identity"}
    assert Journal(tmp_path, "w/other").passed_before() == frozenset()


def test_evidence_is_kept_until_forgotten(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w/t")
    assert journal.latest("image-push") is None
    evidence = Evidence("image-push", "abc", NOON, {"digest": "sha256:1"})
    journal.keep("build-push", evidence)
    journal.keep("build-push", Evidence("image-push", "abc", NOON + timedelta(1), {"digest": "sha256:1"}))
    journal.keep("run-locally", Evidence("local-run", "xyz", NOON))
    assert journal.latest("image-push") == evidence, "the same seen again is not written again"
    journal.forget("image-push")
    assert journal.latest("image-push") is None
    assert journal.latest("local-run") is not None
    journal.keep("build-push", evidence)
    assert journal.latest("image-push") == evidence


def test_the_first_sighting_counts(tmp_path: Path) -> None:
    journal = Journal(tmp_path, "w/t")
    journal.sight(["a"], NOON)
    journal.sight(["a", "b"], NOON + timedelta(minutes=5))
    assert journal.sightings().first_seen == {"a": NOON, "b": NOON + timedelta(minutes=5)}


def test_one_acts_at_a_time(tmp_path: Path) -> None:
    one, other, elsewhere = Journal(tmp_path, "w/t"), Journal(tmp_path, "w/t"), Journal(tmp_path, "w/azure")
    with one.acting("solving look"):
        with elsewhere.acting("solving look"):
            pass
        with (
            pytest.raises(BusyError, match=rf"solving look, process {os.getpid()}, since \d\d:"),
            other.acting("x"),
        ):
            pass
    with other.acting("solving look"):
        pass


def test_a_kill_gives_the_right_to_act_back(tmp_path: Path) -> None:
    holder = (
        "import pathlib, sys, time\n"
        "from workshop_tui.journal import Journal\n"
        "with Journal(pathlib.Path(sys.argv[1]), 'w/t').acting('solving look'):\n"
        "    print('held', flush=True); time.sleep(60)\n"
    )
    journal = Journal(tmp_path, "w/t")
    with subprocess.Popen([sys.executable, "-c", holder, str(tmp_path)], stdout=subprocess.PIPE) as process:
        assert process.stdout is not None
        assert process.stdout.readline() == b"held\n"
        with pytest.raises(BusyError, match=f"process {process.pid}"), journal.acting("x"):
            pass
        process.send_signal(signal.SIGKILL)
        process.wait()
    with journal.acting("solving look"):
        pass


def test_two_processes_write_at_once(tmp_path: Path) -> None:
    writer = (
        "import pathlib, sys\n"
        "from workshop_tui.journal import Journal\n"
        "journal = Journal(pathlib.Path(sys.argv[1]), 'w/t')\n"
        "for number in range(200): journal.write('opened', str(number))\n"
    )
    processes = [subprocess.Popen([sys.executable, "-c", writer, str(tmp_path)]) for _ in range(2)]
    assert [process.wait() for process in processes] == [0, 0]
    assert len(list(Journal(tmp_path, "w/t").entries("opened", limit=1000))) == 400


def test_a_journal_that_is_none_is_told(tmp_path: Path) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"this is no database, and long enough to be seen as none" * 20)
    with pytest.raises(JournalError, match="move the file away"):
        Journal(tmp_path, "w/t")


@pytest.mark.parametrize(
    "column", ["at = 'never'", "at = '2026-01-01T00:00:00'", "body = '{'", "body = '[]'"]
)
def test_lines_that_somebody_has_spoilt_are_left_out(tmp_path: Path, column: str) -> None:
    journal = Journal(tmp_path, "w/t")
    at = datetime(2026, 1, 1, tzinfo=UTC)
    for number in range(3):
        journal.write("opened", f"step-{number}")
        journal.keep("s", Evidence("run", f"print-{number}", at, {"a": "b"}))
    journal.sight(["good", "spoilt"], at)
    with closing(sqlite3.connect(tmp_path / "journal.sqlite")) as connection, connection:
        connection.execute(f"UPDATE entries SET {column} WHERE step = 'step-2'")  # noqa: S608 - of this test
        connection.execute("UPDATE sightings SET at = 'soon' WHERE thing = 'spoilt'")
    assert [entry.step for entry in journal.entries("opened")] == ["step-1", "step-0"]
    newest = journal.latest("run")
    assert newest is not None
    assert newest.fingerprint == "print-2"
    assert set(journal.sightings().first_seen) == {"good"}
    entries, _ = recall(tmp_path, limit=99)
    assert "step-2" not in {entry.step for _, entry in entries}


def test_a_full_disk_is_told_as_that(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal.sqlite").write_bytes(b"no database" * 100)
    usage = shutil.disk_usage(tmp_path)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=0))
    with pytest.raises(JournalError, match="its disk is full"):
        Journal(tmp_path, "w/t")
