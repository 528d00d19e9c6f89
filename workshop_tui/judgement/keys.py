"""Where a pod could get hold of an OpenAI key."""

from __future__ import annotations

import re
from dataclasses import dataclass
from itertools import zip_longest
from typing import TYPE_CHECKING

from workshop_tui.model import Pods, Sensitive

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.model import (
        Absent,
        Container,
        Deployment,
        EnvironmentSource,
        EnvironmentVariable,
        PodSpec,
        Unreadable,
    )

_SERVICES = ("OPENAI", "AOAI", "COGNITIVESERVICE", "AZUREAI", "AISERVICE")
_BARE_NAMES = frozenset({"APIKEY", "AZUREAPIKEY", "AIKEY"})
_ABOUT_KEYS = re.compile(r"KEYVAULT|KEYWORDS?|KEY(?:SECRET)?(?:FILE|PATH|NAME|URL|URI|VERSION)$")
"""What such a name holds is not a key, but where one is, or something else."""
_UNMISTAKABLE = (
    re.compile(r"(?<![0-9A-Za-z])[0-9A-Za-z]{52}JQQJ99[0-9A-Za-z]{26}(?![0-9A-Za-z])"),  # since late 2024
    re.compile(r"(?<![0-9A-Za-z])sk-[0-9A-Za-z_-]{20,}"),  # OpenAI's own
)
_KEY_VALUES = (
    re.compile(r"(?<![0-9A-Fa-f])[0-9a-f]{32}(?![0-9A-Fa-f])"),  # an account's key as it was for years
    *_UNMISTAKABLE,
)
_WORD = re.compile(r"[A-Za-z_][\w.-]*")
_SETTING = re.compile(r"""([A-Za-z_-][\w-]*)=["']?([^\s"';&|]*)""")


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
        where = f"container {self.container}, {self.place}" if self.container else self.place
        return f"{self.name}{value} in {where}"


def is_key_name(name: str) -> bool:
    """Say whether a variable, or a key of a Secret, is called as an OpenAI key would be."""
    plain = _ABOUT_KEYS.sub("", re.sub(r"[^A-Z0-9]", "", name.upper()))
    return plain in _BARE_NAMES or ("KEY" in plain and any(service in plain for service in _SERVICES))


def is_key_value(value: str) -> bool:
    """Say whether a text holds what looks like an account's key."""
    return any(form.search(value) for form in _KEY_VALUES)


def exposed_keys(spec: PodSpec) -> tuple[KeyPlace, ...]:
    """Return every place in the pod where an OpenAI key is within reach: containers first, then its labels.

    A key out of a Secret counts: the pod has it in plain text. An empty value does not.
    """
    found = [place for container in spec.containers for place in _in_container(container)]
    return (*found, *_in_notes(spec))


def kept_keys(deployment: Deployment, pods: Pods | Absent | Unreadable) -> tuple[str, ...]:
    """Return where Kubernetes and kubectl still keep a key that no pod gets any more, in words.

    No fault of the pods: such keys are ended by changing them at the account.
    """
    noted = deployment.last_applied.reveal()
    kept = ["kubectl's last-applied-configuration"] if _is_noted(noted) else []
    history = pods.history if isinstance(pods, Pods) else ()
    kept += [f"ReplicaSet {name}" for name, spec in history if exposed_keys(spec)]
    return tuple(kept)


def _is_noted(text: str) -> bool:
    """Say whether a manifest in JSON sets a variable of a key's name, or holds a key."""
    pairs = re.findall(r'"name":\s*"([^"]+)",\s*"value":\s*"[^"]', text)
    return is_key_value(text) or any(is_key_name(name) for name in pairs)


def _in_container(container: Container) -> Iterator[KeyPlace]:
    # Of several variables of one name the last counts, as Kubernetes has it.
    for variable in {item.name: item for item in container.environment}.values():
        if _holds_key(variable):
            value = variable.value
            place = "as plain text" if variable.source == "value" else f"from {variable.source}"
            yield KeyPlace(variable.name, container.name, place, value.masked() if value.reveal() else "")
    for source in container.sources:
        yield from _in_source(container.name, source)
    yield from _in_words(container)


def _holds_key(variable: EnvironmentVariable) -> bool:
    value = variable.value.reveal()
    kind, _, reference = variable.source.partition(" ")
    mounted = kind in {"secret", "configmap"}
    called = is_key_name(variable.name) or _tells_key(*reference.split("/", 1))
    if not value.strip():
        # What stands in a Secret may not have been read; that it is asked for is enough.
        return mounted and called
    return called or is_key_value(value)


def _in_source(container: str, source: EnvironmentSource) -> Iterator[KeyPlace]:
    place = f"from {source.kind} {source.name} ({source.place})"
    if source.keys is None:
        # What is fetched from a vault may be anything: its class alone is no evidence, unless it says a key.
        told = is_key_name(f"{source.name}-key") and source.kind != "vault"
        if is_key_name(source.name) or told:
            yield KeyPlace(f"what {source.name} holds", container, place)
        return
    values = [value.reveal() for value in source.values]
    for key, value in zip_longest(source.keys, values[: len(source.keys)]):
        if value is not None and not value.strip():
            continue
        if _tells_key(source.name, key) or is_key_value(value or ""):
            yield KeyPlace(key, container, place, Sensitive(value).masked() if value else "")


def _tells_key(name: str, key: str = "") -> bool:
    """Say whether an entry is called a key: a Secret `aoai` with an entry `key` tells as much as AOAI_KEY."""
    return is_key_name(key) or ("key" in key.casefold() and is_key_name(f"{name}-{key}"))


def _in_words(container: Container) -> Iterator[KeyPlace]:
    """Yield what is to be run holds, once each: the command line, and the hooks and probes beside it."""
    hooks = ((f"in its {field}", words) for field, words in container.hooks)
    for place, words in (("in its command line", container.words), *hooks):
        name = _told_in([word.reveal() for word in words])
        if name:
            yield KeyPlace(name, container.name, place)


def _told_in(words: list[str]) -> str:
    """Return the name of a key among words: a key, `NAME=value` of a key's name, `--a-keys-name value`."""
    for word, following in zip_longest(words, words[1:], fillvalue=""):
        settings = _SETTING.findall(word)
        if word.startswith("-") and not re.search(r"[=\s]", word):
            settings.append((word, "" if following.startswith("-") else following))
        # A `$` stands for a variable, which is judged where it is set.
        name = next((n for n, value in settings if is_key_name(n) and value and value[0] != "$"), "")
        if name or is_key_value(word):
            return name.lstrip("-") or "a key"
    return ""


def _in_notes(spec: PodSpec) -> Iterator[KeyPlace]:
    """Yield labels and annotations that hold a key; 32 digits alone are a checksum there as a rule."""
    for name, sensitive in spec.notes:
        text = sensitive.reveal()
        named = any(is_key_name(word) for word in (name, *_WORD.findall(text)))
        if any(form.search(text) for form in _UNMISTAKABLE) or (named and is_key_value(text)):
            yield KeyPlace(name, "", "the pod's labels and annotations", sensitive.masked())
