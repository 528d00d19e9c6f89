"""The practice cluster: a Kubernetes API server, its controllers, and one node."""

from __future__ import annotations

from workshop_tui.practice.cluster.cluster import Cluster

__all__ = ["Cluster"]
