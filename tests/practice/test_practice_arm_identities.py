"""Managed identities and federated credentials: recorded answers, documented rules."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING, Any

import pytest
from practice_world import AUDIENCE

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn

ISSUER = "https://issuer.example/guid/"


def credential(subject: str = "system:serviceaccount:default:sa", **other: Any) -> dict[str, Any]:
    return {"properties": {"issuer": ISSUER, "subject": subject, "audiences": [AUDIENCE], **other}}


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


class TestIdentity:
    def test_made_once_then_kept(self, learner: SignedIn, fresh_name: str) -> None:
        path = learner.identity_path(fresh_name)
        first = learner.call("PUT", path, {"location": "eastus"})
        assert first.status_code == 201
        assert first.headers["Location"] == path.replace("resourceGroups", "resourcegroups")
        assert set(first.json()) == {"id", "name", "type", "location", "tags", "properties"}
        assert set(first.json()["properties"]) == {"tenantId", "principalId", "clientId"}
        second = learner.call("PUT", path, {"location": "eastus", "tags": {"made-by": "me"}})
        assert (second.status_code, "Location" in second.headers) == (200, False)
        assert second.json()["properties"] == first.json()["properties"]
        assert learner.call("GET", path).json()["tags"] == {"made-by": "me"}

    def test_another_location(self, learner: SignedIn, fresh_name: str) -> None:
        learner.make_identity(fresh_name)
        moved = learner.call("PUT", learner.identity_path(fresh_name), {"location": "westus"})
        assert code_of(moved) == (409, "InvalidResourceLocation")

    def test_deleted_with_its_principal(self, learner: SignedIn, fresh_name: str) -> None:
        client_id = learner.make_identity(fresh_name)["clientId"]
        path = learner.identity_path(fresh_name)
        assert [learner.call("DELETE", path).status_code for _ in range(2)] == [200, 204]
        assert code_of(learner.call("GET", path)) == (404, "ResourceNotFound")
        refused = learner.token_answer(client_id=client_id, client_secret="x")
        assert refused.json()["error_codes"] == [700016]

    def test_listed(self, learner: SignedIn, fresh_name: str) -> None:
        learner.make_identity(fresh_name)
        for scope in (learner.group, learner.subscription):
            path = f"{scope}/providers/Microsoft.ManagedIdentity/userAssignedIdentities"
            assert fresh_name in [each["name"] for each in learner.call("GET", path).json()["value"]]


class TestFederatedCredential:
    @pytest.fixture
    def path(self, learner: SignedIn, fresh_name: str) -> str:
        learner.make_identity(fresh_name)
        return f"{learner.identity_path(fresh_name)}/federatedIdentityCredentials"

    def test_made_changed_listed_deleted(self, learner: SignedIn, path: str) -> None:
        first = learner.call("PUT", f"{path}/fed", credential())
        assert first.status_code == 201
        assert first.headers["Location"] == first.json()["id"]
        assert set(first.json()) == {"id", "name", "type", "properties"}
        second = learner.call("PUT", f"{path}/fed", credential("system:serviceaccount:pets:sa"))
        assert (second.status_code, "Location" in second.headers) == (200, False)
        assert learner.call("GET", f"{path}/fed").json() == second.json()
        assert learner.call("GET", path).json() == {"value": [second.json()]}
        assert [learner.call("DELETE", f"{path}/fed").status_code for _ in range(2)] == [200, 204]
        assert code_of(learner.call("GET", f"{path}/fed")) == (404, "NotFound")

    @pytest.mark.parametrize(
        ("body", "words"),
        [
            ({}, "empty properties"),
            (credential(audiences=["a", "b"]), "exactly one audience"),
            (credential(audiences=[]), "exactly one audience"),
            (credential(issuer=f" {ISSUER}"), "spaces"),
            (credential(subject="s" * 601), "600 characters"),
            (credential(subject=""), "empty subject"),
        ],
    )
    def test_what_is_refused(self, learner: SignedIn, path: str, body: dict[str, Any], words: str) -> None:
        answer = learner.call("PUT", f"{path}/fed", body)
        assert answer.status_code == 400
        assert words in answer.json()["error"]["message"]

    @pytest.mark.parametrize("name", ["x", "-starts-badly", "n" * 121])
    def test_names(self, learner: SignedIn, path: str, name: str) -> None:
        answer = learner.call("PUT", f"{path}/{name}", credential())
        assert answer.json()["error"]["message"] == f"Federated Identity Credential name '{name}' is invalid."

    def test_issuer_and_subject_are_unique(self, learner: SignedIn, path: str) -> None:
        learner.call("PUT", f"{path}/one", credential())
        answer = learner.call("PUT", f"{path}/two", credential())
        assert answer.status_code == 400
        assert "combination already exists" in answer.json()["error"]["message"]

    def test_at_most_twenty(self, learner: SignedIn, path: str) -> None:
        answers = [learner.call("PUT", f"{path}/fed-{n}", credential(f"s{n}")) for n in range(21)]
        assert [each.status_code for each in answers] == [201] * 20 + [400]

    def test_one_write_at_a_time(self, learner: SignedIn, path: str) -> None:
        def write(number: int) -> httpx.Response:
            return learner.call("PUT", f"{path}/fed-{number}", credential(f"s{number}"))

        with ThreadPoolExecutor(8) as pool:
            answers = list(pool.map(write, range(8)))
        refused = [each for each in answers if each.status_code == 409]
        assert refused
        assert code_of(refused[0])[1].startswith("ConcurrentFederatedIdentityCredentialsWrites")

    def test_without_its_identity(self, learner: SignedIn, fresh_name: str) -> None:
        path = f"{learner.identity_path(fresh_name)}/federatedIdentityCredentials/fed"
        assert code_of(learner.call("PUT", path, credential())) == (404, "ParentResourceNotFound")
