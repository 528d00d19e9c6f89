"""Puts small faults into the judging code and counts those that no test notices. Run by `scripts/mutants`.

    scripts/mutants                     every fault; writes docs/mutants.md
    scripts/mutants roles.py keys.py    only those files; prints, writes nothing
    scripts/mutants --every 20          a fixed sample of them (what .ci/run does); prints, writes nothing

The exit code is 1 where fewer than 90 % are noticed. Those that may live stand in scripts/mutants.toml.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
import zlib
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from mutation_runner import Trials
from mutation_sites import Mutant, judging_functions, mutants_of, renumbered

if TYPE_CHECKING:
    from collections.abc import Sequence

ROOT = Path(__file__).resolve().parents[1]
TESTS = ("tests/judgement", "tests/steps", "tests/causes", "tests/test_root_causes.py")
WANTED = 0.9
_JUDGING = ("judgement/*.py", "trust_chain.py", "root_causes.py", "root_causes/*.py")


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: the test that noticed it, or why it may live."""

    mutant: Mutant
    killer: str
    reason: str

    @property
    def fate(self) -> str:
        """Return `killed`, `equal` (it changes nothing that could be seen) or `lives`."""
        return "killed" if self.killer else "equal" if self.reason else "lives"


def all_mutants() -> list[Mutant]:
    """Return every fault of the judging code, in the order of files and lines."""
    found: list[Mutant] = []
    for pattern in _JUDGING:
        for file in sorted((ROOT / "workshop_tui").glob(pattern)):
            found += mutants_of(ROOT, file)
    for folder in sorted((ROOT / "steps").iterdir()):
        judging = judging_functions(folder) if folder.is_dir() else set()
        for file in sorted(folder.glob("*.py")) if judging else ():
            found += [item for item in mutants_of(ROOT, file, judging=judging) if item.function]
    return renumbered(found)


def reasons() -> dict[tuple[str, str], str]:
    """Return why faults may live, by file and name."""
    listed = tomllib.loads((ROOT / "scripts" / "mutants.toml").read_text(encoding="utf-8"))
    return {(item["file"], name): item["why"] for item in listed.get("equal", ()) for name in item["faults"]}


class _Told(Trials):
    """Trials that keep what they find: the next run begins with the tests that noticed something."""

    def __init__(self, mutants: Sequence[Mutant]) -> None:
        self._file = ROOT / ".work" / "mutants.json"
        self._kept = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self._reasons = reasons()
        self._total = len(mutants)
        self.outcomes: list[Outcome] = []
        super().__init__(ROOT, mutants, dict(self._kept))

    def tell(self, mutant: Mutant, killer: str) -> None:
        """Note what became of a fault; say where it lives."""
        outcome = Outcome(mutant, killer, self._reasons.get((mutant.file, mutant.name), ""))
        self.outcomes.append(outcome)
        self._kept[mutant.place] = killer
        if outcome.fate == "lives":
            print(f"lives: {mutant.file}:{mutant.line}: {mutant.name}", flush=True)
        if len(self.outcomes) % 50 == 0 or len(self.outcomes) == self._total:
            print(f"… {len(self.outcomes)} of {self._total}", file=sys.stderr, flush=True)
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(json.dumps(self._kept, indent=0), encoding="utf-8")


def tried(mutants: Sequence[Mutant], tests: Sequence[str]) -> list[Outcome]:
    """Try the faults with the tests.

    Raises:
        SystemExit: the tests fail without any fault.

    """
    trials = _Told(mutants)
    options = ["-s", *(f"-pno:{name}" for name in ("timeout", "cacheprovider", "terminal")), "-o", "addopts="]
    code = pytest.main([*options, *(str(ROOT / test) for test in tests)], plugins=[trials])
    if trials.failed or code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(f"without any fault these fail already: {trials.failed or code}")
    return trials.outcomes


def share(outcomes: Sequence[Outcome]) -> float:
    """Return which part of the faults that can be noticed was."""
    counted = [item for item in outcomes if item.fate != "equal"]
    return sum(item.fate == "killed" for item in counted) / len(counted) if counted else 1.0


def document(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return docs/mutants.md."""
    day = datetime.now(UTC)
    lines = [
        "# Faults that the tests notice",
        "",
        "Small faults put into the code that judges, one at a time: another comparison, a part of a",
        "condition left out, another constant … A fault is noticed if a test fails. Written by",
        "`scripts/mutants`,",
        f"never by hand; `.ci/run` tries a fixed sample. Run on {day.day} {day:%B %Y} at {day:%H:%M} UTC, in",
        f"{seconds / 60:.0f} minutes: **{share(outcomes):.1%}** of those that can be noticed are.",
        "",
        "| File | Faults | Noticed | Change nothing | Live | Share |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    files = dict.fromkeys(item.mutant.file for item in outcomes)
    for name in (*files, "all"):
        those = [item for item in outcomes if name in {item.mutant.file, "all"}]
        fates = [sum(item.fate == fate for item in those) for fate in ("killed", "equal", "lives")]
        lines.append(f"| {name} | {len(those)} | {' | '.join(map(str, fates))} | {share(those):.0%} |")
    lines += [
        "",
        "## Those that change nothing",
        "",
        "| Where | Fault | Why no test can notice it |",
        "| --- | --- | --- |",
    ]
    lines += [_row(item, item.reason) for item in outcomes if item.fate == "equal"]
    lines += ["", "## Those that live", "", "| Where | Fault |", "| --- | --- |"]
    lines += [_row(item) for item in outcomes if item.fate == "lives"]
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome, *more: str) -> str:
    name = outcome.mutant.name.replace("|", "\\|").replace("`", "'")
    return f"| {' | '.join((outcome.mutant.file, f'`{name}`', *more))} |"


def main() -> None:
    """Try what the command line asks for."""
    parser = argparse.ArgumentParser(description="Puts faults into the judging code.")
    parser.add_argument("files", nargs="*", help="parts of file names")
    parser.add_argument("--every", type=int, default=1, help="try one in so many, always the same ones")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="folders and files of tests")
    chosen = parser.parse_args()
    mutants = [
        item
        for item in all_mutants()
        if (not chosen.files or any(part in item.file for part in chosen.files))
        and zlib.crc32(f"{item.file}:{item.name}".encode()) % chosen.every == 0
    ]
    begun = time.monotonic()
    outcomes = tried(mutants, chosen.tests)
    whole = not chosen.files and chosen.every == 1
    if whole:
        text = document(outcomes, time.monotonic() - begun)
        (ROOT / "docs" / "mutants.md").write_text(text, encoding="utf-8")
    noticed = share(outcomes)
    print(f"{len(outcomes)} faults, {noticed:.1%} of those that can be noticed are noticed")
    raise SystemExit(noticed < WANTED)


if __name__ == "__main__":
    main()
