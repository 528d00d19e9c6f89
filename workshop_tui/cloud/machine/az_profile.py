"""Whom the Azure CLI on this machine is signed in as, from the file that it keeps of it.

Reading it takes no time; `az account show`, which reads the same file, takes half a second.
"""

from __future__ import annotations

import asyncio
import json
from typing import TYPE_CHECKING, Any

from workshop_tui.cloud.text import clean
from workshop_tui.model import Absent, AzAccount

if TYPE_CHECKING:
    from pathlib import Path


class AzProfile:
    """The folder of az's configuration: `AZURE_CONFIG_DIR`, else `.azure` in the home folder."""

    def __init__(self, folder: Path) -> None:
        """Take the folder; it need not exist."""
        self._file = folder / "azureProfile.json"

    async def account(self) -> AzAccount | Absent:
        """Return who holds az's default subscription."""
        try:
            # az writes it with a byte order mark.
            document: Any = json.loads(await asyncio.to_thread(self._file.read_text, encoding="utf-8-sig"))
            default = next(item for item in document["subscriptions"] if item.get("isDefault"))
            user = default["user"]
            return AzAccount(name=clean(user["name"]), kind=clean(user["type"]))
        except (OSError, ValueError, LookupError, TypeError, AttributeError, StopIteration):
            return Absent("sign-in with az", "sign-in.missing", "az login")
