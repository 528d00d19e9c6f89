"""Azure Resource Manager's paths, taken apart. They are case-insensitive."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import unquote

CANONICAL = {
    name.lower(): name
    for name in (
        "Microsoft.Authorization/roleAssignments",
        "Microsoft.Authorization/roleDefinitions",
        "Microsoft.CognitiveServices/accounts",
        "Microsoft.CognitiveServices/accounts/deployments",
        "Microsoft.CognitiveServices/accounts/models",
        "Microsoft.CognitiveServices/locations/operationResults",
        "Microsoft.ContainerService/locations/operationresults",
        "Microsoft.ContainerService/locations/operations",
        "Microsoft.ContainerService/managedClusters",
        "Microsoft.ManagedIdentity/userAssignedIdentities",
        "Microsoft.ManagedIdentity/userAssignedIdentities/federatedIdentityCredentials",
        "Microsoft.Resources/subscriptions",
        "Microsoft.Resources/subscriptions/locations",
        "Microsoft.Resources/subscriptions/operationresults",
        "Microsoft.Resources/subscriptions/resourceGroups",
        "Microsoft.Resources/subscriptions/resources",
        "Microsoft.Resources/subscriptions/resourceGroups/resources",
        "Microsoft.Resources/subscriptions/providers",
        "Microsoft.Resources/tenants",
    )
}
"""The types the practice cloud knows, in the spelling its answers use."""

PROVIDERS_PLACE = 2
"""Where `providers` stands in the path of a subscription's resource provider."""


@dataclass(frozen=True, slots=True)
class ArmPath:
    """A path below ARM's root.

    Attributes:
        scope: what stands before the last `/providers/`, without a trailing slash: for a role assignment the
            scope it is made at, for other resources their resource group. "" is the tenant's root.
        type: the resource type in its canonical spelling, or as written when unknown.
        names: one name per type segment; one fewer for a collection.
        verb: the action of a POST, such as `listKeys`, as written.
        subscription: its id, lower-case.
        resource_group: its name as written.

    """

    scope: str
    type: str
    names: tuple[str, ...]
    verb: str
    subscription: str | None
    resource_group: str | None

    @property
    def shape(self) -> str:
        """`one` resource, `many`, or the verb of a POST in lower case."""
        if self.verb:
            return self.verb.lower()
        depth = self.type.count("/")
        return "one" if len(self.names) == depth else "many"

    @property
    def provider(self) -> str:
        """The resource provider's namespace."""
        return self.type.partition("/")[0]

    @property
    def name(self) -> str:
        """The last name, or "" for a collection of top-level resources."""
        return self.names[-1] if self.names else ""

    def resource_id(self, groups: str = "resourceGroups") -> str:
        """Return the id of the resource, its resource group's segment spelled `groups`."""
        parts = self.type.split("/")
        tail = "".join(f"/{kind}/{name}" for kind, name in zip(parts[1:], self.names, strict=False))
        return f"{spell_scope(self.scope, groups)}/providers/{parts[0]}{tail}"


def spell_scope(scope: str, groups: str = "resourceGroups") -> str:
    """Return `scope` with its resource groups segment spelled as given."""
    parts = scope.split("/")
    return "/".join(groups if part.lower() == "resourcegroups" else part for part in parts)


def parse(path: str, method: str) -> ArmPath | None:
    """Take a path apart; None when it is not one of ARM's."""
    parts = [unquote(part) for part in path.split("/") if part]
    lowered = [part.lower() for part in parts]
    if not parts:
        return None
    cut = len(parts) - 1 - lowered[::-1].index("providers") if "providers" in lowered else None
    if cut is not None and cut + 2 == len(parts) and cut == PROVIDERS_PLACE:
        scope, kinds_and_names, prefix = [], parts, "Microsoft.Resources"
    elif cut is not None and cut + 2 < len(parts):
        scope, kinds_and_names, prefix = parts[:cut], parts[cut + 2 :], parts[cut + 1]
    elif cut is None:
        scope, kinds_and_names, prefix = [], parts, "Microsoft.Resources"
    else:
        return None
    verb = ""
    if method == "POST" and len(kinds_and_names) % 2 == 1:
        verb = kinds_and_names.pop()
    kinds, names = kinds_and_names[::2], tuple(kinds_and_names[1::2])
    written = "/".join([prefix, *kinds])
    return ArmPath(
        scope="".join(f"/{part}" for part in scope),
        type=CANONICAL.get(written.lower(), written),
        names=names,
        verb=verb,
        subscription=_after(parts, lowered, "subscriptions", 0),
        resource_group=_after(parts, lowered, "resourcegroups", 2),
    )


def _after(parts: list[str], lowered: list[str], word: str, place: int) -> str | None:
    """Return the part after `word` when that stands at `place`."""
    if len(parts) > place + 1 and lowered[place] == word:
        return lowered[place + 1] if word == "subscriptions" else parts[place + 1]
    return None
