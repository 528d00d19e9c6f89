"""The clients that talk to the world outside: the only room that does."""

from workshop_tui.cloud.clients import Cloud, open_cloud
from workshop_tui.cloud.inventory import open_inventory

__all__ = ["Cloud", "open_cloud", "open_inventory"]
