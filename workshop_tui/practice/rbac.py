"""Role-based access control: which actions a principal may take at a scope.

Used by ARM for control-plane actions and by Azure OpenAI for data actions.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import asdict, dataclass, field
from datetime import datetime
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.role_catalogue import BUILT_IN, Role

if TYPE_CHECKING:
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory, Principal

ASSIGNMENT = "role_assignment"
CUSTOM_ROLE = "role_definition"


@dataclass(frozen=True, slots=True)
class Assignment:
    """A role assignment with what the practice cloud remembers about it.

    Attributes:
        effective: ISO time from which the data plane knows it.

    """

    scope: str
    name: str
    role_id: str
    principal_id: str
    principal_type: str
    created: str
    created_by: str
    effective: str
    extra: dict[str, Any] = field(default_factory=dict)

    @property
    def id(self) -> str:
        """Its resource id."""
        return f"{self.scope.rstrip('/')}/providers/Microsoft.Authorization/roleAssignments/{self.name}"


@lru_cache(maxsize=1024)
def _pattern(text: str) -> re.Pattern[str]:
    return re.compile(".*".join(re.escape(part) for part in text.split("*")), re.IGNORECASE)


def covers(patterns: tuple[str, ...], action: str) -> bool:
    """Return whether one of the patterns, in which `*` stands for anything, is the action."""
    return any(_pattern(each).fullmatch(action) for each in patterns)


def is_within(scope: str, ancestor: str) -> bool:
    """Return whether `scope` is `ancestor` or below it."""
    upper = ancestor.lower().rstrip("/")
    return scope.lower() == upper or scope.lower().startswith(f"{upper}/")


class AccessControl:
    """Role definitions and assignments, and the judgement over them."""

    def __init__(self, practice: Practice, directory: Directory) -> None:
        self._practice = practice
        self._directory = directory

    def role(self, role_id: str) -> Role | None:
        """Return a role by its GUID, built in or custom."""
        built_in = BUILT_IN.get(role_id.lower())
        if built_in is not None:
            return built_in
        found = self._practice.store.read(CUSTOM_ROLE, role_id.lower())
        return None if found is None else Role.from_document(found)

    def roles(self) -> list[Role]:
        """Return every role."""
        custom = [Role.from_document(found) for _, found in self._practice.store.scan(CUSTOM_ROLE)]
        return [*BUILT_IN.values(), *custom]

    def give(self, scope: str, role_id: str, principal: Principal) -> None:
        """Write an assignment that the practice cloud itself makes; it counts at once."""
        now = self._practice.clock.now()
        assignment = Assignment(
            scope=scope,
            name=str(uuid.uuid4()),
            role_id=role_id,
            principal_id=principal.object_id,
            principal_type=principal.kind,
            created=now.strftime("%Y-%m-%dT%H:%M:%S.%f0Z"),
            created_by=principal.object_id,
            effective=now.isoformat(),
        )
        self._practice.store.write(ASSIGNMENT, assignment.id.lower(), asdict(assignment))

    def assignments(self) -> list[Assignment]:
        """Return every role assignment."""
        return [Assignment(**found) for _, found in self._practice.store.scan(ASSIGNMENT)]

    def allows(self, object_id: str, action: str, scope: str, *, data: bool = False) -> bool:
        """Return whether a role at or above `scope`, given directly or to a group, carries the action.

        Data actions count once the assignment has travelled to the data plane; others at once.
        """
        now = self._practice.clock.now()
        holders = {object_id.lower(), *self._directory.groups_of(object_id)}
        for each in self.assignments():
            if each.principal_id not in holders or not is_within(scope, each.scope):
                continue
            if data and datetime.fromisoformat(each.effective) > now:
                continue
            role = self.role(each.role_id)
            if role is not None and role.grants(action, covers, data=data):
                return True
        return False
