"""Patches that can't be applied, in the words of k8s.io/apimachinery/pkg/util/mergepatch."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import Json


class PatchError(ValueError):
    """A patch that can't be applied; the text is for the client, who gets it with status 500."""


class MalformedPatchError(PatchError):
    """A patch of which the API server says that it is a bad request."""


class UnprocessablePatchError(PatchError):
    """A patch of which the API server says that it can't be processed (422)."""


def go_text(value: Json) -> str:
    """Return a JSON value as Go's `%v` prints it."""
    match value:
        case None:
            return "<nil>"
        case bool():
            return "true" if value else "false"
        case dict():
            return f"map[{' '.join(f'{name}:{go_text(value[name])}' for name in sorted(value))}]"
        case list():
            return f"[{' '.join(map(go_text, value))}]"
        case _:
            return str(value)


_GO_TYPES = {
    str: "string",
    bool: "bool",
    int: "int64",
    float: "float64",
    list: "[]interface {}",
    dict: "map[string]interface {}",
}


def go_type(value: Json) -> str:
    """Return the Go type that a JSON value is read as."""
    return _GO_TYPES.get(type(value), "%!s(<nil>)")
