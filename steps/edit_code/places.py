"""Finds the places of routers/description_generator.py to edit, by what they mean.

Which environment variable is read, which call makes the chat service: so other names, spacing and half-done
edits by hand are all taken. What cannot be edited safely is refused, with what to do by hand.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import libcst as cst

from .reading import (
    KEY,
    SWITCH,
    assigned_name,
    blocks,
    calls_of,
    demands,
    names_in,
    raises_about_key,
    reads,
    target_name,
)
from .service import CHAT_SERVICE, Service, ServiceError

if TYPE_CHECKING:
    from collections.abc import Sequence

_SWITCH_NAMES = ("useAzureAD", "use_azure_ad")
"""The new variable's name: as this file's own are written."""
_HARMLESS = frozenset({"isinstance", "str", "len", "bool", "lower", "strip", "None", "True", "False"})


class UneditableError(Exception):
    """The file is in a form that can't be edited safely; `by_hand` says what to do instead."""

    def __init__(self, why: str, by_hand: str) -> None:
        super().__init__(why)
        self.by_hand = by_hand


@dataclass(frozen=True)
class Places:
    """The places to edit. `switch` is None where the setting is not read yet."""

    key: cst.SimpleStatementLine
    key_name: str
    switch: cst.SimpleStatementLine | None
    switch_name: str
    demand: cst.If | None
    service: cst.BaseStatement
    made: Service


def find_places(module: cst.Module) -> Places:
    """Return the places to edit.

    Raises:
        UneditableError: one of them is missing, there several times, or in a form that is not known here.

    """
    lines = [line for block in blocks(module) for line in block.body]
    key = _only_read(lines, KEY)
    if key is None:
        raise UneditableError(
            f"nothing reads {KEY} into a variable.", f"Read it, as in api_key = os.environ.get({KEY!r})."
        )
    switch = _only_read(lines, SWITCH)
    key_name = assigned_name(key)
    camel, snake = _SWITCH_NAMES
    switch_name = assigned_name(switch) if switch else (camel if "useAzureOpenAI" in module.code else snake)
    if switch is None:
        _is_free(lines, switch_name)
    demand = _demand(lines, key_name, switch_name)
    _in_order(module, key, switch, demand)
    service, made = _service(module, key_name, switch_name)
    return Places(key, key_name, switch, switch_name, demand, service, made)


def _is_free(lines: Sequence[cst.CSTNode], switch_name: str) -> None:
    """Refuse a file that gives the switch's name to something else, which would undo the edit."""
    if any(isinstance(line, cst.SimpleStatementLine) and target_name(line) == switch_name for line in lines):
        raise UneditableError(
            f"{switch_name} is set, but not from {SWITCH}.",
            f"Read it, as in {switch_name} = os.environ.get({SWITCH!r}).",
        )


def _only_read(lines: Sequence[cst.CSTNode], variable: str) -> cst.SimpleStatementLine | None:
    """Return the one statement that assigns the environment variable, or None."""
    found = [
        line
        for line in lines
        if isinstance(line, cst.SimpleStatementLine) and target_name(line) and reads(line, variable)
    ]
    if len(found) > 1:
        raise UneditableError(f"{variable} is read in {len(found)} places.", "Read it in one place only.")
    return found[0] if found else None


def _demand(lines: Sequence[cst.CSTNode], key_name: str, switch_name: str) -> cst.If | None:
    found = [line for line in lines if isinstance(line, cst.If) and demands(line, key_name)]
    for line in found:
        others = names_in(line.test) - _HARMLESS - {key_name, switch_name, "os", "environ", "get", "getenv"}
        if others:
            raise UneditableError(
                f"the condition that demands {KEY} also looks at {', '.join(sorted(others))}.",
                f"Demand {KEY} in a condition of its own.",
            )
    inside = sum(raises_about_key(line) for line in found)
    everywhere = sum(raises_about_key(line) for line in lines if isinstance(line, cst.SimpleStatementLine))
    if len(found) > 1 or everywhere > inside:
        raise UneditableError(
            f"{KEY} is demanded in several places, or in a form that is not known here.",
            f"Demand {KEY} in one place: if it is missing and {SWITCH} is not true, raise.",
        )
    return found[0] if found else None


def _in_order(
    module: cst.Module, key: cst.CSTNode, switch: cst.CSTNode | None, demand: cst.CSTNode | None
) -> None:
    for block in blocks(module):
        body: list[cst.CSTNode] = list(block.body)
        if key not in body:
            continue
        used = [node for node in (switch, demand) if node is not None]
        if all(node in body for node in used):
            order = [body.index(node) for node in used]
            before_demand = demand is None or body.index(key) < body.index(demand)
            if order == sorted(order) and before_demand:
                return
    raise UneditableError(
        f"{SWITCH} or {KEY} is read after it is used, or elsewhere.",
        f"Read both next to each other, above the condition that demands {KEY}.",
    )


def _service(module: cst.Module, key_name: str, switch_name: str) -> tuple[cst.BaseStatement, Service]:
    targets = list(_service_statements(module, switch_name))
    if len(targets) != 1:
        count = "nothing makes" if not targets else f"{len(targets)} statements make"
        raise UneditableError(
            f"{count} {CHAT_SERVICE}.", f"Make {CHAT_SERVICE} in one place, or edit the file by hand."
        )
    try:
        return targets[0], Service.of(targets[0], key_name)
    except ServiceError as error:
        raise UneditableError(str(error), "Edit this part by hand, as the page shows.") from error


def _service_statements(block: cst.Module | cst.BaseSuite, switch_name: str) -> Sequence[cst.BaseStatement]:
    """Return the outermost statements to replace: a branch on the switch, or one that makes the service."""
    found: list[cst.BaseStatement] = []
    for line in block.body:
        if not isinstance(line, cst.BaseStatement) or not calls_of(line, CHAT_SERVICE):
            continue
        branches = isinstance(line, cst.If) and (
            switch_name in names_in(line.test) or reads(line.test, SWITCH)
        )
        if branches or isinstance(line, cst.SimpleStatementLine):
            found.append(line)
            continue
        for item in _own_blocks(line):
            found.extend(_service_statements(item, switch_name))
    return found


def _own_blocks(line: cst.BaseStatement) -> Sequence[cst.IndentedBlock]:
    """Return the blocks that the statement is made of, without the blocks inside of those."""
    inner = [item for item in blocks(line) if isinstance(item, cst.IndentedBlock)]
    deeper = {id(other) for item in inner for other in blocks(item) if other is not item}
    return [item for item in inner if id(item) not in deeper]
