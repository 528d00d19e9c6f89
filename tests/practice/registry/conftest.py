"""A registry of each test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from registry_world import practice_context, serving

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    import httpx

    from workshop_tui.practice.context import Practice


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[Practice]:
    """A practice cloud in which a simulated hour takes a real second."""
    with practice_context(tmp_path, 3600) as made:
        yield made


@pytest.fixture
async def registry(practice: Practice) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client whose base address is a running registry."""
    async with serving(practice) as client:
        yield client
