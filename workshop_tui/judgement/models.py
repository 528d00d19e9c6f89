"""Which models chat, and which one to deploy where there is none."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from datetime import datetime

    from workshop_tui.model import AvailableModel, AvailableModels

_NOT_CHAT = (
    *("embedding", "dall-e", "whisper", "tts", "sora", "transcribe", "realtime", "image"),
    *("davinci", "babbage", "curie", "ada"),
)
_SKUS = ("GlobalStandard", "Standard", "DataZoneStandard")
"""Paid for as used, the one that is offered in most regions first."""
_GOING = frozenset({"Deprecated", "Deprecating", "Legacy", "Preview"})
_LASTING = timedelta(days=30)


def may_chat(model: str) -> bool:
    """Say whether a model's name speaks of none of the other kinds: embeddings, images, speech."""
    return not any(word in model.casefold() for word in _NOT_CHAT)


def model_to_deploy(models: AvailableModels, now: datetime) -> AvailableModel | None:
    """Return the model that suits the app best and is here to stay; None where none of the list does.

    The app sends `max_tokens` and `temperature`, which models that reason refuse: the GPT-4 family comes
    first, and of it a small one.
    """
    fitting = [
        item
        for item in models.items
        if item.chats and sku_of(item) and item.status not in _GOING and _lasts(item, now)
    ]

    def rank(item: AvailableModel) -> tuple[bool, bool, bool, float, str, str]:
        lasts = item.ends.timestamp() if item.ends is not None else float("inf")
        family = item.name.startswith("gpt-4")
        return (not family, "mini" not in item.name, not item.is_default, -lasts, item.name, item.version)

    return min(fitting, key=rank, default=None)


def sku_of(model: AvailableModel) -> str:
    """Return how to pay for it: as used, where that is offered; else an empty text."""
    return next((sku for sku in _SKUS if sku in model.skus), "")


def _lasts(model: AvailableModel, now: datetime) -> bool:
    return model.ends is None or model.ends - now > _LASTING
