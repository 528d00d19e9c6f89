"""Refusals in the words of a Kubernetes API server, and the Status object that carries them."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from workshop_tui.practice.cluster.resources import Resource


@dataclass(frozen=True, slots=True)
class Fault:
    """One thing wrong with one field of an object.

    Attributes:
        reason: a Kubernetes cause: FieldValueInvalid, FieldValueRequired, FieldValueForbidden…
        field: the path, as in `spec.template.spec.containers[0].image`.
        message: the text after the path.

    """

    reason: str
    field: str
    message: str


def not_found(resource: Resource, name: str) -> ApiError:
    """Tell that there is no such object."""
    details = _details(resource, name)
    return ApiError(404, "NotFound", f'{resource.qualified} "{name}" not found', details=details)


def already_exists(resource: Resource, name: str) -> ApiError:
    """Refuse a name that is taken."""
    details = _details(resource, name)
    return ApiError(409, "AlreadyExists", f'{resource.qualified} "{name}" already exists', details=details)


def conflict(
    resource: Resource, name: str, why: str | None = None, *, subject: str | None = None
) -> ApiError:
    """Refuse a writer that had read an older version (or `why`); `subject` is named for the resource."""
    why = why or (
        "the object has been modified; please apply your changes to the latest version and try again"
    )
    message = f'Operation cannot be fulfilled on {subject or resource.qualified} "{name}": {why}'
    return ApiError(409, "Conflict", message, details=_details(resource, name))


def forbidden(resource: Resource, name: str, why: str) -> ApiError:
    """Tell that an admission plugin or the authorizer refuses."""
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    return ApiError(403, "Forbidden", f"{subject} is forbidden: {why}", details=_details(resource, name))


def invalid(resource: Resource, name: str, faults: Sequence[Fault]) -> ApiError:
    """Refuse an object for its faults; their texts are joined as Kubernetes joins them."""
    texts = [f"{fault.field}: {fault.message}" for fault in faults]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    details = {
        "name": name,
        "group": resource.group,
        "kind": resource.kind,
        "causes": [
            {"reason": fault.reason, "message": fault.message, "field": fault.field} for fault in faults
        ],
    }
    subject = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
    return ApiError(422, "Invalid", f'{subject} "{name}" is invalid: {listed}', details=details)


def bad_request(message: str) -> ApiError:
    """Refuse a request that can't be understood."""
    return ApiError(400, "BadRequest", message)


def invalid_options(kind: str, faults: Sequence[Fault]) -> ApiError:
    """Refuse a request for its parameters; `kind` is that of its options, such as PatchOptions."""
    texts = [f"{fault.field}: {fault.message}" for fault in faults]
    listed = texts[0] if len(texts) == 1 else f"[{', '.join(texts)}]"
    causes = [{"reason": fault.reason, "message": fault.message, "field": fault.field} for fault in faults]
    details = {"group": "meta.k8s.io", "kind": kind, "causes": causes}
    return ApiError(422, "Invalid", f'{kind}.meta.k8s.io "" is invalid: {listed}', details=details)


def invalid_patch(shown: str, why: str) -> ApiError:
    """Refuse what a patch has made of an object; `shown` is quoted."""
    message = f"Invalid value: {json.dumps(shown, ensure_ascii=False)}: {why}"
    causes = [{"reason": "FieldValueInvalid", "message": message, "field": "patch"}]
    return ApiError(422, "Invalid", f' "" is invalid: patch: {message}', details={"causes": causes})


def unprocessable() -> ApiError:
    """Refuse a patch that does not fit the object; the API server says no more than this."""
    return ApiError(422, "Invalid", "the server rejected our request due to an error in our request")


def method_not_allowed() -> ApiError:
    """Refuse a verb that the resource does not take."""
    message = "the server does not allow this method on the requested resource"
    return ApiError(405, "MethodNotAllowed", message)


def no_such_path() -> ApiError:
    """Tell that nothing is served at the path."""
    return ApiError(404, "NotFound", "the server could not find the requested resource")


def expired(asked: int, oldest: int) -> ApiError:
    """Refuse a watch that asks for changes that are no longer kept."""
    return ApiError(410, "Expired", f"too old resource version: {asked} ({oldest})")


def unauthorized() -> ApiError:
    """Refuse a request without a valid credential."""
    return ApiError(401, "Unauthorized", "Unauthorized")


def status_of(error: ApiError) -> dict[str, Any]:
    """Return the Status object that tells of the refusal."""
    status: dict[str, Any] = {
        "kind": "Status",
        "apiVersion": "v1",
        "metadata": error.list_metadata,
        "status": "Failure",
        "message": error.message,
        "code": error.code,
    }
    if error.reason:
        status["reason"] = error.reason
    if error.details:
        status["details"] = {key: value for key, value in error.details.items() if value}
    return status


def _details(resource: Resource, name: str) -> dict[str, Any]:
    return {"name": name, "group": resource.group, "kind": resource.name}
