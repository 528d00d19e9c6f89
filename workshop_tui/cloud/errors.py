"""What went wrong while asking, as what a learner can be told: `ReadFailure` and `ActionError`."""

from __future__ import annotations

import json
import re
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NoReturn

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.text import clean
from workshop_tui.model import Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Iterator

UNAUTHORIZED, FORBIDDEN, NOT_FOUND, CONFLICT, TOO_MANY = 401, 403, 404, 409, 429
REFUSED = 400
"""HTTP status from which an answer is a refusal."""

_SIGN_IN_CODES = re.compile(r"AADSTS\d{4,8}")


@dataclass(frozen=True, slots=True)
class Refusal:
    """A service's own words for why not: HTTP status, its code, its message; cleaned."""

    status: int
    code: str
    message: str

    def __str__(self) -> str:
        """Say it in one line."""
        return f"{self.code}: {self.message}" if self.code else self.message or f"HTTP {self.status}"


class RefusedError(Exception):
    """A service answered with an error status."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(str(refusal))
        self.refusal = refusal


def refusal_of(status: int, body: str) -> Refusal:
    """Read an error answer: ARM's envelope, AKS's flat form, Kubernetes' Status, Azure OpenAI's."""
    try:
        document: Any = json.loads(body)
    except ValueError:
        return Refusal(status, "", clean(body))
    inner = document.get("error", document) if isinstance(document, dict) else document
    if isinstance(inner, dict):
        code = inner.get("code") if isinstance(inner.get("code"), str) else inner.get("reason")
        message = inner.get("message") or inner.get("error_description") or body
        return Refusal(status, clean(code or "", limit=100), clean(message))
    if isinstance(document, dict) and "error_description" in document:
        return Refusal(status, clean(inner, limit=100), clean(document["error_description"]))
    return Refusal(status, "", clean(inner if isinstance(inner, str) else body))


def code_in(text: str) -> str:
    """Return the service's code that stands in a text, or an empty string."""
    found = _SIGN_IN_CODES.search(text)
    if found:
        return found[0]
    named = re.search(r"\b(PermissionDenied|AuthenticationTypeDisabled|DeploymentNotFound)\b", text)
    return named[0] if named else ""


_BY_STATUS = {
    UNAUTHORIZED: "reading.not-signed-in",
    FORBIDDEN: "reading.no-permission",
    TOO_MANY: "reading.throttled",
}


def unreadable(what: str, error: BaseException) -> Unreadable:
    """Return why `what` could not be read."""
    if isinstance(error, ReadFailure):
        return Unreadable(what, error.unreadable.reason, error.unreadable.cause, error.unreadable.remedy)
    if isinstance(error, RefusedError):
        refusal = error.refusal
        server_side = refusal.status >= 500  # noqa: PLR2004 - HTTP's server errors
        cause = "reading.unreachable" if server_side else _BY_STATUS.get(refusal.status, "reading.unexpected")
        remedy = _what_to_grant(refusal) if refusal.status == FORBIDDEN else ""
        return Unreadable(what, f"HTTP {refusal.status}, {refusal}", cause, remedy)
    return Unreadable(what, explain_connection(error), "reading.unreachable")


_CANNOT = re.compile(
    r'User "(?P<user>[^"]*)" cannot (?P<verb>\w+) resource "(?P<resource>[^"]+)"'
    r'.*? (?:in the namespace "(?P<namespace>[^"]*)"|at the cluster scope)'
)
_NOT_IN_VIEW = frozenset({"secrets", "services/proxy", "pods/proxy"})
"""What Kubernetes' role `view` and Azure's RBAC Reader leave out, and `edit` and RBAC Writer have."""


def _what_to_grant(refusal: Refusal) -> str:
    """Name the role to ask for; empty where the catalogue's way out is the right one."""
    if "listClusterUserCredential" in refusal.message:
        return "Ask for the role Azure Kubernetes Service Cluster User Role on the cluster."
    found = _CANNOT.search(refusal.message)
    if found is None:
        return ""
    user, namespace = found["user"], found["namespace"]
    act = f"{found['verb']} {found['resource']}"
    if namespace is None:
        return f"Ask the cluster's administrator for a ClusterRole with which {user} can {act}."
    azure, role = ("Writer", "edit") if found["resource"] in _NOT_IN_VIEW else ("Reader", "view")
    return (
        f"Ask the cluster's administrator to let {user} {act} in the namespace {namespace}:"
        f" the role Azure Kubernetes Service RBAC {azure}, or in the cluster itself {role}."
    )


def explain_connection(error: BaseException) -> str:
    """Say in words why no answer came."""
    chain: list[BaseException] = []
    cause: BaseException | None = error
    while cause is not None and cause not in chain:
        chain.append(cause)
        cause = cause.__cause__ or cause.__context__
    if any(isinstance(item, ssl.SSLCertVerificationError) for item in chain):
        return "the server's certificate is not trusted here"
    if any(isinstance(item, ConnectionRefusedError) for item in chain):
        return "nothing listens at its address"
    if any(isinstance(item, TimeoutError) or "Timeout" in type(item).__name__ for item in chain):
        return "no answer in time"
    if any(type(item).__name__ == "gaierror" for item in chain):
        return "its name cannot be found: no network, or a wrong address"
    return clean(error, limit=300) or type(error).__name__


def raise_unreadable(what: str, error: BaseException) -> NoReturn:
    """Raise the error as a `ReadFailure`."""
    raise ReadFailure(unreadable(what, error)) from error


def action_error(what: str, error: BaseException, remedy: str = "") -> ActionError:
    """Return the error as one that an action may raise."""
    if isinstance(error, ActionError):
        return error
    if isinstance(error, RefusedError):
        refusal = error.refusal
        if refusal.status == FORBIDDEN:
            remedy = remedy or "Somebody with the rights must do this, or give them to you."
        return ActionError(f"{what}: {refusal}", remedy or "Read what the service says, then try again.")
    if isinstance(error, ReadFailure):
        found = error.unreadable
        return ActionError(f"{what}: {found.reason}", remedy or found.remedy)
    return ActionError(
        f"{what}: {explain_connection(error)}.",
        remedy or "Check the network, then try again: nothing is doubled.",
    )


_ROOTS = frozenset({"azure", "httpx", "httpcore", "aiohttp"})


def _is_outside(error: Exception) -> bool:
    """Return whether it is the world's fault: what is ours must show as what it is."""
    if isinstance(error, RefusedError | OSError | TimeoutError):
        return True
    return type(error).__module__.partition(".")[0] in _ROOTS


@contextmanager
def reading(what: str) -> Iterator[None]:
    """Turn what keeps us from reading `what` into a `ReadFailure` about it."""
    try:
        yield
    except ReadFailure:
        raise
    except Exception as error:
        if not _is_outside(error):
            raise
        raise_unreadable(what, error)


@contextmanager
def acting(what: str, remedy: str = "") -> Iterator[None]:
    """Turn what keeps us from doing `what` into an `ActionError`."""
    try:
        yield
    except ActionError:
        raise
    except Exception as error:
        if not (isinstance(error, ReadFailure) or _is_outside(error)):
            raise
        raise action_error(what, error, remedy) from error
