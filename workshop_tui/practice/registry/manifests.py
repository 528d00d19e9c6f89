"""Manifests and tags over HTTP."""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse, Response

from workshop_tui.practice.registry.catalogue import Manifest
from workshop_tui.practice.registry.errors import RegistryError, digest_invalid, manifest_unknown
from workshop_tui.practice.registry.names import checked_digest, checked_name, is_digest

if TYPE_CHECKING:
    from starlette.requests import Request

    from workshop_tui.practice.registry.blobs import BlobFiles
    from workshop_tui.practice.registry.catalogue import Catalogue

OCI_MANIFEST = "application/vnd.oci.image.manifest.v1+json"
OCI_INDEX = "application/vnd.oci.image.index.v1+json"
DOCKER_MANIFEST = "application/vnd.docker.distribution.manifest.v2+json"
DOCKER_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"
_LARGEST = 4 * 1024 * 1024
_IMAGES, _INDEXES = (OCI_MANIFEST, DOCKER_MANIFEST), (OCI_INDEX, DOCKER_LIST)


def _invalid(message: str) -> RegistryError:
    return RegistryError(400, "MANIFEST_INVALID", "manifest invalid", {"message": message})


def parse_manifest(body: bytes, content_type: str, algorithm: str = "sha256") -> Manifest:
    """Return the manifest of these bytes, its digest by this algorithm, or refuse it (MANIFEST_INVALID)."""
    try:
        document = json.loads(body)
    except ValueError as error:
        raise _invalid("not JSON") from error
    if not isinstance(document, dict) or document.get("schemaVersion") != 2:  # noqa: PLR2004 - the schema's number
        raise _invalid("schemaVersion is not 2")
    media_type = content_type.partition(";")[0].strip() or str(document.get("mediaType", ""))
    if media_type not in _IMAGES + _INDEXES:
        raise _invalid(f"unsupported media type {media_type!r}")
    if document.get("mediaType", media_type) != media_type:
        raise _invalid("mediaType and Content-Type differ")
    try:
        return _described(document, body, media_type, algorithm)
    except (KeyError, TypeError, AttributeError, UnicodeDecodeError) as error:
        raise _invalid(f"malformed: {error}") from error


def _described(document: dict[str, Any], body: bytes, media_type: str, algorithm: str) -> Manifest:
    blobs, children = [], []
    if media_type in _INDEXES:
        children = [checked_digest(entry["digest"]) for entry in document["manifests"]]
    else:
        parts = [document["config"], *document["layers"]]
        blobs = [checked_digest(part["digest"]) for part in parts if not part.get("urls")]
    config_type = document.get("config", {}).get("mediaType", "")
    return Manifest(
        digest=f"{algorithm}:{hashlib.new(algorithm, body).hexdigest()}",
        media_type=media_type,
        body=body.decode(),
        blobs=tuple(dict.fromkeys(blobs)),
        children=tuple(dict.fromkeys(children)),
        subject=checked_digest(document["subject"]["digest"]) if document.get("subject") else "",
        artifact_type=document.get("artifactType") or config_type,
    )


def _annotated(manifest: Manifest) -> dict[str, Any]:
    """Return the annotations a list of referrers repeats, where there are some."""
    annotations = json.loads(manifest.body).get("annotations")
    return {"annotations": annotations} if annotations else {}


class ManifestRoutes:
    """The endpoints for manifests, the list of tags and the list of referrers."""

    def __init__(self, blobs: BlobFiles, catalogue: Catalogue) -> None:
        self._blobs = blobs
        self._catalogue = catalogue

    async def manifest(self, request: Request) -> Response:
        """GET, HEAD, PUT or DELETE one manifest by tag or digest.

        Accept is not looked at: what was pushed is what comes, as with ttl.sh's zot (its pkg/api/routes.go).
        """
        name = checked_name(request.path_params["name"])
        reference = request.path_params["reference"]
        by_digest = is_digest(reference)
        if request.method == "PUT":
            algorithm = reference.partition(":")[0] if by_digest else "sha256"
            received = await self._received(request, algorithm)
            return self._put(name, reference, received, by_digest=by_digest)
        find = self._catalogue.find if by_digest else self._catalogue.resolve
        manifest = find(name, reference)
        if manifest is None:
            raise manifest_unknown(reference)
        if request.method == "DELETE":
            delete = self._catalogue.delete_manifest if by_digest else self._catalogue.delete_tag
            delete(name, reference)
            return Response(status_code=202)
        headers = {"Docker-Content-Digest": manifest.digest, "ETag": f'"{manifest.digest}"'}
        return Response(manifest.body.encode(), media_type=manifest.media_type, headers=headers)

    async def tags(self, request: Request) -> Response:
        """GET the tags, in pages when `n` says so."""
        name = checked_name(request.path_params["name"])
        if not self._catalogue.is_known(name):
            raise RegistryError(404, "NAME_UNKNOWN", "repository name not known to registry", {"name": name})
        last = request.query_params.get("last", "")
        found = [tag for tag in self._catalogue.tags(name) if tag > last]
        headers = {}
        size = request.query_params.get("n", "")
        if size.isdecimal() and int(size) < len(found):
            found = found[: int(size)]
            if found:
                headers["Link"] = f'</v2/{name}/tags/list?n={size}&last={found[-1]}>; rel="next"'
        return JSONResponse({"name": name, "tags": found}, headers=headers)

    async def referrers(self, request: Request) -> Response:
        """GET the manifests that refer to a digest, as an image index."""
        name = checked_name(request.path_params["name"])
        found = self._catalogue.referrers(name, checked_digest(request.path_params["digest"]))
        wanted = request.query_params.get("artifactType")
        entries = [
            {
                "mediaType": manifest.media_type,
                "digest": manifest.digest,
                "size": len(manifest.body.encode()),
                "artifactType": manifest.artifact_type,
                **_annotated(manifest),
            }
            for manifest in found
            if wanted is None or manifest.artifact_type == wanted
        ]
        headers = {} if wanted is None else {"OCI-Filters-Applied": "artifactType"}
        index = {"schemaVersion": 2, "mediaType": OCI_INDEX, "manifests": entries}
        return JSONResponse(index, media_type=OCI_INDEX, headers=headers)

    @staticmethod
    async def _received(request: Request, algorithm: str) -> Manifest:
        body = b""
        async for data in request.stream():
            body += data
            if len(body) > _LARGEST:
                raise RegistryError(413, "SIZE_INVALID", "manifest is too large", {"limit": _LARGEST})
        return parse_manifest(body, request.headers.get("content-type", ""), algorithm)

    def _put(self, name: str, reference: str, manifest: Manifest, *, by_digest: bool) -> Response:
        if by_digest and reference != manifest.digest:
            raise digest_invalid(reference)
        for digest in manifest.blobs:
            if not self._catalogue.is_linked(name, digest) or self._blobs.size(digest) is None:
                raise RegistryError(
                    400, "MANIFEST_BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest}
                )
        for digest in manifest.children:
            if self._catalogue.find(name, digest) is None:
                raise RegistryError(
                    400, "MANIFEST_BLOB_UNKNOWN", "manifest unknown to registry", {"digest": digest}
                )
        self._catalogue.put(name, manifest, None if by_digest else reference)
        headers = {
            "Location": f"/v2/{name}/manifests/{manifest.digest}",
            "Docker-Content-Digest": manifest.digest,
        }
        if manifest.subject:
            headers["OCI-Subject"] = manifest.subject
        return Response(status_code=201, headers=headers)
