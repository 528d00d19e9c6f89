"""The HTTP face of Entra ID, and of the issuer that vouches for the learner's own sign-in."""

from __future__ import annotations

import hmac
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from starlette.applications import Starlette
from starlette.responses import JSONResponse
from starlette.routing import Route

from workshop_tui.practice.access_tokens import LIFE_SECONDS
from workshop_tui.practice.audit import Caller, note_caller
from workshop_tui.practice.entra import refusals
from workshop_tui.practice.entra.assertions import IssuerKeys, verify_assertion
from workshop_tui.practice.entra.resources import SUFFIX, known_audiences, same_audience

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response

    from workshop_tui.practice.access_tokens import AccessTokens
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory, Principal
    from workshop_tui.practice.entra.developer import DeveloperIssuer

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
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
        self._keys = IssuerKeys(str(practice.ca_file))
        self.app = Starlette(
            routes=[
                *developer.routes(),
                Route("/{tenant}/v2.0/.well-known/openid-configuration", self.discovery),
                Route("/{tenant}/discovery/v2.0/keys", self.keys),
                Route("/{tenant}/oauth2/v2.0/token", self.token, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/devicecode", self.people, methods=["POST"]),
                Route("/{tenant}/oauth2/v2.0/authorize", self.people),
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

    async def people(self, _: Request) -> Response:
        """Answer where a person would sign in: there is nobody but the learner, who is signed in already."""
        refusal = refusals.no_people()
        return JSONResponse(refusal.body(self._practice.addresses.entra), refusal.status)

    async def token(self, request: Request) -> Response:
        """Answer the v2.0 token endpoint: client credentials, by secret or by assertion."""
        headers = {"Cache-Control": "no-store, no-cache", "Pragma": "no-cache"}
        try:
            form = await _form(request)
            body = await self._grant(request, form)
        except refusals.Refusal as refusal:
            correlation = request.headers.get("client-request-id")
            answer = refusal.body(self._practice.addresses.entra, correlation)
            return JSONResponse(answer, refusal.status, headers=headers)
        return JSONResponse(body, headers=headers)

    async def _grant(self, request: Request, form: dict[str, str]) -> dict[str, Any]:
        self._check_tenant(request.path_params["tenant"])
        for name in ("grant_type", "client_id", "scope"):
            if not form.get(name):
                raise refusals.missing_parameter(name)
        if form["grant_type"] != "client_credentials":
            raise refusals.unsupported_grant(form["grant_type"])
        principal = self._directory.by_application(form["client_id"])
        if principal is None:
            raise refusals.unknown_client(form["client_id"], self._practice.names.tenant_id)
        by_assertion = await self._authenticate(principal, form)
        audience = self._audience(form["scope"])
        method = "assertion" if by_assertion else "secret"
        note_caller(request.scope, Caller(method, principal.object_id, principal.application_id))
        return {
            "token_type": "Bearer",
            "expires_in": LIFE_SECONDS - 1,
            "ext_expires_in": LIFE_SECONDS - 1,
            "access_token": self._tokens.issue(principal, audience, by_assertion=by_assertion),
        }

    async def _authenticate(self, principal: Principal, form: dict[str, str]) -> bool:
        """Check the client's proof; True when it was an assertion."""
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise refusals.missing_parameter("client_assertion_type")
            assertion = form["client_assertion"].strip()
            await verify_assertion(self._practice, self._directory, self._keys, principal, assertion)
            return True
        if not form.get("client_secret"):
            raise refusals.no_proof()
        expected = principal.secret
        if expected is None or not hmac.compare_digest(expected.encode(), form["client_secret"].encode()):
            raise refusals.bad_secret(principal.application_id or "")
        return False

    def _audience(self, scope: str) -> str:
        """Return the audience of the one resource in `scope`; OpenID's own scopes are no resource."""
        resources = [each for each in scope.split() if each not in {"openid", "profile", "offline_access"}]
        if len(resources) != 1 or not resources[0].endswith(SUFFIX):
            raise refusals.bad_scope(scope)
        resource = resources[0].removesuffix(SUFFIX)
        if not same_audience(resource, known_audiences(self._practice.addresses)):
            raise refusals.unknown_resource(resource, self._practice.names.tenant_id)
        return resource

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
