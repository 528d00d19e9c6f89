"""The calls `az role assignment` makes to Microsoft Graph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn


def ask(learner: SignedIn, path: str, body: Any = None, **query: str) -> httpx.Response:
    graph = learner.cloud["graph"]
    headers = {"Authorization": f"Bearer {learner.token(graph)}"}
    url = f"{graph}/v1.0{path}"
    if body is not None:
        return learner.http.post(url, json=body, headers=headers)
    return learner.http.get(url, params=query, headers=headers)


def test_a_service_principal_by_its_client_id(learner: SignedIn) -> None:
    sign_in = learner.cloud["sign_in"]
    condition = f"servicePrincipalNames/any(c:c eq '{sign_in['client_id']}')"
    found = ask(learner, "/servicePrincipals", **{"$filter": condition}).json()["value"]
    assert [each["id"] for each in found] == [sign_in["object_id"]]
    assert found[0]["servicePrincipalType"] == "Application"


def test_a_managed_identity_is_a_service_principal(learner: SignedIn, fresh_name: str) -> None:
    identity = learner.make_identity(fresh_name)
    condition = f"appId eq '{identity['clientId']}'"
    found = ask(learner, "/servicePrincipals", **{"$filter": condition}).json()["value"]
    assert [each["id"] for each in found] == [identity["principalId"]]
    assert found[0]["servicePrincipalType"] == "ManagedIdentity"
    assert any(fresh_name in each for each in found[0]["alternativeNames"])
    one = ask(learner, f"/servicePrincipals/{identity['principalId']}").json()
    assert one["displayName"] == fresh_name
    assert ask(learner, "/applications", **{"$filter": condition}).json()["value"] == []


def test_objects_by_their_ids(learner: SignedIn) -> None:
    sign_in = learner.cloud["sign_in"]
    ids = [sign_in["object_id"], "00000000-0000-0000-0000-000000000000"]
    types = ["user", "group", "servicePrincipal", "directoryObjectPartnerReference"]
    found = ask(learner, "/directoryObjects/getByIds", {"ids": ids, "types": types}).json()["value"]
    assert [(each["id"], each["@odata.type"]) for each in found] == [
        (sign_in["object_id"], "#microsoft.graph.servicePrincipal")
    ]
    assert ask(learner, "/directoryObjects/getByIds", {"ids": ["wow"]}).status_code == 400


def test_there_are_no_users(learner: SignedIn) -> None:
    condition = "userPrincipalName eq 'someone@example.com'"
    assert ask(learner, "/users", **{"$filter": condition}).json()["value"] == []
    refused = ask(learner, "/users", **{"$filter": "endswith(mail,'x')"})
    assert refused.json()["error"]["code"] == "Request_UnsupportedQuery"


def test_an_app_has_no_me(learner: SignedIn) -> None:
    assert ask(learner, "/me").status_code == 400


def test_a_token_for_arm_is_refused(learner: SignedIn) -> None:
    url = f"{learner.cloud['graph']}/v1.0/users"
    for headers in ({}, {"Authorization": f"Bearer {learner.token()}"}):
        answer = learner.http.get(url, headers=headers)
        assert (answer.status_code, answer.json()["error"]["code"]) == (401, "InvalidAuthenticationToken")


def test_an_unknown_object(learner: SignedIn) -> None:
    answer = ask(learner, "/servicePrincipals/00000000-0000-0000-0000-000000000000")
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "Request_ResourceNotFound")
