from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio

from workshop_tui.authoring import ActionError, exposed_keys
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.model import (
    Absent,
    AppLog,
    ClusterAccess,
    ClusterDescription,
    Deployment,
    IdentityAnswer,
    KubeconfigContext,
    Pods,
    ServiceAccount,
    ShopDescription,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from world_facts import World


@pytest_asyncio.fixture
async def changed(world: World) -> AsyncIterator[World]:
    """A world whose app is put back afterwards."""
    client = await world.client(ClusterConnector).open_for_change()
    before = await client.get("Deployment", "default", "ai-service")
    assert before is not None
    yield world
    live = await client.get("Deployment", "default", "ai-service")
    assert live is not None
    live["spec"]["template"] = before["spec"]["template"]
    live.pop("status")
    live["metadata"].pop("resourceVersion")  # the controllers write its status meanwhile
    await client.put("Deployment", "default", "ai-service", live)
    async for _ in world.cluster.rollout("default", "ai-service"):
        pass


async def change_template(world: World, **changes: Any) -> None:
    """Change the app's container (`env`, `envFrom` …) and pod spec (`volumes`, `serviceAccountName`)."""
    client = await world.client(ClusterConnector).open_for_change()
    live = await client.get("Deployment", "default", "ai-service")
    assert live is not None
    spec = live["spec"]["template"]["spec"]
    for key, value in copy.deepcopy(changes).items():
        place = spec if key in {"volumes", "serviceAccountName"} else spec["containers"][0]
        place[key] = value
    live.pop("status")
    await client.put("Deployment", "default", "ai-service", live)


async def follow(world: World) -> None:
    async for _ in world.cluster.rollout("default", "ai-service"):
        pass


async def test_the_quickstarts_app_carries_the_key_in_plain_sight(world: World) -> None:
    async for _ in world.cluster.rollout("default", "ai-service"):
        pass  # the world has only just begun
    app = await world.must_read(Deployment)
    assert app.rolled_out
    container = app.template.container("order-service")
    assert container is not None
    key = container.variable("OPENAI_API_KEY")
    assert key is not None
    assert (key.source, len(key.value.reveal())) == ("value", 32)
    assert key.value.reveal() not in repr(app)
    assert app.template.service_account == "default"
    pods = await world.must_read(Pods)
    assert [(pod.ready, pod.current) for pod in pods.running] == [(True, True)]
    assert pods.running[0].log == ""


async def test_without_a_context_the_cluster_is_reached_by_credentials_from_azure(world: World) -> None:
    found = await world.read(KubeconfigContext)
    assert isinstance(found, Absent)
    assert found.cause == "cluster.no-kubeconfig"
    assert "az aks get-credentials" in found.command
    access = await world.must_read(ClusterAccess)
    assert access.source == "azure"
    assert not world.target.kubeconfig.exists()


async def test_what_is_not_deployed_is_absent(world: World) -> None:
    async with world.named(deployment="nothing", service_account="nobody") as named:
        for kind, cause in (
            (Deployment, "app.not-deployed"),
            (Pods, "app.not-deployed"),
            (ClusterDescription, "app.not-deployed"),
            (ServiceAccount, "service-account.missing"),
        ):
            found = await named.read(kind)
            assert isinstance(found, Absent)
            assert found.cause == cause


async def test_an_app_in_another_namespace_is_told(world: World) -> None:
    async with world.named(namespace="mistyped") as named:
        found = await named.read(Deployment)
    assert isinstance(found, Absent)
    assert found.cause == "cluster.other-namespace"
    assert "--all-namespaces" in found.command
    assert found.detail == "Not there: Deployment ai-service in the namespace mistyped; one is in default"


async def test_settings_from_secrets_are_followed(changed: World) -> None:
    client = await changed.client(ClusterConnector).open_for_change()
    secret = {
        "apiVersion": "v1",
        "kind": "Secret",
        "metadata": {"name": "openai", "namespace": "default"},
        "stringData": {"OPENAI_API_KEY": "made-up-key-of-a-test"},
    }
    await client.create("Secret", "default", secret)
    try:
        reference = {"secretKeyRef": {"name": "openai", "key": "OPENAI_API_KEY"}}
        await change_template(
            changed,
            env=[{"name": "KEY", "valueFrom": reference}, {"name": "PLAIN", "value": "x"}],
            envFrom=[
                {"secretRef": {"name": "openai"}},
                {"configMapRef": {"name": "nothing"}, "prefix": "P_"},
            ],
            volumes=[{"name": "keys", "secret": {"secretName": "openai"}}],
            volumeMounts=[{"name": "keys", "mountPath": "/keys"}],
        )
        app = await changed.must_read(Deployment)
        container = app.template.containers[0]
        key = container.variable("KEY")
        assert key is not None
        assert (key.source, key.value.reveal()) == ("secret openai/OPENAI_API_KEY", "made-up-key-of-a-test")
        assert {(item.kind, item.place, item.keys) for item in container.sources} == {
            ("secret", "envFrom", ("OPENAI_API_KEY",)),
            ("configmap", "envFrom", None),
            ("secret", "volume /keys", ("OPENAI_API_KEY",)),
        }
    finally:
        await client.delete("Secret", "default", "openai")


async def test_a_crashing_pod_brings_its_log(changed: World) -> None:
    await change_template(changed, env=[{"name": "USE_AZURE_OPENAI", "value": "True"}])
    with pytest.raises(ActionError, match="Its log ends"):
        await follow(changed)
    pods = await changed.must_read(Pods)
    crashed = next(pod for pod in pods.items if pod.current)
    assert not crashed.ready
    assert crashed.statuses[0].restarts > 0
    assert "OPENAI_API_KEY" in crashed.log
    assert crashed.statuses[0].last_finished is not None
    # The ReplicaSet of before keeps what it had.
    assert any(exposed_keys(spec) for _, spec in pods.history)
    assert not any(exposed_keys(pod.spec) for pod in pods.items if pod.current)


async def test_a_pod_that_is_refused_leaves_a_warning(changed: World) -> None:
    await change_template(changed, serviceAccountName="nobody")
    with pytest.raises(ActionError, match='serviceaccount "nobody" not found'):
        await follow(changed)
    pods = await changed.must_read(Pods)
    assert not [pod for pod in pods.items if pod.current]
    assert any('serviceaccount "nobody" not found' in warning for warning in pods.warnings)
    app = await changed.must_read(Deployment)
    failure = app.condition("ReplicaFailure")
    assert failure is not None
    assert failure.status == "True"


async def test_the_service_account_that_the_app_uses_counts(changed: World) -> None:
    account = {
        "apiVersion": "v1",
        "kind": "ServiceAccount",
        "metadata": {
            "name": "of-another-name",
            "namespace": "default",
            "annotations": {"azure.workload.identity/client-id": "some-client-id"},
        },
    }
    await changed.cluster.apply(account)
    try:
        assert isinstance(await changed.read(ServiceAccount), Absent)
        await change_template(changed, serviceAccountName="of-another-name")
        found = await changed.must_read(ServiceAccount)
        assert found.subject == "system:serviceaccount:default:of-another-name"
    finally:
        await changed.cluster.delete("ServiceAccount", "default", "of-another-name")


async def test_the_live_answers_come_from_the_app(world: World) -> None:
    async with world.facts() as facts:
        direct = await facts.read(ClusterDescription)
        shop = await facts.read(ShopDescription)
        identity = await facts.read(IdentityAnswer)
    assert isinstance(direct, ClusterDescription)
    assert direct.answer.good, direct
    assert isinstance(shop, ShopDescription)
    assert shop.answer.good, shop
    assert shop.address == world.target.names.shop_url
    assert isinstance(identity, IdentityAnswer)
    # As the quickstart leaves it, the app shows its key.
    assert (identity.answer, identity.authentication) == (direct.answer, "key")


async def test_the_shop_is_reached_through_the_cluster_where_its_own_address_is_not(world: World) -> None:
    async with world.named(shop_url="http://127.0.0.1:1") as named:
        shop = await named.must_read(ShopDescription)
        assert shop.answer.good, shop
        assert "/services/store-admin:80/proxy/ai/generate/description" in shop.answer.ask


async def test_an_app_that_fails_is_asked_for_its_log(changed: World) -> None:
    client = await changed.client(ClusterConnector).open_for_change()
    live = await client.get("Deployment", "default", "ai-service")
    assert live is not None
    before = live["spec"]["template"]["spec"]["containers"][0]["env"]
    nowhere = {"name": "AZURE_OPENAI_ENDPOINT", "value": "https://127.0.0.1:1/"}
    kept = [item for item in before if item["name"] != nowhere["name"]]
    assert await changed.must_read(AppLog) == AppLog("")  # it answers well
    await change_template(changed, env=[*kept, nowhere])
    await follow(changed)
    async with changed.facts() as facts:
        asked = await facts.read(ClusterDescription)
        log = await facts.read(AppLog)
    assert isinstance(asked, ClusterDescription)
    assert not asked.answer.good
    assert isinstance(log, AppLog)
    assert asked.answer.text in log.text
