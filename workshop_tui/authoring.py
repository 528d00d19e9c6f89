"""All that a step's author needs: the vocabulary, the facts' types, and what an action may change.

A step is a package: `step.md` is its page; functions marked `@check`, at most one `@action` and one
`@reset` are its code. They are called by the types of their parameters:

- `Names` gives the names of the learner's world;
- a fact's type (`ManagedIdentity`, `Pods` …) gives that fact, read at most once a pass. `T` alone means
  "cannot be judged without": if it is absent the engine reports so with the absence's own cause, and if it
  is unreadable the finding is `unknown`. `T | Absent` hands the absence to you, `T | Absent | Unreadable`
  both;
- a Protocol of this module (`AzureChanges` …) gives the hands, to actions and resets alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from workshop_tui.findings import Finding, Scope, Verdict, failed, passed, pending, unknown
from workshop_tui.judgement.answers import (
    Refusal,
    entra_code,
    may_be_propagating,
    refusal_in,
    refusal_of,
    told,
)
from workshop_tui.judgement.app_settings import app_settings, same_endpoint
from workshop_tui.judgement.chain import (
    CREDENTIAL_PROPAGATION,
    ROLE_PROPAGATION,
    TOKEN_AUDIENCE,
    best_credential,
    credential_fits,
    credential_settles,
    fitting_settles,
    role_settles,
    wanted_credential,
)
from workshop_tui.judgement.commands import command, kubectl, kubectl_apply, resource_group_of
from workshop_tui.judgement.compare import difference, is_guid, visible
from workshop_tui.judgement.injection import (
    CLIENT_ID_ANNOTATION,
    LABEL,
    TENANT_ID_ANNOTATION,
    judge_injection,
)
from workshop_tui.judgement.keys import KeyPlace, exposed_keys
from workshop_tui.judgement.pods import (
    INJECTED_VARIABLES,
    Trouble,
    app_container,
    client_id_in,
    missing_injection,
    rollout_trouble,
)
from workshop_tui.judgement.roles import role_allowing, role_managing
from workshop_tui.model import *  # noqa: F403 - the facts' types are this module's public names
from workshop_tui.model import Answer, Evidence, ManagedIdentity
from workshop_tui.model import __all__ as _model_names

if TYPE_CHECKING:
    from contextlib import AbstractAsyncContextManager
    from pathlib import Path

OPENAI_USER_ROLE = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
"""Role definition id of Cognitive Services OpenAI User, the same in every tenant."""
CHAT_ACTION = "Microsoft.CognitiveServices/accounts/OpenAI/deployments/chat/completions/action"
"""The data action that a chat completion needs."""
TOKEN_SCOPE = "https://cognitiveservices.azure.com/.default"  # noqa: S105 - a scope's public name
PINNED_COMMIT = "e858d8bfd92b142dbb9e8b3b890a5f191e8fc926"
"""The commit of Azure-Samples/aks-store-demo that the workshop is written for."""
MARK = "workshop-tui"
"""The tag, label prefix and annotation prefix on everything that we make."""

F = TypeVar("F", bound=Callable[..., object])


@dataclass(frozen=True, slots=True)
class Change:
    """One change to the world, in words and as the command it equals. Announced before it is made."""

    what: str
    command: str = ""


@dataclass(frozen=True, slots=True)
class Planned:
    """The change that comes next."""

    change: Change


@dataclass(frozen=True, slots=True)
class Applied:
    """The change has been made, or was so already (`already`)."""

    change: Change
    already: bool = False


@dataclass(frozen=True, slots=True)
class Working:
    """Something to look at while it lasts. `fraction` is 0 to 1 where it is known; `item` a layer, a pod."""

    text: str
    fraction: float | None = None
    item: str = ""


@dataclass(frozen=True, slots=True)
class Noted:
    """Evidence for the journal, of what leaves no trace in the world."""

    evidence: Evidence


Progress = Planned | Applied | Working | Noted
"""What an action yields."""


@dataclass(frozen=True, slots=True)
class Undo:
    """One thing that a reset would undo: listed by a dry run, called otherwise. Safe to call twice."""

    change: Change
    do: Callable[[], Awaitable[None]] = field(repr=False)


class ActionError(Exception):
    """An action could not go on, for a reason a learner can do something about.

    Attributes:
        what: what was being tried, and what happened.
        remedy: what to do next.

    """

    def __init__(self, what: str, remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.remedy = remedy


@dataclass(frozen=True, slots=True)
class CheckMark:
    """What `@check` notes on a function. `id` is the function's name with hyphens."""

    id: str
    title: str
    scope: Scope


def check(title: str, *, scope: Scope) -> Callable[[F], F]:
    """Mark a pure function from facts to a Finding as a check of its step."""

    def mark(function: F) -> F:
        name = getattr(function, "__name__", "")
        function.__workshop_check__ = CheckMark(name.replace("_", "-"), title, scope)  # type: ignore[attr-defined]
        return function

    return mark


def action(function: F) -> F:
    """Mark the step's action: `async def … -> AsyncIterator[Progress]`, idempotent."""
    function.__workshop_action__ = True  # type: ignore[attr-defined]
    return function


def reset(function: F) -> F:
    """Mark the step's reset: a function that returns what would be undone, as `Sequence[Undo]`, in order."""
    function.__workshop_reset__ = True  # type: ignore[attr-defined]
    return function


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

        As kubectl apply with a full hand: maps are merged, a pod template's containers are replaced as a
        whole so that no container of another name stays, and the last-applied annotation is kept.
        """

    async def delete(self, kind: str, namespace: str, name: str) -> None:
        """Delete the object and wait until it is gone; no error where there is none."""

    def rollout(self, namespace: str, name: str) -> AsyncIterator[str]:
        """Yield the rollout's state in words until it is complete.

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

    async def merge(self, kubeconfig: str) -> str:
        """Add or renew this cluster's context, touching nothing else; return the context's name."""


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
        """Say who builds: `docker` or `embedded`."""


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


__all__ = [  # noqa: PLE0604 - the unpacked names are strings, too
    "CHAT_ACTION",
    "CLIENT_ID_ANNOTATION",
    "CREDENTIAL_PROPAGATION",
    "INJECTED_VARIABLES",
    "LABEL",
    "MARK",
    "OPENAI_USER_ROLE",
    "PINNED_COMMIT",
    "ROLE_PROPAGATION",
    "TENANT_ID_ANNOTATION",
    "TOKEN_AUDIENCE",
    "TOKEN_SCOPE",
    "ActionError",
    "Applied",
    "AsyncIterator",
    "AzureChanges",
    "Change",
    "CheckMark",
    "ClusterChanges",
    "Finding",
    "ImageChanges",
    "KeyPlace",
    "KubeconfigChanges",
    "LocalAppChanges",
    "Noted",
    "Planned",
    "Progress",
    "Refusal",
    "Scope",
    "Sequence",
    "SourceChanges",
    "Trouble",
    "Undo",
    "Verdict",
    "Working",
    "action",
    "app_container",
    "app_settings",
    "best_credential",
    "check",
    "client_id_in",
    "command",
    "credential_fits",
    "credential_settles",
    "difference",
    "entra_code",
    "exposed_keys",
    "failed",
    "fitting_settles",
    "is_guid",
    "judge_injection",
    "kubectl",
    "kubectl_apply",
    "may_be_propagating",
    "missing_injection",
    "passed",
    "pending",
    "refusal_in",
    "refusal_of",
    "reset",
    "resource_group_of",
    "role_allowing",
    "role_managing",
    "role_settles",
    "rollout_trouble",
    "same_endpoint",
    "told",
    "unknown",
    "visible",
    "wanted_credential",
    *_model_names,
]
