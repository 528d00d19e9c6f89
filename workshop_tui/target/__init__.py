"""The target: where the workshop runs. The only package, with `practice/` itself, that knows which.

Both targets are the same kinds of addresses and a credential; the clients do not know the difference.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.target.azure import azure, azure_unnamed
from workshop_tui.target.practice import practice, practice_cloud, practice_folder
from workshop_tui.target.target import SignIn, Target, TargetError, tls_settings

if TYPE_CHECKING:
    from workshop_tui.settings import Settings

__all__ = [
    "SignIn",
    "Target",
    "TargetError",
    "azure_unnamed",
    "learner_environment",
    "load_target",
    "practice_cloud",
    "practice_folder",
    "tls_settings",
]


def load_target(settings: Settings) -> Target:
    """Return the chosen target.

    Raises:
        TargetError: none is chosen, or it is not there.

    """
    match settings.target:
        case "practice":
            return practice(settings)
        case "azure":
            return azure(settings)
        case _:
            raise TargetError(
                "Where shall I look? Say --practice (no subscription needed; start one with"
                " `workshop-tui practice start`) or --azure, or set WORKSHOP_TUI_TARGET."
            )


def learner_environment(settings: Settings, target: Target) -> dict[str, str]:
    """Return what points the learner's own `az`, `kubectl` and `docker` at the target."""
    found = {"KUBECONFIG": str(target.kubeconfig)}
    if target.kind == "practice":
        from workshop_tui.practice import client  # noqa: PLC0415 - not needed for Azure

        return client.environment(practice_folder(settings.home)) | found
    return found if settings.kubeconfig else {}
