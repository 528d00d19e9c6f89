"""The learner's own sign-in: an application with a secret and a federated credential.

The issuer behind the federated credential is served by the Entra listener, with discovery and keys like any
other; a fresh assertion lies in a file that azure-identity's WorkloadIdentityCredential reads.
"""

from __future__ import annotations

import asyncio
import secrets
import uuid
from dataclasses import dataclass
from typing import TYPE_CHECKING

from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.directory import Principal, Trust
from workshop_tui.practice.files import write_private

if TYPE_CHECKING:
    from datetime import datetime
    from pathlib import Path

    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory
    from workshop_tui.practice.signing import SigningKey

CREDENTIAL_NAME = "developer-sign-in"
AUDIENCE = "api://AzureADTokenExchange"
SUBJECT = "workshop:developer"
ASSERTION_SECONDS = 3600
RENEW_SECONDS = 1200
"""The file is renewed well before its hour is over: clients keep what they read for ten minutes."""
LOOK_SECONDS = 15.0
"""How often the clock is looked at: it leaps when a machine wakes up."""


@dataclass(frozen=True, slots=True)
class SignIn:
    """What a learner signs in with."""

    client_id: str
    client_secret: str
    token_file: Path
    object_id: str


class DeveloperIssuer:
    """The OIDC issuer whose tokens sign the learner in without a secret."""

    def __init__(self, practice: Practice, key: SigningKey) -> None:
        self._practice = practice
        self._key = key
        self.issuer = f"{practice.addresses.entra}/developer/"
        self.token_file = practice.options.folder / "sign-in" / "developer-token"

    def routes(self) -> list[Route]:
        """Return the issuer's discovery document and keys."""
        return [
            Route("/developer/.well-known/openid-configuration", self._discovery),
            Route("/developer/keys", self._keys),
        ]

    async def _discovery(self, _: Request) -> Response:
        return JSONResponse(
            {
                "issuer": self.issuer,
                "jwks_uri": f"{self.issuer}keys",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, _: Request) -> Response:
        return JSONResponse({"keys": [self._key.published()]})

    def renew(self) -> None:
        """Write a fresh assertion to the token file."""
        now = int(self._practice.clock.now().timestamp())
        claims = {
            "iss": self.issuer,
            "sub": SUBJECT,
            "aud": AUDIENCE,
            "iat": now,
            "nbf": now,
            "exp": now + ASSERTION_SECONDS,
            "jti": str(uuid.uuid4()),
        }
        write_private(self.token_file, self._key.sign(claims))

    async def run(self) -> None:
        """Renew the assertion until cancelled. Real time: clients' clocks are real."""
        clock = self._practice.clock
        renewed: datetime | None = None
        while True:
            # A machine that was asleep does not count that time, and the assertion expires in it: so the
            # clock is looked at. Nothing tells of its leaps.
            if renewed is None or not 0 <= (clock.now() - renewed).total_seconds() < RENEW_SECONDS:
                renewed = clock.now()
                self.renew()
            await asyncio.sleep(LOOK_SECONDS)

    def sign_in(self, directory: Directory) -> SignIn:
        """Return the learner's sign-in; the application is made at the first call."""
        principal = next((each for each in directory.all() if each.application_id and each.secret), None)
        if principal is None:
            principal = Principal(
                object_id=str(uuid.uuid4()),
                display_name="workshop developer",
                application_id=str(uuid.uuid4()),
                service_kind="Application",
                secret=secrets.token_urlsafe(30).replace("-", "_"),  # an option to az, if it led
            )
            directory.put(principal)
        client_id, secret = principal.application_id or "", principal.secret or ""
        directory.trust(client_id, CREDENTIAL_NAME, Trust(self.issuer, SUBJECT, (AUDIENCE,)), 0)
        return SignIn(client_id, secret, self.token_file, principal.object_id)
