"""The node of the practice cluster: pulls images, runs pods, probes them, keeps their logs."""

from workshop_tui.practice.cluster.kubelet.node import create_kubelet

__all__ = ["create_kubelet"]
