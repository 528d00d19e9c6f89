"""All facts: importing this registers every resolver."""

from workshop_tui.facts import azure, cluster, live, workstation
from workshop_tui.facts.engine import RESOLVERS

__all__ = ["RESOLVERS", "azure", "cluster", "live", "workstation"]
