"""Gathering what goes into the help bundle; each part by itself, so that one that fails spares the others."""

from __future__ import annotations

import asyncio
import json
import logging
import platform
import sys
from contextlib import aclosing
from dataclasses import replace
from importlib.metadata import PackageNotFoundError, version
from itertools import groupby
from operator import itemgetter
from typing import TYPE_CHECKING

from workshop_tui import __version__
from workshop_tui.cloud.log_file import tail_of
from workshop_tui.doctor.examine import diagnose
from workshop_tui.doctor.part import Part
from workshop_tui.doctor.rendering import as_table
from workshop_tui.journal import JournalError, recall
from workshop_tui.settings import ENVIRONMENT
from workshop_tui.target import TargetError, practice_folder

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from workshop_tui.doctor.diagnosis import Diagnosis, Mode
    from workshop_tui.journal_lines import Entry
    from workshop_tui.settings import Settings

_log = logging.getLogger(__name__)

LOG_BYTES = 300_000
"""How much of the end of each log is taken."""
JOURNAL_ENTRIES = 300
_DOCTOR_SECONDS = 10.0
_PACKAGES = ("textual", "azure-identity", "azure-mgmt-core", "httpx", "aiohttp", "docker", "click", "uv")
_TELLING = (
    *("AZURE_", "ARM_", "KUBE", "DOCKER_", "WORKSHOP_TUI_", "CODESPACE", "GITHUB_CODESPACES_", "OPENAI_"),
    *("UV_", "PIP_", "PYTHON", "LC_", "WSL_", "TERM", "SSL_", "REQUESTS_CA", "CURL_CA"),
)
"""How the names of variables begin that matter."""
_TELLING_NAMES = frozenset(
    (
        *ENVIRONMENT,
        *("HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY", "ALL_PROXY", "LANG", "COLORTERM", "NO_COLOR"),
        *("TMUX", "STY", "SSH_TTY", "VIRTUAL_ENV", "CI"),
    )
)
_HARMLESS = frozenset(
    (
        *(name for name in ENVIRONMENT if name != "IMAGE_NAME"),
        *("TERM", "TERM_PROGRAM", "TERM_PROGRAM_VERSION", "COLORTERM", "NO_COLOR", "LANG", "LC_ALL"),
        *("LC_CTYPE", "CODESPACES", "CI"),
        *("WORKSHOP_TUI_TARGET", "WORKSHOP_TUI_BUILDER", "WORKSHOP_TUI_SOURCE_FROM"),
    )
)
"""Variables whose values tell no secret."""


async def gather(
    settings: Settings,
    environment: Mapping[str, str],
    workshop: Path | None,
    fresh_seconds: float,
    told: Callable[[str], None],
) -> list[Part]:
    """Return the parts, not masked yet."""
    told("Looking at this machine, and checking the steps once more …")
    doctor, (table, document) = await asyncio.gather(
        _doctor(settings), _fresh_check(settings, workshop, fresh_seconds)
    )
    told("Gathering journal and logs …")
    return [
        Part("doctor.txt", "what this machine has and lacks, as `workshop-tui doctor` says it", doctor),
        Part("check.txt", "each step's findings, checked afresh when this was made", table),
        Part("check.json", "the same, for programs", document),
        *_journal(settings),
        Part("versions.txt", "versions of the tool, of Python and of the packages that matter", _versions()),
        Part("settings.txt", "the settings, without secrets", _settings(settings)),
        Part("environment.txt", "names of environment variables that matter", _environment(environment)),
        *_logs(settings.home / "log", "log/", "the end of the tool's own log"),
        *_logs(practice_folder(settings.home) / "log", "practice/", "the end of the practice cloud's log"),
    ]


async def _doctor(settings: Settings) -> str:
    mode: Mode | None = settings.target  # type: ignore[assignment] # one of the two, or None
    found: list[Diagnosis] = []
    async with aclosing(diagnose(settings, mode, seconds=_DOCTOR_SECONDS)) as diagnoses:
        async for item in diagnoses:
            found.append(item)  # noqa: PERF401 - sorted once all of it is known
    return as_table(found, ("practice", "azure") if mode is None else (mode,), width=110)


async def _fresh_check(settings: Settings, workshop: Path | None, seconds: float) -> tuple[str, str]:
    from workshop_tui.findings import Verdict, summarise  # noqa: PLC0415 - likewise
    from workshop_tui.report import as_json  # noqa: PLC0415 - only for this
    from workshop_tui.report_text import as_table as report_table  # noqa: PLC0415 - likewise
    from workshop_tui.session import open_session, take_report  # noqa: PLC0415 - likewise

    try:
        async with asyncio.timeout(seconds):
            async with open_session(settings, workshop=workshop, read_only=True) as session:
                report = await take_report(session, session.workshop.steps)
            rest = tuple(item for item in report.steps if not item.step.bonus)
            if summarise(item.verdict for item in rest) is not Verdict.PASSED:
                # A bonus that nobody has come to yet is no root of what is wrong.
                report = replace(report, steps=rest)
    except TimeoutError:
        reason = f"The target did not answer all of it within {seconds:.0f} seconds."
    except TargetError as error:
        reason = f"There is no fresh check: {error}"
    except Exception as error:  # noqa: BLE001 - whatever is wrong, the rest of the bundle still helps
        _log.exception("the bundle's fresh check failed")
        reason = f"There is no fresh check: {type(error).__name__}: {error}"
    else:
        return report_table(report, width=110), as_json(report)
    return reason, json.dumps({"problem": reason}, ensure_ascii=False)


def _journal(settings: Settings) -> list[Part]:
    try:
        newest, findings = recall(settings.home, limit=JOURNAL_ENTRIES)
    except JournalError as error:
        return [Part("journal.txt", "why the journal cannot be read", str(error))]
    opened = next((entry.step for _, entry in reversed(newest) if entry.kind == "opened"), "")
    return [
        Part(
            "findings.txt",
            "the step that was open last, and each check's last finding as the journal has it",
            f"The step that was open last: {opened or 'none'}\n" + "\n".join(_findings(findings)),
        ),
        Part(
            "journal.txt",
            f"what happened, the last {JOURNAL_ENTRIES} entries of the journal",
            "\n".join(_line(scope, entry) for scope, entry in newest),
        ),
    ]


def _findings(found: list[tuple[str, Entry]]) -> Iterator[str]:
    """Tell the findings by workshop and target, then by step, each in a line."""
    for scope, entries in groupby(sorted(found, key=lambda item: (item[0], item[1].step)), itemgetter(0)):
        yield f"\n{scope}"
        for _, entry in entries:
            body = entry.body
            cause = f" ({body['cause']})" if body.get("cause") else ""
            what = f"{entry.step}/{body.get('check')}: {body.get('verdict')}{cause}: {body.get('observed')}"
            yield f"  {entry.at:%Y-%m-%d %H:%M:%S} {what}"


def _line(scope: str, entry: Entry) -> str:
    body = " · ".join(f"{name}: {value}" for name, value in entry.body.items() if value)
    return f"{entry.at:%Y-%m-%d %H:%M:%S} {scope} {entry.kind} {entry.step} {body}".rstrip()


def _versions() -> str:
    lines = [
        f"workshop-tui {__version__}",
        f"Python {sys.version.split()[0]} ({platform.python_implementation()})",
        f"{platform.system()} {platform.release()} {platform.machine()}",
    ]
    for package in _PACKAGES:
        try:
            lines.append(f"{package} {version(package)}")
        except PackageNotFoundError:
            lines.append(f"{package} is not installed")
    return "\n".join(lines)


def _settings(settings: Settings) -> str:
    values = {
        "home": settings.home,
        "target": settings.target or "none is chosen",
        "builder": settings.builder,
        "source_from": settings.source_from,
        "context": settings.context,
        "kubeconfig": settings.kubeconfig,
        **settings.names,
    }
    return "\n".join(f"{name} = {value}" for name, value in values.items() if value)


def _environment(environment: Mapping[str, str]) -> str:
    return "\n".join(
        f"{name} = {environment[name]}" if name in _HARMLESS else f"{name} is set"
        for name in sorted(environment)
        if name.upper() in _TELLING_NAMES or name.startswith(_TELLING)
    )


def _logs(folder: Path, prefix: str, about: str) -> list[Part]:
    """Take the end of each log and report in a folder; rotated ones are left out."""
    try:
        files = sorted(item for item in folder.iterdir() if item.suffix in {".log", ".txt", ".out", ".md"})
    except OSError:
        return []
    parts = []
    for file in files:
        try:
            text = tail_of(file, LOG_BYTES)
        except OSError as error:
            text = f"It cannot be read: {error.strerror}"
        if text.strip():
            parts.append(Part(f"{prefix}{file.name}", about, text))
    return parts
