"""What the token endpoint gives, by kind of grant: to applications, to people by device code, on renewal."""

from __future__ import annotations

import hmac
import json
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.access_tokens import LIFE_SECONDS, ExpiredTokenError
from workshop_tui.practice.audit import Caller
from workshop_tui.practice.entra import refusals
from workshop_tui.practice.entra.assertions import IssuerKeys, verify_assertion
from workshop_tui.practice.entra.resources import audiences_of_graph, known_audiences, same_audience
from workshop_tui.practice.signing import TokenError

if TYPE_CHECKING:
    from workshop_tui.practice.access_tokens import AccessTokens
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.directory import Directory, Principal
    from workshop_tui.practice.entra.browser import BrowserSignIn
    from workshop_tui.practice.entra.devices import Devices

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
AZURE_CLI = "04b07795-8ddb-461a-bbee-02f9e1bf7b46"
"""The application `az` is; azure-identity's DeviceCodeCredential says it is this one, too."""
OPENID = frozenset({"openid", "profile", "email", "offline_access"})
SUFFIXES = ("/.default", "/user_impersonation")
GRAPH_RIGHT = "User.Read"


@dataclass(frozen=True, slots=True)
class Grant:
    """A token answer, and who got it."""

    body: dict[str, Any]
    caller: Caller


@dataclass(frozen=True, slots=True)
class Grants:
    """The grants the practice tenant speaks."""

    practice: Practice
    directory: Directory
    tokens: AccessTokens
    devices: Devices
    browser: BrowserSignIn
    keys: IssuerKeys

    async def answer(self, form: dict[str, str]) -> Grant:
        """Answer a request to the token endpoint.

        Raises:
            Refusal: as Entra ID refuses.

        """
        for name in ("grant_type", "client_id"):
            if not form.get(name):
                raise refusals.missing_parameter(name)
        match form["grant_type"]:
            case "client_credentials":
                return await self._to_application(form)
            case "device_code" | "urn:ietf:params:oauth:grant-type:device_code":
                return self._by_device(form)
            case "authorization_code":
                return self._by_browser(form)
            case "refresh_token":
                return self._renewed(form)
            case other:
                raise refusals.unsupported_grant(other)

    async def _to_application(self, form: dict[str, str]) -> Grant:
        if not form.get("scope"):
            raise refusals.missing_parameter("scope")
        principal = self.directory.by_application(form["client_id"])
        if principal is None:
            raise refusals.unknown_client(form["client_id"], self.practice.names.tenant_id)
        by_assertion = await self._authenticate(principal, form)
        audience = self._audience_for_application(form["scope"])
        method = "assertion" if by_assertion else "secret"
        body = {
            "token_type": "Bearer",
            "expires_in": LIFE_SECONDS - 1,
            "ext_expires_in": LIFE_SECONDS - 1,
            "access_token": self.tokens.issue(principal, audience, by_assertion=by_assertion),
        }
        return Grant(body, Caller(method, principal.object_id, principal.application_id))

    async def _authenticate(self, principal: Principal, form: dict[str, str]) -> bool:
        """Check the client's proof; True when it was an assertion."""
        if "client_assertion" in form:
            if form.get("client_assertion_type") != ASSERTION_TYPE:
                raise refusals.missing_parameter("client_assertion_type")
            assertion = form["client_assertion"].strip()
            await verify_assertion(self.practice, self.directory, self.keys, principal, assertion)
            return True
        if not form.get("client_secret"):
            raise refusals.no_proof()
        expected = principal.secret
        if expected is None or not hmac.compare_digest(expected.encode(), form["client_secret"].encode()):
            raise refusals.bad_secret(principal.application_id or "")
        return False

    def begin_device(self, form: dict[str, str]) -> dict[str, Any]:
        """Answer the device code endpoint."""
        client_id = self.public_client(form)
        if not form.get("scope"):
            raise refusals.missing_parameter("scope")
        self._audience_for_person(form["scope"])
        return self.devices.begin(client_id, form["scope"])

    def public_client(self, form: dict[str, str]) -> str:
        """Return the application people use; it proves nothing of itself."""
        client_id = form.get("client_id", "").lower()
        if not client_id:
            raise refusals.missing_parameter("client_id")
        if client_id != AZURE_CLI:
            raise refusals.unknown_client(form["client_id"], self.practice.names.tenant_id)
        return client_id

    def _by_device(self, form: dict[str, str]) -> Grant:
        client_id = self.public_client(form)
        device = self.devices.poll(form.get("device_code") or form.get("code", ""), client_id)
        assert device.person is not None  # noqa: S101  # that is what poll waits for
        return self._to_person(device.person, client_id, device.scope)

    def _by_browser(self, form: dict[str, str]) -> Grant:
        client_id = self.public_client(form)
        granted = self.browser.redeem(form, client_id)
        return self._to_person(granted.person, client_id, granted.scope, granted.nonce)

    def _renewed(self, form: dict[str, str]) -> Grant:
        client_id = self.public_client(form)
        try:
            object_id, for_client, given = self.tokens.recall(form.get("refresh_token", ""))
        except ExpiredTokenError as error:
            raise refusals.refresh_token_expired(error.expiry) from error
        except TokenError as error:
            raise refusals.bad_refresh_token() from error
        person = self.directory.get(object_id)
        if person is None or for_client != client_id or given > self.practice.clock.now():
            raise refusals.bad_refresh_token()
        return self._to_person(person, client_id, form.get("scope", ""))

    def _to_person(self, person: Principal, client_id: str, scope: str, nonce: str = "") -> Grant:
        audience = self._audience_for_person(scope)
        right = GRAPH_RIGHT if same_audience(audience, audiences_of_graph(self.practice.addresses)) else ""
        body = {
            "token_type": "Bearer",
            "scope": f"{audience}/{right or 'user_impersonation'} {audience}/.default",
            "expires_in": LIFE_SECONDS - 1,
            "ext_expires_in": LIFE_SECONDS - 1,
            "access_token": self.tokens.issue_to_person(person, audience, client_id),
            "refresh_token": self.tokens.remember(person, client_id),
            "foci": "1",
            "id_token": self.tokens.identify(person, client_id, nonce),
            "client_info": _encoded({"uid": person.object_id, "utid": self.practice.names.tenant_id}),
        }
        return Grant(body, Caller("person", person.object_id, client_id))

    def _audience_for_application(self, scope: str) -> str:
        """Return the audience of the one resource in `scope`; OpenID's own scopes are no resource."""
        resources = [each for each in scope.split() if each not in OPENID]
        if len(resources) != 1 or not resources[0].endswith(SUFFIXES[0]):
            raise refusals.bad_scope(scope)
        return self._known(resources[0].removesuffix(SUFFIXES[0]))

    def _audience_for_person(self, scope: str) -> str:
        """Return the audience; a scope that names no resource is Graph's."""
        resources = [each for each in scope.split() if each not in OPENID]
        named = [
            each.removesuffix(suffix) for each in resources for suffix in SUFFIXES if each.endswith(suffix)
        ]
        if len(named) != len(resources) or len(set(named)) > 1:
            raise refusals.bad_personal_scope(scope)
        return self._known(named[0]) if named else self.practice.addresses.graph

    def _known(self, resource: str) -> str:
        if not same_audience(resource, known_audiences(self.practice.addresses)):
            raise refusals.unknown_resource(resource, self.practice.names.tenant_id)
        return resource


def _encoded(document: dict[str, str]) -> str:
    return urlsafe_b64encode(json.dumps(document).encode()).decode().rstrip("=")
