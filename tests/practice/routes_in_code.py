"""Every route the practice cloud serves, read from its own tables, and the route a request took.

Routes are named `service METHOD template`, those of the cluster's objects `kubernetes verb resource`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, cast

from practice_in_process import unserved
from starlette.routing import Match, Route

from workshop_tui.practice.arm.handlers import HANDLERS
from workshop_tui.practice.arm.paths import parse
from workshop_tui.practice.certificates import open_authority
from workshop_tui.practice.cluster.api import documents
from workshop_tui.practice.cluster.api.context import parse_target
from workshop_tui.practice.cluster.resources import GROUPS, RESOURCES
from workshop_tui.practice.services import build_services
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from starlette.applications import Starlette

    from workshop_tui.practice.audit import Audited
    from workshop_tui.practice.guard import Guarded

LISTS_OF_ROUTES = ("entra", "graph", "issuer", "registry", "shop")
CHAT = "openai POST /openai/deployments/{}/chat/completions"
VERBS = {"POST": "create", "PUT": "update", "PATCH": "patch", "DELETE": "delete"}
OUTSIDE_ARM = ("/practice/", "/metadata/")
HEALTH = ("/healthz", "/livez", "/readyz")


def routes_in_code() -> list[str]:
    """Return them all, sorted."""
    arm = [_arm_route(method, kind, shape) for method, kind, shape in HANDLERS]
    own = [f"arm GET {route.path}" for route in _routes("arm") if route.path.startswith(OUTSIDE_ARM)]
    listed = [
        f"{service} {method} {_template(route)}"
        for service in LISTS_OF_ROUTES
        for route in _routes(service)
        for method in route.methods or ()
        if method != "HEAD" or service == "registry"
    ]
    return sorted({*arm, "arm HEAD …", *own, *listed, CHAT, *_cluster_routes()})


def route_of(service: str, method: str, path: str) -> str | None:
    """Return the route that answered a request; None when none did. A watch looks like the list it is."""
    if service == "arm":
        return "arm HEAD …" if method == "HEAD" else _arm_route_of(method, path)
    if service == "openai":
        return CHAT if method == "POST" and path.endswith("/chat/completions") else None
    if service == "kubernetes":
        return _cluster_route_of(method, path)
    scope = {"type": "http", "path": path, "method": method, "headers": []}
    found = next((each for each in _routes(service) if each.matches(scope)[0] is Match.FULL), None)
    return None if found is None else f"{service} {method} {_template(found)}"


def _arm_route(method: str, kind: str, shape: str) -> str:
    provider, *segments = kind.split("/")
    path = "/{}/".join(segments) + ("" if shape == "many" else "/{}")
    verb = "" if shape in {"one", "many"} else f"/{shape}"
    start = "/" if provider == "Microsoft.Resources" else f"…/providers/{provider}/"
    return f"arm {method} {start}{path}{verb}"


def _arm_route_of(method: str, path: str) -> str | None:
    if path.startswith(OUTSIDE_ARM):
        return f"arm {method} {path}"
    parsed = parse(path, method)
    if parsed is None or (method, parsed.type, parsed.shape) not in HANDLERS:
        return None
    return _arm_route(method, parsed.type, parsed.shape)


def _cluster_routes() -> list[str]:
    objects = [f"kubernetes {verb} {resource.name}" for resource in RESOURCES for verb in resource.verbs]
    parts = [
        f"kubernetes {verb} {resource.name}/{part.name}"
        for resource in RESOURCES
        for part in resource.subresources
        for verb in part.verbs
    ]
    described = [f"kubernetes GET {_generic(path)}" for path in (*HEALTH, *documents.paths())]
    return [*objects, *parts, *described]


def _generic(path: str) -> str:
    """Return a discovery path with its API group left open."""
    for group in filter(None, GROUPS):
        path = path.replace(f"/apis/{group}", "/apis/{}")
    return path


def _cluster_route_of(method: str, path: str) -> str | None:
    target = parse_target(path)
    if target is None:
        plain = path.rstrip("/") or "/"
        return f"kubernetes GET {_generic(plain)}" if plain in (*HEALTH, *documents.paths()) else None
    verb = VERBS.get(method) or ("get" if target.name else "list")
    if verb == "delete" and not target.name:
        verb = "deletecollection"
    part = f"/{target.subresource}" if target.subresource else ""
    return f"kubernetes {verb} {target.resource.name}{part}"


def _template(route: Route) -> str:
    """Return a route's path, its parameters unnamed and the ids of the issuer's path left open."""
    path = route.path.replace("/tenant/cluster/", "/{}/{}/")
    for name in route.param_convertors:
        path = path.replace(f"{{{name}}}", "{}").replace(f"{{{name}:path}}", "{}")
    return path


@cache
def _apps() -> dict[str, Starlette]:
    """Return the applications of a practice cloud that serves nobody."""
    with TemporaryDirectory() as name:
        folder = Path(name)
        authority = open_authority(folder)
        store = Store(folder / "store.sqlite")
        practice = unserved(folder, store, authority)
        apps = build_services(practice, authority).apps
        store.close()
    guarded = {name: cast("Guarded", cast("Audited", app).app) for name, app in apps.items()}
    return {name: cast("Starlette", each.app) for name, each in guarded.items()}


def _routes(service: str) -> list[Route]:
    return [each for each in _apps()[service].routes if isinstance(each, Route)]
