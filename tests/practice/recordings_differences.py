"""Where the practice cloud answers otherwise than real Azure was recorded to, and why that is so."""

from __future__ import annotations

from dataclasses import dataclass
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from recordings import Difference, Exchange

ACCOUNT = "* …/providers/Microsoft.CognitiveServices/accounts/{}"
DEPLOYMENT = f"{ACCOUNT}/deployments/{{}}"
CLUSTER = "* …/providers/Microsoft.ContainerService/managedClusters/{}"


@dataclass(frozen=True, slots=True)
class Allowed:
    """Differences that are meant: patterns of routes, of what differs, of files, and the reason."""

    route: str
    what: tuple[str, ...]
    why: str
    files: str = "*"

    def covers(self, exchange: Exchange, difference: Difference) -> bool:
        """Say whether this is one of them."""
        return (
            fnmatchcase(difference.route, _literal(self.route))
            and fnmatchcase(exchange.file, self.files)
            and any(fnmatchcase(difference.what, _literal(each)) for each in self.what)
        )


def _literal(pattern: str) -> str:
    """Take square brackets for what they are."""
    return pattern.replace("[", "[[]")


ALLOWED = (
    Allowed(
        ACCOUNT,
        ("we lack .systemData",),
        "Who made it, by address: the workshop's clients read nothing of it.",
    ),
    Allowed(DEPLOYMENT, ("we lack .systemData",), "As for accounts."),
    Allowed(
        ACCOUNT,
        ("we lack .properties.endpoints.*",),
        "Recorded accounts are of kind AIServices with many interfaces; ours offer chat and tokens.",
    ),
    Allowed(
        ACCOUNT,
        (
            "we lack .properties.callRateLimit.rules[]",
            ".properties.callRateLimit.rules is list, ours []",
            "we lack .properties.capabilities[].value",
            "we lack .properties.apiProperties",
            ".properties.apiProperties is object, ours {}",
            "we lack .properties.armFeatures*",
            "we lack .properties.associatedProjects",
        ),
        "Of the translator and of Foundry projects, which are not in the workshop.",
    ),
    Allowed(ACCOUNT, ("we lack .identity",), "An account's own identity is not in the workshop."),
    Allowed(
        ACCOUNT,
        ("code ResourceNotFound, ours ResourceGroupNotFound",),
        "Recorded a moment after the group was deleted; other recordings say ResourceGroupNotFound then.",
    ),
    Allowed(
        "arm DELETE */userAssignedIdentities/{}/federatedIdentityCredentials/{}",
        ("code ParentResourceNotFound, ours ResourceGroupNotFound",),
        "The same: a group that was deleted a moment ago.",
    ),
    Allowed(
        DEPLOYMENT,
        ("we lack .properties.capabilities.*", "they lack .properties.capabilities.*"),
        "Recorded for gpt-4o; ours tells what was transcribed for gpt-35-turbo, the workshop's model.",
    ),
    Allowed(
        CLUSTER,
        ("status 201, ours 200*",),
        "A practice cloud has its one cluster from the start: what makes one there is an update here.",
    ),
    Allowed(
        CLUSTER,
        ("we lack .properties.addonProfiles", "we lack .properties.windowsProfile"),
        "The recorder's own choices for its cluster, and its subscription's policy.",
    ),
    Allowed(
        CLUSTER,
        (
            "we lack .properties.agentPoolProfiles[].nodeLabels",
            "we lack .properties.agentPoolProfiles[].tags",
        ),
        "Empty ones are echoed in the answer to a PUT and left out of every GET.",
    ),
    Allowed(
        CLUSTER,
        ("they lack .*",),
        "api-version 2023-10-01 has no such field; every version is answered alike here.",
        "*20231001*",
    ),
    Allowed(
        "arm GET …/providers/Microsoft.ContainerService/locations/{}/operations/{}",
        ("code NotLatestOperation, ours None", "we lack .error"),
        "A hiccup of the service, recorded in the middle of an operation that went well.",
    ),
    Allowed(
        "arm GET …/providers/Microsoft.Authorization/roleDefinitions",
        (".value[] is string, ours object", "they lack .value[].*"),
        "The recording's long list was cut to a note; role_definitions_subset.json has it.",
    ),
)
