"""Making a drill's changes, each remembered before it is made, and putting everything back."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.errors import RefusedError, action_error
from workshop_tui.drills.drill import AS_IT_STANDS, DrillError
from workshop_tui.drills.templates import fill
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from workshop_tui.drills.drill import Change, Drill
    from workshop_tui.drills.injectors import Injector
    from workshop_tui.drills.store import DrillStore, Kept, Running

_ORDER = {"arm": 0, "role": 1, "group": 2, "file": 4, "image": 5, "kubernetes": 6}
"""Back from the beginning of the chain to its end: pods are made of what they find."""
_DEFINITIONS = 3
"""A role's definition goes after the assignments: Azure keeps one that is assigned to somebody."""


async def make(
    drill: Drill,
    values: Mapping[str, Any],
    injectors: Mapping[str, Injector],
    store: DrillStore,
    running: Running,
) -> Running:
    """Make all changes; each thing is in the store, as it was, before it is touched.

    Raises:
        DrillError: one cannot be made; what was made before it is in the store.

    """
    known: dict[str, Any] = dict(values)
    for change in drill.changes:
        arguments = _arguments(drill, change, known)
        injector = injectors[change.kind]
        with _told(drill.id):
            kept = await injector.keep(change.do, arguments)
            seen = {(item.kind, item.key) for item in running.kept}
            new = tuple(item for item in kept if (item.kind, item.key) not in seen)
            running = store.change(running, kept=running.kept + new)
            answer = await injector.make(change.do, arguments)
        if change.name:
            known[change.name] = answer
    return running


async def put_back(kept: Sequence[Kept], injectors: Mapping[str, Injector]) -> list[str]:
    """Have everything as it was, and return what could not be put back, in words."""
    problems = []
    for item in sorted(kept, key=_turn):
        try:
            with _told("putting back"):
                await injectors[item.kind].put_back(item)
        except DrillError as error:
            problems.append(f"{item.key.rpartition('/')[2]}: {error}")
    return problems


def _turn(kept: Kept) -> tuple[int, bool, int]:
    """Order what is put back: what lies in something after it, what is to go before what it lies in."""
    depth = kept.key.count("/")
    is_definition = kept.kind == "arm" and "/roledefinitions/" in kept.key.lower()
    is_deployment = kept.key.startswith("Deployment/")
    order = _DEFINITIONS if is_definition else _ORDER[kept.kind]
    return order, is_deployment, depth if kept.before is not None else -depth


def _arguments(drill: Drill, change: Change, known: Mapping[str, Any]) -> dict[str, Any]:
    plain = {key: value for key, value in change.arguments.items() if key in AS_IT_STANDS}
    rest = {key: value for key, value in change.arguments.items() if key not in AS_IT_STANDS}
    try:
        filled: dict[str, Any] = fill(rest, known)
        if change.kind == "role":
            filled["account"] = fill("{account_id}", known)
            if change.do == "add":
                filled.setdefault("scope", filled["account"])
        if change.kind == "kubernetes":
            filled.setdefault("namespace", fill("{namespace}", known))
    except KeyError as error:
        raise DrillError(f"The drill {drill.id} needs {error}, which is not to be found here.") from error
    return filled | plain


@contextmanager
def _told(what: str) -> Iterator[None]:
    """Turn what the outside says no to into words."""
    try:
        yield
    except DrillError:
        raise
    except (ActionError, ReadFailure, RefusedError, httpx.HTTPError, OSError, TimeoutError) as error:
        told = action_error(what, error)
        raise DrillError(f"{told.what.rstrip('.')}. {told.remedy}") from error
