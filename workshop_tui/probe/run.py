"""The probe's own process: reads what to do from its input, writes a line of JSON for each scenario."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import sys
from pathlib import Path
from typing import Any

from workshop_tui.probe import libraries, record
from workshop_tui.probe.confinement import confine
from workshop_tui.probe.modules import StandInFinder
from workshop_tui.probe.requests import call_handlers

MODULE = "routers.description_generator"
_LONGEST = 2000


def main() -> None:
    """Run every scenario that the input names. Called as `python -I -S -B -c …` by `cloud.source_probe`."""
    task: dict[str, Any] = json.load(sys.stdin)
    service = Path(task["service"])
    results = os.fdopen(os.dup(1), "w", encoding="utf-8")
    _silence()
    os.chdir(service)
    # From here on only the standard library and the learner's own files are importable.
    sys.path[:] = [str(service), *(entry for entry in sys.path if _is_standard(entry))]
    sys.meta_path.insert(0, StandInFinder(service))
    libraries.pinned.update(task["pinned"])
    has_main = (service / "main.py").is_file()
    known = set(sys.modules)
    ground = dict(os.environ)
    confine()
    for name, environment in task["scenarios"].items():
        os.environ.clear()
        os.environ.update(ground | environment)
        for module in set(sys.modules) - known:
            if module.partition(".")[0] not in sys.stdlib_module_names:
                del sys.modules[module]
        found = _run(has_main=has_main)
        results.write(json.dumps({"name": name, **found}) + "\n")
        results.flush()


def _is_standard(entry: str) -> bool:
    return os.path.realpath(entry).startswith(
        (os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix))
    )


def _silence() -> None:
    nothing = os.open(os.devnull, os.O_RDWR)
    for number in (0, 1, 2):
        os.dup2(nothing, number)


def _run(*, has_main: bool) -> dict[str, Any]:
    current = record.begin()
    try:
        # uvicorn imports the app inside a running loop, so a module that calls asyncio.run fails there, too.
        asyncio.run(_scenario(has_main=has_main))
    except BaseException as error:  # noqa: BLE001 - exits and interrupts of the learner's code are findings
        current.error = _text(error)
    return current.document()


async def _scenario(*, has_main: bool) -> None:
    importlib.import_module(MODULE)
    if not record.current.services and has_main:
        importlib.import_module("main")
    if not record.current.services:
        record.current.error = (await call_handlers())[:_LONGEST]
    await libraries.sort_services()


def _text(error: BaseException) -> str:
    text = str(error) if not isinstance(error, SystemExit) else str(error.code)
    return (text or type(error).__name__)[:_LONGEST]
