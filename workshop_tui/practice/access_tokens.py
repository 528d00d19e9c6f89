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
REFRESH_SECONDS = 90 * 24 * 3600


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
    user_name: str = ""
    """A person's name; "" for an application that speaks for itself."""

    @property
    def name(self) -> str:
        """How a refusal calls whoever asked: people by their name, applications by their id."""
        return self.user_name or self.application_id

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
        return Identity(str(claims["oid"]), str(claims["appid"]), str(claims.get("upn", "")))

    def issue_to_person(self, person: Principal, audience: str, client_id: str) -> str:
        """Return a delegated token: the application `client_id` acts for `person`."""
        now = int(self._practice.clock.now().timestamp())
        return self._key.sign(
            {
                "aud": audience,
                "iss": self.issuer,
                "iat": now,
                "nbf": now,
                "exp": now + LIFE_SECONDS,
                "acr": "1",
                "aio": secrets.token_urlsafe(24),
                "amr": ["pwd"],
                "appid": client_id,
                "appidacr": "0",
                "idtyp": "user",
                "name": person.display_name,
                "oid": person.object_id,
                "scp": "user_impersonation",
                "sub": person.object_id,
                "tid": self._practice.names.tenant_id,
                "unique_name": person.user_name,
                "upn": person.user_name,
                "uti": secrets.token_urlsafe(16),
                "ver": "1.0",
            }
        )

    def identify(self, person: Principal, client_id: str, nonce: str = "") -> str:
        """Return an ID token (OpenID Connect, v2.0): who has signed in; `nonce` as the program gave it."""
        now = int(self._practice.clock.now().timestamp())
        tenant = self._practice.names.tenant_id
        return self._key.sign(
            {
                "aud": client_id,
                "iss": f"{self._practice.addresses.entra}/{tenant}/v2.0",
                "iat": now,
                "nbf": now,
                "exp": now + LIFE_SECONDS,
                "name": person.display_name,
                "oid": person.object_id,
                "preferred_username": person.user_name,
                "sub": person.object_id,
                "tid": tenant,
                "ver": "2.0",
                **({"nonce": nonce} if nonce else {}),
            }
        )

    def remember(self, person: Principal, client_id: str) -> str:
        """Return a refresh token: signed, so that nothing has to be kept. No service takes it for access."""
        now = int(self._practice.clock.now().timestamp())
        claims = {"iss": self._refresh_issuer, "iat": now, "exp": now + REFRESH_SECONDS}
        return self._key.sign({**claims, "oid": person.object_id, "appid": client_id})

    def recall(self, refresh_token: str) -> tuple[str, str, datetime]:
        """Return object id and client id a refresh token was given for, and when.

        Raises:
            ExpiredTokenError: its ninety days are over.
            TokenError: it is none.

        """
        claims = verify(refresh_token, self._keys)
        if claims.get("iss") != self._refresh_issuer:
            raise TokenError("this is no refresh token")
        expiry = datetime.fromtimestamp(claims["exp"], UTC)
        if expiry <= self._practice.clock.now():
            raise ExpiredTokenError(expiry)
        return str(claims["oid"]), str(claims["appid"]), datetime.fromtimestamp(claims["iat"], UTC)

    @property
    def _refresh_issuer(self) -> str:
        return f"{self.issuer}refresh"


def bearer(header: str | None) -> str | None:
    """Return the token of an Authorization header, or None when there is none."""
    scheme, _, token = (header or "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" and token.strip() else None
