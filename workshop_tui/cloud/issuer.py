"""The cluster's OIDC issuer, asked as Entra ID asks it: the discovery document, then its keys."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.cloud.errors import REFUSED, explain_connection
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.web import open_client
from workshop_tui.model import IssuerDocuments

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.cloud.permitted import RequestGuard
    from workshop_tui.target import Target

READ_SECONDS = 10.0


class IssuerReader:
    """Reads what an issuer serves to anybody, without a sign-in."""

    def __init__(self, target: Target, guard: RequestGuard) -> None:
        """Take whose authorities to trust, and what every request passes."""
        self._target = target
        self._guard = guard

    async def read(self, issuer: str) -> IssuerDocuments | str:
        """Return what is served at the issuer's URL, or why Entra ID could not use it.

        That nothing answers is an answer here: an issuer that cannot be reached is no issuer.
        """
        try:
            async with open_client(
                self._guard, issuer, self._target.tls(), read_seconds=READ_SECONDS
            ) as client:
                return await _read(client.get, issuer)
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            return f"{issuer} does not answer: {explain_connection(error)}."


async def _read(get: Callable[[str], Any], issuer: str) -> IssuerDocuments | str:
    # By string, as OpenID Connect Discovery has it: the issuer's trailing slash is part of its name.
    address = f"{issuer.rstrip('/')}/.well-known/openid-configuration"
    document = await _json(get, address)
    if isinstance(document, str):
        return document
    jwks_uri = str(document.get("jwks_uri", ""))
    if not jwks_uri.startswith("https://"):
        return f"{address} names no address of keys."
    keys = await _json(get, jwks_uri)
    if isinstance(keys, str):
        return keys
    entries = [item for item in keys.get("keys") or () if isinstance(item, dict)]
    return IssuerDocuments(
        url=issuer,
        issuer=clean(document.get("issuer", ""), limit=2000),
        jwks_uri=clean(jwks_uri, limit=2000),
        key_ids=tuple(clean(item.get("kid", "")) for item in entries),
    )


async def _json(get: Callable[[str], Any], address: str) -> dict[str, Any] | str:
    """Return the JSON object at the address, or what is wrong with it."""
    answer: httpx.Response = await get(address)
    if answer.status_code >= REFUSED:
        return f"{address} answers HTTP {answer.status_code}."
    try:
        document = answer.json()
    except ValueError:
        return f"{address} answers something that is not JSON."
    return document if isinstance(document, dict) else f"{address} answers something that is no JSON object."
