"""Every operation we serve is one of Azure's SDKs': its status and its answer fit them."""

from __future__ import annotations

import json
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any

import pytest
from practice_world import eventually, signed_in
from routes_in_code import route_of, routes_in_code
from sdk_models import FOLDER, Operation, operations
from sdk_walk import NOT_SERVED, WALK

if TYPE_CHECKING:
    import httpx
    from practice_world import SignedIn
    from sdk_walk import Step

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no SDK models beside this checkout: NOTHING is compared with them"
)
UNSENT = "only there when it applies, as the recordings show"
DIFFERENCES = {
    "*: lacks .systemData": "who made it, by address: no client of the workshop reads it",
    "Account: lacks .properties.abusePenalty": UNSENT,
    "Account: lacks .properties.commitmentPlanAssociations": UNSENT,
    "Account: lacks .properties.deletionDate": UNSENT,
    "Account: lacks .properties.quotaLimit": UNSENT,
    "Account: lacks .properties.scheduledPurgeDate": UNSENT,
    "Account: lacks .properties.skuChangeInfo": UNSENT,
    "Deployment: lacks *callRateLimit": UNSENT,
    "Deployment: lacks .properties.dynamicThrottlingEnabled": UNSENT,
    "ManagedCluster: lacks *eTag": "of newer versions than those recorded",
    "ManagedCluster: lacks .properties.oidcIssuerProfile.issuerURL": "the issuer is off at first",
    "ManagedCluster: lacks .properties.privateFQDN": "the cluster is public",
    "RoleDefinition: lacks .properties.permissions[[]].condition*": UNSENT,
}
"""Patterns of `model: what differs`, and why that is so."""


def is_served(operation: Operation) -> bool:
    url = operation.url.replace("{scope}", "subscriptions/S").replace("{subscriptionId}", "S")
    route = route_of("arm", operation.method, url.replace("{resourceGroupName}", "g"))
    return route in routes_in_code()


def test_every_operation_is_walked_or_left_out_for_a_reason() -> None:
    names = {each.name for each in operations()}
    walked = [step.operation for step in WALK]
    assert len(walked) == len(set(walked))
    assert names == set(walked) | set(NOT_SERVED)
    by_url = {each.name for each in operations() if is_served(each)}
    assert by_url == set(walked), "the tables and the routes say the same"


def test_answers_fit_the_models(tmp_path: Any) -> None:
    by_name = {each.name: each for each in operations()}
    unlike: set[str] = set()
    with signed_in(tmp_path / "models") as learner:
        places = {
            "group": learner.group,
            "subscription": learner.subscription,
            "account": learner.account,
            "cluster": learner.cluster,
        }
        for step in WALK:
            operation = by_name[step.operation]
            answer = call(learner, operation, step, places)
            assert answer.status_code in operation.accepted, (step, answer.status_code, answer.text)
            body: Any = answer.json() if answer.content else None
            unlike |= {f"{step.model.strip('[]')}: {each}" for each in differences(operation, step, body)}
            if step.operation == "user_assigned_identities.create_or_update":
                places["principal"] = body["properties"]["principalId"]
    used = {each: [key for key in DIFFERENCES if fnmatchcase(each, key)] for each in unlike}
    unknown = [each for each in sorted(used) if not used[each]]
    assert not unknown, "\n".join(unknown)
    needed = {key for keys in used.values() for key in keys}
    assert set(DIFFERENCES) - needed == set(), "no longer needed"


def call(learner: SignedIn, operation: Operation, step: Step, places: dict[str, str]) -> httpx.Response:
    """Send a step's request with the SDK's api-version, once what went before has ended."""

    def fill(text: str) -> str:
        for name, value in places.items():
            text = text.replace(f"{{{name}}}", value)
        return text

    if operation.method in {"PUT", "PATCH", "DELETE"} and "accounts/walked" not in step.path:
        eventually(lambda: state(learner) in {"Succeeded", "Deleting"})
    return learner.http.request(
        operation.method,
        f"{learner.cloud.arm}{fill(step.path)}",
        params={"api-version": operation.version},
        headers={"Authorization": f"Bearer {learner.token()}"},
        content=None if step.body is None else fill(json.dumps(step.body)),
    )


def state(learner: SignedIn) -> str:
    found = learner.call("GET", learner.cluster).json()["properties"]["provisioningState"]
    return str(found)


def differences(operation: Operation, step: Step, body: Any) -> list[str]:
    if not step.model:
        return [] if body is None else ["a body where none is told"]
    if not step.model.startswith("["):
        return list(operation.package.differences(body, step.model))
    assert body["value"], (step, "an empty list proves nothing")
    assert set(body) <= {"value", "nextLink"}
    model = step.model[1:-1]
    return [each for item in body["value"] for each in operation.package.differences(item, model)]
