"""What a practice cloud consists of: an application per listener, and the work in the background."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.access_tokens import AccessTokens
from workshop_tui.practice.arm.app import create_arm
from workshop_tui.practice.arm.clusters import apply_cluster
from workshop_tui.practice.arm.context import Arm
from workshop_tui.practice.arm.operations import Operations
from workshop_tui.practice.arm.removal import remove
from workshop_tui.practice.arm.resources import Resources
from workshop_tui.practice.audit import Audit, Audited
from workshop_tui.practice.cluster import Cluster
from workshop_tui.practice.directory import Directory
from workshop_tui.practice.entra.app import Entra
from workshop_tui.practice.entra.developer import DeveloperIssuer, SignIn
from workshop_tui.practice.entra.people import Learner, ensure_learner
from workshop_tui.practice.graph import create_graph
from workshop_tui.practice.guard import LARGEST_BODY, Guarded
from workshop_tui.practice.openai import create_openai
from workshop_tui.practice.rbac import AccessControl
from workshop_tui.practice.registry import create_registry, run_reaper
from workshop_tui.practice.seed_world import cluster_id, seed
from workshop_tui.practice.signing import SigningKey

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine

    from starlette.types import ASGIApp

    from workshop_tui.practice.certificates import Authority
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.power import Power

QUIET = frozenset({"/practice/health"})
"""Paths that tell nothing worth keeping in the request log."""


@dataclass(frozen=True, slots=True)
class Services:
    """Applications by service name, background work by name, the learner's sign-in and kubeconfig (YAML)."""

    apps: dict[str, ASGIApp]
    background: dict[str, Callable[[], Coroutine[Any, Any, None]]]
    sign_in: SignIn
    kubeconfig: str
    learner: Learner
    power: dict[str, Power]
    """Of services that can be turned off: whether they are on."""


def build_services(practice: Practice, authority: Authority) -> Services:
    """Put a practice cloud together; the world is made when the folder has none yet."""
    keys = practice.options.folder / "keys"
    directory = Directory(practice.store, practice.clock)
    tokens = AccessTokens(practice, SigningKey.load(keys, "entra"))
    developer = DeveloperIssuer(practice, SigningKey.load(keys, "developer"))
    sign_in = developer.sign_in(directory)
    developer.renew()
    cluster = Cluster(practice, authority=authority)
    resources = Resources(practice.store)
    arm = Arm(
        practice=practice,
        directory=directory,
        access=AccessControl(practice, directory),
        tokens=tokens,
        audit=Audit(practice.store, practice.clock),
        resources=resources,
        operations=Operations(practice, resources),
        cluster=cluster,
    )
    arm.operations.on_end = lambda resource_id: apply_cluster(arm, resource_id)
    arm.operations.remove = lambda resource_id: remove(arm, resource_id)
    seed(arm, cluster, sign_in)
    learner = ensure_learner(arm)
    arm.operations.settle()
    apply_cluster(arm, cluster_id(practice.names))
    apps: dict[str, ASGIApp] = {
        "arm": create_arm(arm),
        "graph": create_graph(arm),
        "openai": create_openai(arm),
        "entra": Entra(practice, directory, tokens, developer).app,
        "kubernetes": cluster.api_app,
        "issuer": cluster.issuer_app,
        "registry": create_registry(practice),
        "shop": cluster.shop_app,
    }
    return Services(
        apps={name: Audited(_guarded(name, app), arm.audit, name, QUIET) for name, app in apps.items()},
        background={
            "operations": arm.operations.run,
            "developer sign-in": developer.run,
            "registry reaper": lambda: run_reaper(practice),
            "cluster": cluster.run,
        },
        sign_in=sign_in,
        kubeconfig=cluster.user_kubeconfig(),
        learner=learner,
        power={"kubernetes": cluster.power},
    )


def _guarded(name: str, app: ASGIApp) -> Guarded:
    """Return a service behind the guard; only the registry takes bodies of any size, for layers are large."""
    return Guarded(app, largest_body=None if name == "registry" else LARGEST_BODY)
