"""The log file: for its owner's eyes, free of secrets and of escape codes."""

from __future__ import annotations

import errno
import logging
import stat
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

import pytest

from workshop_tui.log import log_file, start_log

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


@pytest.fixture
def log(tmp_path: Path) -> Iterator[Path]:
    root = logging.getLogger()
    handlers, level = list(root.handlers), root.level
    yield start_log(tmp_path / "home")
    for handler in [handler for handler in root.handlers if handler not in handlers]:
        root.removeHandler(handler)
        handler.close()
    root.setLevel(level)


def test_secrets_and_escape_codes_stay_out(log: Path) -> None:
    token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJSUzI1NiJ9.eyJhdWQiOiJhIn0.c2lnbmF0dXJl"
    error = RuntimeError(f"Authorization: Bearer {token}\x1b[2J")
    logger = logging.getLogger("workshop_tui.x")
    logger.error("api-key: %s", "0123456789abcdef0123456789abcdef", exc_info=error)
    text = log.read_text()
    assert "RuntimeError" in text
    for secret in (token, "0123456789abcdef", "\x1b"):
        assert secret not in text


def test_a_full_disk_is_not_told_on_the_terminal(
    log: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    assert log.exists()
    (handler,) = (item for item in logging.getLogger().handlers if isinstance(item, RotatingFileHandler))
    monkeypatch.setattr(handler.stream, "write", full)
    logging.getLogger("workshop_tui.x").error("no room")
    assert "Traceback" not in capsys.readouterr().err


def test_only_its_owner_reads_it(log: Path) -> None:
    assert log_file() == log
    assert stat.S_IMODE(log.stat().st_mode) == 0o600
    assert stat.S_IMODE(log.parent.stat().st_mode) == 0o700


def test_chatty_libraries_are_kept_short(log: Path) -> None:
    logging.getLogger("azure.core.pipeline").info("many words")
    logging.getLogger("workshop_tui.x").info("few words")
    assert "few words" in log.read_text()
    assert "many words" not in log.read_text()


def test_starting_twice_writes_once(log: Path) -> None:
    start_log(log.parent.parent)
    logging.getLogger("workshop_tui.x").warning("only once")
    assert log.read_text().count("only once") == 1
