"""Entra ID's refusals: codes, HTTP statuses and words as recorded or documented.

Where the recording of an answer is missing, the code's comment says "from memory".
"""

from __future__ import annotations

import uuid
from datetime import UTC, datetime, timedelta
from typing import Any

FEDERATION_GUIDE = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation"
REFRESH_LIFE = timedelta(days=90)
BREAKING_CHANGES = (
    "https://learn.microsoft.com/en-us/entra/identity-platform/reference-breaking-changes#august-2024"
)


class Refusal(Exception):  # noqa: N818  # it is Entra's answer, not a fault of ours
    """A sign-in that Entra ID refuses."""

    def __init__(self, code: int, error: str, status: int, text: str) -> None:
        super().__init__(text)
        self.code = code
        self.error = error
        self.status = status
        self.text = text

    def body(self, entra: str, correlation_id: str | None = None) -> dict[str, Any]:
        """Return the JSON body, with ids and time as they are appended to the description."""
        trace = str(uuid.uuid4())
        correlation = correlation_id or str(uuid.uuid4())
        moment = datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%SZ")
        return {
            "error": self.error,
            "error_description": f"AADSTS{self.code}: {self.text} Trace ID: {trace} "
            f"Correlation ID: {correlation} Timestamp: {moment}",
            "error_codes": [self.code],
            "timestamp": moment,
            "trace_id": trace,
            "correlation_id": correlation,
            "error_uri": f"{entra}/error?code={self.code}",
        }


def subject_mismatch(subject: str) -> Refusal:
    """No credential of this issuer has the subject."""
    text = (
        f"No matching federated identity record found for presented assertion subject '{subject}'. Check "
        "your federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"{FEDERATION_GUIDE}"
    )
    return Refusal(700213, "invalid_client", 401, text)


def subject_case_mismatch(subject: str) -> Refusal:
    """Refuse: a credential has the subject in other letters' case (Azure/login#515)."""
    text = (
        f"No matching federated identity record found for presented assertion subject '{subject}'. The "
        "subject matches with case-insensitive comparison, but not with case-sensitive comparison. Check "
        "your federated identity credential Subject, Audience and Issuer against the presented assertion. "
        f"See documentation at: {FEDERATION_GUIDE}. See breaking change notification and remediation at: "
        f"{BREAKING_CHANGES}."
    )
    return Refusal(7002138, "invalid_client", 401, text)


def issuer_mismatch(issuer: str) -> Refusal:
    """No credential has the issuer, to the letter."""
    text = (
        f"No matching federated identity record found for presented assertion issuer '{issuer}'. Please "
        "check your federated identity credential Subject, Audience and Issuer against the presented "
        f"assertion. {FEDERATION_GUIDE}"
    )
    return Refusal(700211, "invalid_client", 401, text)


def audience_mismatch(audience: str) -> Refusal:
    """Issuer and subject match, the audience does not."""
    text = (
        f"No matching federated identity record found for presented assertion audience '{audience}'. Please "
        "check your federated identity credential Subject, Audience and Issuer against the presented "
        f"assertion. {FEDERATION_GUIDE}"
    )
    return Refusal(700212, "invalid_client", 401, text)


def not_propagated(issuer: str, subject: str, audience: str) -> Refusal:
    """Refuse: a matching credential was written a moment ago and sign-in does not see it yet."""
    text = (
        "No matching federated identity record found for presented assertion. Assertion Issuer: "
        f"'{issuer}'. Assertion Subject: '{subject}'. Assertion Audience: '{audience}'. {FEDERATION_GUIDE}"
    )
    return Refusal(70021, "invalid_request", 400, text)


def no_credentials(client_id: str, name: str) -> Refusal:
    """Refuse: the identity has no federated credential at all."""
    text = f"The client '{client_id}'({name}) has no configured federated identity credentials."
    return Refusal(70025, "invalid_client", 401, text)


def issuer_unreachable() -> Refusal:
    """Refuse: the issuer's discovery document or keys could not be fetched."""
    return Refusal(90061, "invalid_request", 400, "Request to External OIDC endpoint failed.")


def outside_lifetime(now: datetime, start: datetime, end: datetime) -> Refusal:
    """Refuse: the assertion has expired or is not valid yet."""
    form = "%Y-%m-%dT%H:%M:%S.%f0Z"
    text = (
        f"Client assertion is not within its valid time range. Current time: {now.strftime(form)}, assertion "
        f"valid from {start.strftime(form)}, expiry time of assertion {end.strftime(form)}. Review the "
        "documentation at https://learn.microsoft.com/entra/identity-platform/certificate-credentials ."
    )
    return Refusal(700024, "invalid_client", 401, text)


def too_long_lived() -> Refusal:
    """Refuse: the assertion lives longer than a day and an hour (azure-docs#116275)."""
    text = "External OIDC Provider token must have a lifetime of less than or equal to 1.01:00:00."
    return Refusal(70023, "invalid_client", 401, text)


def issued_here() -> Refusal:
    """Refuse: the assertion is a token of Entra ID itself, say a managed identity's (words documented)."""
    text = "AAD-issued tokens may not be used for federated identity flows."
    return Refusal(700222, "invalid_client", 401, text)


def bad_signature(reason: str) -> Refusal:
    """Refuse: the assertion's signature does not hold. Code and words from memory: no recording was found."""
    text = f"Assertion failed signature validation. [Reason - {reason}]"
    return Refusal(50013, "invalid_client", 401, text)


def malformed_assertion() -> Refusal:
    """Refuse: the assertion is no token. From memory."""
    return Refusal(50027, "invalid_request", 400, "JWT token is invalid or malformed.")


def unknown_client(client_id: str, tenant: str) -> Refusal:
    """No such application in the tenant."""
    text = (
        f"Application with identifier '{client_id}' was not found in the directory '{tenant}'. This can "
        "happen if the application has not been installed by the administrator of the tenant or consented "
        "to by any user in the tenant. You may have sent your authentication request to the wrong tenant."
    )
    return Refusal(700016, "unauthorized_client", 400, text)


def unknown_tenant(tenant: str) -> Refusal:
    """No such tenant."""
    text = (
        f"Tenant '{tenant}' not found. Check to make sure you have the correct tenant ID and are signing "
        "into the correct cloud. Check with your subscription administrator, this may happen if there are "
        "no active subscriptions for the tenant."
    )
    return Refusal(90002, "invalid_request", 400, text)


def bad_secret(client_id: str) -> Refusal:
    """Refuse: the client secret is wrong."""
    text = (
        "Invalid client secret provided. Ensure the secret being sent in the request is the client secret "
        f"value, not the client secret ID, for a secret added to app '{client_id}'."
    )
    return Refusal(7000215, "invalid_client", 401, text)


def no_proof() -> Refusal:
    """Neither a secret nor an assertion. From memory."""
    text = "The request body must contain the following parameter: 'client_assertion' or 'client_secret'."
    return Refusal(7000218, "invalid_client", 401, text)


def missing_parameter(name: str) -> Refusal:
    """Refuse: a required form field is missing. From memory."""
    text = f"The request body must contain the following parameter: '{name}'."
    return Refusal(900144, "invalid_request", 400, text)


def unsupported_grant(grant: str) -> Refusal:
    """Refuse: a grant type the practice cloud does not speak. From memory."""
    return Refusal(70003, "unsupported_grant_type", 400, f"The grant type '{grant}' is not supported.")


def foreign_redirect(address: str, client_id: str) -> Refusal:
    """Refuse: the answer would leave this machine."""
    text = (
        f"The redirect URI '{address}' specified in the request does not match the redirect URIs configured "
        f"for the application '{client_id}'. Make sure the redirect URI sent in the request matches one "
        "added to your application in the Azure portal. Navigate to https://aka.ms/redirectUriMismatchError "
        "to learn more about how to troubleshoot this."
    )
    return Refusal(50011, "invalid_request", 400, text)


def bad_code() -> Refusal:
    """Refuse: no such authorization code, or one that is used up. From memory."""
    text = "The provided value for the input parameter 'code' is not valid."
    return Refusal(70000, "invalid_grant", 400, text)


def wrong_verifier() -> Refusal:
    """Refuse: whoever redeems the code is not who asked for it. From memory."""
    text = "The Code_Verifier does not match the code_challenge supplied in the authorization request."
    return Refusal(501481, "invalid_grant", 400, text)


def pending() -> Refusal:
    """Nobody has approved the device code yet."""
    text = "OAuth 2.0 device flow error. Authorization is pending. Continue polling."
    return Refusal(70016, "authorization_pending", 400, text)


def slow_down() -> Refusal:
    """Refuse: a poll came before its interval was over (RFC 8628). Code and words from memory."""
    text = "OAuth 2.0 device flow error. The client is polling too fast. Slow down."
    return Refusal(70017, "slow_down", 400, text)


def declined() -> Refusal:
    """Refuse: the person said that it was not them."""
    text = "OAuth 2.0 device flow error. The user declined the authorization request."
    return Refusal(70018, "authorization_declined", 400, text)


def expired_device_code() -> Refusal:
    """Refuse: nobody approved the code in time."""
    text = (
        "The provided value for the input parameter 'device_code' is not valid. This device code has expired."
    )
    return Refusal(70020, "expired_token", 400, text)


def unknown_device_code() -> Refusal:
    """Refuse: no such code, or one for another application. From memory."""
    text = "The provided value for the input parameter 'device_code' is not valid. Device code is wrong."
    return Refusal(70000, "invalid_grant", 400, text)


def bad_refresh_token() -> Refusal:
    """Refuse: no refresh token of this tenant. From memory."""
    text = "The provided value for the input parameter 'refresh_token' or 'assertion' is not valid."
    return Refusal(70000, "invalid_grant", 400, text)


def refresh_token_expired(end: datetime) -> Refusal:
    """Refuse: ninety days have passed since the token was given."""
    start = (end - REFRESH_LIFE).strftime("%Y-%m-%dT%H:%M:%S.%f0Z")
    text = (
        f"The refresh token has expired due to inactivity. The token was issued on {start} and was inactive "
        "for 90.00:00:00."
    )
    return Refusal(700082, "invalid_grant", 400, text)


def bad_personal_scope(scope: str) -> Refusal:
    """Refuse: more than one resource, or rights the practice cloud does not know. From memory."""
    text = f"The provided value for the input parameter 'scope' is not valid. The scope {scope} is not valid."
    return Refusal(70011, "invalid_scope", 400, text)


def bad_scope(scope: str) -> Refusal:
    """Refuse: a client credentials scope without `/.default`. From memory."""
    text = (
        f"The provided value for scope {scope} is not valid. Client credential flows must have a scope value "
        "with /.default suffixed to the resource identifier (application ID URI)."
    )
    return Refusal(1002012, "invalid_scope", 400, text)


def unknown_resource(resource: str, tenant: str) -> Refusal:
    """Refuse: the scope names a resource the tenant does not know. From memory."""
    text = (
        f"The resource principal named {resource} was not found in the tenant named {tenant}. This can "
        "happen if the application has not been installed by the administrator of the tenant or consented "
        "to by any user in the tenant. You might have sent your authentication request to the wrong tenant."
    )
    return Refusal(500011, "invalid_resource", 400, text)
