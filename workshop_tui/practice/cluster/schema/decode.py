"""Read a request's object as the API server's Go types do: unknown fields, wrong types, empty values."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.quantities import parse_quantity
from workshop_tui.practice.cluster.schema import LONG_FIELDS, FieldType, fields_of

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource

_QUANTITY = re.compile(r"^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$")
_QUANTITY_MESSAGE = (
    "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
)
_GO_NAMES = {"time": "v1.Time", "bytes": "[]uint8", "quantity": "resource.Quantity"}


class _TypeMismatchError(ValueError):
    """A value of the wrong JSON type, in the words of Go's decoder."""


class _Decoder:
    def __init__(self) -> None:
        self.unknown: list[str] = []

    def struct(self, type_name: str, value: dict[str, Any], path: str, go_path: str) -> dict[str, Any]:
        """Return the object with known fields only, empty ones left out."""
        fields = fields_of(type_name)
        result = {}
        for name, item in value.items():
            where = f"{path}.{name}" if path else name
            field = fields.get(name)
            if field is None:
                self.unknown.append(where)
                continue
            if item is None:
                continue
            go_where = f"{go_path}.{name}" if go_path else name
            decoded = self._field(type_name, name, field, item, where, go_where)
            if decoded not in ("", [], {}) or (decoded == {} and field.shape == "one"):
                result[name] = decoded
        return result

    def _field(  # noqa: PLR0917 - a place, its type and its two paths
        self, owner: str, name: str, field: FieldType, value: Json, path: str, go: str
    ) -> Json:
        if field.shape == "list":
            if not isinstance(value, list):
                raise _mismatch(value, owner, go, _go_type(field, name))
            return [
                self._one(owner, name, field, item, f"{path}[{index}]", go)
                for index, item in enumerate(value)
            ]
        if field.shape == "map":
            if not isinstance(value, dict):
                raise _mismatch(value, owner, go, _go_type(field, name))
            return {
                key: _zero(field)
                if item is None
                else self._one(owner, name, field, item, f"{path}.{key}", go)
                for key, item in value.items()
            }
        return self._one(owner, name, field, value, path, go)

    def _one(  # noqa: PLR0917 - as above
        self, owner: str, name: str, field: FieldType, value: Json, path: str, go: str
    ) -> Json:
        if not field.is_struct:
            return _scalar(owner, name, field.element, value, go)
        if value is None:
            return {}
        if not isinstance(value, dict):
            raise _mismatch(value, owner, go, f"v1.{field.element}")
        return self.struct(field.element, value, path, go)


def _scalar(owner: str, name: str, type_name: str, value: Json, go: str) -> Json:
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
            try:
                base64.b64decode(value, validate=True)
            except ValueError:
                raise _TypeMismatchError("illegal base64 data at input byte 0") from None
            return value
        case ("int-or-string", _):
            raise _mismatch(value, "", "", "int32")
        case _:
            plain = FieldType("one", type_name)
            raise _mismatch(value, owner, go, _go_type(plain, name))


def _zero(field: FieldType) -> str:
    return "0" if field.element == "quantity" else ""


def _quantity(text: str) -> str:
    try:
        parse_quantity(text if _QUANTITY.match(text) else "")
    except ValueError:
        raise _TypeMismatchError(_QUANTITY_MESSAGE) from None
    return text


def _go_type(field: FieldType, name: str) -> str:
    if field.element == "int":
        element = "int64" if name in LONG_FIELDS else "int32"
    else:
        element = f"v1.{field.element}" if field.is_struct else _GO_NAMES.get(field.element, field.element)
    return {"list": f"[]{element}", "map": f"map[string]{element}", "one": element}[field.shape]


def _mismatch(value: Json, owner: str, go_path: str, expected: str) -> _TypeMismatchError:
    match value:
        case bool():
            found = "bool"
        case int():
            found = "number"
        case float():
            found = f"number {value}"
        case str():
            found = "string"
        case list():
            found = "array"
        case _:
            found = "object"
    where = f"Go struct field {owner}.{go_path}" if owner else "Go value"
    return _TypeMismatchError(f"json: cannot unmarshal {found} into {where} of type {expected}")


def decode(resource: Resource, kind: str, object_: Json, *, strict: bool) -> Object:
    """Return the object as the server keeps it: known fields only, without nulls and empty values.

    ApiError BadRequest: a value of a wrong type; with `strict`, a field that the kind does not have.
    """
    decoder = _Decoder()
    version = resource.version if kind == resource.kind else "v1"
    subject = f'{kind} in version "{version}" cannot be handled as a {kind}'
    try:
        if not isinstance(object_, dict):
            raise _mismatch(object_, "", "", f"v1.{kind}")
        decoded = decoder.struct(kind, object_, "", "")
    except _TypeMismatchError as mismatch:
        raise bad_request(f"{subject}: {mismatch}") from None
    if strict and decoder.unknown:
        faults = ", ".join(f'unknown field "{path}"' for path in decoder.unknown)
        raise bad_request(f"{subject}: strict decoding error: {faults}")
    return decoded
