"""Whose image it is, and how much memory is enough."""

from __future__ import annotations

import pytest

from workshop_tui.authoring import Names
from workshop_tui.judgement.images import from_elsewhere, is_of_the_shop
from workshop_tui.judgement.memory import is_too_little

NAMES = Names("s", image="registry.example.org/mine/app:1", registry="ttl.sh")


@pytest.mark.parametrize(
    ("reference", "elsewhere"),
    [
        ("myregistry.azurecr.io/ai-service:1", True),
        ("ghcr.io/me/ai-service@sha256:aa", True),
        ("docker-pullable://ghcr.io/me/ai-service@sha256:aa", True),
        ("localhost/ai-service", True),
        ("localhost:5000/ai-service", True),
        ("registry:5000/ai-service", True),
        ("ttl.sh/some-id:1h", False),
        ("docker-pullable://ttl.sh/some-id:1h", False),
        ("registry.example.org/mine/app:2", False),
        ("ghcr.io/azure-samples/aks-store-demo/ai-service:latest", False),
        ("docker-pullable://ghcr.io/azure-samples/aks-store-demo/ai-service:latest", False),
        ("library/python:3.11", False),
        ("python", False),
        ("a.b", False),
    ],
)
def test_an_image_of_a_registry_of_the_learners_own_choice(reference: str, elsewhere: bool) -> None:  # noqa: FBT001 - a table's column
    assert from_elsewhere(reference, NAMES) is elsewhere


def test_an_image_that_the_shop_brought_along_however_a_node_names_it() -> None:
    assert is_of_the_shop("ghcr.io/azure-samples/aks-store-demo/ai-service:latest")
    assert is_of_the_shop("docker-pullable://ghcr.io/azure-samples/aks-store-demo/ai-service@sha256:aa")
    assert not is_of_the_shop("docker-pullable://ghcr.io/me/ai-service@sha256:aa")


@pytest.mark.parametrize(
    ("unit", "size"),
    [
        ("", 1),
        ("m", 1e-3),
        ("k", 1e3),
        ("M", 1e6),
        ("G", 1e9),
        ("T", 1e12),
        ("Ki", 2**10),
        ("Mi", 2**20),
        ("Gi", 2**30),
        ("Ti", 2**40),
    ],
)
def test_the_app_takes_sixty_mebibytes_in_whatever_unit(unit: str, size: float) -> None:
    needed = 60 * 2**20
    assert is_too_little(f"{(needed - 1) / size:.15f}{unit}")
    assert not is_too_little(f"{(needed + 1) / size:.15f}{unit}")


def test_limits_as_people_write_them() -> None:
    assert is_too_little("59Mi")
    assert not any(is_too_little(limit) for limit in ("60Mi", "128Mi", "1Gi", "", "lots"))
