"""The clients of the learner's own machine, put together for one target."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.cloud.account_log import AccountLogReader
    from workshop_tui.cloud.permitted import Gate
    from workshop_tui.model import EvidenceBook
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target


def workstation_clients(
    target: Target, settings: Settings, gate: Gate, log: AccountLogReader, evidence: EvidenceBook
) -> dict[type, object]:
    """Return the clients of this machine by the types that resolvers and actions ask for."""
    del target, settings, gate, log, evidence
    return {}
