"""delete, of one object or of all that selectors name."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import read_json
from workshop_tui.practice.cluster.api.write_options import write_options
from workshop_tui.practice.cluster.errors import bad_request, conflict, not_found
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.selectors import make_filter

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.cluster.writing import WriteOptions


async def delete(api: Api, target: Target, request: Request) -> Response:
    """Answer a DELETE on one object or on all that the selectors name."""
    body = decode(target.resource, "DeleteOptions", await read_json(request) or {}, strict=False)
    options = body | {key: value for key, value in request.query_params.items() if key in _DELETE_PARAMETERS}
    if target.name:
        return object_answer(_delete(api, target, target.name, options, write_options(request)))
    parameters = request.query_params
    matches = make_filter(
        parameters.get("labelSelector", ""), parameters.get("fieldSelector", ""), target.resource.type_name
    )
    found = [
        each for each in api.objects.list(target.resource.name, target.namespace or None) if matches(each)
    ]
    for object_ in found:
        _delete(api, target, object_["metadata"]["name"], options, write_options(request))
    return object_answer({"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success"})


_DELETE_PARAMETERS = ("gracePeriodSeconds", "propagationPolicy")
_FINALIZERS = {"Foreground": "foregroundDeletion", "Orphan": "orphan"}


def _seconds(value: Json) -> int | None:
    try:
        return None if value is None else _grace(int(value))
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None


def _grace(seconds: int) -> int:
    """Return the seconds as the API server takes them: less than none is one."""
    return 1 if seconds < 0 else seconds


def _check_preconditions(resource: Resource, current: Object, preconditions: dict[str, str]) -> None:
    """Refuse to delete another object than the client has seen; the kind is named, not the resource."""
    metadata = current["metadata"]
    for field, name, why in (
        ("uid", "UID", "The object might have been deleted and then recreated"),
        ("resourceVersion", "ResourceVersion", "The object might have been modified"),
    ):
        wanted, found = preconditions.get(field), metadata[field]
        if wanted and wanted != found:
            subject = f"{resource.kind}.{resource.group}" if resource.group else resource.kind
            raise conflict(
                resource,
                metadata["name"],
                f"the {name} in the precondition ({wanted}) does not match the {name} in record ({found}). "
                f"{why}",
                subject=subject,
            )


def _delete(api: Api, target: Target, name: str, options: dict[str, Any], write: WriteOptions) -> Object:
    resource, namespace = target.resource, target.namespace
    current = api.objects.find(resource.name, namespace, name)
    if current is None:
        raise not_found(resource, name)
    _check_preconditions(resource, current, options.get("preconditions") or {})
    if write.dry_run or "All" in (options.get("dryRun") or ()):
        return current
    finalizer = _FINALIZERS.get(options.get("propagationPolicy") or "Background")
    if finalizer and finalizer not in current["metadata"].get("finalizers", []):
        current["metadata"].setdefault("finalizers", []).append(finalizer)
        write_object = api.objects.update if resource.subresource("status") else api.objects.replace
        write_object(resource.name, current)
    grace = _seconds(options.get("gracePeriodSeconds"))
    deleted = api.objects.delete(
        resource.name,
        namespace,
        name,
        uid=current["metadata"]["uid"],
        grace_seconds=grace,
    )
    if resource.kind == "Namespace":
        api.objects.update_status(
            "namespaces", {"metadata": {"name": name}, "status": {"phase": "Terminating"}}
        )
    if api.objects.find(resource.name, namespace, name) or resource.kind == "Pod":
        return deleted
    details = {
        "name": name,
        "group": resource.group,
        "kind": resource.name,
        "uid": deleted["metadata"]["uid"],
    }
    return {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Success", "details": details}
