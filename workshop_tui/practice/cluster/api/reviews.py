"""Questions about who somebody is and what they may do."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.api.answers import object_answer
from workshop_tui.practice.cluster.api.bodies import read_object
from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.identity import ASK_ABOUT_ONESELF, Caller, may, service_account_caller
from workshop_tui.practice.cluster.schema.decode import decode

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Object

_CREATED = 201
_SERVICE_ACCOUNTS = "system:serviceaccounts"
_EVERYTHING = {"verbs": ["*"], "apiGroups": ["*"], "resources": ["*"]}
_ANY_PATH = {"verbs": ["*"], "nonResourceURLs": ["*"]}
_PUBLIC = ("/healthz", "/livez", "/readyz", "/version", "/version/")
_DISCOVERY = ("/api", "/api/*", "/apis", "/apis/*", "/openapi", "/openapi/*")
_ISSUER = ("/.well-known/openid-configuration", "/.well-known/openid-configuration/")
_ISSUER_KEYS = ("/openid/v1/jwks", "/openid/v1/jwks/")


async def review(api: Api, target: Target, caller: Caller, request: Request) -> Response:
    """Answer a review; ApiError BadRequest when it does not say what it asks."""
    resource = target.resource
    body = decode(resource, resource.kind, await read_object(request), strict=False)
    spec: dict[str, Any] = body.get("spec") or {}
    answer: Object = {"kind": resource.kind, "apiVersion": resource.api_version}
    answer |= {"metadata": {"creationTimestamp": None}, "spec": spec}
    match resource.kind:
        case "SelfSubjectReview":
            answer["status"] = {"userInfo": caller.user_info()}
            del answer["spec"]
        case "SelfSubjectRulesReview":
            answer["status"] = _rules(caller)
        case "SelfSubjectAccessReview":
            answer["status"] = _access(caller, spec)
        case "TokenReview":
            answer["status"] = _token_status(api, spec)
        case _:
            answer["status"] = _access(_subject(spec), spec)
    return object_answer(answer, _CREATED)


def _subject(spec: dict[str, Any]) -> Caller:
    """Return whom a SubjectAccessReview asks about."""
    name, groups = spec.get("user", ""), tuple(spec.get("groups") or ())
    if not name and not groups:
        raise bad_request("spec.user: Required value: at least one of user or group must be specified")
    return Caller(name, groups, spec.get("uid", ""))


def _access(caller: Caller, spec: dict[str, Any]) -> dict[str, Any]:
    attributes: dict[str, Any] = spec.get("resourceAttributes") or {}
    path: dict[str, Any] = spec.get("nonResourceAttributes") or {}
    if bool(attributes) is bool(path):
        field = "spec.resourceAttributes"
        raise bad_request(
            f"{field}: Invalid value: exactly one of nonResourceAttributes or resourceAttributes"
        )
    if path:
        known = [*_PUBLIC, *_DISCOVERY] if "system:authenticated" in caller.groups else []
        open_ = path.get("verb") == "get" and any(_covers(each, path.get("path", "")) for each in known)
        return {"allowed": caller.is_admin or open_}
    parts = (attributes.get("resource", ""), attributes.get("subresource", ""))
    resource = "/".join(filter(None, parts))
    return {"allowed": may(caller, attributes.get("verb", ""), attributes.get("group", ""), resource)}


def _covers(pattern: str, path: str) -> bool:
    return path.startswith(pattern[:-1]) if pattern.endswith("*") else path == pattern


def _rules(caller: Caller) -> dict[str, Any]:
    """Return all that the caller may do: cluster-admin, and what every cluster grants to whoever signs in."""
    resources: list[dict[str, Any]] = [_EVERYTHING] if caller.is_admin else []
    paths: list[dict[str, Any]] = [_ANY_PATH] if caller.is_admin else []
    if "system:authenticated" in caller.groups:
        for group in dict.fromkeys(group for group, _ in ASK_ABOUT_ONESELF):
            names = [name for each, name in ASK_ABOUT_ONESELF if each == group]
            resources.append({"verbs": ["create"], "apiGroups": [group], "resources": names})
        paths.append({"verbs": ["get"], "nonResourceURLs": [*_PUBLIC]})
        paths.append({"verbs": ["get"], "nonResourceURLs": [*_DISCOVERY, *_PUBLIC]})
    if _SERVICE_ACCOUNTS in caller.groups:
        paths.append({"verbs": ["get"], "nonResourceURLs": [*_ISSUER, *_ISSUER_KEYS]})
    return {"resourceRules": resources, "nonResourceRules": paths, "incomplete": False}


def _token_status(api: Api, spec: dict[str, Any]) -> dict[str, Any]:
    """Return whose a token is; one of the cluster's user, or of a ServiceAccount for the audiences."""
    token, audiences = spec.get("token", ""), spec.get("audiences") or []
    if not token:
        raise bad_request("token is required for TokenReview in authentication")
    if not audiences and api.authenticator.is_admin_token(token):
        return {"authenticated": True, "user": api.authenticator.admin.user_info()}
    claims = api.tokens.authenticate(token, audiences)
    if claims is None:
        return {"user": {}, "error": "[invalid bearer token, token lookup failed]"}
    asked = audiences or claims["aud"]
    user = service_account_caller(claims).user_info()
    meant = [each for each in asked if each in claims["aud"]]
    return {"authenticated": True, "user": user, "audiences": meant}
