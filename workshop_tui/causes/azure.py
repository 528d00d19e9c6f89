"""What Azure should hold before the workshop begins: group, account, model, cluster."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_QUICKSTART = "https://learn.microsoft.com/azure/aks/open-ai-quickstart"
_DEPLOYMENT = "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/create-resource"
_CREDENTIALS = "https://learn.microsoft.com/azure/aks/control-kubeconfig-access"

CAUSES = (
    Cause(
        "azure.resource-group-missing",
        "The resource group is not there",
        "All that the workshop changes lives in one resource group. Another subscription may be chosen, or"
        " the group may have another name than the quickstart gives it.",
        "Name the right group with --resource-group and the right subscription with --subscription, or do the"
        " quickstart first.",
        _QUICKSTART,
    ),
    Cause(
        "account.missing",
        "No Azure OpenAI account was found",
        "The workshop protects an account of kind OpenAI or AIServices; the group has none.",
        "Create one as the quickstart does, or name the group that has it.",
        _DEPLOYMENT,
    ),
    Cause(
        "account.ambiguous",
        "Several accounts could be meant",
        "Taking the first would be a guess, and roles would go to the wrong account.",
        "Say which one with --account.",
        _DEPLOYMENT,
    ),
    Cause(
        "account.wrong-kind",
        "The account does not serve OpenAI models",
        "Speech, Vision and other AI services are accounts of the same resource type, but of another kind.",
        "Name an account of kind OpenAI or AIServices with --account.",
        _DEPLOYMENT,
    ),
    Cause(
        "account.no-subdomain",
        "The account has no subdomain of its own",
        "Entra tokens are accepted only at an account's own address; the regional one takes keys alone.",
        "Give the account a custom subdomain. It can't be changed later, and the endpoint's address changes.",
        "https://learn.microsoft.com/azure/ai-services/cognitive-services-custom-subdomains",
    ),
    Cause(
        "account.no-log",
        "The account keeps no log that could be asked",
        "Real accounts send their logs elsewhere, if anywhere; only the practice cloud's can be asked here.",
        "Nothing needs to be done.",
        "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/monitor-openai",
    ),
    Cause(
        "deployment.model-missing",
        "No chat model is deployed in the account",
        "The app asks a deployment by its name, so one must be there.",
        "Deploy a chat model in the account.",
        _DEPLOYMENT,
    ),
    Cause(
        "deployment.not-chat",
        "The deployed model does not chat",
        "Product descriptions come from chat completions; embedding, image and speech models have none.",
        "Name a deployment of a chat model with --model-deployment, or make one.",
        _DEPLOYMENT,
    ),
    Cause(
        "deployment.not-ready",
        "The model's deployment is not ready",
        "A deployment answers only once it has been made successfully.",
        "Look at the deployment's state in the portal; delete and make it again if it failed.",
        _DEPLOYMENT,
    ),
    Cause(
        "cluster.missing",
        "No AKS cluster was found",
        "The shop runs in a cluster of the resource group; the group has none.",
        "Do the quickstart first, or name the group that has the cluster.",
        _QUICKSTART,
    ),
    Cause(
        "cluster.ambiguous",
        "Several clusters could be meant",
        "Taking the first would be a guess.",
        "Say which one with --cluster.",
        _CREDENTIALS,
    ),
    Cause(
        "cluster.no-kubeconfig",
        "kubectl does not know the cluster yet",
        "kubectl finds a cluster through a context in its kubeconfig file.",
        "Get the cluster's credentials.",
        _CREDENTIALS,
    ),
    Cause(
        "cluster.unreachable",
        "The cluster's API server does not answer",
        "It may be stopped, private to a network, or behind authorised address ranges.",
        "Start the cluster, or connect from a network that it lets in.",
        "https://learn.microsoft.com/azure/aks/start-stop-cluster",
    ),
    Cause(
        "cluster.busy",
        "The cluster is being changed",
        "Azure changes one thing at a time in a cluster; what is set may not be in force yet.",
        "Wait for the change to end, then check again.",
        "https://learn.microsoft.com/azure/aks/use-oidc-issuer",
    ),
)
