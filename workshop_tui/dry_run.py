"""Dry runs: an action that is given these services tells what it would do, and changes nothing.

What an action gets back stands for what is not there yet, so that its next command can be told, too.
"""

from __future__ import annotations

from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.changes import (
    AzureChanges,
    ClusterChanges,
    ImageChanges,
    KubeconfigChanges,
    LocalAppChanges,
    MergedContext,
    SourceChanges,
)
from workshop_tui.model import Answer, Evidence, ManagedIdentity
from workshop_tui.progress import Working

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

_NOTHING: tuple[str, ...] = ()
_NO_DIGEST_YET = "0" * 64


def dry_run_services(services: Mapping[type, object]) -> dict[type, object]:
    """Return the same services with those that change things replaced."""
    replacements: dict[type, type] = {
        AzureChanges: DryRunAzure,
        ClusterChanges: DryRunCluster,
        KubeconfigChanges: DryRunKubeconfig,
        ImageChanges: DryRunImages,
        SourceChanges: DryRunSource,
        LocalAppChanges: DryRunLocalApp,
    }
    return {
        kind: replacements[kind](real) if kind in replacements else real for kind, real in services.items()
    }


class DryRunAzure:
    """`AzureChanges` in a dry run."""

    def __init__(self, real: AzureChanges) -> None:
        """Take the real ones, for what they know without changing anything."""
        self._real = real

    async def assign_role(self, **_: str) -> bool:
        """Say that it would be new."""
        return True

    async def remove_role(self, _assignment_id: str) -> None:
        """Do nothing."""

    def role_assignment_id(self, *, scope: str, role: str, principal_id: str) -> str:
        """Return what the real one would."""
        return self._real.role_assignment_id(scope=scope, role=role, principal_id=principal_id)

    async def put_identity(self, name: str) -> ManagedIdentity:
        """Return an identity whose ids are still to come."""
        return ManagedIdentity(
            id=f"/{name}",
            name=name,
            client_id=f"<client id of {name}>",
            principal_id=f"<object id of {name}>",
            tenant_id="",
        )

    async def delete_identity(self, _identity_id: str) -> None:
        """Do nothing."""

    async def put_federated_credential(self, **_: str) -> None:
        """Do nothing."""

    async def delete_federated_credential(self, **_: str) -> None:
        """Do nothing."""

    async def update_cluster(self, _cluster_id: str, **_: bool | None) -> AsyncIterator[str]:
        """Have no status to tell."""
        for status in _NOTHING:
            yield status

    async def set_key_sign_in(self, _account_id: str, *, allowed: bool) -> None:
        """Do nothing."""
        del allowed

    async def regenerate_keys(self, _account_id: str) -> None:
        """Do nothing."""

    async def cluster_credentials(self, _cluster_id: str) -> str:
        """Return nothing that could be used."""
        return ""


class DryRunCluster:
    """`ClusterChanges` in a dry run."""

    def __init__(self, _real: ClusterChanges) -> None:
        """Need nothing of the real ones."""

    async def apply(self, _manifest: Mapping[str, Any]) -> str:
        """Say that it would be changed."""
        return "configured"

    async def delete(self, _kind: str, _namespace: str, _name: str) -> None:
        """Do nothing."""

    async def rollout(self, _namespace: str, _name: str) -> AsyncIterator[Working]:
        """Be complete at once."""
        for state in _NOTHING:
            yield Working(state)

    async def roll_back(self, _namespace: str, _name: str) -> None:
        """Do nothing."""

    async def restart(self, _namespace: str, _name: str) -> None:
        """Do nothing."""

    async def log(self, _namespace: str, _pod: str, _container: str) -> str:
        """Have nothing to read."""
        return ""


class DryRunKubeconfig:
    """`KubeconfigChanges` in a dry run."""

    def __init__(self, _real: KubeconfigChanges) -> None:
        """Need nothing of the real ones."""

    async def merge(self, _kubeconfig: str) -> MergedContext:
        """Name no context."""
        return MergedContext("")

    async def take_out(self, _context: str) -> None:
        """Do nothing."""


class DryRunImages:
    """`ImageChanges` in a dry run."""

    def __init__(self, real: ImageChanges) -> None:
        """Take the real ones, to say who would build."""
        self._real = real

    async def build_and_push(self, _context: Path, _reference: str) -> AsyncIterator[Working]:
        """Yield a digest that stands for the one to come."""
        yield Working("", item=f"sha256:{_NO_DIGEST_YET}")

    async def forget(self, _reference: str) -> None:
        """Do nothing."""

    @property
    def builder(self) -> str:
        """Return the real one."""
        return self._real.builder


class DryRunSource:
    """`SourceChanges` in a dry run: reads, and writes nothing."""

    def __init__(self, real: SourceChanges) -> None:
        """Take the real ones, to read the learner's files."""
        self._real = real

    async def fetch(self) -> AsyncIterator[str]:
        """Fetch nothing."""
        for line in _NOTHING:
            yield line

    async def read(self, path: str) -> str:
        """Return the file as it is."""
        return await self._real.read(path)

    async def write(self, _path: str, _text: str) -> None:
        """Do nothing."""

    async def restore(self, _path: str) -> None:
        """Do nothing."""

    async def remove(self) -> None:
        """Do nothing."""


class DryRunLocalApp:
    """`LocalAppChanges` in a dry run."""

    def __init__(self, _real: LocalAppChanges) -> None:
        """Need nothing of the real ones."""

    async def prepare(self) -> AsyncIterator[str]:
        """Install nothing."""
        for line in _NOTHING:
            yield line

    @asynccontextmanager
    async def running(self, _environment: Mapping[str, str]) -> AsyncIterator[None]:
        """Run nothing."""
        yield

    async def describe(self) -> Answer:
        """Answer as an app does that works."""
        return Answer(200, "", "A description.", "the app")

    async def evidence(self) -> Evidence:
        """Vouch for nothing: a dry run keeps no evidence."""
        return Evidence("dry-run", "", datetime.now(UTC))

    async def remove(self) -> None:
        """Do nothing."""
