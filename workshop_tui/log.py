"""The log file: where everything goes that people should not have to read."""

from __future__ import annotations

import logging
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

FORMAT = "%(asctime)s %(levelname)s %(name)s: %(message)s"


class _Quiet(RotatingFileHandler):
    """A full disk must not fill the terminal with tracebacks of the log's own."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - logging's own name
        """Let the record go."""


class _Cleaning(logging.Formatter):
    """Cleans and masks each record as a whole: libraries put tokens and escape codes into messages."""

    def format(self, record: logging.LogRecord) -> str:
        from workshop_tui.cloud.text import clean  # noqa: PLC0415 - only where something is logged

        return "\n".join(clean(line, limit=4000) for line in super().format(record).splitlines())


def start_log(home: Path) -> Path:
    """Send all logging to `home/log/workshop-tui.log` (0600, rotating) and return its path."""
    folder = home / "log"
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / "workshop-tui.log"
    path.touch(mode=0o600, exist_ok=True)
    handler = _Quiet(path, maxBytes=2_000_000, backupCount=3, encoding="utf-8")
    handler.setFormatter(_Cleaning(FORMAT))
    root = logging.getLogger()
    for old in [item for item in root.handlers if isinstance(item, RotatingFileHandler)]:
        root.removeHandler(old)
        old.close()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for chatty in ("azure", "httpx", "httpcore", "urllib3", "msal"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
    return path


def log_file() -> Path | None:
    """Return the log file in use, or None before `start_log`."""
    from pathlib import Path  # noqa: PLC0415 - only asked for on the way out

    for handler in logging.getLogger().handlers:
        if isinstance(handler, RotatingFileHandler):
            return Path(handler.baseFilename)
    return None
