"""What keeps us from looking."""

from __future__ import annotations

from workshop_tui.causes.cause import Cause

CAUSES = (
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
        "https://learn.microsoft.com/azure/role-based-access-control/troubleshooting",
    ),
    Cause(
        "reading.not-signed-in",
        "Nobody is signed in",
        "Without a sign-in Azure answers nothing.",
        "Sign in with az login, then check again.",
        "https://learn.microsoft.com/cli/azure/authenticate-azure-cli",
    ),
    Cause(
        "reading.throttled",
        "The service asked us to slow down",
        "Too many requests came in a short time.",
        "Wait as long as it says, then check again.",
        "https://learn.microsoft.com/azure/azure-resource-manager/management/request-limits-and-throttling",
    ),
    Cause(
        "reading.no-log",
        "No request log that can be asked",
        "Azure keeps the log of an account's requests only where diagnostic settings send it somewhere.",
        "Nothing needs to be done: the live answers tell enough.",
    ),
    Cause(
        "reading.unexpected",
        "The answer could not be understood",
        "The service answered in a form that this version does not know.",
        "See the log file for the details, and report it.",
    ),
)
