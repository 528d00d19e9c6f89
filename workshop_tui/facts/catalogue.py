"""All facts: importing this registers every resolver."""

from workshop_tui.facts import azure, clocks, cluster, identities, live, workstation
from workshop_tui.facts.engine import RESOLVERS

__all__ = ["RESOLVERS", "azure", "clocks", "cluster", "identities", "live", "workstation"]
