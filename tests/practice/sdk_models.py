"""Azure's own SDK packages as data: operations with their accepted statuses, and the models of their answers.

The files lie beside this checkout (`../shared/azure/api`). Two generations of generated code are in them:
types written as Python annotations, and the older `str`, `[Model]`, `{str}`, whose dotted names mean nesting.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

FOLDER = Path(__file__).parents[3] / "shared" / "azure" / "api"
WRAPPED = re.compile(r"(Optional|Union|list|dict)\[(.*)\]")
SIMPLE: dict[str, tuple[type, ...]] = {
    "str": (str,),
    "bool": (bool,),
    "int": (int,),
    "float": (int, float),
    "bytes": (str,),
    "datetime.datetime": (str,),
    "iso-8601": (str,),
}


@dataclass(frozen=True, slots=True)
class Operation:
    """One call of an SDK."""

    name: str
    method: str
    url: str
    version: str
    accepted: tuple[int, ...]
    package: Package


@dataclass(frozen=True, slots=True)
class Package:
    """One SDK's models, by name."""

    file: str
    models: dict[str, Any]

    def fields(self, model: str) -> dict[str, Any]:
        """Return a model's fields by REST name, inherited ones included."""
        found: dict[str, Any] = {}
        for base in self.models[model]["bases"]:
            if base in self.models:
                found |= self.fields(base)
        own: dict[str, Any] = self.models[model]["fields"]
        return found | own

    def differences(self, body: Any, model: str, path: str = "") -> Iterator[str]:
        """Yield where an answer is not what the model says: unknown keys, types, absent read-only fields."""
        if not isinstance(body, dict):
            yield f"{path} is no object"
            return
        fields = self.fields(model)
        nested = _nested(fields)
        for key in body.keys() - fields.keys() - nested.keys():
            yield f"extra {path}.{key}"
        for key, each in fields.items():
            if key in body and body[key] is not None:
                yield from self._typed(body[key], each["type"], f"{path}.{key}")
            elif "." not in key and each.get("visibility") == ["read"] and key not in body:
                yield f"lacks {path}.{key}"
        for key, inner in nested.items():
            value = body.get(key, {})
            for name in value.keys() - inner.keys():
                yield f"extra {path}.{key}.{name}"
            for name, each in inner.items():
                if name in value and value[name] is not None:
                    yield from self._typed(value[name], each["type"], f"{path}.{key}.{name}")

    def _typed(self, value: Any, annotation: str, path: str) -> Iterator[str]:
        annotation = annotation.strip()
        if annotation.startswith("["):
            annotation = f"list{annotation}"
        elif annotation.startswith("{"):
            annotation = f"dict[str, {annotation[1:-1]}]"
        wrapped = WRAPPED.fullmatch(annotation)
        name = annotation.strip("'")
        if wrapped is None and name in self.models:
            yield from self.differences(value, name, path)
        elif wrapped is None:
            yield from _simple(value, name, path)
        elif wrapped[1] == "Optional":
            yield from self._typed(value, wrapped[2], path)
        elif wrapped[1] == "Union":
            yield from self._typed(value, wrapped[2].partition(",")[0], path)
        elif wrapped[1] == "list":
            if not isinstance(value, list):
                yield f"{path} is no list"
                return
            for each in value:
                yield from self._typed(each, wrapped[2], f"{path}[]")
        else:
            if not isinstance(value, dict):
                yield f"{path} is no object"
                return
            for each in value.values():
                yield from self._typed(each, wrapped[2].partition(",")[2], f"{path}{{}}")


def _simple(value: Any, name: str, path: str) -> Iterator[str]:
    kinds = SIMPLE.get(name)
    if kinds is not None and (
        not isinstance(value, kinds) or (isinstance(value, bool) and bool not in kinds)
    ):
        yield f"{path} is {type(value).__name__}, not {name}"


def _nested(fields: dict[str, Any]) -> dict[str, dict[str, Any]]:
    """Return what dotted names say of objects within."""
    found: dict[str, dict[str, Any]] = {}
    for key, each in fields.items():
        outer, dot, inner = key.partition(".")
        if dot:
            found.setdefault(outer, {})[inner] = each
    return found


def operations() -> list[Operation]:
    """Return the operations of every package."""
    found = []
    for file in sorted(FOLDER.glob("sdk_*.json")):
        document = json.loads(file.read_text("utf-8"))
        package = Package(file.name, document["models"])
        for name, each in document["operations"].items():
            accepted = tuple(each["accepted"])
            found.append(Operation(name, each["method"], each["url"], each["api_version"], accepted, package))
    return found
