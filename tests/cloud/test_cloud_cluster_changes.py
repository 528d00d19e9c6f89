from __future__ import annotations

import copy
import json
import shutil
import subprocess
from typing import TYPE_CHECKING, Any

import pytest
import pytest_asyncio
from look_around import must_read

from workshop_tui.authoring import ActionError, AzureChanges, ClusterChanges, KubeconfigChanges, Working
from workshop_tui.cloud import rollout
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.manifests import LAST_APPLIED
from workshop_tui.model import (
    ClusterAccess,
    Deployment,
    KubeconfigContext,
    ManagedCluster,
    Pods,
    ServiceAccount,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from workshop_tui.cloud import Cloud
    from workshop_tui.cloud.cluster import ClusterClient
    from workshop_tui.target import Target

IMAGE = "ghcr.io/azure-samples/aks-store-demo/product-service:latest"


def service_account(name: str, **annotations: str) -> dict[str, Any]:
    metadata = {"name": name, "namespace": "default", "annotations": annotations}
    return {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": metadata}


def deployment(**pod_spec: Any) -> dict[str, Any]:
    """The app's Deployment with a container of another name, as the workshop's own manifest has it."""
    container = {
        "name": "ai-service",
        "image": "ghcr.io/azure-samples/aks-store-demo/ai-service:latest",
        "ports": [{"containerPort": 5001}],
        "env": [
            {"name": "USE_AZURE_OPENAI", "value": "True"},
            {"name": "OPENAI_API_KEY", "value": "sk-made-up"},
            {"name": "AZURE_OPENAI_ENDPOINT", "value": "https://example.invalid/"},
            {"name": "AZURE_OPENAI_DEPLOYMENT_NAME", "value": "gpt"},
        ],
        "resources": {"limits": {"memory": "128Mi"}},
    }
    template = {
        "metadata": {"labels": {"app": "ai-service"}, "annotations": {"workshop-tui/step": "redeploy"}},
        "spec": {"nodeSelector": {"kubernetes.io/os": "linux"}, "containers": [container], **pod_spec},
    }
    spec = {"replicas": 1, "selector": {"matchLabels": {"app": "ai-service"}}, "template": template}
    metadata = {"name": "ai-service", "namespace": "default"}
    return {"apiVersion": "apps/v1", "kind": "Deployment", "metadata": metadata, "spec": spec}


async def follow(changes: Any) -> list[Working]:
    return [state async for state in changes.rollout("default", "ai-service")]


@pytest_asyncio.fixture
async def changes(cloud: Cloud) -> AsyncIterator[Any]:
    """Changes to the cluster; the app's Deployment is as the quickstart made it, before and after."""
    found: Any = cloud.services()[ClusterChanges]
    yield found
    await found.roll_back("default", "ai-service")
    await follow(found)


async def test_the_kubeconfig_gets_the_context_and_is_used_from_then_on(cloud: Cloud, target: Target) -> None:
    services: Any = cloud.services()
    assert (await must_read(cloud, target, ClusterAccess)).source in {"azure", "kubeconfig"}
    cluster = await must_read(cloud, target, ManagedCluster)
    merged = await services[KubeconfigChanges].merge(
        await services[AzureChanges].cluster_credentials(cluster.id)
    )
    context = await must_read(cloud, target, KubeconfigContext)
    assert (context.name, context.path) == (merged.name, str(target.kubeconfig))
    access = await must_read(cloud, target, ClusterAccess)
    assert access.source == "kubeconfig"
    assert access.version.startswith("v1.")


async def test_a_service_account_is_applied_and_deleted(cloud: Cloud, target: Target, changes: Any) -> None:
    name = target.names.service_account
    assert await changes.apply(service_account(name, first="1")) == "created"
    assert await changes.apply(service_account(name, first="1")) == "unchanged"
    assert await changes.apply(service_account(name, second="2")) == "configured"
    found = await must_read(cloud, target, ServiceAccount)
    # What an earlier apply brought and the manifest leaves out is gone, as with kubectl.
    assert {key: value for key, value in found.annotations.items() if key != LAST_APPLIED} == {"second": "2"}
    for _ in range(2):
        await changes.delete("ServiceAccount", "default", name)
    assert await (await _client(cloud)).get("ServiceAccount", "default", name) is None


async def test_a_rollout_tells_of_each_new_pod_until_it_is_ready(changes: Any) -> None:
    await changes.restart("default", "ai-service")
    told = [state for state in await follow(changes) if state.item]
    (name,) = {state.item for state in told}
    assert told[-1] == Working(f"{name} is ready", 1.0, name)
    # It may be ready before it was seen to start.
    assert all(state.fraction is None for state in told[:-1])


async def test_no_container_of_another_name_stays(cloud: Cloud, target: Target, changes: Any) -> None:
    before = await must_read(cloud, target, Deployment)
    assert [item.name for item in before.template.containers] == ["order-service"]
    assert await changes.apply(deployment()) == "configured"
    assert await changes.apply(deployment()) == "unchanged"
    states = await follow(changes)
    assert states[-1] == Working("ai-service is rolled out.")
    after = await must_read(cloud, target, Deployment)
    assert [item.name for item in after.template.containers] == ["ai-service"]
    assert after.rolled_out
    pods = await must_read(cloud, target, Pods)
    assert [pod.spec.containers[0].name for pod in pods.running if pod.current] == ["ai-service"]

    await changes.roll_back("default", "ai-service")
    await follow(changes)
    back = await must_read(cloud, target, Deployment)
    assert back.template.containers == before.template.containers
    await changes.roll_back("default", "ai-service")
    assert (await must_read(cloud, target, Deployment)).generation == back.generation


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")
async def test_kubectl_apply_takes_over_where_we_left_off(
    cloud: Cloud, target: Target, changes: Any, tmp_path: Any
) -> None:
    services: Any = cloud.services()
    cluster = await must_read(cloud, target, ManagedCluster)
    await services[KubeconfigChanges].merge(await services[AzureChanges].cluster_credentials(cluster.id))
    manifest = deployment()
    await changes.apply(manifest)
    file = tmp_path / "app.json"
    file.write_text(json.dumps(manifest))
    assert "unchanged" in _kubectl(target, "apply", "-f", str(file))
    # Renamed by the learner: kubectl knows from our annotation which container it may take away.
    manifest["spec"]["template"]["spec"]["containers"][0]["name"] = "mine"
    file.write_text(json.dumps(manifest))
    assert "configured" in _kubectl(target, "apply", "-f", str(file))
    found = await must_read(cloud, target, Deployment)
    assert [item.name for item in found.template.containers] == ["mine"]


@pytest.mark.skipif(shutil.which("kubectl") is None, reason="kubectl is not installed here")
async def test_after_a_roll_back_kubectl_apply_leaves_no_old_container(
    cloud: Cloud, target: Target, changes: Any, tmp_path: Any
) -> None:
    services: Any = cloud.services()
    cluster = await must_read(cloud, target, ManagedCluster)
    await services[KubeconfigChanges].merge(await services[AzureChanges].cluster_credentials(cluster.id))
    await changes.apply(deployment())
    await changes.roll_back("default", "ai-service")
    file = tmp_path / "app.json"
    file.write_text(json.dumps(deployment()))
    assert "configured" in _kubectl(target, "apply", "-f", str(file))
    found = await must_read(cloud, target, Deployment)
    assert [item.name for item in found.template.containers] == ["ai-service"]


def _kubectl(target: Target, *words: str) -> str:
    kubectl = shutil.which("kubectl.1.32") or "kubectl"
    return subprocess.run(
        [kubectl, "--kubeconfig", str(target.kubeconfig), *words],
        capture_output=True,
        text=True,
        timeout=60,
        check=True,
    ).stdout


async def test_a_missing_service_account_ends_the_rollout_with_its_reason(changes: Any) -> None:
    await changes.apply(deployment(serviceAccountName="nobody"))
    with pytest.raises(ActionError, match='serviceaccount "nobody" not found'):
        await follow(changes)


async def test_an_image_that_is_not_there_ends_the_rollout(
    target: Target, changes: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(rollout, "GRACE_SECONDS", 0.5)
    manifest = copy.deepcopy(deployment())
    image = f"{target.names.registry}/never-pushed:1h"
    manifest["spec"]["template"]["spec"]["containers"][0]["image"] = image
    await changes.apply(manifest)
    with pytest.raises(ActionError, match=r"cannot be pulled: .*never-pushed"):
        await follow(changes)


async def test_a_crash_ends_the_rollout_with_the_last_words_of_its_log(changes: Any) -> None:
    manifest = copy.deepcopy(deployment())
    manifest["spec"]["template"]["spec"]["containers"][0]["env"] = []
    await changes.apply(manifest)
    with pytest.raises(ActionError, match=r"has ended .* times") as caught:
        await follow(changes)
    assert "Its log ends:" in caught.value.what


async def test_a_restart_makes_new_pods(cloud: Cloud, target: Target, changes: Any) -> None:
    before = await must_read(cloud, target, Pods)
    await changes.restart("default", "ai-service")
    await follow(changes)
    after = await must_read(cloud, target, Pods)
    assert not {pod.name for pod in before.items} & {pod.name for pod in after.running if pod.current}


async def test_an_unknown_deployment_is_told_at_once(cloud: Cloud) -> None:
    found: Any = cloud.services()[ClusterChanges]
    with pytest.raises(ActionError, match="no Deployment nothing"):
        async for _ in found.rollout("default", "nothing"):
            pass


async def _client(cloud: Cloud) -> ClusterClient:
    connector = cloud.services()[ClusterConnector]
    assert isinstance(connector, ClusterConnector)
    return await connector.open_for_change()
