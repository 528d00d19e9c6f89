"""Questions about oneself, and tokens for ServiceAccounts."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import read_object
from workshop_tui.practice.cluster.errors import Fault, invalid
from workshop_tui.practice.cluster.ports import PodReference
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.times import time_text

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.identity import Caller
    from workshop_tui.practice.cluster.ports import Object

_CREATED = 201
_SHORTEST_SECONDS = 600
_LONGEST_SECONDS = 86400
"""AKS lets no ServiceAccount token live longer than a day."""
_DEFAULT_SECONDS = 3600
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
_ASK_ABOUT_ONESELF = {
    "verbs": ["create"],
    "apiGroups": ["authentication.k8s.io", "authorization.k8s.io"],
    "resources": ["selfsubjectreviews", "selfsubjectaccessreviews", "selfsubjectrulesreviews"],
}


async def review(target: Target, caller: Caller, request: Request) -> Response:
    """Answer who the caller is, or what it may do."""
    resource = target.resource
    body = decode(resource, resource.kind, await read_object(request), strict=False)
    answer: Object = {"kind": resource.kind, "apiVersion": resource.api_version}
    answer |= {"metadata": {"creationTimestamp": None}, "spec": body.get("spec", {})}
    match resource.kind:
        case "SelfSubjectReview":
            answer["status"] = {"userInfo": caller.user_info()}
            del answer["spec"]
        case "SelfSubjectAccessReview":
            answer["status"] = _access(caller, body.get("spec", {}))
        case _:
            rules = [_EVERYTHING] if caller.is_admin else [_ASK_ABOUT_ONESELF]
            answer["status"] = {"resourceRules": rules, "nonResourceRules": [], "incomplete": False}
    return object_answer(answer, _CREATED)


def _access(caller: Caller, spec: dict[str, Any]) -> dict[str, Any]:
    attributes = spec.get("resourceAttributes") or {}
    about_oneself = (
        attributes.get("group") in _ASK_ABOUT_ONESELF["apiGroups"]
        and attributes.get("resource") in _ASK_ABOUT_ONESELF["resources"]
    )
    return {"allowed": caller.is_admin or about_oneself}


async def token(api: Api, target: Target, request: Request) -> Response:
    """Answer a TokenRequest."""
    body = decode(target.resource, "TokenRequest", await read_object(request), strict=False)
    account = api.objects.get("serviceaccounts", target.namespace, target.name)
    spec = body.get("spec") or {}
    seconds = spec.get("expirationSeconds") or _DEFAULT_SECONDS
    if seconds < _SHORTEST_SECONDS:
        text = f"Invalid value: {seconds}: may not specify a duration less than 10 minutes"
        fault = Fault("FieldValueInvalid", "spec.expirationSeconds", text)
        raise invalid(target.resource, target.name, [fault])
    asked, seconds = seconds, min(seconds, _LONGEST_SECONDS)
    bound = spec.get("boundObjectRef") or {}
    pod = None
    if bound.get("kind") == "Pod":
        found = api.objects.get("pods", target.namespace, bound.get("name", ""))
        pod = PodReference(found["metadata"]["name"], bound.get("uid") or found["metadata"]["uid"])
    minted, expiry = api.tokens.mint(
        target.namespace, account["metadata"]["name"], spec.get("audiences") or [], seconds, pod
    )
    answer = {
        "kind": "TokenRequest",
        "apiVersion": "authentication.k8s.io/v1",
        "metadata": {"name": target.name, "namespace": target.namespace, "creationTimestamp": None},
        "spec": spec | {"expirationSeconds": seconds},
        "status": {"token": minted, "expirationTimestamp": time_text(expiry)},
    }
    response = object_answer(answer, _CREATED)
    if asked != seconds:
        text = f"requested expiration of {asked} seconds shortened to {seconds} seconds"
        response.headers["Warning"] = f'299 - "{text}"'
    return response
