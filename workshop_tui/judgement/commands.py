"""Commands to paste: shell-quoted, with the learner's own values."""

from __future__ import annotations

import json
import re
import shlex
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from workshop_tui.model import Names

_PLAIN_YAML = re.compile(r"[A-Za-z/][A-Za-z0-9_./-]*")
_YAML_WORDS = frozenset({"true", "false", "yes", "no", "on", "off", "null", "y", "n"})


def command(*words: str) -> str:
    """Return the words as one shell command, each quoted where it must be."""
    return shlex.join(words)


def kubectl(names: Names, *words: str) -> str:
    """Return a kubectl command in the learner's namespace, and context where one is chosen."""
    context = ("--context", names.context) if names.context else ()
    return command("kubectl", *context, "--namespace", names.namespace, *words)


def kubectl_apply(names: Names, manifest: Mapping[str, Any]) -> str:
    """Return the command that applies the manifest, as YAML on its standard input."""
    return f"{kubectl(names, 'apply', '-f', '-')} <<'EOF'\n{to_yaml(manifest)}EOF"


def resource_group_of(resource_id: str) -> str:
    """Return the resource group in a resource id, or an empty text."""
    parts = resource_id.split("/")
    at = next((index for index, part in enumerate(parts) if part.casefold() == "resourcegroups"), None)
    return parts[at + 1] if at is not None and at + 1 < len(parts) else ""


def to_yaml(manifest: Mapping[str, Any]) -> str:
    """Write a manifest as YAML: mappings, lists, texts and numbers, no more."""
    return "\n".join(_lines(manifest, "")) + "\n"


def _lines(value: Mapping[str, Any], indent: str) -> Iterator[str]:
    for key, item in value.items():
        name = _scalar(str(key))
        if isinstance(item, dict) and item:
            yield f"{indent}{name}:"
            yield from _lines(item, indent + "  ")
        elif isinstance(item, list) and item:
            yield f"{indent}{name}:"
            for entry in item:
                yield from _entry(entry, indent + "  ")
        else:
            yield f"{indent}{name}: {_scalar(item)}"


def _entry(entry: object, indent: str) -> Iterator[str]:
    if not isinstance(entry, dict) or not entry:
        yield f"{indent}- {_scalar(entry)}"
        return
    first, *rest = _lines(entry, indent + "  ")
    yield f"{indent}- {first.strip()}"
    yield from rest


def _scalar(value: object) -> str:
    """Return a value as YAML; JSON's form is YAML's, too, wherever a plain text could be misread."""
    if isinstance(value, str) and _PLAIN_YAML.fullmatch(value) and value.casefold() not in _YAML_WORDS:
        return value
    return json.dumps(value, ensure_ascii=False)
