"""Tokens for ServiceAccounts: `kubectl create token`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import read_object
from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.ports import ApiError, PodReference
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Object

_CREATED = 201
_SHORTEST_SECONDS = 600
_LONGEST_ASKED = 1 << 32
_LONGEST_SECONDS = 86400
"""AKS lets no ServiceAccount token live longer than a day: a longer one asked for is cut."""
_DEFAULT_SECONDS = 3600
_BINDABLE = {"Pod": "pods", "Secret": "secrets", "Node": "nodes"}


async def create_token(api: Api, target: Target, request: Request) -> Response:
    """Answer a TokenRequest; ApiError Invalid, BadRequest, NotFound, Conflict."""
    body = decode(target.resource, "TokenRequest", await read_object(request), strict=False)
    account = api.objects.get("serviceaccounts", target.namespace, target.name)
    spec: dict[str, Any] = body.get("spec") or {}
    asked = _seconds(spec.get("expirationSeconds"))
    seconds = min(asked, _LONGEST_SECONDS)
    bound = spec.get("boundObjectRef")
    object_ = _bound_object(api, target, bound) if bound else None
    pod, claims = None, None
    if object_ is not None:
        identity = {"name": object_["metadata"]["name"], "uid": object_["metadata"]["uid"]}
        if object_["kind"] == "Pod":
            pod = PodReference(**identity)
        else:
            claims = {object_["kind"].lower(): identity}
    audiences = spec.get("audiences") or [api.tokens.issuer]
    minted, expiry = api.tokens.mint(
        target.namespace, account["metadata"]["name"], audiences, seconds, pod, bound_to=claims
    )
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": target.name, "namespace": target.namespace, "creationTimestamp": None},
        "spec": spec | {"audiences": audiences, "expirationSeconds": seconds},
        "status": {"token": minted, "expirationTimestamp": time_text(expiry)},
    }
    response = object_answer(answer, _CREATED)
    if asked != seconds:
        text = f"requested expiration of {asked} seconds shortened to {seconds} seconds"
        response.headers["Warning"] = f'299 - "{text}"'
    return response


def _seconds(asked: int | None) -> int:
    if asked is None:
        return _DEFAULT_SECONDS
    why = ""
    if asked < _SHORTEST_SECONDS:
        why = "may not specify a duration less than 10 minutes"
    if asked > _LONGEST_ASKED:
        why = "may not specify a duration larger than 2^32 seconds"
    if not why:
        return asked
    text = f"Invalid value: {asked}: {why}"
    field = "spec.expirationSeconds"
    details = {
        "group": "authentication.k8s.io",
        "kind": "TokenRequest",
        "causes": [{"reason": "FieldValueInvalid", "message": text, "field": field}],
    }
    message = f'TokenRequest.authentication.k8s.io "" is invalid: {field}: {text}'
    raise ApiError(422, "Invalid", message, details=details)


def _bound_object(api: Api, target: Target, bound: dict[str, Any]) -> Object:
    """Return what the token shall live and die with."""
    group, _, version = bound.get("apiVersion", "").rpartition("/")
    kind, name = bound.get("kind", ""), bound.get("name", "")
    resource = _BINDABLE.get(kind)
    if resource is None or group:
        raise bad_request(f"cannot bind token to object of type {group}/{version}, Kind={kind}")
    found = api.objects.get(resource, "" if kind == "Node" else target.namespace, name)
    if kind == "Pod" and found["spec"].get("serviceAccountName", "default") != target.name:
        raise bad_request(
            f'cannot bind token for serviceaccount "{target.name}" to pod running with different '
            "serviceaccount name."
        )
    uid = bound.get("uid")
    if uid and uid != found["metadata"]["uid"]:
        why = (
            f"the UID in the bound object reference ({uid}) does not match the UID in record. "
            "The object might have been deleted and then recreated"
        )
        message = f'Operation cannot be fulfilled on {kind} "{name}": {why}'
        raise ApiError(409, "Conflict", message, details={"name": name, "kind": kind})
    return found
