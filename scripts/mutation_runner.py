"""Runs tests against faults, each in a process forked off one that has everything imported and collected.

First all tests run once, in a fork, too, and it is noted which functions each calls and how long it takes.
Then a fault is tried by the tests that call its function, quick ones first, until one fails. The code is put
into the functions as they are in memory: nothing is imported anew, no file is touched.
"""

from __future__ import annotations

import ast
import contextlib
import gc
import json
import os
import select
import signal
import sys
import threading
import time
from collections import defaultdict
from types import CodeType, FunctionType
from typing import TYPE_CHECKING, Any

import pytest
from _pytest.runner import runtestprotocol
from mutation_sites import Mutant, code_with

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path
    from types import FrameType

_LONGEST_TRIAL = 20.0
"""Seconds of tests that a fault is tried with."""
_PATIENCE = 4.0
"""How many times as long as usual a trial may take, and as many seconds besides."""


class Trials:
    """A pytest plugin: instead of running the tests once, it tries the faults with them."""

    def __init__(self, root: Path, mutants: Sequence[Mutant], tell: Callable[[Mutant, str], None]) -> None:
        """Take the faults; `tell` is called with each and what became of it: the test's name, or empty."""
        self._root = root
        self._mutants = mutants
        self._tell = tell
        self.seconds: dict[str, float] = {}
        self.failed: list[str] = []

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Find out which test calls what, then try every fault."""
        files = {str(self._root / mutant.file) for mutant in self._mutants}
        noted = _in_fork(lambda: _note_calls(session.items, files), seconds=900)
        if noted is None:
            self.failed = ["the tests did not come to their end"]
            return True
        self.seconds, self.failed = noted["seconds"], noted["failed"]
        if self.failed:
            return True
        callers: dict[tuple[str, str], list[str]] = defaultdict(list)
        for test, functions in noted["calls"].items():
            for file, function in functions:
                callers[file, function].append(test)
        items = {item.nodeid: item for item in session.items}
        functions_of = _functions(files)
        gc.collect()
        gc.freeze()
        for mutant in self._mutants:
            file = str(self._root / mutant.file)
            tests = self._chosen(callers, file, mutant.function)
            self._tell(mutant, self._try(mutant, functions_of, [items[test] for test in tests]))
        return True

    def _chosen(self, callers: dict[tuple[str, str], list[str]], file: str, function: str) -> list[str]:
        if function:
            tests = set(callers[file, function])
        else:
            tests = {test for (where, _), called in callers.items() if where == file for test in called}
        chosen, total = [], 0.0
        for test in sorted(tests, key=lambda test: (self.seconds[test], test)):
            total += self.seconds[test]
            if total > _LONGEST_TRIAL:
                break
            chosen.append(test)
        return chosen

    def _try(
        self,
        mutant: Mutant,
        functions_of: dict[tuple[str, str], list[FunctionType]],
        items: list[pytest.Item],
    ) -> str:
        def trial() -> str:
            _put_in(self._root, mutant, functions_of)
            return _first_failing(items)

        usual = sum(self.seconds[item.nodeid] for item in items)
        killer = _in_fork(trial, seconds=_PATIENCE * (usual + 1))
        return "(it does not end)" if killer is None else str(killer)


def _note_calls(items: Sequence[pytest.Item], files: set[str]) -> dict[str, Any]:
    calls: dict[str, set[tuple[str, str]]] = defaultdict(set)
    seconds, failed = {}, []
    current = ""

    def note(frame: FrameType, event: str, _: object) -> None:
        code = frame.f_code
        if event == "call" and code.co_filename in files:
            calls[current].add((code.co_filename, code.co_qualname.partition(".<locals>")[0]))

    threading.setprofile(note)
    for item, following in _pairs(items):
        current = item.nodeid
        begun = time.perf_counter()
        sys.setprofile(note)
        reports = runtestprotocol(item, log=False, nextitem=following)
        sys.setprofile(None)
        seconds[item.nodeid] = time.perf_counter() - begun
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


def _functions(files: set[str]) -> dict[tuple[str, str], list[FunctionType]]:
    """Return every function in memory that comes from one of the files, by file and name."""
    found: dict[tuple[str, str], list[FunctionType]] = defaultdict(list)
    for item in gc.get_objects():
        if isinstance(item, FunctionType) and item.__code__.co_filename in files:
            found[item.__code__.co_filename, item.__code__.co_qualname].append(item)
    return found


def _put_in(root: Path, mutant: Mutant, functions_of: dict[tuple[str, str], list[FunctionType]]) -> None:
    code, unit = code_with(root, mutant)
    file = str(root / mutant.file)
    if mutant.function:
        new = _code_of(code, mutant.function)
        for function in functions_of[file, mutant.function]:
            if function.__code__.co_firstlineno == new.co_firstlineno:
                function.__code__ = new
        return
    statement = compile(ast.Module([unit], []), file, "exec", dont_inherit=True)
    for module in [item for item in sys.modules.values() if getattr(item, "__file__", None) == file]:
        before = dict(vars(module))
        exec(statement, vars(module))  # noqa: S102 - the module's own constant, changed
        for name, value in list(vars(module).items()):
            if name in before and before[name] is not value:
                _hand_on(name, before[name], value)


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


def _in_fork(work: Callable[[], Any], *, seconds: float) -> Any:  # noqa: ANN401 - what JSON can say
    """Return what the work returns in a process of its own; None where it does not end or breaks."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        _silence()
        try:
            answer = json.dumps(work()).encode()
        except BaseException as error:  # noqa: BLE001 - a fault may make anything raise anywhere
            answer = json.dumps(f"({type(error).__name__})").encode()
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
    return json.loads(answer) if answer else None


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
