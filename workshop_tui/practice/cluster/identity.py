"""Who calls the API server, and what that caller may do."""

from __future__ import annotations

import hmac
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import unauthorized
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import TokenIssuer
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.store import Store

_MASTERS = "system:masters"
_AUTHENTICATED = "system:authenticated"
_ADMIN_NAME = "masterclient"


@dataclass(frozen=True, slots=True)
class Caller:
    """An authenticated caller."""

    name: str
    groups: tuple[str, ...]
    uid: str = ""

    @property
    def is_admin(self) -> bool:
        """Whether everything is allowed."""
        return _MASTERS in self.groups

    def user_info(self) -> dict[str, Any]:
        """Return the UserInfo object that reviews show."""
        info: dict[str, Any] = {"username": self.name, "groups": list(self.groups)}
        return info | ({"uid": self.uid} if self.uid else {})


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

    def authenticate(self, authorization: str) -> Caller:
        """Return who sends this Authorization header; ApiError Unauthorized."""
        scheme, _, token = authorization.partition(" ")
        token = token.strip()
        if scheme.lower() != "bearer" or not token:
            raise unauthorized()
        if hmac.compare_digest(token.encode(), self.admin_token.encode()):
            return Caller(_ADMIN_NAME, (_MASTERS, _AUTHENTICATED))
        claims = self._tokens.authenticate(token)
        if claims is None:
            raise unauthorized()
        return _service_account(claims)


def _service_account(claims: Any) -> Caller:  # noqa: ANN401 - a token's claims
    subject = str(claims["sub"])
    namespace = subject.split(":")[2]
    uid = claims.get("kubernetes.io", {}).get("serviceaccount", {}).get("uid", "")
    groups = ("system:serviceaccounts", f"system:serviceaccounts:{namespace}", _AUTHENTICATED)
    return Caller(subject, groups, uid)


def authorize(
    caller: Caller, verb: str, resource: Resource, *, namespace: str, name: str, subresource: str
) -> None:
    """Let administrators do everything, others ask about themselves; ApiError Forbidden else."""
    if caller.is_admin or not resource.stored:
        return
    what = f"{resource.name}/{subresource}" if subresource else resource.name
    subject = f'{resource.qualified} "{name}"' if name else resource.qualified
    where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
    message = (
        f'{subject} is forbidden: User "{caller.name}" cannot {verb} resource "{what}" '
        f'in API group "{resource.group}" {where}'
    )
    details = {"name": name, "group": resource.group, "kind": resource.name}
    raise ApiError(403, "Forbidden", message, details=details)
