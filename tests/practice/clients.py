"""How a test of an unchanged client says what it drove, for the table in docs/clients.md.

    def test_rollout_undo(kubectl: Kubectl, record_property: RecordProperty) -> None:
        driven(record_property, "kubectl 1.31", "rollout undo")
        driven(record_property, package("kr8s"), "scale", "wait")

Pytest writes these as properties of the test into its JUnit file, from which scripts/client-matrix makes the
table: a name and its version, what was driven, and whether the test passed. Say it before driving, so that
a client that fails is in the table as failing; and call it after the check that skips where the client is
not there.
"""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from importlib.metadata import version
from typing import TYPE_CHECKING, TypeAlias

import pytest

if TYPE_CHECKING:
    from pathlib import Path

RecordProperty: TypeAlias = Callable[[str, object], None]
"""Pytest's fixture `record_property`."""


def driven(record_property: RecordProperty, client: str, *commands: str) -> None:
    """Note that the test drives these commands of a client.

    Args:
        record_property: the fixture of that name.
        client: the client's name and version, as `kubectl 1.31`.
        commands: what is driven, in the client's own words, as `rollout undo`.

    """
    record_property("client", client)
    for command in commands:
        record_property("command", command)


RUNNING: list[RecordProperty] = []
"""The fixture of the test that runs, in the tests of the practice cloud (`says` in conftest.py)."""


def say(client: str, *commands: str) -> None:
    """Note the same from a place that has no fixtures, as a wrapper around a client that many tests share."""
    for record_property in RUNNING:
        driven(record_property, client, *commands)


def package(name: str) -> str:
    """Return the name and version of a Python package that is installed here."""
    return f"{name} {version(name)}"


@dataclass(frozen=True, slots=True)
class Program:
    """A client that is a program."""

    path: str

    def run(self, *arguments: str, within: Path | None = None, fails: bool = False) -> str:
        """Run it (for at most a minute, in the folder `within`) and return what it printed, errors last."""
        done = subprocess.run(
            [self.path, *arguments], capture_output=True, text=True, timeout=60, check=False, cwd=within
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + (done.stderr if fails else "")


def program(name: str) -> Program:
    """Return a client on PATH, or skip the test and say so."""
    found = shutil.which(name)
    if found is None:
        pytest.skip(f"there is no {name} on this machine: it is NOT driven")
    return Program(found)
