"""The models that an account could deploy, as `az cognitiveservices account list-models` asks for them.

A handful of Azure's hundreds, of each kind that tells somebody who chooses one from another: by what it does,
by whether its version is the default one, by when it goes. Names, versions and SKUs are Azure's; the dates on
which a version goes are counted from now, since a practice cloud must not age.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, NamedTuple

from workshop_tui.practice.arm.accounts import CHAT_KINDS
from workshop_tui.practice.arm.answers import Answer
from workshop_tui.practice.arm.deployments import find_parent

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm

MODEL = "Microsoft.CognitiveServices/accounts/models"
_CHAT = {"chatCompletion": "true", "completion": "true"}
_GLOBAL = ("GlobalStandard",)


class Known(NamedTuple):
    """One version of a model; `days` until it goes, fewer than none for one that is gone for new ones."""

    name: str
    version: str
    capabilities: dict[str, str]
    skus: tuple[str, ...]
    is_default: bool
    days: int


KNOWN = (
    Known("gpt-35-turbo", "0125", _CHAT, ("Standard",), is_default=True, days=-200),
    Known("gpt-4.1-mini", "2025-04-14", _CHAT, ("GlobalStandard", "Standard"), is_default=True, days=140),
    Known("gpt-4o", "2024-08-06", _CHAT, ("GlobalStandard", "Standard"), is_default=False, days=60),
    Known("gpt-4o", "2024-11-20", _CHAT, ("GlobalStandard", "Standard"), is_default=True, days=130),
    Known("gpt-5-mini", "2025-08-07", _CHAT, _GLOBAL, is_default=True, days=330),
    Known("text-embedding-3-small", "1", {"embeddings": "true"}, _GLOBAL, is_default=True, days=400),
    Known("whisper", "001", {"audio": "true"}, ("Standard",), is_default=True, days=400),
)


async def list_models(arm: Arm, call: Call) -> Answer:
    """GET those that the account could deploy."""
    account = find_parent(arm, call.path)
    now = arm.practice.clock.now()
    known = KNOWN if account["kind"] in CHAT_KINDS else ()
    return Answer(body={"value": [_document(each, now) for each in known]})


def _document(known: Known, now: datetime) -> Body:
    end = (now + timedelta(days=known.days)).strftime("%Y-%m-%dT00:00:00Z")
    return {
        "format": "OpenAI",
        "name": known.name,
        "version": known.version,
        "isDefaultVersion": known.is_default,
        "skus": [
            {
                "name": sku,
                "usageName": f"OpenAI.{sku}.{known.name}",
                "deprecationDate": end,
                "capacity": {"minimum": 1, "maximum": 1000, "default": 10},
                "rateLimits": [],
            }
            for sku in known.skus
        ],
        "maxCapacity": 3,
        "capabilities": known.capabilities,
        "deprecation": {"inference": end},
        "lifecycleStatus": "GenerallyAvailable" if known.days > 0 else "Deprecated",
        "systemData": {
            "createdBy": "Microsoft",
            "createdByType": "Application",
            "createdAt": "2025-01-01T00:00:00Z",
            "lastModifiedBy": "Microsoft",
            "lastModifiedByType": "Application",
            "lastModifiedAt": "2025-01-01T00:00:00Z",
        },
    }
