"""What the learner's description generator does, found out by running it: see `workshop_tui.probe`."""

from __future__ import annotations

import asyncio
import json
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.processes import end_group
from workshop_tui.cloud.source import SERVICE
from workshop_tui.cloud.text import clean
from workshop_tui.model import (
    Absent,
    ProbedService,
    Requirements,
    SourceBehaviour,
    SourceScenario,
    Unreadable,
)
from workshop_tui.probe.record import KEY

if TYPE_CHECKING:
    from collections.abc import Mapping

PROBE_SECONDS = 10.0
GENERATOR = f"{SERVICE}/routers/description_generator.py"
_LARGEST = 1024 * 1024

_AZURE = {
    "USE_AZURE_OPENAI": "True",
    "AZURE_OPENAI_DEPLOYMENT_NAME": "probe-deployment",
    "AZURE_OPENAI_ENDPOINT": "https://probe.openai.azure.com/",
}
_DIRECT = {"USE_AZURE_OPENAI": "False"}
_KEY = {"OPENAI_API_KEY": KEY}
_ORGANISATION = {"OPENAI_ORG_ID": "probe-organisation"}

SCENARIOS: Mapping[str, Mapping[str, str]] = {
    "token-without-key": {**_AZURE, "USE_AZURE_AD": "True"},
    "token-with-key": {**_AZURE, "USE_AZURE_AD": "True", **_KEY},
    "key": {**_AZURE, **_KEY},
    "key-ad-false": {**_AZURE, "USE_AZURE_AD": "False", **_KEY},
    "nothing": _AZURE,
    "ad-false-no-key": {**_AZURE, "USE_AZURE_AD": "False"},
    "ad-empty-no-key": {**_AZURE, "USE_AZURE_AD": ""},
    "direct": {**_DIRECT, **_KEY, **_ORGANISATION},
    "direct-no-org": {**_DIRECT, **_KEY},
    "direct-no-key": {**_DIRECT, **_ORGANISATION},
}
"""The environments that the module is imported under, by the scenario's name."""

_ROOT = Path(__file__).resolve().parents[2]
_CHILD = "import sys; sys.path.insert(0, sys.argv[1]); from workshop_tui.probe.run import main; main()"


async def probe(service: Path, requirements: Requirements | None) -> SourceBehaviour | Absent | Unreadable:
    """Run the service's description generator under every scenario and return what it did."""
    file = service / "routers" / "description_generator.py"
    try:
        text = await asyncio.to_thread(file.read_bytes)
    except OSError as error:
        if isinstance(error, FileNotFoundError):
            return Absent(f"the file {GENERATOR}", "source.incomplete")
        return Unreadable(str(file), error.strerror or str(error), "reading.unexpected")
    try:
        compile(text, file.name, "exec", dont_inherit=True)
    except (SyntaxError, ValueError) as error:
        return SourceBehaviour(str(file), _syntax(error))
    lines = await _run_child(service, requirements)
    scenarios = {name: _scenario(name, lines.get(name)) for name in SCENARIOS}
    return SourceBehaviour(str(file), "", scenarios)


def _syntax(error: SyntaxError | ValueError) -> str:
    if isinstance(error, SyntaxError) and error.lineno:
        return clean(f"line {error.lineno}: {error.msg}")
    return clean(error)


async def _run_child(service: Path, requirements: Requirements | None) -> dict[str, dict[str, Any]]:
    task = {"service": str(service), "pinned": _pins(requirements), "scenarios": SCENARIOS}
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-I", "-S", "-B", "-c", _CHILD, str(_ROOT)),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.DEVNULL,
        env={"LANG": "C.UTF-8"},
        start_new_session=True,
    )
    assert process.stdin is not None  # noqa: S101 - for the type checker: a pipe was asked for
    assert process.stdout is not None  # noqa: S101 - likewise
    found: dict[str, dict[str, Any]] = {}
    try:
        async with asyncio.timeout(PROBE_SECONDS):
            process.stdin.write(json.dumps(task).encode())
            process.stdin.close()
            while line := await process.stdout.readline():
                answer = json.loads(line[:_LARGEST])
                found[answer["name"]] = answer
    except (TimeoutError, ValueError, OSError):
        pass  # what came so far counts; the rest is told as not finished
    finally:
        await end_group(process, seconds=0.1)
    return found


def _scenario(name: str, answer: dict[str, Any] | None) -> SourceScenario:
    if answer is None:
        return SourceScenario(name, f"did not finish within {PROBE_SECONDS:.0f} seconds")
    services = tuple(
        ProbedService(
            kind=item["kind"],
            sign_in=item["sign_in"],
            as_token=item["as_token"],
            deployment=clean(item["deployment"], limit=100),
            endpoint=clean(item["endpoint"], limit=200),
        )
        for item in answer["services"]
    )
    return SourceScenario(
        name,
        clean(answer["error"]),
        services,
        tuple(dict.fromkeys(clean(item, limit=100) for item in answer["credentials"])),
        tuple(dict.fromkeys(clean(item, limit=200) for item in answer["scopes"])),
    )


def _pins(requirements: Requirements | None) -> dict[str, str]:
    """Return the exact versions that the requirements ask for."""
    entries = requirements.entries if requirements is not None else {}
    exact = {name: re.fullmatch(r"={2,3}\s*([^,*\s]+)", rule) for name, rule in entries.items()}
    return {name: match[1] for name, match in exact.items() if match}


_REQUIREMENT = re.compile(r"([A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?)\s*(?:\[[^\]]*\])?\s*(.*)")


def parse_requirements(text: str) -> Requirements:
    """Read a requirements file: names normalised (PEP 503), with what they ask for.

    Options, comments, environment markers and extras are left out; a direct reference keeps its address.
    """
    entries: dict[str, str] = {}
    joined = re.sub(r"\\\r?\n", " ", text)
    for raw in joined.splitlines():
        line = re.sub(r"(^|\s)#.*", "", raw).strip()
        match = _REQUIREMENT.fullmatch(line)
        if match is None or line.startswith("-"):
            continue
        rule = re.split(r"\s--", match[2])[0].partition(";")[0].strip().strip("()")
        if rule and not re.match(r"[=<>!~@]", rule):
            continue  # an address, a path, or a line that pip would refuse
        entries[re.sub(r"[-_.]+", "-", match[1]).lower()] = re.sub(r"\s+", "", rule)
    return Requirements(entries)
