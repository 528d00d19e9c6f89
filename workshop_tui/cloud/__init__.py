"""The clients that talk to the world outside: the only room that does."""

from workshop_tui.cloud.clients import Cloud, open_cloud

__all__ = ["Cloud", "open_cloud"]
