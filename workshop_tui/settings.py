"""Settings: flags before environment before what was saved before what the workshop starts with."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from workshop_tui.model import Names
from workshop_tui.saved_settings import SettingsError, read_saved

if TYPE_CHECKING:
    from collections.abc import Mapping


ENVIRONMENT = {
    "SUBSCRIPTION_ID": "subscription_id",
    "RG_NAME": "resource_group",
    "AKS_NAME": "cluster",
    "AOAI_NAME": "account",
    "AOAI_DEPLOYMENT_NAME": "model_deployment",
    "MANAGED_IDENTITY_NAME": "identity",
    "FEDERATED_CRED_NAME": "credential",
    "SERVICE_ACCOUNT_NAMESPACE": "namespace",
    "SERVICE_ACCOUNT_NAME": "service_account",
    "IMAGE_NAME": "image",
    "SOURCE": "source",
    "LOCAL_PORT": "local_port",
}
"""The workshop's shell variables and the name that each one sets."""

_RULES = {
    "subscription_id": (
        r"[0-9a-fA-F-]{36}",
        "a subscription's id, as `az account show --query id` prints it",
    ),
    "resource_group": (r"[\w.()-]{0,89}[\w()-]", "a resource group's name"),
    "cluster": (r"[A-Za-z0-9]([A-Za-z0-9_-]{0,61}[A-Za-z0-9])?", "1 to 63 letters, digits, - or _"),
    "account": (r"[A-Za-z0-9][A-Za-z0-9_.-]{1,63}", "2 to 64 letters, digits, -, _ or ."),
    "identity": (r"[A-Za-z0-9][A-Za-z0-9_-]{2,127}", "3 to 128 letters, digits, - or _"),
    "credential": (r"[A-Za-z0-9][A-Za-z0-9_-]{2,119}", "3 to 120 letters, digits, - or _"),
    "namespace": (r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", "a Kubernetes name: lower-case letters, digits, -"),
    "service_account": (
        r"[a-z0-9]([a-z0-9.-]{0,251}[a-z0-9])?",
        "a Kubernetes name: lower-case letters, digits, -",
    ),
    "local_port": (
        r"102[4-9]|10[3-9]\d|1[1-9]\d\d|[2-9]\d{3}|[1-5]\d{4}|6[0-4]\d{3}|65[0-4]\d\d",
        "a port from 1024 to 65499",
    ),
    "image": (r"[a-z0-9.:-]+/[a-z0-9._/-]+:[\w.-]+", "registry/repository:tag, all lower-case but the tag"),
}

_WITHIN = {
    "subscription_id": ("resource_group", "cluster", "account", "model_deployment"),
    "resource_group": ("cluster", "account", "model_deployment"),
    "account": ("model_deployment",),
}
"""What lies in what: saved names hold together, so none of them outlives what it lies in."""

BUILDERS = frozenset({"auto", "docker", "embedded"})
SOURCES = frozenset({"auto", "clone", "starter"})
TARGETS = frozenset({"azure", "practice"})


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a person may choose, as far as it is chosen.

    `names` holds only what was set; the target fills the rest. `builder` is `auto`, `docker` or `embedded`;
    `source_from` is `auto`, `clone` or `starter`.
    """

    home: Path
    target: str | None = None
    names: Mapping[str, str] = field(default_factory=dict)
    builder: str = "auto"
    source_from: str = "auto"
    context: str = ""
    kubeconfig: str = ""
    theme: str = ""
    """The TUI's theme, empty for its own choice."""

    def whole_names(self, defaults: Names) -> Names:
        """Return the names with what was chosen put over the target's defaults."""
        chosen: dict[str, Any] = dict(self.names)
        if "local_port" in chosen:
            chosen["local_port"] = int(chosen["local_port"])
        return replace(defaults, **chosen)


def user_home() -> Path | None:
    """Return the user's home folder; None where HOME is not set and the system knows of none."""
    try:
        return Path.home()
    except RuntimeError:
        return None


def home_folder(environment: Mapping[str, str]) -> Path:
    """Return the one folder that holds all state of ours, made private.

    `WORKSHOP_TUI_HOME`, else in Codespaces a folder inside the workspace (it outlives a rebuild), else the
    platform's user state folder.
    """
    chosen = environment.get("WORKSHOP_TUI_HOME")
    if chosen:
        folder = Path(chosen).expanduser().absolute()
    elif environment.get("CODESPACES") == "true" and environment.get("CODESPACE_VSCODE_FOLDER"):
        folder = Path(environment["CODESPACE_VSCODE_FOLDER"]) / ".workshop-tui"
    else:
        from platformdirs import user_state_path  # noqa: PLC0415 - only where nothing else decides

        try:
            folder = user_state_path("workshop-tui")
        except RuntimeError as error:
            raise SettingsError(
                "Your home folder is not known: HOME is not set, and the system knows none for this user."
                " Set HOME, or WORKSHOP_TUI_HOME, to a folder that you may write to."
            ) from error
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        folder.chmod(0o700)
    except OSError as error:
        raise SettingsError(
            f"{folder} cannot be used for the workshop's state: {error.strerror}."
            " Set WORKSHOP_TUI_HOME to a folder that you may write to."
        ) from error
    return folder


def load_settings(
    environment: Mapping[str, str] | None = None,
    *,
    target: str | None = None,
    flags: Mapping[str, str] | None = None,
    context: str = "",
    kubeconfig: str = "",
) -> Settings:
    """Gather the settings.

    Raises:
        SettingsError: a value cannot be used.

    """
    environment = os.environ if environment is None else environment
    home = home_folder(environment)
    saved = read_saved(home)
    target = target or environment.get("WORKSHOP_TUI_TARGET") or saved.get("target")
    if target is not None and target not in TARGETS:
        raise SettingsError(f"There is no target {target}: it is azure or practice.")
    kept = {name: value for name, value in saved.items() if name in _name_fields()}
    if target is not None:
        kept |= _saved_names(home, target)
    given = {
        name: environment[variable] for variable, name in ENVIRONMENT.items() if environment.get(variable)
    }
    given |= {name: value for name, value in (flags or {}).items() if value}
    names = _joined(kept, given)
    for name, value in names.items():
        _validate(name, value)
    return Settings(
        home=home,
        target=target,
        names=names,
        builder=_choice(environment, saved, "builder", BUILDERS),
        source_from=_choice(environment, saved, "source_from", SOURCES),
        context=context,
        kubeconfig=kubeconfig,
        theme=environment.get("TEXTUAL_THEME") or saved.get("theme") or "",
    )


def for_target(settings: Settings, target: str) -> Settings:
    """Return the settings for a target that was chosen after they were gathered.

    Raises:
        SettingsError: what was saved for it cannot be used.

    """
    if target == settings.target:
        return settings
    names = _joined(_saved_names(settings.home, target), settings.names)
    for name, value in names.items():
        _validate(name, value)
    return replace(settings, target=target, names=names)


def with_names(settings: Settings, names: Mapping[str, str]) -> Settings:
    """Return the settings with these names put over theirs; an empty one is forgotten."""
    kept = {name: value for name, value in settings.names.items() if names.get(name, value)}
    return replace(settings, names=kept | {name: value for name, value in names.items() if value})


def overruling(environment: Mapping[str, str], names: Mapping[str, str]) -> list[str]:
    """Return the variables that will overrule these names at the next start."""
    return [
        variable
        for variable, name in ENVIRONMENT.items()
        if name in names and environment.get(variable) and environment[variable] != names[name]
    ]


def _saved_names(home: Path, target: str) -> dict[str, str]:
    return {name: value for name, value in read_saved(home, target).items() if name in _name_fields()}


def _joined(kept: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Put what is given over what was kept, less what was kept for another subscription, group or account."""
    stale = {
        inner
        for outer, within in _WITHIN.items()
        if outer in kept and outer in given and kept[outer].lower() != given[outer].lower()
        for inner in within
    }
    return {name: value for name, value in kept.items() if name not in stale} | dict(given)


def _name_fields() -> frozenset[str]:
    return frozenset(item.name for item in fields(Names))


def _choice(
    environment: Mapping[str, str], saved: Mapping[str, str], name: str, allowed: frozenset[str]
) -> str:
    variable = f"WORKSHOP_TUI_{name.upper()}"
    value = environment.get(variable) or saved.get(name) or "auto"
    if value not in allowed:
        raise SettingsError(f"{variable} is {value}; it can be {', '.join(sorted(allowed))}.")
    return value


def _validate(name: str, value: str) -> None:
    pattern, wanted = _RULES.get(name, (r"[^\x00-\x1f]+", "text without control characters"))
    if not re.fullmatch(pattern, value):
        shown = re.sub(r"[\x00-\x1f\x7f]", "?", value)[:80]
        raise SettingsError(f"The setting {name.replace('_', ' ')} cannot be “{shown}”: it must be {wanted}.")
