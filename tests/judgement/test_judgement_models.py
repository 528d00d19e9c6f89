"""Which model a printed command deploys: one that is there, suits the app, and is not about to go."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest

from workshop_tui.judgement.models import may_chat, model_to_deploy, sku_of
from workshop_tui.model import AvailableModel, AvailableModels

if TYPE_CHECKING:
    from collections.abc import Sequence

NOW = datetime(2026, 11, 25, 12, 0, tzinfo=UTC)
GENERAL = "GenerallyAvailable"


def model(
    name: str,
    version: str = "1",
    *,
    days: float | None = 400,
    skus: Sequence[str] = ("GlobalStandard",),
    chats: bool = True,
    is_default: bool = True,
    status: str = GENERAL,
) -> AvailableModel:
    """Return a model of which all is well, but for what is said."""
    ends = None if days is None else NOW + timedelta(days=days)
    return AvailableModel(
        name, version, tuple(skus), chats=chats, is_default=is_default, status=status, ends=ends
    )


SMALL, OLD, BIG, THINKS = model("gpt-4.1-mini"), model("gpt-4o-mini"), model("gpt-4o"), model("gpt-5-mini")


@pytest.mark.parametrize(
    ("models", "chosen"),
    [
        ((THINKS, BIG, SMALL), SMALL),
        ((THINKS, BIG), BIG),
        ((model("gpt-6"), THINKS), THINKS),
        ((model("gpt-4.1-mini", days=29), BIG), BIG),
        ((model("gpt-4.1-mini", days=30), BIG), BIG),
        ((model("gpt-4.1-mini", days=30.1), BIG), model("gpt-4.1-mini", days=30.1)),
        ((model("gpt-4.1-mini", days=None), SMALL), model("gpt-4.1-mini", days=None)),
        ((model("gpt-4.1-mini", chats=False), BIG), BIG),
        ((model("gpt-4.1-mini", skus=("ProvisionedManaged",)), BIG), BIG),
        ((model("gpt-4.1-mini", "2", is_default=False), SMALL), SMALL),
        ((model("gpt-4o-mini", days=300), SMALL), SMALL),
        ((OLD, SMALL), SMALL),
        ((model("gpt-4.1-mini", "2"), SMALL), SMALL),
        *(
            ((model("gpt-4.1-mini", status=status), BIG), BIG)
            for status in ("Deprecated", "Deprecating", "Legacy", "Preview")
        ),
        ((), None),
    ],
)
def test_the_one_to_deploy(models: tuple[AvailableModel, ...], chosen: AvailableModel | None) -> None:
    assert model_to_deploy(AvailableModels(models), NOW) == chosen
    assert model_to_deploy(AvailableModels(models[::-1]), NOW) == chosen, "whatever the order"


@pytest.mark.parametrize(
    ("skus", "chosen"),
    [
        (("ProvisionedManaged", "Standard", "GlobalStandard"), "GlobalStandard"),
        (("DataZoneStandard", "Standard"), "Standard"),
        (("DataZoneStandard", "GlobalBatch"), "DataZoneStandard"),
        (("GlobalBatch",), ""),
    ],
)
def test_how_it_is_paid_for(skus: tuple[str, ...], chosen: str) -> None:
    assert sku_of(model("gpt-4.1-mini", skus=skus)) == chosen


def test_what_does_not_chat_is_told_by_its_name() -> None:
    assert may_chat("gpt-4.1-mini")
    assert not may_chat("text-embedding-3-small")
    assert not may_chat("DALL-E-3")
