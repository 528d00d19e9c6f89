from __future__ import annotations

import asyncio
import uuid
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from look_around import must_read, pass_over, read

from workshop_tui.authoring import MARK, OPENAI_USER_ROLE, TOKEN_AUDIENCE, ActionError, AzureChanges
from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.azure import Azure
from workshop_tui.model import (
    Absent,
    FederatedCredentials,
    IssuerDocuments,
    KeyAnswer,
    LearnerAnswer,
    LearnerRoles,
    ManagedCluster,
    OpenAIAccount,
    SignedIn,
)

if TYPE_CHECKING:
    from workshop_tui.cloud import Cloud
    from workshop_tui.target import Target


@pytest.fixture
def azure(cloud: Cloud) -> Any:
    return cloud.services()[AzureChanges]


@pytest_asyncio.fixture
async def nobody_assigned(cloud: Cloud, target: Target, azure: Any) -> None:
    """The learner has the role from nobody: another file's tests may have left it in the session's cloud."""
    roles = await must_read(cloud, target, LearnerRoles)
    for grant in roles.grants:
        if grant.role_definition_id.lower().endswith(OPENAI_USER_ROLE):
            await azure.remove_role(grant.id)


@pytest.fixture
def name() -> str:
    return f"test-{uuid.uuid4().hex[:8]}"


@pytest.mark.usefixtures("nobody_assigned")
async def test_a_role_is_assigned_once_under_a_name_that_anybody_can_tell(
    cloud: Cloud, target: Target, azure: Any
) -> None:
    account = await must_read(cloud, target, OpenAIAccount)
    person = await must_read(cloud, target, SignedIn)
    before = await must_read(cloud, target, LearnerRoles)
    wanted = {"scope": account.id, "role": OPENAI_USER_ROLE, "principal_id": person.object_id}
    assert await azure.assign_role(**wanted, principal_kind=person.kind)
    assert not await azure.assign_role(**wanted, principal_kind=person.kind)
    after = await must_read(cloud, target, LearnerRoles)
    (grant,) = set(after.grants) - set(before.grants)
    assert grant.id.lower() == azure.role_assignment_id(**wanted).lower()
    assert grant.role_name == "Cognitive Services OpenAI User"
    assert grant.direct
    assert any("chat/completions/action" in action for action in grant.permissions[0].data_actions)
    answer = await must_read(cloud, target, LearnerAnswer)
    while (
        answer.answer.code == "PermissionDenied"
    ):  # the practice cloud's propagation, a fraction of a second
        answer = await must_read(cloud, target, LearnerAnswer)
    assert answer.answer.good
    await azure.remove_role(azure.role_assignment_id(**wanted))
    await azure.remove_role(azure.role_assignment_id(**wanted))
    assert (await must_read(cloud, target, LearnerRoles)).grants == before.grants


@pytest.mark.usefixtures("nobody_assigned")
async def test_the_same_role_by_another_name_is_as_good(cloud: Cloud, target: Target, azure: Any) -> None:
    account = await must_read(cloud, target, OpenAIAccount)
    person = await must_read(cloud, target, SignedIn)
    arm = cloud.services()[Arm]
    assert isinstance(arm, Arm)
    by_hand = f"{account.id}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    body = {
        "properties": {
            "roleDefinitionId": f"{arm.subscription}/providers/Microsoft.Authorization/roleDefinitions/"
            + OPENAI_USER_ROLE,
            "principalId": person.object_id,
            "principalType": person.kind,
        }
    }
    await arm.send("PUT", by_hand, "2022-04-01", body=body)
    assert not await azure.assign_role(
        scope=account.id,
        role=OPENAI_USER_ROLE,
        principal_id=person.object_id,
        principal_kind=person.kind,
    )
    await azure.remove_role(by_hand)


async def test_an_identity_and_its_credential(cloud: Cloud, azure: Any, name: str) -> None:
    identity = await azure.put_identity(name)
    assert identity == await azure.put_identity(name)
    assert MARK in identity.tags
    wanted = {"identity_id": identity.id, "name": "credential"}
    for subject in ("system:serviceaccount:default:first", "system:serviceaccount:default:second"):
        await azure.put_federated_credential(
            **wanted, issuer="https://issuer.example/", subject=subject, audience=TOKEN_AUDIENCE
        )
    found = await _credentials(cloud, identity)
    assert [item.subject for item in found.items] == ["system:serviceaccount:default:second"]
    # Azure refuses writes that run side by side under one identity: ours wait for their turn.
    await asyncio.gather(
        *(
            azure.put_federated_credential(
                identity_id=identity.id,
                name=f"credential-{number}",
                issuer=f"https://issuer.example/{number}/",
                subject="system:serviceaccount:default:a",
                audience=TOKEN_AUDIENCE,
            )
            for number in range(3)
        )
    )
    assert len((await _credentials(cloud, identity)).items) == 4
    await azure.delete_federated_credential(**wanted)
    await azure.delete_federated_credential(**wanted)
    assert len((await _credentials(cloud, identity)).items) == 3
    await azure.delete_identity(identity.id)
    await azure.delete_identity(identity.id)


async def _credentials(cloud: Cloud, identity: Any) -> FederatedCredentials:
    azure = cloud.services()[Azure]
    assert isinstance(azure, Azure)
    return await azure.federated_credentials(identity)


async def test_what_azure_refuses_is_told_in_its_own_words(azure: Any, name: str) -> None:
    identity = await azure.put_identity(name)
    with pytest.raises(ActionError, match="exceeds 600 characters"):
        await azure.put_federated_credential(
            identity_id=identity.id,
            name="credential",
            issuer="https://issuer.example/",
            subject="s" * 601,
            audience=TOKEN_AUDIENCE,
        )
    await azure.delete_identity(identity.id)


async def test_the_cluster_is_put_back_whole(cloud: Cloud, target: Target, azure: Any) -> None:
    cluster = await must_read(cloud, target, ManagedCluster)
    assert isinstance(await read(cloud, target, IssuerDocuments), Absent | IssuerDocuments)
    arm = cloud.services()[Arm]
    assert isinstance(arm, Arm)
    before = await arm.get(cluster.id, "2025-08-01")
    assert before is not None
    statuses = [
        status async for status in azure.update_cluster(cluster.id, oidc_issuer=True, workload_identity=True)
    ]
    assert statuses[-1:] in ([], ["Succeeded"])
    # Two at once: the second waits for the first, then finds nothing left to do.
    off_and_on = await asyncio.gather(
        *(_update(azure, cluster.id, workload_identity=False) for _ in range(2))
    )
    assert any("Succeeded" in statuses for statuses in off_and_on)
    await _update(azure, cluster.id, workload_identity=True)
    assert await _update(azure, cluster.id, workload_identity=True) == []
    after = await arm.get(cluster.id, "2025-08-01")
    assert after is not None
    for document in (before, after):
        for changed in ("oidcIssuerProfile", "securityProfile"):
            document["properties"].pop(changed, None)
    assert after == before
    documents = await must_read(cloud, target, IssuerDocuments)
    assert documents.issuer == documents.url
    assert documents.key_ids


async def _update(azure: Any, cluster_id: str, *, workload_identity: bool) -> list[str]:
    return [status async for status in azure.update_cluster(cluster_id, workload_identity=workload_identity)]


async def test_key_sign_in_is_turned_off_and_on(cloud: Cloud, target: Target, azure: Any) -> None:
    account = await must_read(cloud, target, OpenAIAccount)
    await azure.set_key_sign_in(account.id, allowed=False)
    try:
        async with pass_over(cloud, target) as facts:
            seen = await facts.read(OpenAIAccount)
            answer = await facts.read(KeyAnswer)
        assert isinstance(seen, OpenAIAccount)
        assert not seen.key_sign_in
        assert isinstance(answer, KeyAnswer)
        assert (answer.answer.status, answer.answer.code) == (403, "AuthenticationTypeDisabled")
    finally:
        await azure.set_key_sign_in(account.id, allowed=True)
    assert (await must_read(cloud, target, OpenAIAccount)).key_sign_in
    answer = await must_read(cloud, target, KeyAnswer)
    assert answer.answer.status == 401


async def test_keys_are_regenerated_and_seen_by_nobody(cloud: Cloud, target: Target, azure: Any) -> None:
    account = await must_read(cloud, target, OpenAIAccount)
    arm = cloud.services()[Arm]
    assert isinstance(arm, Arm)
    before = (await arm.send("POST", f"{account.id}/listKeys", "2025-06-01")).json()
    assert await azure.regenerate_keys(account.id) is None
    after = (await arm.send("POST", f"{account.id}/listKeys", "2025-06-01")).json()
    assert not set(before.values()) & set(after.values())
