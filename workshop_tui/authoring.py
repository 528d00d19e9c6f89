"""All that a step's author needs: the vocabulary, the facts' types, and what an action may change.

A step is a package: `step.md` is its page; functions marked `@check`, at most one `@action` and one
`@reset` are its code. They are called by the types of their parameters:

- `Names` gives the names of the learner's world;
- a fact's type (`ManagedIdentity`, `Pods` …) gives that fact, read at most once a pass. `T` alone means
  "cannot be judged without": if it is absent the engine reports so with the absence's own cause, and if it
  is unreadable the finding is `unknown`. `T | Absent` hands the absence to you, `T | Absent | Unreadable`
  both;
- a Protocol of `changes.py` (`AzureChanges` …) gives what may be changed, to actions and resets alone.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Sequence
from dataclasses import dataclass
from typing import TypeVar

from workshop_tui.changes import (
    AzureChanges,
    ClusterChanges,
    ImageChanges,
    KubeconfigChanges,
    LocalAppChanges,
    SourceChanges,
)
from workshop_tui.findings import Finding, Scope, Verdict, failed, passed, pending, unknown
from workshop_tui.judgement.answers import (
    Refusal,
    entra_code,
    is_throttled,
    may_be_propagating,
    refusal_in,
    refusal_of,
    told,
)
from workshop_tui.judgement.app_settings import app_settings, same_endpoint
from workshop_tui.judgement.chain import (
    CREDENTIAL_PROPAGATION,
    LONGEST_BACK_OFF,
    ROLE_PROPAGATION,
    TOKEN_AUDIENCE,
    best_credential,
    credential_fits,
    credential_settles,
    fitting_settles,
    lock_settles,
    outdated_sign_in,
    role_settles,
    trusts,
    wanted_credential,
)
from workshop_tui.judgement.clocks import (
    MOST_SKEW,
    clock_difference,
    clock_offset,
    refuses_tokens,
    skew_words,
)
from workshop_tui.judgement.commands import command, kubectl, kubectl_apply, resource_group_of
from workshop_tui.judgement.compare import difference, is_guid, visible
from workshop_tui.judgement.images import from_elsewhere, is_of_the_shop
from workshop_tui.judgement.injection import (
    CLIENT_ID_ANNOTATION,
    LABEL,
    TENANT_ID_ANNOTATION,
    judge_injection,
)
from workshop_tui.judgement.key_removal import key_removal_command
from workshop_tui.judgement.keys import KeyPlace, exposed_keys, is_key_name, kept_keys
from workshop_tui.judgement.memory import is_too_little
from workshop_tui.judgement.models import may_chat, model_to_deploy, sku_of
from workshop_tui.judgement.pods import (
    INJECTED_VARIABLES,
    START_TIME,
    Trouble,
    app_container,
    client_id_in,
    is_rolling,
    missing_injection,
    no_pod_words,
    rollout_trouble,
    start_times,
    telling_line,
    waits_for,
)
from workshop_tui.judgement.probes import APP_PORT, listens_elsewhere, probe_field
from workshop_tui.judgement.propagation import judge_propagation
from workshop_tui.judgement.remedies import let_networks_in, start_by_image
from workshop_tui.judgement.roles import CHAT_ACTION, role_allowing, role_managing, scope_covers
from workshop_tui.judgement.service import foreign_endpoints, selects, service_trouble
from workshop_tui.model import *  # noqa: F403 - the facts' types are this module's public names
from workshop_tui.model import __all__ as _model_names
from workshop_tui.progress import (
    ActionError,
    Applied,
    Change,
    Noted,
    Planned,
    Progress,
    Undo,
    Working,
)

OPENAI_USER_ROLE = "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd"
"""Role definition id of Cognitive Services OpenAI User, the same in every tenant."""
TOKEN_SCOPE = "https://cognitiveservices.azure.com/.default"  # noqa: S105 - a scope's public name
PINNED_COMMIT = "e858d8bfd92b142dbb9e8b3b890a5f191e8fc926"
"""The commit of Azure-Samples/aks-store-demo that the workshop is written for."""
MARK = "workshop-tui"
"""The tag, label prefix and annotation prefix on everything that we make."""

F = TypeVar("F", bound=Callable[..., object])


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
        function.__workshop_check__ = CheckMark(name.replace("_", "-"), title, scope)  # type: ignore[attr-defined] # read by step_code
        return function

    return mark


def action(function: F) -> F:
    """Mark the step's action: `async def … -> AsyncIterator[Progress]`, idempotent."""
    function.__workshop_action__ = True  # type: ignore[attr-defined] # read by step_code
    return function


def reset(function: F) -> F:
    """Mark the step's reset: a function that returns what would be undone, as `Sequence[Undo]`, in order."""
    function.__workshop_reset__ = True  # type: ignore[attr-defined] # read by step_code
    return function


__all__ = [  # noqa: PLE0604 - the unpacked names are strings, too
    "APP_PORT",
    "CHAT_ACTION",
    "CLIENT_ID_ANNOTATION",
    "CREDENTIAL_PROPAGATION",
    "INJECTED_VARIABLES",
    "LABEL",
    "LONGEST_BACK_OFF",
    "MARK",
    "MOST_SKEW",
    "OPENAI_USER_ROLE",
    "PINNED_COMMIT",
    "ROLE_PROPAGATION",
    "START_TIME",
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
    "skew_words",
    "app_container",
    "app_settings",
    "best_credential",
    "clock_difference",
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
    "from_elsewhere",
    "is_guid",
    "is_key_name",
    "is_of_the_shop",
    "is_rolling",
    "is_throttled",
    "is_too_little",
    "judge_injection",
    "kept_keys",
    "kubectl",
    "kubectl_apply",
    "let_networks_in",
    "listens_elsewhere",
    "lock_settles",
    "may_be_propagating",
    "may_chat",
    "model_to_deploy",
    "missing_injection",
    "no_pod_words",
    "clock_offset",
    "outdated_sign_in",
    "passed",
    "pending",
    "probe_field",
    "refusal_in",
    "refusal_of",
    "refuses_tokens",
    "reset",
    "resource_group_of",
    "role_allowing",
    "role_managing",
    "role_settles",
    "scope_covers",
    "selects",
    "service_trouble",
    "foreign_endpoints",
    "rollout_trouble",
    "same_endpoint",
    "start_by_image",
    "start_times",
    "telling_line",
    "sku_of",
    "told",
    "judge_propagation",
    "unknown",
    "visible",
    "trusts",
    "waits_for",
    "wanted_credential",
    "key_removal_command",
    *_model_names,
]
