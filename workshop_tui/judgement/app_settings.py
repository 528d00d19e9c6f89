"""The settings that the app takes, here and in the cluster."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from workshop_tui.model import ModelDeployment, OpenAIAccount

_HOSTS = (".openai.azure.com", ".cognitiveservices.azure.com", ".services.ai.azure.com")
"""The names under which one account with a subdomain answers alike."""
_HTTPS_PORT = 443


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
    first, second = _account_and_path(one), _account_and_path(other)
    return first is not None and first == second


def _account_and_path(endpoint: str) -> tuple[str, int, str] | None:
    """Return what tells one account's endpoint from another's; None where it is no address to build on."""
    try:
        parts = urlsplit(endpoint)
        host, port = parts.hostname, parts.port or _HTTPS_PORT
    except ValueError:
        return None
    # A blank or line end would become part of each request's address: a Secret made with `echo` has one.
    plain = (
        not re.search(r"\s", endpoint) and not parts.query and not parts.fragment and "@" not in parts.netloc
    )
    if parts.scheme != "https" or not host or not plain:
        return None
    name = next((host.removesuffix(ending) for ending in _HOSTS if host.endswith(ending)), None)
    return (host if name is None else f"{name}{_HOSTS[0]}", port, parts.path.rstrip("/"))
