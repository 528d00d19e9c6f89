"""Which handler answers which method on which type: the table of what ARM offers here."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeAlias

from workshop_tui.practice.arm import groups

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from workshop_tui.practice.arm.answers import Answer, Call
    from workshop_tui.practice.arm.context import Arm

Handler: TypeAlias = "Callable[[Arm, Call], Awaitable[Answer]]"

_SUBSCRIPTIONS = "Microsoft.Resources/subscriptions"
_GROUPS = "Microsoft.Resources/subscriptions/resourceGroups"

HANDLERS: dict[tuple[str, str, str], Handler] = {
    ("GET", "Microsoft.Resources/tenants", "many"): groups.list_tenants,
    ("GET", _SUBSCRIPTIONS, "many"): groups.list_subscriptions,
    ("GET", _SUBSCRIPTIONS, "one"): groups.get_subscription,
    ("GET", f"{_SUBSCRIPTIONS}/resources", "many"): groups.list_resources,
    ("GET", _GROUPS, "many"): groups.list_groups,
    ("GET", _GROUPS, "one"): groups.get_group,
    ("PUT", _GROUPS, "one"): groups.put_group,
    ("GET", f"{_GROUPS}/resources", "many"): groups.list_resources,
}
"""By method, type in its canonical spelling, and shape (`one`, `many`, or a POST's verb)."""

KNOWN_TYPES = frozenset(kind.lower() for _, kind, _ in HANDLERS)
