"""What actions and resets may change, as Protocols. Every method may raise `ActionError`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

    from workshop_tui.model import Answer, Evidence, ManagedIdentity
    from workshop_tui.progress import Working


@dataclass(frozen=True, slots=True)
class MergedContext:
    """A context that was brought to the kubeconfig.

    `before` is the context that was the current one until then, or empty. `backup` is the copy of the file
    as it was, where it could not be changed without writing it anew in another layout.
    """

    name: str
    before: str = ""
    backup: str = ""


class AzureChanges(Protocol):
    """What an action may change in Azure. Every method may raise `ActionError`."""

    async def assign_role(self, *, scope: str, role: str, principal_id: str, principal_kind: str) -> bool:
        """Assign the role (definition guid) under a deterministic name; False if it was so already."""

    async def remove_role(self, assignment_id: str) -> None:
        """Delete the assignment; no error where there is none."""

    def role_assignment_id(self, *, scope: str, role: str, principal_id: str) -> str:
        """Return the resource id that `assign_role` gives its assignment: uuid5 of scope, principal, role."""

    async def put_identity(self, name: str) -> ManagedIdentity:
        """Create the user-assigned managed identity in the resource group, with our tag; idempotent."""

    async def delete_identity(self, identity_id: str) -> None:
        """Delete it and with it its federated credentials."""

    async def put_federated_credential(
        self, *, identity_id: str, name: str, issuer: str, subject: str, audience: str
    ) -> None:
        """Create or replace the federated credential of that name."""

    async def delete_federated_credential(self, *, identity_id: str, name: str) -> None:
        """Delete it; no error where there is none."""

    def update_cluster(
        self, cluster_id: str, *, oidc_issuer: bool | None = None, workload_identity: bool | None = None
    ) -> AsyncIterator[str]:
        """Read the cluster, change these, put it back whole; yield the operation's status as it changes."""

    async def set_key_sign_in(self, account_id: str, *, allowed: bool) -> None:
        """Set `disableLocalAuth` to the opposite of `allowed`."""

    async def regenerate_keys(self, account_id: str) -> None:
        """Regenerate both keys; their values are thrown away."""

    async def cluster_credentials(self, cluster_id: str) -> str:
        """Return the cluster user's kubeconfig as YAML; a secret."""


class ClusterChanges(Protocol):
    """What an action may change in the cluster."""

    async def apply(self, manifest: Mapping[str, Any]) -> str:
        """Make the object so: `created`, `configured` or `unchanged`.

        As kubectl apply, but for lists: maps are merged, a pod template's containers are replaced as a
        whole so that no container of another name stays, and the last-applied annotation is kept.
        """

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete the object and wait until it is gone; no error where there is none."""

    def rollout(self, namespace: str, name: str) -> AsyncIterator[Working]:
        """Yield the rollout's state in words, and each new pod's by its name, until it is complete.

        Raises:
            ActionError: it cannot complete (image, crash, admission …), with the reason seen.

        """

    async def roll_back(self, namespace: str, name: str) -> None:
        """Put back the newest pod template that does not carry our mark (kubectl rollout undo)."""

    async def restart(self, namespace: str, name: str) -> None:
        """Give the pods a fresh start (kubectl rollout restart)."""

    async def log(self, namespace: str, pod: str, container: str) -> str:
        """Return the end of a container's log, cleaned; empty where there is none. Changes nothing."""


class KubeconfigChanges(Protocol):
    """The learner's kubeconfig file."""

    async def merge(self, kubeconfig: str) -> MergedContext:
        """Add or renew this cluster's context and make it the current one, touching nothing else.

        What was added, and which context was current before, is noted in the file for `remove`.
        """

    async def take_out(self, context: str) -> None:
        """Take back what `merge` did for this context, by the note in the file; without one do nothing."""


class ImageChanges(Protocol):
    """Building and pushing the app's image."""

    def build_and_push(self, context: Path, reference: str) -> AsyncIterator[Working]:
        """Build `context` for linux/amd64 and push it; the last `item` yielded is the manifest's digest."""

    async def forget(self, reference: str) -> None:
        """Make it as if the image had not been pushed.

        Deletes the manifest where the registry lets us, and voids the evidence of the push. Where it does
        not (ttl.sh keeps an image until its time is over), the next push gets a repository of another name.
        """

    @property
    def builder(self) -> str:
        """Return who builds: `docker` or `embedded`."""


class SourceChanges(Protocol):
    """The learner's checkout."""

    def fetch(self) -> AsyncIterator[str]:
        """Clone the pinned commit, or unpack the starter where GitHub does not answer; yield what happens."""

    async def read(self, path: str) -> str:
        """Return a text file below the checkout."""

    async def write(self, path: str, text: str) -> None:
        """Replace a text file below the checkout, whole or not at all; the original is kept for `restore`."""

    async def restore(self, path: str) -> None:
        """Put back the file as `fetch` brought it."""

    async def remove(self) -> None:
        """Delete the checkout that `fetch` made; refuses a folder that it did not make."""


class LocalAppChanges(Protocol):
    """The app on this machine."""

    def prepare(self) -> AsyncIterator[str]:
        """Make the virtual environment with Python 3.11 and the requirements; yield what happens."""

    def running(self, environment: Mapping[str, str]) -> AbstractAsyncContextManager[None]:
        """Run the app on 127.0.0.1 with these settings and no key; stopped when left, whatever happens."""

    async def describe(self) -> Answer:
        """Ask the running app for a description."""

    async def evidence(self) -> Evidence:
        """Return what was seen of the running app, for the journal."""

    async def remove(self) -> None:
        """Delete the virtual environment and forget the run."""
