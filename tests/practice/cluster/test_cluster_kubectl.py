"""The practice cluster as a real kubectl sees it."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    Kubectl = Callable[..., str]


def test_the_store_is_running(kubectl: Kubectl) -> None:
    kubectl("rollout", "status", "deployment/ai-service", "--timeout=20s")
    rows = kubectl("get", "pods").splitlines()
    assert rows[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert any(row.startswith("ai-service-") and "1/1     Running" in row for row in rows)
