"""The registry's routes (OCI distribution specification 1.1), anonymous as ttl.sh is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.registry.blobs import BlobFiles
from workshop_tui.practice.registry.catalogue import Catalogue
from workshop_tui.practice.registry.errors import RegistryError, answer_refusal, refuse_method
from workshop_tui.practice.registry.manifests import ManifestRoutes
from workshop_tui.practice.registry.transfers import BlobRoutes

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.context import Practice

_API_VERSION = {"Docker-Distribution-API-Version": "registry/2.0"}


async def _base(_request: Request) -> Response:
    return JSONResponse({}, headers=_API_VERSION)


async def _closed_catalog(_request: Request) -> Response:
    raise RegistryError(401, "UNAUTHORIZED", "the catalog is closed: repository names are not listed")


def create_registry(practice: Practice) -> Starlette:
    """Return the registry as an ASGI application. It keeps its blobs under `folder/registry/`."""
    blobs = BlobFiles(practice.options.folder / "registry")
    catalogue = Catalogue(practice.store, practice.clock)
    blob, manifest = BlobRoutes(blobs, catalogue), ManifestRoutes(blobs, catalogue)
    routes = [
        Route("/v2/", _base),
        Route("/v2", _base),
        Route("/v2/_catalog", _closed_catalog),
        Route("/v2/{name:path}/blobs/uploads/", blob.begin, methods=["POST"]),
        Route(
            "/v2/{name:path}/blobs/uploads/{upload}", blob.upload, methods=["GET", "PATCH", "PUT", "DELETE"]
        ),
        Route("/v2/{name:path}/blobs/{digest}", blob.blob, methods=["GET", "DELETE"]),
        Route("/v2/{name:path}/manifests/{reference}", manifest.manifest, methods=["GET", "PUT", "DELETE"]),
        Route("/v2/{name:path}/tags/list", manifest.tags),
        Route("/v2/{name:path}/referrers/{digest}", manifest.referrers),
    ]
    return Starlette(routes=routes, exception_handlers={RegistryError: answer_refusal, 405: refuse_method})
