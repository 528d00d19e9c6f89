"""create, update, patch and delete."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import content_type, read_json, read_object
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.api.write_options import write_options
from workshop_tui.practice.cluster.errors import (
    bad_request,
    conflict,
    method_not_allowed,
)
from workshop_tui.practice.cluster.patch import APPLY, STRATEGIC, TYPES, apply_patch
from workshop_tui.practice.cluster.patch.apply import server_side_apply
from workshop_tui.practice.cluster.patch.managers import FieldWriter, is_reset
from workshop_tui.practice.cluster.patch.results import read_patched
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.resources import RESOURCES
from workshop_tui.practice.cluster.scale import scale_of, scaled
from workshop_tui.practice.cluster.schema.decode import decode

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Json, Object
    from workshop_tui.practice.cluster.writing import WriteOptions

_CREATED = 201


def _check_kind(target: Target, body: Object) -> None:
    """Refuse a body of another kind; Python's client sends none at all."""
    resource = target.resource
    kind, version = body.get("kind") or resource.kind, body.get("apiVersion") or resource.api_version
    if (kind, version) == (resource.kind, resource.api_version):
        return
    number = str(version).rpartition("/")[2]
    subject = f'{kind} in version "{number}" cannot be handled as a {resource.kind}'
    if any((each.kind, each.api_version) == (kind, version) for each in RESOURCES):
        internal = resource.group.partition(".")[0] or "core"
        pair = f"({number}.{kind}) to ({internal}.{resource.kind})"
        raise bad_request(f"{subject}: converting {pair}: unknown conversion")
    raise bad_request(
        f'{subject}: no kind "{kind}" is registered for version "{version}" in scheme '
        '"pkg/api/legacyscheme/scheme.go:30"'
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
    options = write_options(request, target.subresource)
    current = api.objects.get(target.resource.name, target.namespace, target.name)
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
    options = write_options(request, target.subresource, applies=True)
    if not isinstance(body, dict):
        raise bad_request("error decoding YAML: the body is not an object")
    _check_kind(target, body)
    body.setdefault("metadata", {}).setdefault("name", target.name)
    current = api.objects.find(target.resource.name, target.namespace, target.name)
    force = is_on(request.query_params, "force")
    writer = FieldWriter(options.manager, api.clock.now(), target.subresource)
    changed = server_side_apply(target.resource, current, body, writer, force=force)
    if current is None:
        created = api.writer.create(target.resource, target.namespace, changed, options)
        return _answer(created, options, _CREATED)
    return _answer(_write(api, target, changed, options), options)
