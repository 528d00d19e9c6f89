"""What requests sent right now are answered, and the locked door."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

_CODES = "https://learn.microsoft.com/entra/identity-platform/reference-error-codes"
_OPENAI_ROLES = "https://learn.microsoft.com/azure/ai-foundry/openai/how-to/role-based-access-control"
_LOCK = "https://learn.microsoft.com/azure/ai-services/disable-local-auth"

CAUSES = (
    Cause(
        "live.no-answer",
        "The app gave no description",
        "The request came through, but what came back is no description.",
        "Read the app's log.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    ),
    Cause(
        "live.token-exchange-refused",
        "Entra ID refuses the pod's token",
        "Something in the chain of issuer, subject, audience and client id does not match; the AADSTS code"
        " says what.",
        "Compare the federated credential and the ServiceAccount with the cluster, then restart the pods.",
        _CODES,
    ),
    Cause(
        "live.permission-denied",
        "The account knows the identity, but denies it",
        "The token is good; the data action for chat completions is missing or not known everywhere yet.",
        "Assign Cognitive Services OpenAI User on the account, and wait up to five minutes.",
        _OPENAI_ROLES,
    ),
    Cause(
        "live.token-expired",
        "The app's token is too old",
        "This version of the app asks for its token once, when it starts.",
        "Restart the pods.",
        _CODES,
    ),
    Cause(
        "live.key-refused",
        "The app signs in with a key, and keys are refused",
        "The account takes no keys any more, or not this one.",
        "Redeploy the app with its identity.",
        _LOCK,
    ),
    Cause(
        "live.shop-unreachable",
        "The shop's site does not answer",
        "Its address comes from the cloud's load balancer, which can take minutes; the store-admin pod may"
        " not run.",
        "Look at the service store-admin and its pods.",
        "https://kubernetes.io/docs/tasks/debug/debug-application/debug-service/",
    ),
    Cause(
        "lock.key-sign-in-on",
        "The account still takes keys",
        "The key that was in plain sight opens the account until keys are turned off.",
        "Turn off sign-in with keys.",
        _LOCK,
    ),
    Cause(
        "lock.key-accepted",
        "The account still looks at keys",
        "A made-up key was refused for being wrong, not for being a key.",
        "Turn off sign-in with keys.",
        _LOCK,
    ),
    Cause(
        "lock.propagating",
        "The lock is not in force everywhere yet",
        "Azure takes some minutes to refuse keys after they were turned off.",
        "Wait; nothing needs to be done again.",
        _LOCK,
    ),
    Cause(
        "lock.identity-refused",
        "The app does not get through with its identity",
        "With keys turned off, the identity is the only way in.",
        "Go back to verify and see what its checks say.",
        _LOCK,
    ),
)
