"""Query parameters that are on or off."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from starlette.datastructures import QueryParams


def is_on(parameters: QueryParams, name: str) -> bool:
    """Return whether a parameter is on: present, and neither `0` nor `false` in any case.

    So it is in Kubernetes (apimachinery's conversion of a string to bool), and clients count on it: those in
    Python send `True`.
    """
    value = parameters.get(name)
    return value is not None and value != "0" and value.lower() != "false"
