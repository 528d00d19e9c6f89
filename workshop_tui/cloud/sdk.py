"""Loading the Azure SDK, which takes a second: in a thread, so that keys are answered meanwhile."""

from __future__ import annotations

from importlib import import_module
from threading import Event

from workshop_tui.daemon_thread import in_daemon_thread

_MODULES = (
    "azure.core.rest",
    "azure.identity.aio",
    "workshop_tui.cloud.arm_pipeline",
    "workshop_tui.cloud.az_credential",
)
_loaded = Event()


async def sdk_loaded() -> None:
    """Return once the SDK is loaded; to be awaited before the first import of it."""
    if not _loaded.is_set():
        await in_daemon_thread(_load)


def _load() -> None:
    for name in _MODULES:
        import_module(name)
    _loaded.set()
