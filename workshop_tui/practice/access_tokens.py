"""Access tokens: Entra ID signs them, ARM, Graph and Azure OpenAI verify them.

The services verify with the signing key of the process; what they check is what Azure's do: signature,
issuer, audience, lifetime.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.audit import Caller
from workshop_tui.practice.entra.resources import same_audience
from workshop_tui.practice.signing import SigningKey, TokenError, verify

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Principal

LIFE_SECONDS = 3600


class ExpiredTokenError(TokenError):
    """The token was good once."""

    def __init__(self, expiry: datetime) -> None:
        super().__init__("the token has expired")
        self.expiry = expiry


class WrongAudienceError(TokenError):
    """The token is for another service."""

    def __init__(self, audience: str) -> None:
        super().__init__("the token is for another service")
        self.audience = audience


@dataclass(frozen=True, slots=True)
class Identity:
    """Who a verified access token speaks for."""

    object_id: str
    application_id: str

    @property
    def caller(self) -> Caller:
        """How the request log writes it."""
        return Caller("token", self.object_id, self.application_id)


class AccessTokens:
    """Issues and verifies the tenant's access tokens."""

    def __init__(self, practice: Practice, key: SigningKey) -> None:
        self._practice = practice
        self._keys = [key.published()]
        self._key = key
        self.issuer = f"{practice.addresses.entra}/{practice.names.tenant_id}/"

    def published(self) -> list[dict[str, Any]]:
        """Return the public keys."""
        return self._keys

    def issue(self, principal: Principal, audience: str, *, by_assertion: bool) -> str:
        """Return an app-only token for `principal`; an hour of life, no application roles."""
        now = int(self._practice.clock.now().timestamp())
        tenant = self._practice.names.tenant_id
        return self._key.sign(
            {
                "aud": audience,
                "iss": self.issuer,
                "iat": now,
                "nbf": now,
                "exp": now + LIFE_SECONDS,
                "aio": secrets.token_urlsafe(24),
                "appid": principal.application_id,
                "appidacr": "2" if by_assertion else "1",
                "idp": self.issuer,
                "idtyp": "app",
                "oid": principal.object_id,
                "sub": principal.object_id,
                "tid": tenant,
                "uti": secrets.token_urlsafe(16),
                "ver": "1.0",
            }
        )

    def verify(self, token: str, accepted: frozenset[str]) -> Identity:
        """Return who the token speaks for.

        Raises:
            ExpiredTokenError: its hour is over.
            WrongAudienceError: its audience is not among `accepted`.
            TokenError: it is not a token of this tenant.

        """
        claims = verify(token, self._keys)
        if claims.get("iss") != self.issuer:
            raise TokenError("the token was issued by somebody else")
        if not same_audience(claims.get("aud"), accepted):
            raise WrongAudienceError(str(claims.get("aud")))
        missing = [each for each in ("exp", "nbf", "oid", "appid") if each not in claims]
        if missing:
            raise TokenError(f"the token has no {missing[0]}")
        now = self._practice.clock.now()
        expiry = datetime.fromtimestamp(claims["exp"], UTC)
        if expiry <= now:
            raise ExpiredTokenError(expiry)
        if datetime.fromtimestamp(claims["nbf"], UTC) > now:
            raise TokenError("the token is not good yet")
        return Identity(str(claims["oid"]), str(claims["appid"]))


def bearer(header: str | None) -> str | None:
    """Return the token of an Authorization header, or None when there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
