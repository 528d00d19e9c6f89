"""The change to the service's code."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_LIBRARY = "https://learn.microsoft.com/python/api/overview/azure/identity-readme"
_CREDENTIALS = "https://learn.microsoft.com/azure/developer/python/sdk/authentication/credential-chains"
_OPENAI_IDENTITY = "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/managed-identity"

CAUSES = (
    Cause(
        "code.syntax-error",
        "The file is not valid Python",
        "Nothing in it can run, and nothing can be said of what it does.",
        "Repair the line that is named; indentation is the usual suspect.",
        "https://docs.python.org/3/tutorial/errors.html",
    ),
    Cause(
        "code.identity-not-required",
        "azure-identity is not among the requirements",
        "What requirements.txt does not name is not installed in the image.",
        "Add a line azure.identity==1.14.0 to requirements.txt.",
        _LIBRARY,
    ),
    Cause(
        "code.identity-too-old",
        "The required azure-identity is too old",
        "Workload Identity is known to the library from version 1.13 on.",
        "Require azure.identity==1.14.0.",
        "https://learn.microsoft.com/azure/aks/workload-identity-overview",
    ),
    Cause(
        "code.credential-not-imported",
        "No credential of azure-identity is used",
        "A credential gets the token that takes the key's place.",
        "Import DefaultAzureCredential from azure.identity and make one where the chat service is set up.",
        _CREDENTIALS,
    ),
    Cause(
        "code.credential-unsuitable",
        "The credential can't work in the cluster",
        "In a pod only credentials that know Workload Identity find one; a CLI's sign-in or a client secret"
        " is not there.",
        "Use DefaultAzureCredential, which takes what the place offers.",
        _CREDENTIALS,
    ),
    Cause(
        "code.switch-not-read",
        "USE_AZURE_AD changes nothing",
        "One image should serve both ways of signing in, chosen by this setting.",
        "Read USE_AZURE_AD from the environment and branch on it.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.key-not-demanded",
        "The app starts with neither identity nor key",
        "Without USE_AZURE_AD set to true there must be a key; else the app starts and every request fails."
        " Any text but true counts as not set, the text False too.",
        "Demand OPENAI_API_KEY whenever USE_AZURE_AD is not true.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.key-still-demanded",
        "The app wants a key although the identity is chosen",
        "With USE_AZURE_AD set to true there is no key to be had.",
        "Demand OPENAI_API_KEY only when USE_AZURE_AD is not true.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.token-not-passed",
        "The token does not reach the chat service",
        "The chat service signs its requests with what it was given when it was made.",
        "Pass the token (or a token provider) to AzureChatCompletion when USE_AZURE_AD is true.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.token-not-marked",
        "The token is sent as if it were a key",
        "A key goes into the api-key header, a token into Authorization: it must be told which.",
        "Say ad_auth=True where the token is passed.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.wrong-token-scope",
        "The token is for another service",
        "A token is good for the one audience that it was asked for.",
        "Ask for the scope https://cognitiveservices.azure.com/.default.",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.key-branch-broken",
        "Signing in with a key no longer works",
        "Whoever runs the service without Entra ID must still be able to.",
        "Keep the old way as the other branch: AzureChatCompletion(deployment, endpoint, api_key).",
        _OPENAI_IDENTITY,
    ),
    Cause(
        "code.direct-branch-broken",
        "OpenAI without Azure no longer works",
        "With USE_AZURE_OPENAI set to False the service asks OpenAI itself, with key and organisation.",
        "Leave that branch as it was.",
    ),
)
