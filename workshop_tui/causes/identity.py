"""The chain of trust: issuer, identity, federated credential, ServiceAccount."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_ISSUER = "https://learn.microsoft.com/azure/aks/use-oidc-issuer"
_WORKLOAD_IDENTITY = "https://learn.microsoft.com/azure/aks/workload-identity-overview"
_DEPLOY = "https://learn.microsoft.com/azure/aks/workload-identity-deploy-cluster"
_IDENTITIES = "https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/overview"
_FEDERATION = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-create-trust-user-assigned-managed-identity"
_CONSIDERATIONS = "https://learn.microsoft.com/entra/workload-id/workload-identity-federation-considerations"
_SERVICE_ACCOUNTS = "https://kubernetes.io/docs/tasks/configure-pod-container/configure-service-account/"

CAUSES = (
    Cause(
        "issuer.disabled",
        "The cluster has no OIDC issuer",
        "Entra ID checks a pod's token against keys that the issuer publishes.",
        "Enable the issuer. It restarts the API server, and can't be turned off again.",
        _ISSUER,
    ),
    Cause(
        "issuer.not-served",
        "The issuer's documents are not what they should be",
        "Entra ID fetches the discovery document and the keys; without them no token can be checked.",
        "Wait a minute after enabling the issuer; then reconcile the cluster with an az aks update.",
        _ISSUER,
    ),
    Cause(
        "workload-identity.disabled",
        "Workload Identity is off",
        "Its webhook gives pods their token and settings; without it the label on a pod means nothing.",
        "Enable Workload Identity on the cluster.",
        _DEPLOY,
    ),
    Cause(
        "identity.missing",
        "The managed identity is not there",
        "It is what the app will be in Azure's eyes.",
        "Create the user-assigned managed identity.",
        _IDENTITIES,
    ),
    Cause(
        "identity.ids-unknown",
        "The identity's ids are not known",
        "The client id goes to the ServiceAccount, the object id into the role assignment.",
        "Wait a moment after creating it; if they stay away, delete the identity and create it again.",
        _IDENTITIES,
    ),
    Cause(
        "identity.role-missing",
        "The identity may not ask the model",
        "No role at the account or above it gives the identity the data action of chat completions.",
        "Assign Cognitive Services OpenAI User to the identity's object id on the account.",
        "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/role-based-access-control",
    ),
    Cause(
        "federation.missing",
        "The identity trusts no pod yet",
        "A federated credential says whose tokens count as the identity.",
        "Create the federated credential.",
        _FEDERATION,
    ),
    Cause(
        "federation.issuer-mismatch",
        "The credential names another issuer",
        "Entra ID compares the issuer to the letter, the slash at its end included.",
        "Put the cluster's issuer URL into the credential as the cluster tells it.",
        _CONSIDERATIONS,
    ),
    Cause(
        "federation.subject-mismatch",
        "The credential names another subject",
        "The subject is system:serviceaccount:NAMESPACE:NAME, compared to the letter.",
        "Put the namespace and name of the pods' ServiceAccount into the credential's subject.",
        _CONSIDERATIONS,
    ),
    Cause(
        "federation.audience-mismatch",
        "The credential names another audience",
        "The pod's token is made out to api://AzureADTokenExchange and nothing else.",
        "Set the credential's audience to api://AzureADTokenExchange.",
        _CONSIDERATIONS,
    ),
    Cause(
        "federation.propagating",
        "The credential is too young to be known everywhere",
        "Entra ID takes seconds to minutes to know a new or changed credential.",
        "Wait; do not create it again, since that starts the time anew.",
        _CONSIDERATIONS,
    ),
    Cause(
        "service-account.missing",
        "The ServiceAccount is not there",
        "Without it Kubernetes refuses to create the pods that name it.",
        "Create it in the pods' namespace.",
        _SERVICE_ACCOUNTS,
    ),
    Cause(
        "service-account.wrong-namespace",
        "The ServiceAccount is in another namespace",
        "A pod can use only ServiceAccounts of its own namespace.",
        "Create it in the pods' namespace.",
        _SERVICE_ACCOUNTS,
    ),
    Cause(
        "service-account.no-client-id",
        "The ServiceAccount does not say which identity it is",
        "The webhook reads the annotation azure.workload.identity/client-id, of exactly this name, when a pod"
        " is created.",
        "Annotate it with the identity's client id, then restart the pods.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "service-account.wrong-client-id",
        "The ServiceAccount points to another identity",
        "The annotation takes the client id; object id, resource id or the id of a deleted identity lead to"
        " AADSTS700016.",
        "Annotate it with the identity's client id, then restart the pods.",
        _WORKLOAD_IDENTITY,
    ),
    Cause(
        "service-account.wrong-tenant",
        "The ServiceAccount names another tenant",
        "The annotation azure.workload.identity/tenant-id overrules the cluster's own tenant.",
        "Remove that annotation, or set it to the identity's tenant; then restart the pods.",
        _WORKLOAD_IDENTITY,
    ),
)
