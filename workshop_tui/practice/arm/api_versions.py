"""Which api-versions each resource type is offered in, and what ARM says to another.

The lists are facts of Azure, newest last: that of ARM itself as a refusal of September 2026 told it, that of
clusters up to 2023 likewise, the rest from the SDK packages, the recordings and, where these leave gaps, from
memory. What Azure has added since is refused with the list known here.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Refused
from workshop_tui.practice.arm.locations import DISPLAY_NAMES, code_name

if TYPE_CHECKING:
    from workshop_tui.practice.arm.paths import ArmPath


def _listed(versions: str) -> tuple[str, ...]:
    return tuple(versions.split(","))


RESOURCES = tuple(
    reversed(
        _listed(
            "2026-06-01,2025-04-01,2025-03-01,2024-10-01-preview,2024-11-01,2024-08-01,2024-07-01,"
            "2024-06-01-preview,2024-03-01,2023-07-01,2023-07-01-preview,2023-03-01-preview,2022-12-01,"
            "2022-11-01-preview,2022-09-01,2022-06-01,2022-05-01,2022-03-01-preview,2022-01-01,2021-04-01,"
            "2021-01-01,2020-10-01,2020-09-01,2020-08-01,2020-07-01,2020-06-01,2020-05-01,2020-01-01,"
            "2019-11-01,2019-10-01,2019-09-01,2019-08-01,2019-07-01,2019-06-01,2019-05-10,2019-05-01,"
            "2019-03-01,2018-11-01,2018-09-01,2018-08-01,2018-07-01,2018-06-01,2018-05-01,2018-02-01,"
            "2018-01-01,2017-12-01,2017-08-01,2017-06-01,2017-05-10,2017-05-01,2017-03-01,2016-09-01,"
            "2016-07-01,2016-06-01,2016-02-01,2015-11-01,2015-01-01,2014-04-01-preview,2014-04-01,"
            "2014-01-01,2013-03-01,2014-02-26,2014-04"
        )
    )
)
CLUSTERS = _listed(
    "2017-08-31,2018-03-31,2018-08-01-preview,2019-02-01,2019-04-01,2019-06-01,2019-08-01,2019-10-01,"
    "2019-11-01,2020-01-01,2020-02-01,2020-03-01,2020-04-01,2020-06-01,2020-07-01,2020-09-01,2020-11-01,"
    "2020-12-01,2021-02-01,2021-03-01,2021-05-01,2021-07-01,2021-08-01,2021-09-01,2021-10-01,"
    "2021-11-01-preview,2022-01-01,2022-01-02-preview,2022-02-01,2022-02-02-preview,2022-03-01,"
    "2022-03-02-preview,2022-04-01,2022-04-02-preview,2022-05-02-preview,2022-06-01,2022-06-02-preview,"
    "2022-07-01,2022-07-02-preview,2022-08-01,2022-08-02-preview,2022-08-03-preview,2022-09-01,"
    "2022-09-02-preview,2022-10-02-preview,2022-11-01,2022-11-02-preview,2023-01-01,2023-01-02-preview,"
    "2023-02-01,2023-02-02-preview,2023-03-01,2023-03-02-preview,2023-04-01,2023-04-02-preview,"
    "2023-05-01,2023-05-02-preview,2023-06-01,2023-06-02-preview,2023-07-01,2023-07-02-preview,"
    "2023-08-01,2023-08-02-preview,2023-09-01,2023-09-02-preview,2023-10-01,2023-10-02-preview,"
    "2023-11-01,2023-11-02-preview,2024-01-01,2024-01-02-preview,2024-02-01,2024-02-02-preview,"
    "2024-03-02-preview,2024-04-02-preview,2024-05-01,2024-05-02-preview,2024-06-02-preview,2024-07-01,"
    "2024-07-02-preview,2024-08-01,2024-09-01,2024-09-02-preview,2024-10-01,2024-10-02-preview,"
    "2025-01-01,2025-01-02-preview,2025-02-01,2025-02-02-preview,2025-03-01,2025-03-02-preview,"
    "2025-04-01,2025-04-02-preview,2025-05-01,2025-05-02-preview,2025-06-02-preview,2025-07-01,"
    "2025-07-02-preview,2025-08-01,2025-08-02-preview,2025-09-01,2025-09-02-preview,2025-10-01,"
    "2025-10-02-preview,2026-01-01,2026-02-01,2026-03-01,2026-04-01,2026-05-01,2026-06-01,"
    "2026-08-01"
)
IDENTITIES = _listed(
    "2015-08-31-preview,2018-11-30,2021-09-30-preview,2022-01-31-preview,2023-01-31,2023-07-31-preview,"
    "2024-11-30,2025-01-31-preview,2025-05-31-preview"
)
ACCOUNTS = _listed(
    "2016-02-01-preview,2017-04-18,2021-04-30,2021-10-01,2022-03-01,2022-10-01,2022-12-01,2023-05-01,"
    "2023-10-01-preview,2024-04-01-preview,2024-06-01-preview,2024-10-01,2025-04-01-preview,2025-06-01,"
    "2025-07-01-preview,2025-09-01,2025-10-01-preview,2025-12-01,2026-01-15-preview,2026-03-01,"
    "2026-05-15-preview"
)
ASSIGNMENTS = _listed(
    "2014-04-01-preview,2014-07-01-preview,2014-10-01-preview,2015-05-01-preview,2015-06-01,2015-07-01,"
    "2016-07-01,2017-05-01,2017-09-01,2017-10-01-preview,2018-01-01-preview,2018-05-01-preview,"
    "2018-07-01,2018-09-01-preview,2018-12-01-preview,2019-04-01-preview,2020-03-01-preview,"
    "2020-04-01-preview,2020-08-01-preview,2020-10-01-preview,2021-04-01-preview,2022-01-01-preview,"
    "2022-04-01"
)
DEFINITIONS = (*ASSIGNMENTS[:11], "2018-05-01-preview", "2018-07-01", "2022-04-01", "2022-05-01-preview")
FIRST_WITH_CREDENTIALS = "2022-01-31-preview"
FIRST_WITH_DEPLOYMENTS = "2021-10-01"

VERSIONS: dict[str, tuple[str, ...]] = {
    "Microsoft.Authorization/roleAssignments": ASSIGNMENTS,
    "Microsoft.Authorization/roleDefinitions": DEFINITIONS,
    "Microsoft.CognitiveServices/accounts": ACCOUNTS,
    "Microsoft.CognitiveServices/accounts/deployments": ACCOUNTS[ACCOUNTS.index(FIRST_WITH_DEPLOYMENTS) :],
    "Microsoft.CognitiveServices/accounts/models": ACCOUNTS[ACCOUNTS.index(FIRST_WITH_DEPLOYMENTS) :],
    "Microsoft.CognitiveServices/locations/operationResults": ACCOUNTS,
    "Microsoft.ContainerService/locations/operationresults": ("2016-03-30", *CLUSTERS),
    "Microsoft.ContainerService/locations/operations": ("2016-03-30", *CLUSTERS),
    "Microsoft.ContainerService/managedClusters": CLUSTERS,
    "Microsoft.ManagedIdentity/userAssignedIdentities": IDENTITIES,
    "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials": IDENTITIES[
        IDENTITIES.index(FIRST_WITH_CREDENTIALS) :
    ],
}
"""By type; whatever is not named here is ARM's own."""


def versions_of(kind: str) -> tuple[str, ...]:
    """Return the versions of a type, newest last."""
    return VERSIONS.get(kind, RESOURCES)


def check_version(path: ArmPath, version: str, location: str) -> None:
    """Let a known version through.

    Raises:
        Refused: in ARM's words, of which there are three: for its own types, for a resource in a location,
            and for what has none.

    """
    known = versions_of(path.type)
    if version.lower() in known:
        return
    provider, _, kind = path.type.partition("/")
    if provider == "Microsoft.Resources":
        supported = ",".join(reversed(known))
        text = f"The api-version '{version}' is invalid. The supported versions are '{supported}'."
        raise Refused(400, "InvalidApiVersionParameter", text, gateway=True)
    supported = ", ".join(known)
    if path.shape == "many" or provider == "Microsoft.Authorization":
        text = (
            f"The resource type '{kind}' could not be found in the namespace '{provider}' for api version "
            f"'{version}'. The supported api-versions are '{supported}'."
        )
        raise Refused(404, "InvalidResourceType", text, gateway=True)
    regions = ", ".join(code_name(each) for each in DISPLAY_NAMES)
    text = (
        f"No registered resource provider found for location '{location}' and API version '{version}' for "
        f"type '{kind}'. The supported api-versions are '{supported}'. The supported locations are "
        f"'{regions}'."
    )
    raise Refused(400, "NoRegisteredProviderFound", text, gateway=True)
