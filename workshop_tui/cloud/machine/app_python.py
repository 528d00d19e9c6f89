"""Python 3.11 for the app: on this machine already, or where uv would load it from."""

from __future__ import annotations

import json
import os
from typing import TYPE_CHECKING, Any

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.machine.reach import read_reach
from workshop_tui.cloud.processes import CommandError, run_command
from workshop_tui.cloud.python_runtime import APP_PYTHON, find_python, find_uv, tool_environment
from workshop_tui.cloud.text import clean
from workshop_tui.model.machine import AppPython

if TYPE_CHECKING:
    import ssl

_SECONDS = 3.0
_LEAVE_SECONDS = 0.2
_REFUSED = 400


async def read_app_python(tls: ssl.SSLContext) -> AppPython:
    """Look for a Python 3.11; where there is none, look whether uv could load one, without doing it."""
    try:
        here = await find_python()
        if here is not None:
            return AppPython(path=str(here))
        download = await _download()
    except ActionError as error:
        return AppPython(problem=clean(f"{error} {error.remedy}"))
    except CommandError as error:
        return AppPython(problem=clean(error, limit=200))
    if not download:
        return AppPython(problem="uv knows of none for this machine")
    reach = await read_reach(download, tls)
    problem = reach.problem or (f"HTTP {reach.status}" if reach.status >= _REFUSED else "")
    return AppPython(download=download, problem=problem)


async def _download() -> str:
    """Return the address that uv would load from."""
    mirror = os.environ.get("UV_PYTHON_INSTALL_MIRROR", "")
    if mirror.startswith("https://"):
        return mirror
    told = await run_command(
        [
            *(find_uv(), "python", "list", APP_PYTHON, "--only-downloads"),
            *("--show-urls", "--no-config", "--output-format", "json"),
        ],
        seconds=_SECONDS,
        environment=tool_environment(),
        leave_seconds=_LEAVE_SECONDS,
    )
    try:
        listed: Any = json.loads(told)
        return str(next(item["url"] for item in listed if item.get("url")))
    except (ValueError, TypeError, KeyError, StopIteration):
        return ""
