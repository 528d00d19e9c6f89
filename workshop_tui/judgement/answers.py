"""What a refusal means, read from the services' own codes."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.judgement.exchange import out_of_time

if TYPE_CHECKING:
    from workshop_tui.model import Answer

_AADSTS = re.compile(r"AADSTS\d+")
_ENTRA = {
    "AADSTS700211": "no credential has the cluster's issuer",
    "AADSTS700213": "no credential has the pod's subject",
    "AADSTS7002138": "a credential's subject differs from the pod's in upper and lower case",
    "AADSTS700212": "no credential has the token's audience",
    "AADSTS70025": "the identity has no federated credential",
    "AADSTS70021": "no credential matches the token, or it is not known everywhere yet",
    "AADSTS700016": "no identity has this client id in the tenant",
    "AADSTS70023": "another token than the one for the exchange was shown: it lives too long",
    "AADSTS700222": "a token of Entra ID's own was shown, which counts for nothing here",
    "AADSTS90002": "there is no such tenant",
    "AADSTS90061": "Entra ID could not reach the cluster's issuer",
    "AADSTS700024": "the pod's token is not valid at this time",
}
_THROTTLED = 429
_NOT_FOUND_YET = frozenset({"AADSTS700211", "AADSTS700213", "AADSTS700212", "AADSTS70025", "AADSTS70021"})
_BY_TIME = {"early": "cluster.clock-skew", "late": "live.assertion-expired"}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why something was refused: a cause of the catalogue, and the meaning in words."""

    cause: str
    meaning: str


_SERVICE_WORDS = (
    (
        r"Virtual Network/Firewall rules|Public access is disabled|A Virtual Network is configured",
        Refusal("live.network-refused", "the account lets no request in from that network"),
    ),
    (
        r"PermissionDenied|does not have access to API|lacks the required data action|AuthorizationFailed",
        Refusal("live.permission-denied", "the token is good, but its owner lacks the data action"),
    ),
    (
        r"AuthenticationTypeDisabled|Key based authentication is disabled",
        Refusal("live.key-refused", "the account takes no keys"),
    ),
    (
        r"invalid subscription key|incorrect api key",
        Refusal("live.key-refused", "the account does not know this key"),
    ),
    (r"custom subdomain", Refusal("live.no-subdomain", "it was asked at an address that takes keys alone")),
    (
        r"DeploymentNotFound",
        Refusal("live.deployment-unknown", "the account has no deployment of that name"),
    ),
    (
        r"access token is missing, invalid, audience is incorrect|or have expired",
        Refusal("live.token-expired", "the token is missing, for another service, or too old"),
    ),
    (
        r"failed to retrieve a token from the included credentials|options are not fully configured",
        Refusal("live.no-credential", "the app found nothing to sign in with where it runs"),
    ),
)
"""What Azure OpenAI's refusals say (facts: recorded bodies), and the cause that they point to."""


def entra_code(text: str) -> str:
    """Return the first AADSTS code in a text, or an empty one."""
    found = _AADSTS.search(text)
    return found[0] if found else ""


def may_be_propagating(code: str) -> bool:
    """Say whether Entra ID refuses with this code, too, while a new credential is not known everywhere."""
    return code in _NOT_FOUND_YET


def refusal_in(text: str) -> Refusal | None:
    """Return what a refusal in an answer, log or error means; None where there is no known one."""
    code = entra_code(text)
    if code:
        meaning = _ENTRA.get(code, "Entra ID refuses the sign-in")
        cause = _BY_TIME.get(out_of_time(text), "live.token-exchange-refused")
        return Refusal(cause, f"{code}: {meaning}")
    for words, refusal in _SERVICE_WORDS:
        if re.search(words, text, re.IGNORECASE):
            return refusal
    return None


def refusal_of(answer: Answer) -> Refusal | None:
    """Return what the answer's refusal means; None for a good answer or an unknown refusal."""
    return None if answer.good else refusal_in(f"{answer.code} {answer.text}")


def is_throttled(answer: Answer) -> bool:
    """Say whether too much was asked: the service says so, or the app passes on what its library raised."""
    return answer.status == _THROTTLED or (not answer.good and "RateLimitError" in answer.text)


def told(answer: Answer) -> str:
    """Return an answer in one line: what was asked, status, code and words."""
    status = str(answer.status) if answer.status else "no answer"
    # Azure OpenAI's codes are the status over again in places.
    words = " ".join(part for part in (answer.code, answer.text) if part and part != status)
    return f"{answer.ask}: {status} {words}".strip()
