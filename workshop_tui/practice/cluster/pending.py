"""Stands in for the node and the shop until their modules are there; nothing runs on it."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import TYPE_CHECKING, Any

from starlette.applications import Starlette

if TYPE_CHECKING:
    from pathlib import Path


class _IdleRuntime:
    async def run(self) -> None:
        await asyncio.Event().wait()

    def log_path(self, namespace: str, pod: str, container: str, *, previous: bool = False) -> Path | None:  # noqa: ARG002
        return None

    async def log_grew(self, namespace: str, pod: str, container: str, size: int) -> bool:  # noqa: ARG002
        return False

    def address(self, namespace: str, pod: str, port: int) -> tuple[str, int] | None:  # noqa: ARG002
        return None


def create_runtime(*arguments: Any) -> Any:  # noqa: ANN401
    """Return the kubelet, or one that runs nothing."""
    try:
        made = import_module("workshop_tui.practice.cluster.kubelet").create_kubelet
    except (AttributeError, ImportError):
        return _IdleRuntime()
    return made(*arguments)


def create_shop(*arguments: Any) -> Starlette:  # noqa: ANN401
    """Return the shop, or an empty site."""
    try:
        made = import_module("workshop_tui.practice.cluster.shop").create_shop
    except (AttributeError, ImportError):
        return Starlette()
    site: Starlette = made(*arguments)
    return site
