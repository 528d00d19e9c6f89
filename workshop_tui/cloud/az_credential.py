"""The sign-in that the learner's own az holds, one token at a time.

As azure.identity's `AzureCliCredential` asks for it, but az ends when nobody waits for its answer any more:
the SDK leaves it running.
"""

from __future__ import annotations

import json
import os
import shutil
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError
from azure.identity import CredentialUnavailableError

from workshop_tui.cloud.processes import CommandError, run_command

if TYPE_CHECKING:
    from collections.abc import Sequence

SECONDS = 30.0
"""How long az may take: a cold Codespace can need more than ten seconds."""
_LEAVE_SECONDS = 0.2
SLOW = "az gave no token in time"
NOT_INSTALLED = "az is not on PATH"
NOT_SIGNED_IN = "nobody is signed in with az"


class AzCredential:
    """A credential as the Azure SDK's chains take it."""

    def __init__(self, subscription: str = "") -> None:
        """Take the subscription whose tenant and account are meant, or none for az's own choice."""
        self._options = ["--subscription", subscription] if subscription else []

    async def get_token(self, *scopes: str, **_: Any) -> AccessToken:  # noqa: ANN401 - the SDK's own protocol
        """Return a token for the one scope.

        Raises:
            CredentialUnavailableError: there is no az, nobody is signed in with it, or it is slow.
            ClientAuthenticationError: it was refused; the message is az's own, cleaned.

        """
        az = shutil.which("az")
        if az is None:
            raise CredentialUnavailableError(message=NOT_INSTALLED)
        resource = scopes[0].removesuffix("/.default")
        try:
            told = await _ask([az, "account", "get-access-token", "--resource", resource, *self._options])
        except CommandError as error:
            if "did not end" in error.what:
                raise CredentialUnavailableError(message=SLOW) from error
            said = error.output or error.what
            if ("az login" in said or "az account set" in said) and "AADSTS" not in said:
                raise CredentialUnavailableError(message=NOT_SIGNED_IN) from error
            raise ClientAuthenticationError(message=said.removeprefix("ERROR: ")) from error
        return _token(told)

    async def close(self) -> None:
        """Do nothing: each az has ended with its answer."""

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.close()


async def _ask(words: Sequence[str]) -> str:
    return await run_command(
        [*words, "--output", "json"],
        seconds=SECONDS,
        environment={**os.environ, "AZURE_CORE_NO_COLOR": "true"},
        # Not where the learner's files are: az looks for modules and configuration where it starts.
        folder=Path("/"),
        leave_seconds=_LEAVE_SECONDS,
    )


def _token(told: str) -> AccessToken:
    """Read az's answer: seconds since the epoch, or in old versions a local time."""
    try:
        document = json.loads(told)
        if "expires_on" in document:
            return AccessToken(str(document["accessToken"]), int(document["expires_on"]))
        local = datetime.fromisoformat(document["expiresOn"])
        return AccessToken(str(document["accessToken"]), int(local.timestamp()))
    except (ValueError, KeyError, TypeError):
        raise ClientAuthenticationError(message="az answered something else than a token") from None
