"""Facts as a graph: a resolver per kind, called by the types of its parameters, memoised for one pass."""

from __future__ import annotations

import asyncio
import inspect
import logging
import types
import typing
from dataclasses import dataclass, replace
from functools import cache
from graphlib import CycleError, TopologicalSorter
from typing import TYPE_CHECKING, Any, Self, TypeVar, Union, cast

from workshop_tui.model import Absent, Unreadable
from workshop_tui.read_failure import ReadFailure as ReadFailure  # noqa: PLC0414 - other rooms know it from here

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

T = TypeVar("T")
F = TypeVar("F", bound="Callable[..., object]")
_log = logging.getLogger(__name__)

FACT_SECONDS = 45.0
"""How long one fact may take before it counts as unreadable; the clients' own limits are shorter."""


@dataclass(frozen=True, slots=True)
class Need:
    """What one parameter asks for: a kind, and which of the other forms it takes as they are."""

    name: str
    kind: type
    takes_absent: bool
    takes_unreadable: bool


@cache
def needs_of(function: Callable[..., object]) -> tuple[Need, ...]:
    """Read the parameters' types of a check, action, reset or resolver.

    Raises:
        TypeError: a parameter has no type, or a union of more than one kind.

    """
    hints = typing.get_type_hints(function)
    return tuple(_need(function, name, hints.get(name)) for name in inspect.signature(function).parameters)


def _need(function: Callable[..., object], name: str, hint: object) -> Need:
    options = typing.get_args(hint) if typing.get_origin(hint) in (Union, types.UnionType) else (hint,)
    kinds = [option for option in options if option not in (Absent, Unreadable)]
    if len(kinds) != 1 or not isinstance(kinds[0], type):
        where = f"{function.__module__}.{getattr(function, '__qualname__', function)}"
        raise TypeError(f"{where}: parameter {name} must name one kind of fact or service, not {hint}")
    return Need(name, kinds[0], Absent in options, Unreadable in options)


RESOLVERS: dict[type, Callable[..., Awaitable[object]]] = {}
"""Every registered resolver, by the kind that it returns."""


def resolver(function: F) -> F:
    """Register an async function as the resolver of the one kind in its return type's union."""
    hint = typing.get_type_hints(function)["return"]
    RESOLVERS[_need(function, "return", hint).kind] = cast("Callable[..., Awaitable[object]]", function)
    return function


MODEL_REQUESTS: set[type] = set()
"""The kinds whose resolvers send the model a request."""


def sends_model_request(function: F) -> F:
    """Mark a resolver that sends the model a request, which costs the learner's account."""
    hint = typing.get_type_hints(function)["return"]
    MODEL_REQUESTS.add(_need(function, "return", hint).kind)
    return function


def find_cycle(resolvers: Mapping[type, Callable[..., Awaitable[object]]]) -> tuple[type, ...]:
    """Return the kinds of a cycle of resolvers, which would wait for each other for ever (empty: none)."""
    needs = {kind: [need.kind for need in needs_of(function)] for kind, function in resolvers.items()}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return tuple(error.args[1])
    return ()


class Facts:
    """One pass of looking: concurrent, every fact read at most once.

    Use as an async context manager; leaving it cancels what is still being read.
    """

    def __init__(
        self,
        services: Mapping[type, object],
        resolvers: Mapping[type, Callable[..., Awaitable[object]]] | None = None,
        remedies: Mapping[str, str] | None = None,
    ) -> None:
        """Take ready values and clients by type (`services`), and resolvers by kind.

        `remedies` are the target's own words, by cause, for what cannot be read, where it knows better.
        """
        self._services = services
        self._resolvers = RESOLVERS if resolvers is None else resolvers
        self._remedies = remedies or {}
        self._tasks: dict[type, asyncio.Task[object]] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)

    def knows(self, kind: type) -> bool:
        """Return whether such a fact or service can be asked for."""
        return kind in self._services or kind in self._resolvers

    def asks_model(self, function: Callable[..., object]) -> bool:
        """Return whether one of the function's needs is, or has behind it, an answer of the model."""
        waiting, seen = [need.kind for need in needs_of(function)], set[type]()
        while waiting:
            kind = waiting.pop()
            if kind in MODEL_REQUESTS and kind not in self._services:
                return True
            if kind in self._resolvers and kind not in seen:
                waiting.extend(need.kind for need in needs_of(self._resolvers[kind]))
            seen.add(kind)
        return False

    async def read(self, kind: type[T]) -> T | Absent | Unreadable:
        """Return the fact, reading it if nobody has yet in this pass."""
        if kind in self._services:
            return cast("T", self._services[kind])
        task = self._tasks.get(kind)
        if task is None:
            task = self._tasks[kind] = asyncio.create_task(self._resolve(kind), name=f"fact {kind.__name__}")
        # Shielded: one caller that is cancelled must not take the fact from the others.
        return cast("T | Absent | Unreadable", await asyncio.shield(task))

    def already_read(self, kind: type[T]) -> T | Absent | Unreadable | None:
        """Return the fact if this pass has read it, without reading it."""
        task = self._tasks.get(kind)
        if task is None or not task.done() or task.cancelled():
            return None
        return cast("T | Absent | Unreadable", task.result())

    async def arguments(self, function: Callable[..., object]) -> dict[str, Any] | Absent | Unreadable:
        """Read all that the function needs, concurrently.

        An `Unreadable` or `Absent` that a parameter does not take is returned instead; `Absent` first,
        since it is certain.
        """
        needs = needs_of(function)
        readings = await asyncio.gather(*(self.read(need.kind) for need in needs))
        pairs = list(zip(needs, readings, strict=True))
        for need, reading in pairs:
            if isinstance(reading, Absent) and not need.takes_absent:
                return reading
        for need, reading in pairs:
            if isinstance(reading, Unreadable) and not need.takes_unreadable:
                return reading
        return {need.name: reading for need, reading in pairs}

    async def _resolve(self, kind: type) -> object:
        reading = await self._read(kind)
        if isinstance(reading, Unreadable) and reading.cause in self._remedies:
            return replace(reading, remedy=self._remedies[reading.cause])
        return reading

    async def _read(self, kind: type) -> object:
        try:
            function = self._resolvers[kind]
            arguments = await self.arguments(function)
            if not isinstance(arguments, dict):
                return arguments
            async with asyncio.timeout(FACT_SECONDS):
                return await function(**arguments)
        except ReadFailure as failure:
            return failure.unreadable
        except TimeoutError:
            return Unreadable(kind.__name__, f"no answer within {FACT_SECONDS:.0f} seconds")
        except Exception as error:  # noqa: BLE001 - any fault of a resolver must end as `unknown`
            # A resolver's own fault must show as "could not look", never as a pass or a crash.
            _log.exception("reading %s failed", kind.__name__)
            return Unreadable(kind.__name__, f"{type(error).__name__}: see the log", "reading.unexpected")
