"""create, update, patch and delete."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import content_type, read_json, read_object
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.errors import (
    bad_request,
    conflict,
    method_not_allowed,
    not_found,
)
from workshop_tui.practice.cluster.patch import APPLY, STRATEGIC, TYPES, apply_patch
from workshop_tui.practice.cluster.patch.apply import server_side_apply
from workshop_tui.practice.cluster.patch.managers import FieldWriter, is_reset
from workshop_tui.practice.cluster.patch.results import read_patched
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.scale import scale_of, scaled
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.selectors import make_filter
from workshop_tui.practice.cluster.writing import WriteOptions

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Json, Object

_CREATED = 201
_LONGEST_MANAGER = 128


def write_options(request: Request, subresource: str = "") -> WriteOptions:
    """Read who writes and how: `fieldValidation`, `dryRun`, `fieldManager`."""
    parameters = request.query_params
    validation = parameters.get("fieldValidation") or "Warn"
    return WriteOptions(
        strict=validation == "Strict",
        warnings=[] if validation == "Warn" else None,
        dry_run=parameters.get("dryRun") == "All",
        manager=parameters.get("fieldManager") or _name_of(request.headers.get("user-agent", "")),
        subresource=subresource,
    )


def _name_of(user_agent: str) -> str:
    """Return how a client that names no manager is called: its User-Agent up to the first slash."""
    name = user_agent.partition("/")[0]
    return "".join(letter for letter in name[:_LONGEST_MANAGER] if letter.isprintable()) or "unknown"


def _check_kind(target: Target, body: Object) -> None:
    """Refuse a body of another kind; Python's client sends none at all."""
    kind, version = body.get("kind"), body.get("apiVersion")
    resource = target.resource
    if (kind and kind != resource.kind) or (version and version != resource.api_version):
        raise bad_request(
            f"{kind} in version {version!r} cannot be handled as a {resource.kind}: "
            f"no kind {kind!r} is registered for version {version!r}"
        )


async def create(api: Api, target: Target, request: Request) -> Response:
    """Answer a POST on a collection."""
    body = await read_object(request)
    _check_kind(target, body)
    namespace = _namespace(target)
    options = write_options(request)
    created = api.writer.create(target.resource, namespace, body, options)
    return _answer(created, options, _CREATED)


def _answer(object_: Object, options: WriteOptions, status: int = 200) -> Response:
    """Answer with an object and what there is to warn of, as RFC 7234 warnings."""
    answer = object_answer(object_, status)
    for warning in [*(options.warnings or []), *options.notes]:
        text = warning.replace("\\", "\\\\").replace('"', '\\"')
        answer.headers.append("Warning", f'299 - "{text}"')
    return answer


def _namespace(target: Target) -> str:
    if target.resource.namespaced and not target.namespace:
        raise method_not_allowed()
    return target.namespace


async def update(api: Api, target: Target, request: Request) -> Response:
    """Answer a PUT."""
    body = await read_object(request)
    kind = "Scale" if target.subresource == "scale" else target.resource.kind
    if kind != "Scale":
        _check_kind(target, body)
    metadata = decode(target.resource, kind, body, strict=False).get("metadata", {})
    _check_name(target, metadata)
    options = write_options(request, target.subresource)
    return _answer(_write(api, target, body, options), options)


def _check_name(target: Target, metadata: Object) -> None:
    name = metadata.get("name")
    if not name:
        raise bad_request(
            f"the name of the object ({target.name} based on URL) was undeterminable: name must be provided"
        )
    if name != target.name:
        raise bad_request(
            f"the name of the object ({name}) does not match the name on the URL ({target.name})"
        )


def _write(api: Api, target: Target, body: Object, options: WriteOptions) -> Object:
    """Replace the object, or the part of it that the subresource names."""
    match target.subresource:
        case "status":
            return api.writer.update_status(target.resource, target.namespace, body, options)
        case "scale":
            current = api.objects.get(target.resource.name, target.namespace, target.name)
            return scale_of(
                api.writer.update(
                    target.resource, target.namespace, scaled(target.resource, current, body), options
                )
            )
        case _:
            return api.writer.update(target.resource, target.namespace, body, options)


async def patch(api: Api, target: Target, request: Request) -> Response:
    """Answer a PATCH of any of the four types."""
    type_ = content_type(request)
    if type_ not in TYPES:
        accepted = ", ".join(TYPES)
        message = (
            f"the body of the request was in an unknown format - accepted media types include: {accepted}"
        )
        raise ApiError(415, "UnsupportedMediaType", message)
    body = await read_json(request)
    if type_ == APPLY:
        return _apply(api, target, body, request)
    current = api.objects.get(target.resource.name, target.namespace, target.name)
    options = write_options(request, target.subresource)
    shown = scale_of(current) if target.subresource == "scale" else current
    kind = "Scale" if target.subresource == "scale" else target.resource.kind
    changed = apply_patch(shown, type_, body, kind)
    reset = is_reset(changed.get("metadata", {}).get("managedFields"))
    changed = read_patched(
        kind,
        changed,
        body,
        strategic=type_ == STRATEGIC,
        strict=options.strict,
        warnings=options.warnings,
    )
    if reset:
        changed.setdefault("metadata", {})["managedFields"] = []
    changed.setdefault("metadata", {})
    _check_name(target, changed["metadata"])
    asked = changed["metadata"].get("resourceVersion")
    if asked and asked != current["metadata"]["resourceVersion"]:
        raise conflict(target.resource, target.name)
    return _answer(_write(api, target, changed, options), options)


def _apply(api: Api, target: Target, body: Json, request: Request) -> Response:
    manager = request.query_params.get("fieldManager", "")
    if not manager:
        raise bad_request(
            "PatchOptions.meta.k8s.io is invalid: fieldManager: Required value: is required for apply patch"
        )
    if not isinstance(body, dict):
        raise bad_request("error decoding YAML: the body is not an object")
    _check_kind(target, body)
    options = replace(write_options(request, target.subresource), applied=True)
    body.setdefault("metadata", {}).setdefault("name", target.name)
    current = api.objects.find(target.resource.name, target.namespace, target.name)
    force = is_on(request.query_params, "force")
    writer = FieldWriter(manager, api.clock.now(), target.subresource)
    changed = server_side_apply(target.resource, current, body, writer, force=force)
    if current is None:
        return object_answer(api.writer.create(target.resource, target.namespace, changed, options), _CREATED)
    return object_answer(_write(api, target, changed, options))


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
        return None if value is None else max(0, int(value))
    except ValueError:
        raise bad_request(f'strconv.ParseInt: parsing "{value}": invalid syntax') from None


def _delete(api: Api, target: Target, name: str, options: dict[str, Any], write: WriteOptions) -> Object:
    resource, namespace = target.resource, target.namespace
    current = api.objects.find(resource.name, namespace, name)
    if current is None:
        raise not_found(resource, name)
    preconditions = options.get("preconditions") or {}
    version = preconditions.get("resourceVersion")
    if version and version != current["metadata"]["resourceVersion"]:
        raise conflict(resource, name, f"Precondition failed: ResourceVersion in precondition: {version}")
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
        uid=preconditions.get("uid"),
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
