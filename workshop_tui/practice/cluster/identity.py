"""Who calls the API server, and what that caller may do."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import unauthorized
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import Mapping

    from starlette.datastructures import Headers

    from workshop_tui.practice.cluster.ports import TokenIssuer
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.store import Store

_MASTERS = "system:masters"
_AUTHENTICATED = "system:authenticated"
_ADMIN_NAME = "masterclient"
_SERVICE_ACCOUNT = "system:serviceaccount:"
_SERVICE_ACCOUNT_PARTS = 4
ASK_ABOUT_ONESELF = (
    ("authentication.k8s.io", "selfsubjectreviews"),
    ("authorization.k8s.io", "selfsubjectaccessreviews"),
    ("authorization.k8s.io", "selfsubjectrulesreviews"),
)
"""What system:basic-user lets everybody create, by group."""


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller."""

    name: str
    groups: tuple[str, ...]
    uid: str = ""
    extra: Mapping[str, list[str]] = field(default_factory=dict)

    @property
    def is_admin(self) -> bool:
        """Whether everything is allowed."""
        return _MASTERS in self.groups

    def user_info(self) -> dict[str, Any]:
        """Return the UserInfo object that reviews show."""
        info: dict[str, Any] = {"username": self.name, "groups": list(self.groups)}
        info |= {"uid": self.uid} if self.uid else {}
        return info | ({"extra": dict(self.extra)} if self.extra else {})


class Authenticator:
    """Tells callers by their bearer tokens."""

    def __init__(self, store: Store, tokens: TokenIssuer) -> None:
        """Load the cluster user's token; it is made once per practice cloud and kept."""
        self._tokens = tokens
        kept = store.read("cluster", "admin")
        if kept is None:
            kept = {"token": secrets.token_hex(64)}
            store.write("cluster", "admin", kept)
        self.admin_token: str = kept["token"]
        self.admin = Caller(_ADMIN_NAME, (_MASTERS, _AUTHENTICATED))

    def is_admin_token(self, token: str) -> bool:
        """Return whether it is the cluster user's token."""
        return hmac.compare_digest(token.encode(), self.admin_token.encode())

    def authenticate(self, authorization: str) -> Caller:
        """Return who sends this Authorization header; ApiError Unauthorized."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise unauthorized()
        if self.is_admin_token(token):
            return self.admin
        claims = self._tokens.authenticate(token)
        if claims is None:
            raise unauthorized()
        return service_account_caller(claims)


def service_account_caller(claims: Mapping[str, Any]) -> Caller:
    """Return the caller that a ServiceAccount token stands for."""
    bound = claims.get("kubernetes.io", {})
    extra = (
        {"authentication.kubernetes.io/credential-id": [f"JTI={claims['jti']}"]} if "jti" in claims else {}
    )
    for kind in ("node", "pod"):
        for part in ("name", "uid") if kind in bound else ():
            extra[f"authentication.kubernetes.io/{kind}-{part}"] = [bound[kind][part]]
    name = str(claims["sub"])
    uid = bound.get("serviceaccount", {}).get("uid", "")
    return Caller(name, _groups_of(name), uid, extra)


def _groups_of(name: str) -> tuple[str, ...]:
    """Return the groups a user has by its name alone."""
    parts = name.split(":")
    if name.startswith(_SERVICE_ACCOUNT) and len(parts) == _SERVICE_ACCOUNT_PARTS:
        return "system:serviceaccounts", f"system:serviceaccounts:{parts[2]}", _AUTHENTICATED
    return (_AUTHENTICATED,)


def impersonated(caller: Caller, headers: Headers) -> Caller:
    """Return whom the caller asks to be taken for (kubectl's `--as`); ApiError Forbidden when it may not."""
    name = headers.get("impersonate-user", "")
    groups = tuple(headers.getlist("impersonate-group"))
    if not name:
        if groups or "impersonate-uid" in headers:
            asked = "; ".join(groups)
            why = f"Internal error occurred: requested [{asked}] without impersonating a user"
            raise ApiError(500, "InternalError", why)
        return caller
    if not caller.is_admin:
        account = name.removeprefix(_SERVICE_ACCOUNT).partition(":")
        kind, subject, where = "users", name, "at the cluster scope"
        if name.startswith(_SERVICE_ACCOUNT):
            kind, subject, where = "serviceaccounts", account[2], f'in the namespace "{account[0]}"'
        message = (
            f'{kind} "{subject}" is forbidden: User "{caller.name}" cannot impersonate resource "{kind}" '
            f'in API group "" {where}'
        )
        raise ApiError(403, "Forbidden", message, details={"name": subject, "kind": kind})
    own = _groups_of(name) if not groups or name.startswith(_SERVICE_ACCOUNT) else (_AUTHENTICATED,)
    return Caller(name, tuple(dict.fromkeys((*groups, *own))), headers.get("impersonate-uid", ""))


def may(caller: Caller, verb: str, group: str, resource: str) -> bool:
    """Return whether a caller may do this: administrators everything, others ask about themselves.

    There are no roles in the practice cluster but the ones that every cluster has: cluster-admin, and
    system:basic-user for whoever is signed in.
    """
    if caller.is_admin:
        return True
    signed_in = _AUTHENTICATED in caller.groups
    return signed_in and verb == "create" and (group, resource) in ASK_ABOUT_ONESELF


def authorize(
    caller: Caller, verb: str, resource: Resource, *, namespace: str, name: str, subresource: str
) -> None:
    """Refuse what the caller may not do; ApiError Forbidden."""
    what = f"{resource.name}/{subresource}" if subresource else resource.name
    if may(caller, verb, resource.group, what):
        return
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{caller.name}" cannot {verb} resource "{what}" '
        f'in API group "{resource.group}" {where}'
    )
    details = {"name": name, "group": resource.group, "kind": resource.name}
    raise ApiError(403, "Forbidden", message, details=details)
