"""Stored resources: documents by lower-case id, just as ARM answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body
    from workshop_tui.practice.store import Store

KIND = "resource"


class Resources:
    """The resources of the subscription."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def get(self, resource_id: str) -> Body | None:
        """Return a resource by its id, in whatever case."""
        return self._store.read(KIND, resource_id.lower())

    def put(self, resource_id: str, resource: Body) -> None:
        """Create or replace a resource."""
        self._store.write(KIND, resource_id.lower(), resource)

    def remove(self, resource_id: str) -> bool:
        """Delete a resource and what lies below it; say whether there was one."""
        with self._store.transaction():
            for key, _ in self._store.scan(KIND, f"{resource_id.lower()}/"):
                self._store.remove(KIND, key)
            return self._store.remove(KIND, resource_id.lower())

    def below(self, prefix: str, kind: str | None = None) -> list[Body]:
        """Return the resources whose id starts with `prefix`, all or those of one type, by id."""
        found = [each for _, each in self._store.scan(KIND, prefix.lower())]
        return [each for each in found if kind is None or each["type"].lower() == kind.lower()]
