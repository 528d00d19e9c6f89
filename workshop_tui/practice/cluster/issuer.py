"""The cluster's OIDC issuer: its discovery document and its keys, once it is turned on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.cluster.tokens import issuer_url

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.cluster.ports import ReadFeatures
    from workshop_tui.practice.context import Practice


class KeyHolder(Protocol):
    """Whoever signs the tokens."""

    def key_set(self) -> dict[str, Any]:
        """Return the public keys (RFC 7517)."""


def create_issuer(practice: Practice, tokens: KeyHolder, features: ReadFeatures) -> Starlette:
    """Return the issuer's site; every address of it is a 404 while the issuer is off.

    The documents hold what kube-apiserver puts into them, no more: facts/kubernetes.md 2.1.
    """
    issuer = issuer_url(practice)
    path = urlsplit(issuer).path

    def refuse_when_off() -> None:
        if not features().oidc_issuer:
            raise HTTPException(404)

    async def discovery(_request: Request) -> Response:
        refuse_when_off()
        return JSONResponse(
            {
                "issuer": issuer,
                "jwks_uri": f"{issuer}openid/v1/jwks",
                "response_types_supported": ["id_token"],
                "subject_types_supported": ["public"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def keys(_request: Request) -> Response:
        refuse_when_off()
        return JSONResponse(tokens.key_set(), media_type="application/jwk-set+json")

    return Starlette(
        routes=[
            Route(f"{path}.well-known/openid-configuration", discovery),
            Route(f"{path}openid/v1/jwks", keys),
        ]
    )
