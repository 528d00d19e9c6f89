"""The practice cloud's image registry: the OCI distribution protocol, with the lifetimes of ttl.sh."""

from workshop_tui.practice.registry.app import create_registry
from workshop_tui.practice.registry.reaper import run_reaper

__all__ = ["create_registry", "run_reaper"]
