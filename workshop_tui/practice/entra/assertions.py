"""Verification of client assertions: the heart of workload identity federation.

The order of the refusals is Entra ID's: credentials exist, issuer, subject, audience, then the signature
against the keys the issuer publishes, then the lifetime.
"""

from __future__ import annotations

import asyncio
import logging
import ssl
import time
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from workshop_tui.practice.entra import refusals
from workshop_tui.practice.signing import JsonWebKey, TokenError, UnknownKeyError, read_unverified, verify

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory, Principal, Trust
    from workshop_tui.practice.signing import Claims

KEYS_SECONDS = 60.0
"""How long an issuer's keys are remembered; an unknown key id is looked up at once."""
FETCH_SECONDS = 5.0
SKEW = timedelta(minutes=5)
LONGEST_LIFE = timedelta(hours=25)
LARGEST_DOCUMENT = 100_000

logger = logging.getLogger(__name__)


class IssuerKeys:
    """The published keys of issuers, fetched over HTTPS from their discovery documents.

    Only loopback addresses are asked: a practice cloud calls nobody outside this machine, so an issuer
    elsewhere is unreachable for it.
    """

    def __init__(self, ca_file: str) -> None:
        self._ca_file = ca_file
        self._known: dict[str, tuple[float, list[JsonWebKey]]] = {}
        self._lock = asyncio.Lock()

    async def get(self, issuer: str, *, fresh: bool = False) -> list[JsonWebKey]:
        """Return the issuer's keys, remembered for a minute unless `fresh` ones are asked for.

        Raises:
            Refusal: 90061, the issuer could not be reached or what it published is of no use.

        """
        async with self._lock:
            known = self._known.get(issuer)
            if known is not None and not fresh and time.monotonic() - known[0] < KEYS_SECONDS:
                return known[1]
            keys = await self._fetch(issuer)
            self._known[issuer] = (time.monotonic(), keys)
            return keys

    async def _fetch(self, issuer: str) -> list[JsonWebKey]:
        import httpx  # noqa: PLC0415  # a tenth of a second that the start does not have to pay

        context = ssl.create_default_context(cafile=self._ca_file)
        try:
            async with (
                asyncio.timeout(FETCH_SECONDS),
                httpx.AsyncClient(verify=context, trust_env=False) as client,
            ):
                discovery = await _get(client, issuer.rstrip("/") + "/.well-known/openid-configuration")
                if discovery.get("issuer") != issuer:
                    logger.warning("the discovery document of %r names another issuer", issuer)
                    raise refusals.issuer_unreachable()
                document = await _get(client, discovery["jwks_uri"])
                return list(document["keys"])
        except (httpx.HTTPError, httpx.InvalidURL, TimeoutError, ValueError, KeyError, TypeError) as error:
            logger.warning("the keys of issuer %r could not be fetched: %r", issuer, error)
            raise refusals.issuer_unreachable() from error


async def _get(client: Any, url: str) -> dict[str, Any]:  # noqa: ANN401  # httpx is imported late
    parts = urlsplit(url)
    if parts.scheme != "https" or parts.hostname not in {"localhost", "127.0.0.1"}:
        msg = f"{url!r} is not an HTTPS address of this machine"
        raise ValueError(msg)
    response = await client.get(url)
    response.raise_for_status()
    if len(response.content) > LARGEST_DOCUMENT:
        raise ValueError("the document is too long")
    document = response.json()
    if not isinstance(document, dict):
        raise TypeError("the document is not an object")
    return document


async def verify_assertion(
    practice: Practice, directory: Directory, keys: IssuerKeys, principal: Principal, assertion: str
) -> None:
    """Accept the assertion for `principal`, or refuse as Entra ID does.

    Raises:
        Refusal: with Entra ID's code and words.

    """
    try:
        _, claims = read_unverified(assertion)
    except TokenError as error:
        raise refusals.malformed_assertion() from error
    issuer = _match(practice, directory, principal, claims)
    if issuer.startswith(f"{practice.addresses.entra}/{practice.names.tenant_id}/"):
        raise refusals.issued_here()
    await _verify_signature(keys, issuer, assertion)
    _check_lifetime(practice.clock.now(), claims)


def _match(practice: Practice, directory: Directory, principal: Principal, claims: Claims) -> str:
    """Find the credential that trusts the claims and return the issuer it names."""
    application_id = principal.application_id or ""
    credentials = directory.credentials(application_id)
    if not credentials:
        raise refusals.no_credentials(application_id, principal.display_name)
    now = practice.clock.now()
    seen = [trust for each in credentials if (trust := each.seen_at(now)) is not None]
    issuer, subject = str(claims.get("iss", "")), str(claims.get("sub", ""))
    audiences = _audiences(claims)
    refusal = _mismatch(seen, issuer, subject, audiences)
    if refusal is None:
        return issuer
    if _mismatch([each.written for each in credentials], issuer, subject, audiences) is None:
        raise refusals.not_propagated(issuer, subject, audiences[0] if audiences else "")
    if not seen:
        # None is visible yet: what will be wrong once it is can be told already.
        written = [each.written for each in credentials]
        raise _mismatch(written, issuer, subject, audiences) or refusal
    raise refusal


def _mismatch(
    trusts: list[Trust], issuer: str, subject: str, audiences: list[str]
) -> refusals.Refusal | None:
    """Return why none of `trusts` covers the assertion, or None when one does."""
    of_issuer = [trust for trust in trusts if trust.issuer == issuer]
    if not of_issuer:
        return refusals.issuer_mismatch(issuer)
    of_subject = [trust for trust in of_issuer if trust.subject == subject]
    if not of_subject:
        if any(trust.subject.casefold() == subject.casefold() for trust in of_issuer):
            return refusals.subject_case_mismatch(subject)
        return refusals.subject_mismatch(subject)
    if not any(set(trust.audiences) & set(audiences) for trust in of_subject):
        return refusals.audience_mismatch(audiences[0] if audiences else "")
    return None


def _audiences(claims: Claims) -> list[str]:
    audience = claims.get("aud", [])
    return [audience] if isinstance(audience, str) else [str(each) for each in audience]


async def _verify_signature(keys: IssuerKeys, issuer: str, assertion: str) -> None:
    try:
        try:
            verify(assertion, await keys.get(issuer))
        except UnknownKeyError:
            verify(assertion, await keys.get(issuer, fresh=True))
    except UnknownKeyError as error:
        raise refusals.bad_signature("The key was not found.") from error
    except TokenError as error:
        raise refusals.bad_signature("The provided signature value did not match.") from error


def _check_lifetime(now: datetime, claims: Claims) -> None:
    try:
        end = datetime.fromtimestamp(float(claims["exp"]), UTC)
        begins: Any = claims.get("nbf", claims.get("iat", now.timestamp()))
        start = datetime.fromtimestamp(float(begins), UTC)
    except (KeyError, TypeError, ValueError, OverflowError) as error:
        raise refusals.malformed_assertion() from error
    if now > end + SKEW or now < start - SKEW:
        raise refusals.outside_lifetime(now, start, end)
    if end - start > LONGEST_LIFE:
        raise refusals.too_long_lived()
