"""How a request means its write: who writes, strictly or not, for real or only to see."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.errors import invalid_options
from workshop_tui.practice.cluster.validating.faults import (
    GoText,
    forbidden_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.writing import WriteOptions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from starlette.requests import Request

    from workshop_tui.practice.cluster.errors import Fault

_LONGEST_MANAGER = 128
_KINDS = {"POST": "CreateOptions", "PUT": "UpdateOptions", "PATCH": "PatchOptions", "DELETE": "DeleteOptions"}
_VALIDATIONS = ("", "Ignore", "Strict", "Warn")


def write_options(request: Request, subresource: str = "", *, applies: bool = False) -> WriteOptions:
    """Read `fieldValidation`, `dryRun`, `fieldManager`; ApiError Invalid when one is none that there is."""
    faults = list(_faults(request, applies=applies))
    if faults:
        raise invalid_options(_KINDS.get(request.method, "UpdateOptions"), faults)
    parameters = request.query_params
    validation = parameters.get("fieldValidation") or "Warn"
    return WriteOptions(
        strict=validation == "Strict",
        warnings=[] if validation == "Warn" else None,
        dry_run="All" in parameters.getlist("dryRun"),
        manager=parameters.get("fieldManager") or _name_of(request.headers.get("user-agent", "")),
        subresource=subresource,
        applied=applies,
    )


def _faults(request: Request, *, applies: bool) -> Iterator[Fault]:
    parameters = request.query_params
    if applies and not parameters.get("fieldManager"):
        yield required_value("fieldManager", "is required for apply patch")
    if request.method == "PATCH" and not applies and is_on(parameters, "force"):
        yield forbidden_value("force", "may not be specified for non-apply patch")
    dry_run = parameters.getlist("dryRun")
    if any(each != "All" for each in dry_run):
        listed = ", ".join(f'"{each}"' for each in dry_run)
        yield unsupported_value("dryRun", GoText(f"[]string{{{listed}}}"), ["All"])
    validation = parameters.get("fieldValidation", "")
    if validation not in _VALIDATIONS:
        yield unsupported_value("fieldValidation", validation, _VALIDATIONS)


def _name_of(user_agent: str) -> str:
    """Return how a client that names no manager is called: its User-Agent up to the first slash."""
    name = user_agent.partition("/")[0]
    return "".join(letter for letter in name[:_LONGEST_MANAGER] if letter.isprintable()) or "unknown"
