"""The learner's machine: source, sign-in, the app run locally."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_OPENAI_ROLES = "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/role-based-access-control"
_IDENTITY_LIBRARY = "https://learn.microsoft.com/python/api/overview/azure/identity-readme"

CAUSES = (
    Cause(
        "source.missing",
        "The shop's source is not here",
        "The next steps edit, run and build the service from its source.",
        "Clone the repository at the workshop's commit.",
        "https://github.com/Azure-Samples/aks-store-demo",
    ),
    Cause(
        "source.wrong-commit",
        "The source is at another commit",
        "Later versions of the service sign in by other means; the workshop's changes fit one commit.",
        "Check out the workshop's commit. Save changes of your own first.",
        "https://github.com/Azure-Samples/aks-store-demo",
    ),
    Cause(
        "source.incomplete",
        "Files of the service are missing",
        "The image is built from the whole folder; a missing file shows only when the app starts.",
        "Bring the files back from git.",
        "https://github.com/Azure-Samples/aks-store-demo",
    ),
    Cause(
        "sign-in.missing",
        "Nobody is signed in on this machine",
        "The app run locally asks for tokens as you; without a sign-in there are none.",
        "Sign in with az login.",
        "https://learn.microsoft.com/cli/azure/authenticate-azure-cli",
    ),
    Cause(
        "role.missing",
        "No role lets you ask the model",
        "Chat completions need a data action on the account: no role at the account or above it gives you"
        " that, neither directly nor through a group.",
        "Assign yourself Cognitive Services OpenAI User on the account.",
        _OPENAI_ROLES,
    ),
    Cause(
        "role.propagating",
        "The role is too young to be known everywhere",
        "Azure spreads a new role assignment over its services in up to five minutes.",
        "Wait; nothing needs to be done again.",
        "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
    ),
    Cause(
        "role.control-plane-only",
        "The role manages the account, but may not use it",
        "Owner and Contributor carry no data actions: they may create the account and read its keys, yet a"
        " token of theirs gets no completion.",
        "Assign Cognitive Services OpenAI User besides.",
        "https://learn.microsoft.com/azure/role-based-access-control/role-definitions",
    ),
    Cause(
        "token.refused",
        "The account does not accept your token",
        "A token can be for another tenant or service, or too old.",
        "Sign in again to the account's tenant, then check again.",
        _OPENAI_ROLES,
    ),
    Cause(
        "local.not-run",
        "The app has not been run here yet",
        "Running it locally shows that the code works before a cluster is involved.",
        "Start it with uvicorn and ask it for a description, then check while it runs.",
        "https://www.uvicorn.org/",
    ),
    Cause(
        "local.stale",
        "The source changed since the app was run",
        "What was seen then says nothing of the code as it is now.",
        "Run the app again.",
    ),
    Cause(
        "local.unhealthy",
        "The app is not healthy",
        "It answers /health once it has started; here it did not.",
        "Read the app's output from its first error on.",
        _IDENTITY_LIBRARY,
    ),
    Cause(
        "local.no-description",
        "The app gave no description",
        "It runs, but its request to the model failed.",
        "Check your role and the app's settings, then ask again.",
        _IDENTITY_LIBRARY,
    ),
    Cause(
        "local.key-present",
        "The app had a key",
        "With a key at hand nobody can tell whether the identity works.",
        "Stop the app, unset the key in the shell and in .env files, and start it again.",
        _IDENTITY_LIBRARY,
    ),
    Cause(
        "local.port-busy",
        "The app's port is taken",
        "Another program listens where the app should.",
        "Stop the other program, then try again.",
    ),
)
