"""The settings that the app takes, here and in the cluster."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from workshop_tui.model import ModelDeployment, OpenAIAccount

_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""The names under which one account with a subdomain answers alike."""


def app_settings(account: OpenAIAccount, model: ModelDeployment) -> dict[str, str]:
    """Return the environment variables with which the app signs in by identity: no key among them."""
    return {
        "USE_AZURE_OPENAI": "True",
        "USE_AZURE_AD": "True",
        "AZURE_OPENAI_DEPLOYMENT_NAME": model.name,
        "AZURE_OPENAI_ENDPOINT": account.endpoint,
    }


def same_endpoint(one: str, other: str) -> bool:
    """Say whether two endpoints are the same account's, whichever of its names and slashes they use."""
    first, second = urlsplit(one.strip()), urlsplit(other.strip())
    return (
        first.scheme == second.scheme == "https"
        and _account_of(first.netloc) == _account_of(second.netloc)
        and first.path.rstrip("/") == second.path.rstrip("/")
    )


def _account_of(host: str) -> str:
    host = host.casefold()
    for ending in _HOSTS:
        if host.endswith(ending):
            return host.removesuffix(ending)
    return host
