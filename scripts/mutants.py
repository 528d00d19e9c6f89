"""Puts small faults into the judging code and counts those that no test notices. Run by `scripts/mutants`.

    scripts/mutants                     every fault; writes docs/mutants.md
    scripts/mutants roles.py keys.py    only those files; prints, writes nothing
    scripts/mutants --again             those that lived the last time, and what has changed; writes, too
    scripts/mutants --sample            those of a few functions (what .ci/run does); prints, writes nothing

The exit code is 1 where fewer than 90 % are noticed; of the sample, where one lives that has no reason to.
Reasons and sample stand in scripts/mutants.toml. mutmut and cosmic-ray were tried: mutmut leaves alone what
is decorated or imported by path (all checks, all steps); cosmic-ray starts Python anew for each fault.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
import tomllib
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

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
class Reason:
    """Why a fault may live; `equal`: it changes nothing that could be seen."""

    why: str
    equal: bool


@dataclass(frozen=True)
class Outcome:
    """What became of a fault: the test that noticed it, or why it may live."""

    mutant: Mutant
    killer: str
    reason: Reason | None
    kept: bool = False
    """Whether it was noticed in an earlier run, and not tried again."""

    @property
    def fate(self) -> str:
        """Return `noticed`, `equal` or `lives`."""
        if self.killer:
            return "noticed"
        return "equal" if self.reason and self.reason.equal else "lives"


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


def settings() -> dict[str, Any]:
    """Return scripts/mutants.toml: `sample` and `reason`."""
    return tomllib.loads((ROOT / "scripts" / "mutants.toml").read_text(encoding="utf-8"))


def reasons() -> dict[str, Reason]:
    """Return why faults may live, by file and name."""
    return {
        f"{item['file']}: {name}": Reason(item["why"], item["equal"])
        for item in settings()["reason"]
        for name in item["faults"]
    }


def sample(mutants: Sequence[Mutant]) -> list[Mutant]:
    """Return the faults of the sample's functions.

    Raises:
        SystemExit: one of those functions is gone.

    """
    wanted = settings()["sample"]["functions"]
    chosen = [item for item in mutants if f"{item.file}: {item.function}" in wanted]
    gone = set(wanted) - {f"{item.file}: {item.function}" for item in chosen}
    if gone:
        raise SystemExit(f"scripts/mutants.toml names what is not there any more: {', '.join(sorted(gone))}")
    return chosen


class _Told(Trials):
    """Trials that keep what they find: the next run begins with the tests that noticed something."""

    def __init__(self, mutants: Sequence[Mutant], *, again: bool) -> None:
        self._file = ROOT / ".work" / "mutants.json"
        self._kept = json.loads(self._file.read_text(encoding="utf-8")) if self._file.exists() else {}
        self._reasons = reasons()
        self._total = len(mutants)
        self.outcomes: list[Outcome] = []
        killers = {place: killer for place, (killer, _) in self._kept.items()}
        settled = (
            {item.place: killers[item.place] for item in mutants if self._is_same(item)} if again else {}
        )
        super().__init__(ROOT, mutants, killers, settled)

    def _is_same(self, mutant: Mutant) -> bool:
        return self._kept.get(mutant.place, ("", ""))[1] == mutant.digest

    def tell(self, mutant: Mutant, killer: str) -> None:
        """Note what became of a fault; say where it lives."""
        outcome = Outcome(mutant, killer, self._reasons.get(mutant.place), self.is_settled(mutant))
        self.outcomes.append(outcome)
        self._kept[mutant.place] = (killer, mutant.digest)
        if killer and outcome.reason:
            print(f"listed, but noticed by {killer}: {mutant.place}", flush=True)
        if outcome.fate == "lives" and not outcome.reason:
            print(f"lives: {mutant.file}:{mutant.line}: {mutant.name}", flush=True)
        if len(self.outcomes) % 50 == 0 or len(self.outcomes) == self._total:
            print(f"… {len(self.outcomes)} of {self._total}", file=sys.stderr, flush=True)
            self._file.parent.mkdir(exist_ok=True)
            self._file.write_text(json.dumps(self._kept, indent=0), encoding="utf-8")


def tried(mutants: Sequence[Mutant], tests: Sequence[str], *, again: bool) -> list[Outcome]:
    """Try the faults with the tests.

    Raises:
        SystemExit: the tests fail without any fault.

    """
    trials = _Told(mutants, again=again)
    options = ["-s", *(f"-pno:{name}" for name in ("timeout", "cacheprovider", "terminal")), "-o", "addopts="]
    code = pytest.main([*options, *(str(ROOT / test) for test in tests)], plugins=[trials])
    if trials.failed or code not in {pytest.ExitCode.OK, pytest.ExitCode.NO_TESTS_COLLECTED}:
        raise SystemExit(f"without any fault these fail already: {trials.failed or code}")
    return trials.outcomes


def share(outcomes: Sequence[Outcome]) -> float:
    """Return which part of the faults is noticed, of those, too, that nobody could notice."""
    return sum(item.fate == "noticed" for item in outcomes) / len(outcomes) if outcomes else 1.0


def document(outcomes: Sequence[Outcome], seconds: float) -> str:
    """Return docs/mutants.md."""
    day = datetime.now(UTC)
    kept = sum(item.kept for item in outcomes)
    again = (
        f" ({kept} not tried again, since their functions and the tests that notice them stayed)"
        if kept
        else ""
    )
    lines = [
        "# Faults that the tests notice",
        "",
        "Small faults put into the code that judges, one at a time: another comparison, a part of a",
        "condition left out, another constant … A fault is noticed if a test fails. Written by",
        "`scripts/mutants`, never by hand; `.ci/run` tries those of a few functions.",
        "",
        f"Run on {day.day} {day:%B %Y} at {day:%H:%M} UTC, in {seconds / 60:.0f} minutes{again}:",
        f"of {len(outcomes)} faults **{share(outcomes):.1%}** are noticed.",
        "",
        "| File | Faults | Noticed | Change nothing | Live | Noticed of all |",
        "| --- | ---: | ---: | ---: | ---: | ---: |",
    ]
    files = dict.fromkeys(item.mutant.file for item in outcomes)
    for name in (*files, "all"):
        those = [item for item in outcomes if name in {item.mutant.file, "all"}]
        fates = [sum(item.fate == fate for item in those) for fate in ("noticed", "equal", "lives")]
        lines.append(f"| {name} | {len(those)} | {' | '.join(map(str, fates))} | {share(those):.1%} |")
    for title, fate in (("Those that change nothing", "equal"), ("Those that live", "lives")):
        lines += ["", f"## {title}", "", "| Where | Fault | Why |", "| --- | --- | --- |"]
        lines += [_row(item) for item in outcomes if item.fate == fate]
    return "\n".join(lines) + "\n"


def _row(outcome: Outcome) -> str:
    name = outcome.mutant.name.replace("|", "\\|").replace("`", "'")
    why = outcome.reason.why if outcome.reason else "**no reason yet**"
    return f"| {outcome.mutant.file} | `{name}` | {why} |"


def main() -> None:
    """Try what the command line asks for."""
    parser = argparse.ArgumentParser(description="Puts faults into the judging code.")
    parser.add_argument("files", nargs="*", help="parts of file names")
    parser.add_argument("--again", action="store_true", help="those that lived, and what has changed since")
    parser.add_argument("--sample", action="store_true", help="those of a few functions")
    parser.add_argument("--tests", nargs="*", default=TESTS, help="folders and files of tests")
    chosen = parser.parse_args()
    mutants = [
        item for item in all_mutants() if not chosen.files or any(part in item.file for part in chosen.files)
    ]
    if chosen.sample:
        mutants, chosen.tests = sample(mutants), settings()["sample"]["tests"]
    begun = time.monotonic()
    outcomes = tried(mutants, chosen.tests, again=chosen.again)
    known = reasons()  # as they are by now: a reason may be written while the rest is tried
    outcomes = [replace(item, reason=known.get(item.mutant.place)) for item in outcomes]
    if not chosen.files and not chosen.sample:
        text = document(outcomes, time.monotonic() - begun)
        (ROOT / "docs" / "mutants.md").write_text(text, encoding="utf-8")
    noticed = share(outcomes)
    print(f"{len(outcomes)} faults, {noticed:.1%} of them are noticed")
    without_reason = any(item.fate == "lives" and not item.reason for item in outcomes)
    raise SystemExit(noticed < WANTED or (chosen.sample and without_reason))


if __name__ == "__main__":
    main()
