"""The HTTP face of Entra ID, and of the issuer that vouches for the learner's own sign-in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.audit import note_caller
from workshop_tui.practice.entra import device_page, refusals
from workshop_tui.practice.entra.assertions import IssuerKeys
from workshop_tui.practice.entra.browser import BrowserSignIn
from workshop_tui.practice.entra.devices import PAGE, Devices
from workshop_tui.practice.entra.grants import Grants

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.access_tokens import AccessTokens
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory
    from workshop_tui.practice.entra.developer import DeveloperIssuer

TENANT_ALIASES = frozenset({"common", "organizations"})
LARGEST_FORM = 64_000


class Entra:
    """The endpoints; `app` is their ASGI application."""

    def __init__(
        self, practice: Practice, directory: Directory, tokens: AccessTokens, developer: DeveloperIssuer
    ) -> None:
        self._practice = practice
        self._directory = directory
        self._tokens = tokens
        self._devices = Devices(practice)
        self._browser = BrowserSignIn(practice, directory)
        keys = IssuerKeys(str(practice.ca_file))
        self._grants = Grants(practice, directory, tokens, self._devices, self._browser, keys)
        self.app = Starlette(
            routes=[
                *developer.routes(),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
                Route("/{tenant}/discovery/v2.0/keys", self.keys),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/devicecode", self.device_code, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/authorize", self.authorize, methods=["GET", "POST"]),
                Route(PAGE, self.device_page, methods=["GET", "POST"]),
            ]
        )

    async def discovery(self, request: Request) -> Response:
        """Answer the tenant's OpenID Connect discovery document."""
        tenant = request.path_params["tenant"]
        try:
            self._check_tenant(tenant)
        except refusals.Refusal as refusal:
            body = {**refusal.body(self._practice.addresses.entra), "error": "invalid_tenant"}
            return JSONResponse(body, refusal.status)
        base = f"{self._practice.addresses.entra}/{tenant}"
        return JSONResponse(
            {
                "token_endpoint": f"{base}/oauth2/v2.0/token",
                "token_endpoint_auth_methods_supported": ["client_secret_post", "private_key_jwt"],
                "jwks_uri": f"{base}/discovery/v2.0/keys",
                "response_modes_supported": ["query", "fragment", "form_post"],
                "subject_types_supported": ["pairwise"],
                "id_token_signing_alg_values_supported": ["RS256"],
                "response_types_supported": ["code", "id_token", "code id_token", "id_token token"],
                "scopes_supported": ["openid", "profile", "email", "offline_access"],
                "issuer": f"{base}/v2.0",
                "authorization_endpoint": f"{base}/oauth2/v2.0/authorize",
                "device_authorization_endpoint": f"{base}/oauth2/v2.0/devicecode",
                "end_session_endpoint": f"{base}/oauth2/v2.0/logout",
                "tenant_region_scope": "NA",
                "cloud_instance_name": "microsoftonline.com",
            }
        )

    async def keys(self, _: Request) -> Response:
        """Answer the keys that access tokens are signed with."""
        return JSONResponse({"keys": self._tokens.published()})

    async def authorize(self, request: Request) -> Response:
        """Show the page where a browser signs a person in, or take the filled form."""
        try:
            self._check_tenant(request.path_params["tenant"])
            if request.method == "POST":
                return self._browser.answer(await _form(request))
            return self._browser.page(dict(request.query_params))
        except refusals.Refusal as refusal:
            return JSONResponse(refusal.body(self._practice.addresses.entra), refusal.status)

    async def device_code(self, request: Request) -> Response:
        """Answer a device that asks for a code."""
        return await self._answered(request, self._begun)

    async def device_page(self, request: Request) -> Response:
        """Show the page where a person approves a code, or take the answer."""
        if request.method != "POST":
            return device_page.form(self._practice, request.query_params.get("code", ""))
        try:
            fields = await _form(request)
        except refusals.Refusal as refusal:
            return JSONResponse(refusal.body(self._practice.addresses.entra), refusal.status)
        return device_page.answer(self._practice, self._directory, self._devices, fields)

    async def token(self, request: Request) -> Response:
        """Answer the v2.0 token endpoint."""
        return await self._answered(request, self._granted)

    async def _begun(self, _: Request, form: dict[str, str]) -> dict[str, Any]:
        return self._grants.begin_device(form)

    async def _granted(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        grant = await self._grants.answer(form)
        note_caller(request.scope, grant.caller)
        return grant.body

    async def _answered(
        self,
        request: Request,
        answer: Callable[[Request, dict[str, str]], Awaitable[dict[str, Any]]],
    ) -> Response:
        headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
        try:
            form = await _form(request)
            self._check_tenant(request.path_params["tenant"])
            body = await answer(request, form)
        except refusals.Refusal as refusal:
            correlation = request.headers.get("client-request-id")
            told = refusal.body(self._practice.addresses.entra, correlation)
            return JSONResponse(told, refusal.status, headers=headers)
        return JSONResponse(body, headers=headers)

    def _check_tenant(self, tenant: str) -> None:
        if tenant.lower() not in {self._practice.names.tenant_id, *TENANT_ALIASES}:
            raise refusals.unknown_tenant(tenant)


async def _form(request: Request) -> dict[str, str]:
    raw = b""
    async for chunk in request.stream():
        raw += chunk
        if len(raw) > LARGEST_FORM:
            raise refusals.missing_parameter("grant_type")
    return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
