"""Role assignments and definitions; the definitions are compared with those Azure publishes."""

from __future__ import annotations

import json
import os
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from practice_world import OPENAI_USER

from workshop_tui.practice.role_catalogue import BUILT_IN

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn

READER = "acdd72a7-3385-48ef-bd42-f606fba81ae7"
SHARED = Path(os.environ.get("WORKSHOP_SHARED", Path(__file__).resolve().parents[3] / "shared"))
RECORDED = SHARED / "azure" / "recordings" / "role_definitions_subset.json"


def code_of(answer: httpx.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


def assignments(learner: SignedIn, scope: str, condition: str = "") -> list[dict[str, Any]]:
    query = {"$filter": condition} if condition else {}
    answer = learner.call("GET", f"{scope}/providers/Microsoft.Authorization/roleAssignments", **query)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
    return found


class TestAssignments:
    def test_made_read_deleted(self, learner: SignedIn, fresh_name: str) -> None:
        principal = learner.make_identity(fresh_name)["principalId"]
        name = str(uuid.uuid4())
        made = learner.assign(learner.account, principal, OPENAI_USER, name)
        assert (made.status_code, made.json()["properties"]["createdBy"]) == (201, None)
        path = f"{learner.account}/providers/Microsoft.Authorization/roleAssignments/{name}"
        found = learner.call("GET", path).json()
        assert found["id"] == path
        assert found["properties"]["createdBy"] == learner.cloud["sign_in"]["object_id"]
        assert found["properties"]["principalType"] == "ServicePrincipal"
        assert learner.assign(learner.account, principal, OPENAI_USER, name).status_code == 200
        deleted = learner.call("DELETE", path)
        assert (deleted.status_code, deleted.json()["name"]) == (200, name)
        assert learner.call("DELETE", path).status_code == 204
        assert code_of(learner.call("GET", path)) == (404, "RoleAssignmentNotFound")

    def test_twice_under_two_names(self, learner: SignedIn, fresh_name: str) -> None:
        principal = learner.make_identity(fresh_name)["principalId"]
        name = learner.assign(learner.group, principal, READER).json()["name"]
        again = learner.assign(learner.group, principal, READER)
        assert code_of(again) == (409, "RoleAssignmentExists")
        assert name.replace("-", "") in again.json()["error"]["message"]

    def test_one_name_for_two_things(self, learner: SignedIn, fresh_name: str) -> None:
        principal = learner.make_identity(fresh_name)["principalId"]
        name = learner.assign(learner.group, principal, READER).json()["name"]
        changed = learner.assign(learner.group, principal, OPENAI_USER, name)
        assert code_of(changed) == (400, "RoleAssignmentUpdateNotPermitted")

    def test_a_fresh_principal_is_not_found_unless_its_type_is_told(
        self, learner: SignedIn, fresh_name: str
    ) -> None:
        principal = learner.make_identity(fresh_name)["principalId"]
        path = f"{learner.group}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        role = f"/providers/Microsoft.Authorization/roleDefinitions/{READER}"
        body = {"properties": {"principalId": principal, "roleDefinitionId": role}}
        refused = learner.call("PUT", path, body)
        assert code_of(refused) == (400, "PrincipalNotFound")
        assert principal.replace("-", "") in refused.json()["error"]["message"]
        assert learner.assign(learner.group, principal, READER).status_code == 201

    def test_what_is_refused(self, learner: SignedIn) -> None:
        me = learner.cloud["sign_in"]["object_id"]
        assert code_of(learner.assign(learner.group, "wow", READER)) == (400, "InvalidPrincipalId")
        assert code_of(learner.assign(learner.group, str(uuid.uuid4()), READER))[1] == "PrincipalNotFound"
        unknown = learner.assign(learner.group, me, str(uuid.uuid4()))
        assert code_of(unknown) == (404, "RoleDefinitionDoesNotExist")
        assert code_of(learner.assign(learner.group, me, READER, "no-guid"))[0] == 400

    def test_filters(self, learner: SignedIn, fresh_name: str) -> None:
        principal = learner.make_identity(fresh_name)["principalId"]
        learner.assign(learner.account, principal, OPENAI_USER)
        learner.assign(learner.group, principal, READER)

        def scopes(scope: str, condition: str = "") -> set[str]:
            found = assignments(learner, scope, condition)
            return {
                each["properties"]["scope"]
                for each in found
                if each["properties"]["principalId"] == principal
            }

        both = {learner.account, learner.group}
        assert scopes(learner.account, "atScope()") == both
        assert scopes(learner.group, "atScope()") == {learner.group}
        assert scopes(learner.group) == both
        assert scopes(learner.subscription, f"principalId eq '{principal}'") == both
        assert scopes(learner.subscription, f"assignedTo('{principal}')") == both
        owners = assignments(learner, learner.account, "atScope()")
        assert learner.subscription in {each["properties"]["scope"] for each in owners}

    def test_a_filter_it_does_not_know(self, learner: SignedIn) -> None:
        path = f"{learner.group}/providers/Microsoft.Authorization/roleAssignments"
        answer = learner.call("GET", path, **{"$filter": "createdBy eq 'x'"})
        assert code_of(answer) == (400, "UnsupportedQuery")


class TestDefinitions:
    def test_by_name(self, learner: SignedIn) -> None:
        path = f"{learner.account}/providers/Microsoft.Authorization/roleDefinitions"
        condition = "roleName eq 'Cognitive Services OpenAI User'"
        found = learner.call("GET", path, **{"$filter": condition}).json()["value"]
        prefix = f"{learner.subscription}/providers/Microsoft.Authorization/roleDefinitions"
        assert [each["id"] for each in found] == [f"{prefix}/{OPENAI_USER}"]
        assert learner.call("GET", path, **{"$filter": "roleName eq 'None'"}).json() == {"value": []}

    def test_a_custom_role(self, learner: SignedIn, fresh_name: str) -> None:
        role = str(uuid.uuid4())
        path = f"{learner.subscription}/providers/Microsoft.Authorization/roleDefinitions/{role}"
        permissions = [{"actions": ["Microsoft.Resources/subscriptions/resourceGroups/read"]}]
        scopes = [learner.subscription]
        properties = {"roleName": fresh_name, "assignableScopes": scopes, "permissions": permissions}
        made = learner.call("PUT", path, {"properties": properties})
        assert (made.status_code, made.json()["properties"]["type"]) == (201, "CustomRole")
        assert set(made.json()["properties"]["permissions"][0]) == {
            "actions",
            "notActions",
            "dataActions",
            "notDataActions",
        }
        principal = learner.make_identity(fresh_name)["principalId"]
        learner.assign(learner.group, principal, role).raise_for_status()
        assert code_of(learner.call("DELETE", path)) == (400, "RoleDefinitionHasAssignments")

    @pytest.mark.skipif(
        not RECORDED.exists(), reason=f"no recordings at {RECORDED}: NOT compared with Azure's"
    )
    def test_what_they_permit_is_what_azure_says(self) -> None:
        recorded = {each["name"]: each["properties"] for each in json.loads(RECORDED.read_text())["value"]}
        for role in BUILT_IN.values():
            theirs = recorded[role.id]
            assert role.name == theirs["roleName"]
            (permissions,) = theirs["permissions"]
            ours = {
                "actions": role.actions,
                "notActions": role.not_actions,
                "dataActions": role.data_actions,
                "notDataActions": role.not_data_actions,
            }
            for key, value in ours.items():
                assert set(value) == set(permissions[key]), (role.name, key)
