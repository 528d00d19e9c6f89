"""Runs tests against faults, each in a process forked off one that has everything imported and collected.

First all tests run once, in a fork, too, and it is noted which functions each calls and how long it takes.
Then a fault is tried by the tests that call its function, quick ones first, until one fails. The code is put
into the functions as they are in memory: nothing is imported anew, no file is touched.
"""

from __future__ import annotations

import builtins
import gc
import multiprocessing
import time
from collections import defaultdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from mutation_fork import in_fork
from mutation_memory import code_of, files_using, functions_in_memory, put_in, replace_code
from mutation_sites import NOTE, Mutant, code_that_notes

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from types import FunctionType

ENDLESS = "(it does not end)"
_AT_ONCE = 2
_LONGEST_TRIAL = 4.0
"""Seconds of tests that a fault is tried with. Seconds here are the processor's: others may use it, too."""
_PATIENCE = 3
"""How many times as long as usual a trial may take, and as many seconds besides."""
_LONGEST_WAIT = 120.0
"""After how many seconds of the clock a trial is given up: a fault may make it wait for ever."""


class Trials:
    """A pytest plugin: instead of running the tests once, it tries the faults with them."""

    def __init__(
        self, root: Path, mutants: Sequence[Mutant], killers: Mapping[str, str], settled: Mapping[str, str]
    ) -> None:
        """Take the faults, and what noticed them the last time: those tests are the first to be run.

        Those of `settled` are not tried again while the test that noticed them is there.
        """
        self._root = root
        self._mutants = mutants
        self._killers = killers
        self._settled = settled
        self._noticing: dict[str, list[str]] = defaultdict(list)
        self._callers: dict[tuple[str, str], set[str]] = defaultdict(set)
        self._seconds: dict[str, float] = {}
        self._items: dict[str, pytest.Item] = {}
        self._functions: dict[tuple[str, str], list[FunctionType]] = {}
        self.failed: list[str] = []
        """The tests that fail without any fault."""

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find out which test calls what, then try every fault."""
        files = {str(self._root / mutant.file) for mutant in self._mutants}
        self._functions = functions_in_memory(files)
        noted = in_fork(lambda: _note_calls(session.items, self._functions), seconds=900)
        self.failed = noted["failed"] if noted else ["they do not come to their end"]
        if self.failed:
            return True
        self._seconds = noted["seconds"]
        for test, functions in noted["calls"].items():
            for file, function in functions:
                self._callers[file, function].add(test)
        self._items = {item.nodeid: item for item in session.items}
        gc.collect()
        gc.freeze()
        with multiprocessing.get_context("fork").Pool(_AT_ONCE, _take, (self,)) as pool:
            for number, killer in enumerate(pool.imap(_try_number, range(len(self._mutants)))):
                self.tell(self._mutants[number], killer)
        return True

    def tell(self, mutant: Mutant, killer: str) -> None:
        """Be told what became of a fault: the name of the test that noticed it, or empty."""

    def is_settled(self, mutant: Mutant) -> bool:
        """Return whether a fault need not be tried again."""
        return self._settled.get(mutant.place) in self._items

    def try_number(self, number: int) -> str:
        """Try the fault of that number and return the test that notices it, or an empty text."""
        mutant = self._mutants[number]
        if self.is_settled(mutant):
            return self._settled[mutant.place]
        items = [self._items[test] for test in self._chosen(mutant)]

        def trial() -> str:
            return put_in(self._root, mutant, self._functions) or _first_failing(items)

        if not items:
            return ""
        usual = sum(self._seconds[item.nodeid] for item in items)
        killer: str | None = in_fork(trial, seconds=_LONGEST_WAIT, processor=_PATIENCE * (usual + 1))
        if killer:
            self._noticing[f"{mutant.file}: {mutant.function}"].insert(0, killer)
        return ENDLESS if killer is None else killer

    def _chosen(self, mutant: Mutant) -> list[str]:
        """Return the tests that call the function: first those that noticed a fault of it, then the quick."""
        file = str(self._root / mutant.file)
        if mutant.function:
            tests = self._callers[file, mutant.function]
        else:
            users = files_using(file, {where for where, _ in self._callers})
            tests = {
                test for (where, _), called in self._callers.items() if where in users for test in called
            }
        likely = [self._killers.get(mutant.place, ""), *self._noticing[f"{mutant.file}: {mutant.function}"]]
        quick = sorted(tests, key=lambda test: (self._seconds[test], test))
        chosen, total = [], 0.0
        for test in dict.fromkeys((*(item for item in likely if item in tests), *quick)):
            total += self._seconds[test]
            if total > _LONGEST_TRIAL:
                break
            chosen.append(test)
        return chosen


_trials: list[Trials] = []
"""In a process of the pool: what it works for."""


def _take(trials: Trials) -> None:
    _trials.append(trials)


def _try_number(number: int) -> str:
    return _trials[0].try_number(number)


def _note_calls(
    items: Sequence[pytest.Item], functions_of: dict[tuple[str, str], list[FunctionType]]
) -> dict[str, Any]:
    """Run all tests once; return how long each takes, which functions it calls, and which tests fail."""
    calls: dict[str, set[tuple[str, str]]] = defaultdict(set)
    seconds, failed = {}, []
    current = ""

    def note(file: str, function: str) -> None:
        calls[current].add((file, function))

    vars(builtins)[NOTE] = note
    for file in sorted({file for file, _ in functions_of}):
        code = code_that_notes(Path(file))
        for (where, name), functions in functions_of.items():
            if where == file:
                replace_code(functions, code_of(code, name))
    for item, following in _pairs(items):
        current = item.nodeid
        begun = time.process_time()
        reports = runtestprotocol(item, log=False, nextitem=following)
        seconds[item.nodeid] = time.process_time() - begun
        if any(report.failed for report in reports):
            failed.append(item.nodeid)
    return {
        "calls": {test: sorted(found) for test, found in calls.items()},
        "seconds": seconds,
        "failed": failed,
    }


def _first_failing(items: Sequence[pytest.Item]) -> str:
    for item, following in _pairs(items):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return item.nodeid
    return ""


def _pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, (*items[1:], None), strict=True)
