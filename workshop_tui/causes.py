"""The catalogue of causes: every reason a finding can give, with its way out.

Codes are `area.problem`, public once released, and never renamed.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cause:
    """One diagnosis.

    Attributes:
        code: `area.problem`.
        title: the problem in a few words.
        why: why it matters or how it comes about.
        remedy: what to do, in words.
        link: the authoritative document, or empty.

    """

    code: str
    title: str
    why: str
    remedy: str
    link: str = ""


_WORKLOAD_IDENTITY = "https://learn.microsoft.com/azure/aks/workload-identity-overview"

_CAUSES = (
    # What keeps us from looking.
    Cause(
        "reading.unreachable",
        "The service did not answer",
        "Nothing can be said about what could not be read.",
        "Check the network, a proxy and the address, then check again.",
    ),
    Cause(
        "reading.no-permission",
        "Reading was refused",
        "The signed-in identity may not read this.",
        "Ask for the Reader role on the resource group, or sign in as somebody who has it.",
    ),
    Cause(
        "reading.not-signed-in",
        "Nobody is signed in",
        "Without a sign-in Azure answers nothing.",
        "Sign in with az login, then check again.",
    ),
    Cause(
        "reading.throttled",
        "The service asked us to slow down",
        "Too many requests came in a short time.",
        "Wait as long as it says, then check again.",
    ),
    Cause(
        "reading.unexpected",
        "The answer could not be understood",
        "The service answered in a form that this version does not know.",
        "See the log file for the details, and report it.",
    ),
)

CATALOGUE: dict[str, Cause] = {cause.code: cause for cause in _CAUSES}
