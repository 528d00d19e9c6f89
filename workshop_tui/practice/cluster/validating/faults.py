"""Faults of fields, in the words of apimachinery's field errors."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import Fault

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.ports import Json


class GoText:
    """Go's rendering of a structure, which messages show without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def shown(value: Json | GoText) -> str:
    """Return a value as Go prints it: texts in quotes, numbers plainly."""
    if isinstance(value, bool):
        return "true" if value else "false"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else str(value)


def go_map(values: dict[str, str]) -> GoText:
    """Return labels as Go's `%#v` prints them."""
    pairs = ", ".join(f"{json.dumps(key)}:{json.dumps(values[key])}" for key in sorted(values))
    return GoText(f"map[string]string{{{pairs}}}" if values else "map[string]string(nil)")


def invalid_value(field: str, value: Json | GoText, why: str) -> Fault:
    """Refuse a value that is not what the field takes."""
    return Fault("FieldValueInvalid", field, f"Invalid value: {shown(value)}: {why}")


def required_value(field: str, why: str = "") -> Fault:
    """Miss a value."""
    return Fault("FieldValueRequired", field, f"Required value{': ' if why else ''}{why}")


def duplicate_value(field: str, value: Json | GoText) -> Fault:
    """Refuse a value that stands twice."""
    return Fault("FieldValueDuplicate", field, f"Duplicate value: {shown(value)}")


def unsupported_value(field: str, value: Json | GoText, supported: Sequence[str]) -> Fault:
    """Refuse a value that is none of those there are."""
    listed = ", ".join(map(shown, supported))
    text = f"Unsupported value: {shown(value)}: supported values: {listed}"
    return Fault("FieldValueNotSupported", field, text)


def forbidden_value(field: str, why: str) -> Fault:
    """Refuse a value that may not be there, or not be changed."""
    return Fault("FieldValueForbidden", field, f"Forbidden: {why}")


def missing_value(field: str, value: str) -> Fault:
    """Refuse the name of something that is not there."""
    return Fault("FieldValueNotFound", field, f"Not found: {shown(value)}")


def too_long(field: str, most: int) -> Fault:
    """Refuse a value of too many bytes, which is not shown."""
    return Fault("FieldValueTooLong", field, f"Too long: may not be more than {most} bytes")
