"""The world as the quickstart leaves a learner, made at the first start of a state folder."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from workshop_tui.practice.context import Names

if TYPE_CHECKING:
    from workshop_tui.practice.store import Store


def names_of(store: Store) -> Names:
    """Return the world's ids and names, made at the first call."""
    known = store.read("names", "names")
    if known is None:
        known = {each: str(uuid.uuid4()) for each in ("tenant_id", "subscription_id", "cluster_guid")}
        store.write("names", "names", known)
    return Names(**known)
