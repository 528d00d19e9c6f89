"""User-assigned managed identities and their federated credentials.

Answers and rules as recorded and documented: ids with a lower-case `resourcegroups`, 201 with a relative
Location that carries no api-version, no provisioningState, issuer and subject unique per identity, one
audience, at most 20 credentials, one write at a time.
"""

from __future__ import annotations

import re
import uuid
from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer, Refused, bad_request, resource_not_found
from workshop_tui.practice.directory import Principal, Trust

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body, Call
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.arm.paths import ArmPath

IDENTITY = "Microsoft.ManagedIdentity/userAssignedIdentities"
OPERATIONS = {"GET": "read", "PUT": "write", "DELETE": "delete"}
"""How a refusal names a method (`delete` as recorded)."""
MOST_CREDENTIALS = 20
LONGEST_VALUE = 600
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9\-_]{2,119}")
WRITE_SECONDS = 0.2
"""Simulated seconds a credential's write takes: a second write meanwhile is refused."""

_writing: set[str] = set()


async def put_identity(arm: Arm, call: Call) -> Answer:
    """PUT: 201 for a new identity, 200 for a known one; the principal is there at once."""
    identity_id = _identity_id(call.path)
    known = arm.resources.get(identity_id)
    location = str(call.body.get("location") or "")
    if not location:
        raise bad_request("The location property is required for this definition.", "LocationRequired")
    location = location.lower().replace(" ", "")
    if known is not None:
        if known["location"] != location:
            raise _wrong_location(call.path, known["location"], location)
        known["tags"] = call.body.get("tags") or {}
        arm.resources.put(identity_id, known)
        return Answer(200, known)
    identity = _make(arm, call, identity_id, location)
    return Answer(201, identity, {"Location": identity_id})


def _make(arm: Arm, call: Call, identity_id: str, location: str) -> Body:
    principal = Principal(
        object_id=str(uuid.uuid4()),
        display_name=call.path.name,
        application_id=str(uuid.uuid4()),
        service_kind="ManagedIdentity",
        replicated=arm.directory.replicated_after(),
        alternative_names=("isExplicit=True", identity_id),
    )
    identity = {
        "location": location,
        "tags": call.body.get("tags") or {},
        "id": identity_id,
        "name": call.path.name,
        "type": IDENTITY,
        "properties": {
            "tenantId": arm.practice.names.tenant_id,
            "principalId": principal.object_id,
            "clientId": principal.application_id,
        },
    }
    with arm.practice.store.transaction():
        arm.directory.put(principal)
        arm.resources.put(identity_id, identity)
    return identity


def _wrong_location(path: ArmPath, known: str, wanted: str) -> Refused:
    text = (
        f"The resource '{path.name}' already exists in location '{known}' in resource group "
        f"'{path.resource_group}'. A resource with the same name cannot be created in location '{wanted}'. "
        "Please select a new resource name."
    )
    return Refused(409, "InvalidResourceLocation", text)


async def get_identity(arm: Arm, call: Call) -> Answer:
    """GET one."""
    return Answer(body=_find(arm, call.path))


async def list_identities(arm: Arm, call: Call) -> Answer:
    """GET those of a resource group or of the subscription."""
    return Answer(body={"value": arm.resources.below(f"{call.path.scope.lower()}/", IDENTITY)})


async def delete_identity(arm: Arm, call: Call) -> Answer:
    """DELETE: 200, or 204 when there was none. The principal and its credentials go, too."""
    identity = arm.resources.get(_identity_id(call.path))
    if identity is None:
        return Answer(204)
    with arm.practice.store.transaction():
        arm.directory.remove(identity["properties"]["principalId"])
        arm.resources.remove(identity["id"])
    return Answer(200)


async def put_credential(arm: Arm, call: Call) -> Answer:
    """PUT a federated credential: checked for form, never against the world."""
    client_id = _parent_client_id(arm, call)
    name = call.path.name
    if not NAME.fullmatch(name):
        raise bad_request(f"Federated Identity Credential name '{name}' is invalid.")
    trust = _read_trust(call.body)
    parent_id = _identity_id(call.path)
    if parent_id.lower() in _writing:
        text = (
            "Too many Federated Identity Credentials are written concurrently for the managed identity "
            f"'{parent_id}'. Concurrent Federated Identity Credentials writes under the same managed "
            "identity are not supported."
        )
        raise Refused(409, "ConcurrentFederatedIdentityCredentialsWritesForSingleManagedIdentity", text)
    _writing.add(parent_id.lower())
    try:
        await arm.practice.clock.sleep(WRITE_SECONDS)
        known = arm.directory.credential(client_id, name) is not None
        _check_room(arm, client_id, name, trust)
        arm.directory.trust(client_id, name, trust, arm.practice.options.credential_seconds)
    finally:
        _writing.discard(parent_id.lower())
    document = _credential(call.path, name, trust)
    return Answer(200, document) if known else Answer(201, document, {"Location": document["id"]})


def _read_trust(body: Body) -> Trust:
    properties = body.get("properties")
    if not isinstance(properties, dict) or not properties:
        raise bad_request("Federated Identity Credential from HTTP body has empty properties")
    issuer, subject, audiences = (properties.get(each) for each in ("issuer", "subject", "audiences"))
    if not (isinstance(audiences, list) and len(audiences) == 1 and isinstance(audiences[0], str)):
        raise bad_request("Federated identity credentials must have exactly one audience.")
    for label, value in (("issuer", issuer), ("subject", subject), ("audience", audiences[0])):
        if not isinstance(value, str) or not value:
            raise bad_request(f"Federated Identity Credential has an empty {label}.")
        if len(value) > LONGEST_VALUE:
            raise bad_request(f"Federated Identity Credential {label} exceeds {LONGEST_VALUE} characters.")
    if str(issuer).strip() != issuer:
        raise bad_request("Federated Identity Credential issuer has leading or trailing spaces.")
    return Trust(str(issuer), str(subject), (audiences[0],))


def _check_room(arm: Arm, client_id: str, name: str, trust: Trust) -> None:
    others = [each for each in arm.directory.credentials(client_id) if each.name.lower() != name.lower()]
    same = (trust.issuer, trust.subject)
    if any((each.written.issuer, each.written.subject) == same for each in others):
        raise bad_request("Issuer and subject combination already exists for this Managed Identity.")
    if len(others) >= MOST_CREDENTIALS:
        # The limit is documented, the words of its refusal were not found: these are ours.
        raise bad_request(
            f"A managed identity can have at most {MOST_CREDENTIALS} federated identity credentials."
        )


async def get_credential(arm: Arm, call: Call) -> Answer:
    """GET one; a missing one is the provider's own NotFound."""
    client_id = _parent_client_id(arm, call)
    found = arm.directory.credential(client_id, call.path.name)
    if found is None:
        text = f"Resource '{call.path.resource_id('resourcegroups')}' was not found."
        raise Refused(404, "NotFound", text)
    return Answer(body=_credential(call.path, found.name, found.written))


async def list_credentials(arm: Arm, call: Call) -> Answer:
    """GET all of an identity."""
    client_id = _parent_client_id(arm, call)
    found = arm.directory.credentials(client_id)
    return Answer(body={"value": [_credential(call.path, each.name, each.written) for each in found]})


async def delete_credential(arm: Arm, call: Call) -> Answer:
    """DELETE: 200, or 204 when there was none."""
    client_id = _parent_client_id(arm, call)
    return Answer(200 if arm.directory.distrust(client_id, call.path.name) else 204)


def _credential(path: ArmPath, name: str, trust: Trust) -> Body:
    return {
        "id": f"{_identity_id(path)}/federatedIdentityCredentials/{name}",
        "name": name,
        "type": f"{IDENTITY}/federatedIdentityCredentials",
        "properties": {
            "issuer": trust.issuer,
            "subject": trust.subject,
            "audiences": list(trust.audiences),
        },
    }


def _identity_id(path: ArmPath) -> str:
    """Return the identity's id, also for a path below it."""
    group = f"/subscriptions/{path.subscription}/resourcegroups/{path.resource_group}"
    return f"{group}/providers/{IDENTITY}/{path.names[0]}"


def _find(arm: Arm, path: ArmPath) -> Body:
    found = arm.resources.get(_identity_id(path))
    if found is None:
        raise resource_not_found(path)
    return found


def _parent_client_id(arm: Arm, call: Call) -> str:
    found = arm.resources.get(_identity_id(call.path))
    if found is None:
        group = f"/subscriptions/{call.path.subscription}/resourceGroups/{call.path.resource_group}"
        text = (
            f"Failed to perform '{OPERATIONS[call.method]}' on resource(s) of type "
            "'userAssignedIdentities/federatedIdentityCredentials', because the parent resource "
            f"'{group}/providers/{IDENTITY}/{call.path.names[0]}' could not be found."
        )
        raise Refused(404, "ParentResourceNotFound", text, gateway=True)
    return str(found["properties"]["clientId"])
