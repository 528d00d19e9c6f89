"""Azure's built-in roles that matter here, as data: what each permits, by its public definition.

Ids and permissions are facts of Azure (January 2026); the descriptions are ours.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable

COGNITIVE_READ = (
    "Microsoft.CognitiveServices/*/read",
    "Microsoft.Authorization/roleAssignments/read",
    "Microsoft.Authorization/roleDefinitions/read",
)
INSIGHTS_READ = (
    "Microsoft.Insights/alertRules/read",
    "Microsoft.Insights/diagnosticSettings/read",
    "Microsoft.Insights/logDefinitions/read",
    "Microsoft.Insights/metricdefinitions/read",
    "Microsoft.Insights/metrics/read",
    "Microsoft.ResourceHealth/availabilityStatuses/read",
)
SUBSCRIPTION_READ = (
    "Microsoft.Resources/subscriptions/operationresults/read",
    "Microsoft.Resources/subscriptions/read",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Support/*",
)
OPENAI = "Microsoft.CognitiveServices/accounts/OpenAI"
IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
IDENTITY_SURROUNDINGS = (
    "Microsoft.Authorization/*/read",
    "Microsoft.Insights/alertRules/*",
    "Microsoft.Resources/subscriptions/resourceGroups/read",
    "Microsoft.Resources/deployments/*",
    "Microsoft.Support/*",
)


@dataclass(frozen=True, slots=True)
class Role:
    """A role definition. Only one permission set per role, as all those here have."""

    id: str
    name: str
    description: str | None
    actions: tuple[str, ...] = ()
    not_actions: tuple[str, ...] = ()
    data_actions: tuple[str, ...] = ()
    not_data_actions: tuple[str, ...] = ()
    custom: bool = False
    assignable_scopes: tuple[str, ...] = ("/",)
    created: str = "2021-01-01T00:00:00Z"
    created_by: str | None = None

    @classmethod
    def from_document(cls, document: dict[str, Any]) -> Role:
        """Return the role a stored document stands for."""
        fields: dict[str, Any] = {
            key: tuple(each) if isinstance(each, list) else each for key, each in document.items()
        }
        return cls(**fields)

    def document(self) -> dict[str, Any]:
        """Return what is stored."""
        return asdict(self)

    def grants(self, action: str, covers: Callable[[tuple[str, ...], str], bool], *, data: bool) -> bool:
        """Return whether the action is among the granted ones and not taken out again."""
        given, taken = (
            (self.data_actions, self.not_data_actions) if data else (self.actions, self.not_actions)
        )
        return covers(given, action) and not covers(taken, action)


def _openai_user_actions() -> tuple[str, ...]:
    deployments = (
        "audio",
        "search",
        "completions",
        "chat/completions",
        "realtime",
        "extensions/chat/completions",
        "embeddings",
    )
    return (
        f"{OPENAI}/*/read",
        *(f"{OPENAI}/engines/{each}/action" for each in ("completions", "search", "generate")),
        *(f"{OPENAI}/deployments/{each}/action" for each in deployments),
        f"{OPENAI}/images/generations/action",
        f"{OPENAI}/video/generations/*/action",
        f"{OPENAI}/video/generations/*/delete",
        f"{OPENAI}/assistants/*",
        f"{OPENAI}/responses/*",
    )


_ROLES = (
    Role(
        "8e3af657-a8ff-443c-a75c-2fe8c4bcb635",
        "Owner",
        "Manages everything, role assignments included.",
        actions=("*",),
    ),
    Role(
        "b24988ac-6180-42a0-ab88-20f7382dd24c",
        "Contributor",
        "Manages everything but who may do what.",
        actions=("*",),
        not_actions=(
            "Microsoft.Authorization/*/Delete",
            "Microsoft.Authorization/*/Write",
            "Microsoft.Authorization/elevateAccess/Action",
            "Microsoft.Blueprint/blueprintAssignments/write",
            "Microsoft.Blueprint/blueprintAssignments/delete",
            "Microsoft.Compute/galleries/share/action",
            "Microsoft.Purview/consents/write",
            "Microsoft.Purview/consents/delete",
            "Microsoft.Resources/deploymentStacks/manageDenySetting/action",
            "Microsoft.Subscription/cancel/action",
            "Microsoft.Subscription/enable/action",
        ),
    ),
    Role(
        "acdd72a7-3385-48ef-bd42-f606fba81ae7",
        "Reader",
        "Sees everything and changes nothing.",
        actions=("*/read",),
    ),
    Role(
        "18d7d88d-d35e-4fb5-a5c3-7773c20a72d9",
        "User Access Administrator",
        "Manages who may do what.",
        actions=("*/read", "Microsoft.Authorization/*", "Microsoft.Support/*"),
    ),
    Role(
        "5e0bd9bd-7b93-4f28-af87-19fc36ad61bd",
        "Cognitive Services OpenAI User",
        "Uses the models of an Azure OpenAI account; changes nothing in it.",
        actions=COGNITIVE_READ,
        data_actions=_openai_user_actions(),
        not_data_actions=(f"{OPENAI}/stored-completions/read",),
    ),
    Role(
        "a001fd3d-188f-4b5d-821b-7da978bf7442",
        "Cognitive Services OpenAI Contributor",
        "Uses, tunes and deploys the models of an Azure OpenAI account.",
        actions=(
            "Microsoft.CognitiveServices/*/read",
            "Microsoft.CognitiveServices/accounts/deployments/write",
            "Microsoft.CognitiveServices/accounts/deployments/delete",
            "Microsoft.CognitiveServices/accounts/raiPolicies/read",
            "Microsoft.CognitiveServices/accounts/raiPolicies/write",
            "Microsoft.CognitiveServices/accounts/raiPolicies/delete",
            "Microsoft.CognitiveServices/accounts/commitmentplans/read",
            "Microsoft.CognitiveServices/accounts/commitmentplans/write",
            "Microsoft.CognitiveServices/accounts/commitmentplans/delete",
            *COGNITIVE_READ[1:],
        ),
        data_actions=(f"{OPENAI}/*",),
    ),
    Role(
        "25fbc0a9-bd7c-42a3-aa1a-3b75d497ee68",
        "Cognitive Services Contributor",
        "Manages accounts and their keys; carries no data action.",
        actions=(
            "Microsoft.Authorization/*/read",
            "Microsoft.CognitiveServices/*",
            "Microsoft.Features/features/read",
            "Microsoft.Features/providers/features/read",
            "Microsoft.Features/providers/features/register/action",
            "Microsoft.Insights/alertRules/*",
            "Microsoft.Insights/diagnosticSettings/*",
            *INSIGHTS_READ[2:],
            "Microsoft.Resources/deployments/*",
            "Microsoft.Resources/deployments/operations/read",
            "Microsoft.Resources/subscriptions/resourcegroups/deployments/*",
            *SUBSCRIPTION_READ,
        ),
        not_actions=(
            "Microsoft.CognitiveServices/raiPolicy/write",
            "Microsoft.CognitiveServices/raiPolicy/delete",
            "Microsoft.CognitiveServices/raiExternalSafetyProviders/write",
            "Microsoft.CognitiveServices/raiExternalSafetyProviders/delete",
        ),
    ),
    Role(
        "a97b65f3-24c7-4388-baec-2e87135dc908",
        "Cognitive Services User",
        "Reads accounts and their keys, and uses all their data.",
        actions=(
            "Microsoft.CognitiveServices/*/read",
            "Microsoft.CognitiveServices/accounts/listkeys/action",
            *INSIGHTS_READ,
            "Microsoft.Resources/deployments/operations/read",
            *SUBSCRIPTION_READ,
        ),
        data_actions=("Microsoft.CognitiveServices/*",),
    ),
    Role(
        "b59867f0-fa02-499b-be73-45a86b5b3e1c",
        "Cognitive Services Data Reader",
        "Reads data, no more.",
        data_actions=("Microsoft.CognitiveServices/*/read",),
    ),
    Role(
        "f2dc8367-1007-4938-bd23-fe263f013447",
        "Cognitive Services Speech User",
        "Uses speech recognition and synthesis.",
        actions=COGNITIVE_READ,
        data_actions=tuple(
            f"Microsoft.CognitiveServices/accounts/{each}"
            for each in (
                "SpeechServices/*/read",
                "SpeechServices/*/transcriptions/read",
                "SpeechServices/*/transcriptions/write",
                "SpeechServices/*/transcriptions/delete",
                "SpeechServices/*/transcriptions/action",
                "SpeechServices/*/frontend/action",
                "SpeechServices/text-dependent/*/action",
                "SpeechServices/text-independent/*/action",
                "SpeechServices/voiceagent/realtime/*",
                "SpeechServices/voicelive/realtime/*",
                "CustomVoice/*/read",
                "CustomVoice/evaluations/*",
                "CustomVoice/longaudiosynthesis/*",
                "AudioContentCreation/*",
                "TTSPlayer/*",
                "VideoTranslation/*",
                "CustomAvatar/*/read",
                "BatchAvatar/*",
                "BatchTextToSpeech/*",
            )
        ),
        not_data_actions=(
            "Microsoft.CognitiveServices/accounts/CustomVoice/datasets/files/read",
            "Microsoft.CognitiveServices/accounts/CustomVoice/datasets/utterances/read",
        ),
    ),
    Role(
        "e40ec5ca-96e0-45a2-b4ff-59039f2c2b59",
        "Managed Identity Contributor",
        "Makes, reads, changes and deletes user-assigned identities.",
        actions=(
            f"{IDENTITY}/read",
            f"{IDENTITY}/write",
            f"{IDENTITY}/delete",
            f"{IDENTITY}/federatedIdentityCredentials/read",
            f"{IDENTITY}/federatedIdentityCredentials/write",
            f"{IDENTITY}/federatedIdentityCredentials/delete",
            f"{IDENTITY}/revokeTokens/action",
            *IDENTITY_SURROUNDINGS,
        ),
    ),
    Role(
        "f1a07417-d97a-45cb-824c-7a7467783830",
        "Managed Identity Operator",
        "Reads and assigns user-assigned identities.",
        actions=(f"{IDENTITY}/*/read", f"{IDENTITY}/*/assign/action", *IDENTITY_SURROUNDINGS),
    ),
    Role(
        "4abbcc35-e782-43d8-92c5-2d3f1bd2253f",
        "Azure Kubernetes Service Cluster User Role",
        "Fetches the user's credentials of a cluster.",
        actions=(
            "Microsoft.ContainerService/managedClusters/listClusterUserCredential/action",
            "Microsoft.ContainerService/managedClusters/read",
        ),
    ),
)

BUILT_IN = {role.id: role for role in _ROLES}
"""The built-in roles by their GUID."""
