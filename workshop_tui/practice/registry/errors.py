"""Refusals of the registry, in the JSON form of the OCI distribution specification."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from starlette.responses import JSONResponse

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response


class RegistryError(Exception):
    """One refusal: HTTP status, code of the specification, message for people, detail for tools."""

    def __init__(self, status: int, code: str, message: str, detail: dict[str, Any] | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.detail = detail or {}


def blob_unknown(digest: str) -> RegistryError:
    """Say that the repository holds no such blob."""
    return RegistryError(404, "BLOB_UNKNOWN", "blob unknown to registry", {"digest": digest})


def upload_unknown() -> RegistryError:
    """Say that no such upload is under way (any more)."""
    return RegistryError(404, "BLOB_UPLOAD_UNKNOWN", "blob upload unknown to registry")


def manifest_unknown(reference: str) -> RegistryError:
    """Say that there is no such manifest, or its lifetime is over."""
    key = "Digest" if ":" in reference else "Tag"
    return RegistryError(404, "MANIFEST_UNKNOWN", "manifest unknown", {key: reference})


def digest_invalid(digest: str) -> RegistryError:
    """Say that the bytes have another digest than was claimed, or that the digest is none."""
    return RegistryError(
        400, "DIGEST_INVALID", "provided digest did not match uploaded content", {"digest": digest}
    )


async def refuse_method(request: Request, _error: Exception) -> Response:
    """Answer a method that a place does not know; handed to Starlette as its handler of 405."""
    refusal = RegistryError(405, "UNSUPPORTED", "the operation is unsupported")
    return await answer_refusal(request, refusal)


async def answer_refusal(_request: Request, error: Exception) -> Response:
    """Turn a RegistryError into its answer; handed to Starlette as an exception handler."""
    assert isinstance(error, RegistryError)  # noqa: S101 - registered for this class only
    item = {"code": error.code, "message": str(error), "detail": error.detail}
    return JSONResponse({"errors": [item]}, status_code=error.status)
