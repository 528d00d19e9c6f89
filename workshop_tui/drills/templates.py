"""`{name}` in a drill's changes: the learner's own names and ids, and what earlier changes answered."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

VALUES = frozenset(
    {
        *("subscription_id", "subscription", "tenant_id", "resource_group", "group_id", "location"),
        *("cluster", "cluster_id", "issuer", "bare_issuer"),
        *("account", "account_id", "endpoint", "model", "model_id"),
        *("identity", "identity_id", "identity_client_id", "identity_object_id"),
        *("credential", "credential_id"),
        *("learner_object_id", "learner_kind"),
        *("namespace", "service_account", "deployment", "container", "shop"),
        *("registry", "image", "source", "service", "kubeconfig"),
    }
)
"""What is known of every world; `docs/drills-format.md` says what each one is."""

_NAME = re.compile(r"\{([a-z_][a-z0-9_]*(?:\.[A-Za-z0-9_]+)*)\}")


def names_in(value: object) -> Iterator[str]:
    """Yield every `{name}` that stands in texts, however deep, keys included."""
    match value:
        case str():
            yield from _NAME.findall(value)
        case Mapping():
            for key, item in value.items():
                yield from names_in(key)
                yield from names_in(item)
        case list() | tuple():
            for item in value:
                yield from names_in(item)


def fill(value: Any, values: Mapping[str, Any]) -> Any:  # noqa: ANN401 - whatever JSON holds
    """Return the same with every `{name}` replaced; `{name.part}` goes into a document.

    Raises:
        KeyError: something has no value in this world.

    """
    match value:
        case str():
            return _NAME.sub(lambda found: str(_look_up(found[1], values)), value)
        case Mapping():
            return {fill(key, values): fill(item, values) for key, item in value.items()}
        case list() | tuple():
            return [fill(item, values) for item in value]
        case _:
            return value


def _look_up(name: str, values: Mapping[str, Any]) -> object:
    found: Any = values
    for part in name.split("."):
        found = found[part] if isinstance(found, Mapping) and part in found else None
        if found in (None, ""):
            raise KeyError(name)
    return found
