"""Access tokens: one request per audience, however many ask at once."""

from __future__ import annotations

import asyncio
import base64
import json
import re
import time
from typing import TYPE_CHECKING, Any, Protocol

from workshop_tui.cloud.errors import explain_connection
from workshop_tui.cloud.sdk import sdk_loaded
from workshop_tui.cloud.text import clean
from workshop_tui.model import Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Callable

    from azure.core.credentials import AccessToken
    from azure.core.credentials_async import AsyncTokenCredential

_WRONG_TIME = re.compile(r"AADSTS(?:700024|500133)\b")
"""Entra ID's refusals of an assertion that is not valid yet, or no more."""
_UNREACHED = re.compile(r"Cannot connect to (?:host|proxy) [^\s]+")
"""How aiohttp, which azure.identity asks through, says that there is no way to a server."""
_CONTENT = "\nContent:"
"""What stands before the whole answer in azure.identity's errors."""
FRESH_SECONDS = 300.0
"""A token that ends sooner is renewed first."""


class Closable(Protocol):
    """What a credential of azure.identity is beside giving tokens."""

    async def close(self) -> None:
        """Release its connections."""


class Tokens:
    """The signed-in principal's tokens, by scope.

    The Azure CLI is asked anew for each token (half a second each), and a pass asks for the same one many
    times at once: so they are kept here, and one caller fetches for all.
    """

    def __init__(self, open_credential: Callable[[], AsyncTokenCredential]) -> None:
        """Take what makes the credential; it is made at the first need, since its import takes long."""
        self._open = open_credential
        self._credential: AsyncTokenCredential | None = None
        self._kept: dict[str, AccessToken] = {}
        self._fetches: dict[str, asyncio.Task[AccessToken]] = {}

    async def token(self, scope: str) -> str:
        """Return a token for the scope.

        Raises:
            ReadFailure: nobody is signed in, or Entra ID does not answer.

        """
        return (await self.get_token(scope)).token

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:  # noqa: ANN401 - the SDK's own protocol
        """Return a token as the Azure SDK's pipelines ask for it."""
        scope = " ".join(scopes)
        known = self._kept.get(scope)
        if known is not None and known.expires_on - time.time() >= FRESH_SECONDS:
            return known
        # All who ask meanwhile share one request, and its failure, too: az can take half a minute to fail.
        fetch = self._fetches.get(scope)
        if fetch is None or fetch.done():
            fetch = self._fetches[scope] = asyncio.create_task(self._fetch(scope), name=f"token {scope}")
        known = self._kept[scope] = await asyncio.shield(fetch)
        return known

    async def _fetch(self, scope: str) -> AccessToken:
        await sdk_loaded()
        from azure.core.exceptions import AzureError, ClientAuthenticationError  # noqa: PLC0415 - heavy
        from azure.identity import CredentialUnavailableError  # noqa: PLC0415 - heavy

        from workshop_tui.cloud import az_credential  # noqa: PLC0415 - heavy

        if self._credential is None:
            self._credential = self._open()
        try:
            return await self._credential.get_token(scope)
        except CredentialUnavailableError as error:
            reason = "nobody is signed in to Azure on this machine"
            raise ReadFailure(Unreadable("your sign-in", reason, "reading.not-signed-in")) from error
        except ClientAuthenticationError as error:
            # A chain of ways to sign in tells a network's trouble as a refusal, too.
            unreached = _UNREACHED.search(str(error))
            if unreached is not None and "AADSTS" not in str(error):
                reason = f"Entra ID could not be asked for a token: {clean(unreached[0], limit=200)}"
                raise ReadFailure(Unreadable("your sign-in", reason, "reading.unreachable")) from error
            if az_credential.SLOW in str(error):
                raise ReadFailure(
                    Unreadable("your sign-in", az_credential.SLOW, "reading.unreachable")
                ) from error
            reason = _why_refused(str(error))
            if _WRONG_TIME.search(str(error)):
                raise ReadFailure(Unreadable("your sign-in", reason, "reading.clock-skew")) from error
            raise ReadFailure(Unreadable("your sign-in", reason, "reading.not-signed-in")) from error
        except FileNotFoundError as error:
            reason = f"the file to sign in with is missing: {clean(error.filename)}"
            raise ReadFailure(Unreadable("your sign-in", reason, "reading.not-signed-in")) from error
        except (AzureError, OSError, ValueError) as error:
            reason = f"Entra ID could not be asked for a token: {explain_connection(error)}"
            raise ReadFailure(Unreadable("your sign-in", reason, "reading.unreachable")) from error

    def forget(self) -> None:
        """Drop all tokens: rights or the person may have changed."""
        self._kept.clear()

    async def close(self) -> None:
        """Close the credential."""
        for fetch in self._fetches.values():
            fetch.cancel()
        await asyncio.gather(*self._fetches.values(), return_exceptions=True)
        if self._credential is not None:
            await self._credential.close()

    async def __aenter__(self) -> Tokens:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


def claims_of(token: str) -> dict[str, Any]:
    """Return the claims of a JSON Web Token, unverified: it is our own, fresh from its issuer."""
    try:
        payload = token.split(".")[1]
        claims = json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))
    except (IndexError, ValueError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _why_refused(told: str) -> str:
    """Return the telling part of azure.identity's long messages."""
    by_cli = re.search(r"AzCredential: (.*)", told)
    if by_cli is None:
        return f"Entra ID refused to sign you in: {clean(told.partition(_CONTENT)[0], limit=300)}"
    # A chain of ways to sign in lists them all, the ones nobody has set up first; az is its last.
    if "not on PATH" in by_cli[1]:
        return "the Azure CLI is not installed, and no other sign-in is set up"
    if "nobody is signed in" in by_cli[1]:
        return "nobody is signed in to Azure on this machine"
    return f"az gives no token: {clean(by_cli[1], limit=300)}"


class ManagementTokens:
    """The signed-in principal's token for Azure Resource Manager."""

    def __init__(self, tokens: Tokens, scope: str) -> None:
        """Take the tokens and the scope of Azure Resource Manager's."""
        self._tokens = tokens
        self._scope = scope

    async def management_token(self) -> str:
        """Return it.

        Raises:
            ReadFailure: nobody is signed in, or Entra ID does not answer.

        """
        return await self._tokens.token(self._scope)
