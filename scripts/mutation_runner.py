"""Runs tests against faults, each in a process forked off one that has everything imported and collected.

First all tests run once, in a fork, too, and it is noted which functions each calls and how long it takes.
Then a fault is tried by the tests that call its function, quick ones first, until one fails. The code is put
into the functions as they are in memory: nothing is imported anew, no file is touched.
"""

from __future__ import annotations

import ast
import builtins
import contextlib
import gc
import json
import math
import multiprocessing
import os
import resource
import select
import signal
import sys
import time
import traceback
from collections import defaultdict
from pathlib import Path
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from mutation_sites import NOTE, Mutant, code_that_notes, code_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping, Sequence

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
        self._functions = _functions(files)
        noted = _in_fork(lambda: _note_calls(session.items, self._functions), seconds=900)
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
        """Say whether a fault need not be tried again."""
        return self._settled.get(mutant.place) in self._items

    def try_number(self, number: int) -> str:
        """Try the fault of that number and return the test that notices it, or an empty text."""
        mutant = self._mutants[number]
        if self.is_settled(mutant):
            return self._settled[mutant.place]
        items = [self._items[test] for test in self._chosen(mutant)]

        def trial() -> str:
            return _put_in(self._root, mutant, self._functions) or _first_failing(items)

        if not items:
            return ""
        usual = sum(self._seconds[item.nodeid] for item in items)
        killer: str | None = _in_fork(trial, seconds=_LONGEST_WAIT, processor=_PATIENCE * (usual + 1))
        if killer:
            self._noticing[f"{mutant.file}: {mutant.function}"].insert(0, killer)
        return ENDLESS if killer is None else killer

    def _chosen(self, mutant: Mutant) -> list[str]:
        """Return the tests that call the function: first those that noticed a fault of it, then the quick."""
        file = str(self._root / mutant.file)
        if mutant.function:
            tests = self._callers[file, mutant.function]
        else:
            users = _users(file, {where for where, _ in self._callers})
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
                _replace_code(functions, _code_of(code, name))
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


def _replace_code(functions: Sequence[FunctionType], code: CodeType) -> None:
    for function in functions:
        if function.__code__.co_firstlineno == code.co_firstlineno:
            function.__code__ = code


def _first_failing(items: Sequence[pytest.Item]) -> str:
    for item, following in _pairs(items):
        if any(report.failed for report in runtestprotocol(item, log=False, nextitem=following)):
            return item.nodeid
    return ""


def _pairs(items: Sequence[pytest.Item]) -> Iterator[tuple[pytest.Item, pytest.Item | None]]:
    return zip(items, (*items[1:], None), strict=True)


def _functions(files: set[str]) -> dict[tuple[str, str], list[FunctionType]]:
    """Return every function in memory that comes from one of the files, by file and name."""
    found: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
    for item in gc.get_objects():
        if isinstance(item, FunctionType) and item.__code__.co_filename in files:
            found[item.__code__.co_filename, item.__code__.co_qualname].append(item)
    return found


def _put_in(root: Path, mutant: Mutant, functions_of: dict[tuple[str, str], list[FunctionType]]) -> str:
    """Put the fault into the code in memory; return why that cannot be run at all, or an empty text."""
    code, constants = code_with(root, mutant)
    file = str(root / mutant.file)
    if mutant.function:
        _replace_code(functions_of[file, mutant.function], _code_of(code, mutant.function))
        return ""
    statements = compile(ast.Module(constants, []), file, "exec", dont_inherit=True)
    for module in [item for item in sys.modules.values() if getattr(item, "__file__", None) == file]:
        before = dict(vars(module))
        try:
            exec(statements, vars(module))  # noqa: S102 - the module's own constants, changed
        except Exception as error:  # noqa: BLE001 - a module that cannot be imported is noticed, whatever it raises
            return f"(importing it raises {type(error).__name__})"
        for name, value in list(vars(module).items()):
            if name in before and before[name] is not value:
                _hand_on(name, before[name], value)
    return ""


def _users(file: str, others: set[str]) -> set[str]:
    """Return the file and those of the others that have imported a constant of it."""
    modules = [item for item in sys.modules.values() if getattr(item, "__file__", None) in others]
    constants = {
        name: value
        for module in modules
        if module.__file__ == file
        for name, value in vars(module).items()
        if name.strip("_").isupper()
    }
    using = {
        module.__file__
        for module in modules
        if any(vars(module).get(name, module) is value for name, value in constants.items())
    }
    return {file, *(item for item in using if item)}


def _hand_on(name: str, old: object, new: object) -> None:
    """Give a changed constant to those who have imported it."""
    for module in list(sys.modules.values()):
        if vars(module).get(name) is old:
            setattr(module, name, new)


def _code_of(module: CodeType, name: str) -> CodeType:
    code = module
    for part in name.split("."):
        inner = [item for item in code.co_consts if isinstance(item, CodeType) and item.co_name == part]
        code = inner[-1]
    return code


def _in_fork(work: Callable[[], Any], *, seconds: float, processor: float = math.inf) -> Any:  # noqa: ANN401 - what JSON can say
    """Return what the work returns in a process of its own; None where it does not end, or is killed.

    Raises:
        RuntimeError: the work raised something.

    """
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silence()
        if processor < math.inf:
            resource.setrlimit(resource.RLIMIT_CPU, (math.ceil(processor), math.ceil(processor)))
        try:
            answer = json.dumps({"answer": work()}).encode()
        except BaseException:  # noqa: BLE001 - nothing may get out of here into the parent's code
            answer = json.dumps({"broken": traceback.format_exc()}).encode()
        with os.fdopen(writing, "wb") as pipe:
            pipe.write(answer)
        os._exit(0)
    os.close(writing)
    answer = bytearray()
    until = time.monotonic() + seconds
    while select.select([reading], [], [], max(until - time.monotonic(), 0))[0]:
        piece = os.read(reading, 1 << 16)
        if not piece:
            break
        answer += piece
    else:
        answer.clear()
    os.close(reading)
    _end(child)
    told = json.loads(answer) if answer else {"answer": None}
    if "broken" in told:
        raise RuntimeError(told["broken"])
    return told["answer"]


def _silence() -> None:
    os.setpgid(0, 0)
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)


def _end(child: int) -> None:
    """End the fork and whatever it has started."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(child, signal.SIGKILL)
    os.waitpid(child, 0)
