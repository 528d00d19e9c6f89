"""Whether clocks agree well enough for tokens, and what another's moment is by ours."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from workshop_tui.model import AzureClock, ClusterClock

if TYPE_CHECKING:
    from workshop_tui.model import Absent, Unreadable

MOST_SKEW = timedelta(minutes=5)
"""How far apart clocks may be until tokens are refused for their time (Entra ID's own allowance)."""
MOST_BEHIND = timedelta(minutes=12)
"""How far the cluster's clock may be behind: the kubelet renews a token after 80 % of its hour, so each that
is presented counts for at least as long by the cluster's clock."""


def clock_offset(clock: AzureClock | ClusterClock | Absent | Unreadable) -> timedelta:
    """Return what has to be added to a moment of that clock to have it by ours; nothing where unknown."""
    ahead = clock.ahead if isinstance(clock, AzureClock | ClusterClock) else None
    return ahead or timedelta(0)


def clock_difference(
    azure: AzureClock | Absent | Unreadable, cluster: ClusterClock | Absent | Unreadable
) -> timedelta | None:
    """Return how far the cluster's clock is ahead of Azure's; None where one of them is not known."""
    if not isinstance(azure, AzureClock) or not isinstance(cluster, ClusterClock):
        return None
    return None if azure.ahead is None or cluster.ahead is None else azure.ahead - cluster.ahead


def refuses_tokens(ahead: timedelta | None) -> bool:
    """Say whether Entra ID refuses a cluster's tokens for its clock: so far ahead of Azure's, or behind."""
    return ahead is not None and not -MOST_BEHIND <= ahead <= MOST_SKEW


def skew_words(ahead: timedelta | None, whose: str, than: str) -> str:
    """Say how far `whose` clock is off `than`, where that is too much; nothing where it is not."""
    if ahead is None or abs(ahead) <= MOST_SKEW:
        return ""
    minutes = round(abs(ahead) / timedelta(minutes=1))
    return f"{whose} clock is {minutes} minutes {'ahead of' if ahead > timedelta(0) else 'behind'} {than}"
