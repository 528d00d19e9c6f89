"""The store-admin site of the practice store: our own small one, simulated and saying so."""

from workshop_tui.practice.cluster.shop.app import create_shop

__all__ = ["create_shop"]
