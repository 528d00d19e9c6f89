"""Actions and resets: announced before they change, run twice without doubling, stopped anywhere and resumed.

The hands here keep a small world in memory; the rehearsal uses the real ones.
"""

from __future__ import annotations

import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from steps_hands import World, act, undos
from steps_world import (
    CLIENT_ID,
    CLIENT_ID_ANNOTATION,
    CODE,
    CREDENTIAL,
    DIGEST,
    FINISHED,
    ISSUER,
    KEY,
    LABEL,
    PRINCIPAL_ID,
    SUBJECT,
    but,
    pod_environment,
    variable,
)

from workshop_tui.authoring import (
    MARK,
    TOKEN_AUDIENCE,
    Absent,
    ActionError,
    Answer,
    Applied,
    Checkout,
    Condition,
    Deployment,
    FederatedCredentials,
    IdentityRoles,
    LearnerRoles,
    ManagedCluster,
    ManagedIdentity,
    OpenAIAccount,
    Planned,
    Pods,
    PushedImage,
    ServiceAccount,
    SourceBehaviour,
    Working,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

GENERATOR = "src/ai-service/routers/description_generator.py"


NO_IDENTITY: dict[type, object] = {
    ManagedIdentity: Absent("identity", "identity.missing"),
    IdentityRoles: Absent("identity", "identity.missing"),
}
PLAIN_CODE = """import os
api_key = os.environ.get("OPENAI_API_KEY")
if not api_key:
    raise ValueError("OPENAI_API_KEY must be set")
kernel.add_chat_service("dv", AzureChatCompletion(deployment, endpoint, api_key))
"""
FRESH: Mapping[str, dict[type, object]] = {
    "exposed-key": {},
    "get-code": {Checkout: Absent("checkout", "source.missing")},
    "grant-yourself": but(LearnerRoles, grants=()),
    "edit-code": but(SourceBehaviour, scenarios={}),
    "run-locally": {},
    "build-push": {PushedImage: Absent("image", "image.missing")},
    "enable-workload-identity": but(
        ManagedCluster, oidc_issuer=False, issuer_url="", workload_identity=False
    ),
    "managed-identity": NO_IDENTITY,
    "federate": {FederatedCredentials: FederatedCredentials("i", ())},
    "service-account": {ServiceAccount: Absent("account", "service-account.missing")},
    "redeploy": {},
    "verify": {},
    "lock-the-door": but(OpenAIAccount, key_sign_in=True),
}
CHANGING = [step for step, code in CODE.items() if code.reset is not None]


def fresh(step: str) -> World:
    world = World({**FINISHED, **FRESH[step]})
    world.files = {"src/ai-service/requirements.txt": "fastapi\n", GENERATOR: PLAIN_CODE}
    return world


def _state(world: World) -> tuple[object, ...]:
    kinds = (
        LearnerRoles,
        IdentityRoles,
        ManagedIdentity,
        FederatedCredentials,
        ManagedCluster,
        OpenAIAccount,
        ServiceAccount,
        Deployment,
        Checkout,
    )
    return (*(world.facts[kind] for kind in kinds), world.files)


@pytest.mark.parametrize("step", CODE)
async def test_every_change_is_announced_before_it_is_made(step: str) -> None:
    open_changes = []
    for event in await act(fresh(step), step):
        if isinstance(event, Planned):
            open_changes.append(event.change)
        elif isinstance(event, Applied) and not event.already:
            assert event.change in open_changes
            open_changes.remove(event.change)
    assert not open_changes


@pytest.mark.parametrize("step", CODE)
async def test_doing_it_again_changes_nothing(step: str) -> None:
    world = fresh(step)
    await act(world, step)
    first = copy.deepcopy(_state(world))
    again = await act(world, step)
    assert _state(world) == first
    if step not in {"exposed-key", "run-locally", "verify"}:
        assert all(event.already for event in again if isinstance(event, Applied))


@pytest.mark.parametrize("step", CODE)
async def test_stopped_anywhere_and_done_again_it_ends_the_same(step: str) -> None:
    whole = fresh(step)
    events = await act(whole, step)
    for stop in range(1, len(events) + 1):
        world = fresh(step)
        await act(world, step, stop_after=stop)
        await act(world, step)
        assert _state(world) == _state(whole), f"stopped after {events[stop - 1]}"


@pytest.mark.parametrize("step", CHANGING)
async def test_a_reset_undoes_what_the_action_did_and_no_more(step: str) -> None:
    world = fresh(step)
    await act(world, step)
    planned = await undos(world, step)
    assert planned, "a step that acted has something to undo"
    for undo in planned:
        await undo.do()
        await undo.do()
    assert all(undo.change.what for undo in planned)


@pytest.mark.parametrize(
    "step", [item for item in CHANGING if item not in {"run-locally", "edit-code", "get-code"}]
)
async def test_a_reset_leaves_alone_what_is_not_ours(step: str) -> None:
    world = World(dict(FINISHED))
    if step == "build-push":
        world.facts[PushedImage] = Absent("image", "image.missing")
    if step in {"enable-workload-identity", "lock-the-door"}:
        world.facts[ManagedCluster] = replace(FINISHED[ManagedCluster], workload_identity=False)
        world.facts[OpenAIAccount] = replace(FINISHED[OpenAIAccount], key_sign_in=True)
    if step == "federate":
        theirs = replace(CREDENTIAL, name="theirs")
        world.facts[FederatedCredentials] = FederatedCredentials("i", (theirs,))
    assert list(await undos(world, step)) == []


async def test_the_key_is_shown_masked_alone() -> None:
    world = World({**FINISHED, **pod_environment(variable("OPENAI_API_KEY", KEY), variable("PORT", "80"))})
    lines = [event.text for event in await act(world, "exposed-key") if isinstance(event, Working)]
    assert "  PORT=80" in lines
    assert any(line.startswith("  OPENAI_API_KEY=01…ef") for line in lines)
    assert KEY not in "".join(lines)


async def test_commands_are_the_learners_own() -> None:
    commands = [
        event.change.command
        for step in CODE
        for event in await act(fresh(step), step)
        if isinstance(event, Planned | Applied)
    ]
    assert all(command and "None" not in command and "''" not in command for command in commands)


async def test_a_role_of_another_name_is_enough() -> None:
    world = World(dict(FINISHED))
    assert all(event.already for event in await act(world, "grant-yourself") if isinstance(event, Applied))
    assert world.calls == []


async def test_a_credential_of_another_name_with_the_same_pair_is_corrected_not_doubled() -> None:
    theirs = replace(CREDENTIAL, name="theirs", audiences=("api://other",))
    world = World({**FINISHED, FederatedCredentials: FederatedCredentials("i", (theirs,))})
    await act(world, "federate")
    (only,) = world.facts[FederatedCredentials].items
    assert (only.name, only.issuer, only.subject, only.audiences) == (
        "theirs",
        ISSUER,
        SUBJECT,
        (TOKEN_AUDIENCE,),
    )


async def test_federating_needs_an_issuer() -> None:
    world = World({**FINISHED, **but(ManagedCluster, issuer_url="")})
    with pytest.raises(ActionError, match="no OIDC issuer"):
        await act(world, "federate")


async def test_somebody_elses_service_account_gets_no_mark() -> None:
    theirs = ServiceAccount("default", "ai-service-account", {"team": "pets"})
    world = World({**FINISHED, ServiceAccount: theirs})
    await act(world, "service-account")
    assert world.facts[ServiceAccount].annotations == {CLIENT_ID_ANNOTATION: CLIENT_ID}


async def test_the_deployment_is_pinned_labelled_and_without_a_key() -> None:
    world = World(dict(FINISHED))
    await act(world, "redeploy")
    template = world.applied["spec"]["template"]
    (only,) = template["spec"]["containers"]
    assert only["image"].endswith(f"@{DIGEST}")
    assert template["metadata"]["labels"][LABEL] == "true"
    assert template["spec"]["serviceAccountName"] == "ai-service-account"
    assert only["resources"]["limits"]["memory"] == "128Mi"
    assert not any("KEY" in entry["name"] for entry in only["env"])


async def test_pods_that_are_older_than_what_is_set_are_restarted() -> None:
    template = replace(FINISHED[Deployment].template, annotations={f"{MARK}/step": "redeploy"})
    stale = pod_environment(variable("AZURE_CLIENT_ID", PRINCIPAL_ID))
    world = World({**FINISHED, **but(Deployment, template=template), **stale})
    await act(world, "redeploy")
    assert world.calls == ["apply Deployment", "restart default/ai-service"]


async def test_pods_that_could_not_be_made_get_a_new_try() -> None:
    template = replace(FINISHED[Deployment].template, annotations={f"{MARK}/step": "redeploy"})
    refused = Condition("ReplicaFailure", "True", "FailedCreate", 'serviceaccount "x" not found')
    stuck = but(Deployment, template=template, available=0, updated=0, conditions=(refused,))
    world = World({**FINISHED, **stuck, Pods: Pods(())})
    await act(world, "redeploy")
    assert world.calls == ["apply Deployment", "restart default/ai-service"]


async def test_redeploying_needs_an_image_that_is_there() -> None:
    world = World({**FINISHED, **but(PushedImage, manifest=None, reference="ttl.sh/gone:1h", evidence=None)})
    with pytest.raises(ActionError, match=r"no ttl\.sh/gone"):
        await act(world, "redeploy")


async def test_the_app_is_stopped_even_if_it_gives_no_description() -> None:
    world = World(dict(FINISHED))
    world.answer = Answer(400, "", "AADSTS700016: no such application", "POST x")
    with pytest.raises(ActionError, match="AADSTS700016") as failed:
        await act(world, "run-locally")
    assert "no identity has this client id" in failed.value.remedy
    assert world.calls == ["start", "stop"]


async def test_the_door_stays_open_while_the_app_needs_its_key() -> None:
    world = World({**FINISHED, **FRESH["lock-the-door"], **pod_environment(variable("OPENAI_API_KEY", KEY))})
    with pytest.raises(ActionError, match="still has a key"):
        await act(world, "lock-the-door")
    assert world.calls == []


async def test_keys_are_renewed_before_they_are_turned_off() -> None:
    world = fresh("lock-the-door")
    await act(world, "lock-the-door")
    assert world.calls == ["regenerate", "keys off"]


async def test_right_code_is_left_as_it_is() -> None:
    world = World(dict(FINISHED))
    world.files = {"src/ai-service/requirements.txt": "azure-identity==1.15.0\n", GENERATOR: "anything goes"}
    await act(world, "edit-code")
    assert world.calls == []


async def test_code_that_cannot_be_edited_is_left_with_a_word_on_what_to_do() -> None:
    world = fresh("edit-code")
    world.files[GENERATOR] = "def (:"
    with pytest.raises(ActionError, match="not valid Python") as failed:
        await act(world, "edit-code")
    assert failed.value.remedy.startswith("Repair that line")
    assert failed.value.remedy.endswith("workshop-tui reset edit-code --yes && workshop-tui solve edit-code")
    assert world.files[GENERATOR] == "def (:"
