"""Where a pod could get hold of an OpenAI key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from workshop_tui.model import Sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.model import Container, EnvironmentSource, EnvironmentVariable, PodSpec

_SERVICES = ("OPENAI", "AOAI", "COGNITIVESERVICE", "AZUREAI", "AISERVICE")
_BARE_NAMES = frozenset({"APIKEY", "AZUREAPIKEY", "AIKEY"})
_KEY_VALUES = (
    re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{32}(?![0-9A-Fa-f])"),  # an account's key as it was for years
    re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{52}JQQJ99[0-9A-Za-z]{26}(?![0-9A-Za-z])"),  # since late 2024
    re.compile(r"(?<![0-9A-Za-z])sk-[0-9A-Za-z_-]{20,}"),  # OpenAI's own
)


@dataclass(frozen=True, slots=True)
class KeyPlace:
    """One place where a key is within reach.

    `shown` is the value as it may be shown, masked, or empty where it was not read.
    """

    name: str
    container: str
    place: str
    shown: str = ""

    def __str__(self) -> str:
        value = f" ({self.shown})" if self.shown else ""
        return f"{self.name}{value} in container {self.container}, {self.place}"


def is_key_name(name: str) -> bool:
    """Say whether a variable, or a key of a Secret, is called as an OpenAI key would be."""
    plain = re.sub(r"[^A-Z0-9]", "", name.upper()).replace("KEYVAULT", "")
    return plain in _BARE_NAMES or ("KEY" in plain and any(service in plain for service in _SERVICES))


def is_key_value(value: str) -> bool:
    """Say whether a text holds what looks like an account's key."""
    return any(form.search(value) for form in _KEY_VALUES)


def exposed_keys(spec: PodSpec) -> tuple[KeyPlace, ...]:
    """Return every place in any container of the pod where an OpenAI key is within reach.

    A key out of a Secret counts: the pod has it in plain text. An empty value does not.
    """
    return tuple(place for container in spec.containers for place in _in_container(container))


def _in_container(container: Container) -> Iterator[KeyPlace]:
    # Of several variables of one name the last counts, as Kubernetes has it.
    for variable in {item.name: item for item in container.environment}.values():
        if _holds_key(variable):
            value = variable.value
            place = "as plain text" if variable.source == "value" else f"from {variable.source}"
            yield KeyPlace(variable.name, container.name, place, value.masked() if value.reveal() else "")
    for source in container.sources:
        yield from _in_source(container.name, source)


def _holds_key(variable: EnvironmentVariable) -> bool:
    value = variable.value.reveal()
    if not value.strip():
        # What stands in a Secret may not have been read; that it is asked for is enough.
        return variable.source.startswith(("secret", "configmap")) and is_key_name(variable.name)
    return is_key_name(variable.name) or is_key_value(value)


def _in_source(container: str, source: EnvironmentSource) -> Iterator[KeyPlace]:
    place = f"from {source.kind} {source.name} ({source.place})"
    if source.keys is None:
        if is_key_name(source.name) or is_key_name(f"{source.name}-key"):
            yield KeyPlace(f"what {source.name} holds", container, place)
        return
    values = [value.reveal() for value in source.values]
    for key, value in zip_longest(source.keys, values[: len(source.keys)]):
        if value is not None and not value.strip():
            continue
        # A Secret `aoai` with an entry `key` tells as much as a variable AOAI_KEY.
        together = "key" in key.casefold() and is_key_name(f"{source.name}-{key}")
        if is_key_name(key) or together or is_key_value(value or ""):
            yield KeyPlace(key, container, place, Sensitive(value).masked() if value else "")
