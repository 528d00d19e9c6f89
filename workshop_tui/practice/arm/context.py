"""What ARM's handlers share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.practice.access_tokens import AccessTokens
    from workshop_tui.practice.arm.operations import Operations
    from workshop_tui.practice.arm.resources import Resources
    from workshop_tui.practice.audit import Audit
    from workshop_tui.practice.context import ClusterControl, Practice
    from workshop_tui.practice.directory import Directory
    from workshop_tui.practice.rbac import AccessControl


@dataclass(frozen=True, slots=True)
class Arm:
    """The parts that ARM's handlers share."""

    practice: Practice
    directory: Directory
    access: AccessControl
    tokens: AccessTokens
    audit: Audit
    resources: Resources
    operations: Operations
    cluster: ClusterControl
