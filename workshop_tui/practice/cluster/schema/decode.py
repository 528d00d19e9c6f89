"""Read a request's object as the API server's Go types do: unknown fields, wrong types, empty values."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.quantities import canonical_quantity
from workshop_tui.practice.cluster.schema import FieldType, fields_of
from workshop_tui.practice.cluster.schema.mismatch import TypeMismatchError, go_type, json_words
from workshop_tui.practice.cluster.schema.repeated import Repeating, joined

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.cluster.schema.mismatch import Words

_QUANTITY_MESSAGE = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_ZERO: dict[str, Json] = {"quantity": "0", "int": 0, "bool": False}


@dataclass(frozen=True, slots=True)
class Decoded:
    """What was read, and what a strict reader minds: fields that are unknown, or stand twice."""

    object: Object
    faults: list[str]


class _Decoder:
    def __init__(self, words: Words) -> None:
        self.faults: list[str] = []
        self._words = words

    def struct(self, type_name: str, value: dict[str, Any], path: str, go_path: str) -> dict[str, Any]:
        """Return the object with known fields only, empty ones left out."""
        fields = fields_of(type_name)
        result = {}
        self._note_repeated(value, path)
        for name, item in value.items():
            where = joined(path, name)
            field = fields.get(name)
            if field is None:
                self.faults.append(f'unknown field "{where}"')
                continue
            if item is None:
                continue
            decoded = self._field(type_name, name, field, item, where, joined(go_path, name))
            if decoded not in ("", [], {}) or (decoded == {} and field.shape == "one"):
                result[name] = decoded
        return result

    def _note_repeated(self, value: dict[str, Any], path: str) -> None:
        if isinstance(value, Repeating):
            self.faults += [f'duplicate field "{joined(path, name)}"' for name in value.repeated]

    def _field(  # noqa: PLR0917 - a place, its type and its two paths
        self, owner: str, name: str, field: FieldType, value: Json, path: str, go: str
    ) -> Json:
        if field.shape == "list":
            if not isinstance(value, list):
                raise self._mismatch(value, f"{owner}.{go}", go_type(field, name))
            return [
                self._one(owner, name, field, item, f"{path}[{index}]", go)
                for index, item in enumerate(value)
            ]
        if field.shape == "map":
            if not isinstance(value, dict):
                raise self._mismatch(value, f"{owner}.{go}", go_type(field, name))
            self._note_repeated(value, path)
            return {
                key: self._one(owner, name, field, item, f"{path}.{key}", go) for key, item in value.items()
            }
        return self._one(owner, name, field, value, path, go)

    def _one(  # noqa: PLR0917 - as above
        self, owner: str, name: str, field: FieldType, value: Json, path: str, go: str
    ) -> Json:
        if not field.is_struct:
            if value is None:
                return _ZERO.get(field.element, "")
            return self._scalar(f"{owner}.{go}", name, field.element, value)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise self._mismatch(value, f"{owner}.{go}", f"v1.{field.element}")
        return self.struct(field.element, value, path, go)

    def _scalar(self, place: str, name: str, type_name: str, value: Json) -> Json:
        match type_name, value:
            case ("any", _) | ("string" | "time", str()) | ("bool", bool()):
                return value
            case ("int" | "int-or-string", int()) if not isinstance(value, bool):
                return value
            case ("int-or-string", str()):
                return value
            case ("quantity", str() | int() | float()) if not isinstance(value, bool):
                return _quantity(str(value))
            case ("bytes", str()):
                return _bytes(value)
            case ("int-or-string", _):
                raise self._mismatch(value, "", "int32")
            case _:
                raise self._mismatch(value, place, go_type(FieldType("one", type_name), name))

    def _mismatch(self, value: Json, place: str, expected: str) -> TypeMismatchError:
        return TypeMismatchError(self._words(value, place, expected))


def _quantity(text: str) -> str:
    try:
        return canonical_quantity(text.strip())
    except ValueError:
        raise TypeMismatchError(_QUANTITY_MESSAGE) from None


def _bytes(text: str) -> str:
    try:
        base64.b64decode(text, validate=True)
    except ValueError:
        raise TypeMismatchError("illegal base64 data at input byte 0") from None
    return text


def read(kind: str, object_: Json, words: Words = json_words) -> Decoded:
    """Return the object as the server keeps it: known fields only, without nulls and empty values.

    TypeMismatchError: a value of a wrong type, said in such words.
    """
    decoder = _Decoder(words)
    if not isinstance(object_, dict):
        raise TypeMismatchError(words(object_, "", f"v1.{kind}"))
    return Decoded(decoder.struct(kind, object_, "", ""), decoder.faults)


def decode(
    resource: Resource, kind: str, object_: Json, *, strict: bool, warnings: list[str] | None = None
) -> Object:
    """Return the object of a request as the server keeps it.

    ApiError BadRequest: a value of a wrong type; with `strict`, a field that the kind does not have or that
    stands twice. Without, `warnings` get these faults.
    """
    version = resource.version if kind == resource.kind else "v1"
    subject = f'{kind} in version "{version}" cannot be handled as a {kind}'
    try:
        decoded = read(kind, object_)
    except TypeMismatchError as mismatch:
        raise bad_request(f"{subject}: {mismatch}") from None
    if strict and decoded.faults:
        raise bad_request(f"{subject}: strict decoding error: {', '.join(decoded.faults)}")
    if warnings is not None:
        warnings += decoded.faults
    return decoded.object
