from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from look_around import NoEvidence, must_read

from workshop_tui.authoring import OPENAI_USER_ROLE, AzureChanges, ClusterChanges
from workshop_tui.cloud import open_cloud
from workshop_tui.cloud.permitted import NotPermittedError, RequestGuard, is_look
from workshop_tui.model import OpenAIAccount

if TYPE_CHECKING:
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

ARM = "https://management.azure.com/subscriptions/S/resourceGroups/G/providers"
CLUSTER = f"{ARM}/Microsoft.ContainerService/managedClusters/C"
ACCOUNT = f"{ARM}/Microsoft.CognitiveServices/accounts/A"
API = "https://api.example:443"


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("GET", f"{ACCOUNT}?api-version=2025-06-01"),
        ("HEAD", "https://ttl.sh/v2/x/manifests/1h"),
        ("POST", "https://login.microsoftonline.com/T/oauth2/v2.0/token"),
        ("POST", f"{CLUSTER}/listClusterUserCredential?api-version=2025-08-01"),
        ("POST", f"{API}/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"),
        ("POST", f"{API}/api/v1/namespaces/default/services/ai-service:5001/proxy/generate/description"),
        ("POST", f"{API}/api/v1/namespaces/default/services/store-admin:80/proxy/ai/generate/description"),
        ("POST", "http://20.1.2.3/ai/generate/description"),
        ("POST", "https://a.openai.azure.com/openai/deployments/gpt/chat/completions?api-version=1"),
        ("GET", f"{API}/api/v1/namespaces/default/pods/p/log?container=c"),
    ],
)
def test_looks_are_permitted(method: str, url: str) -> None:
    assert is_look(method, url)


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PUT", ACCOUNT),
        ("PATCH", ACCOUNT),
        ("DELETE", ACCOUNT),
        ("POST", f"{ACCOUNT}/listKeys"),
        ("POST", f"{ACCOUNT}/regenerateKey"),
        ("POST", f"{CLUSTER}/listClusterAdminCredential"),
        ("POST", f"{API}/api/v1/namespaces/default/serviceaccounts"),
        ("POST", f"{API}/api/v1/namespaces/default/serviceaccounts/sa/token"),
        ("POST", f"{API}/api/v1/namespaces/default/services/product:80/proxy/product"),
        ("GET", f"{API}/api/v1/namespaces/default/pods/p/exec?command=sh"),
        ("GET", f"{API}/api/v1/namespaces/default/pods/p/portforward"),
        ("POST", "http://20.1.2.3/product"),
        ("POST", "https://ttl.sh/v2/x/blobs/uploads/"),
    ],
)
def test_changes_are_not(method: str, url: str) -> None:
    assert not is_look(method, url)
    with pytest.raises(NotPermittedError):
        RequestGuard(read_only=True).enter(method, url)
    RequestGuard(read_only=False).enter(method, url)


async def test_clients_for_looking_refuse_to_change(target: Target, settings: Settings) -> None:
    async with open_cloud(target, settings, evidence=NoEvidence(), read_only=True) as cloud:
        services = cloud.services()
        account = await must_read(cloud, target, OpenAIAccount)
        azure, cluster = services[AzureChanges], services[ClusterChanges]
        with pytest.raises(NotPermittedError):
            await azure.assign_role(  # type: ignore[attr-defined]
                scope=account.id, role=OPENAI_USER_ROLE, principal_id="p", principal_kind="User"
            )
        with pytest.raises(NotPermittedError):
            await cluster.apply(  # type: ignore[attr-defined]
                {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": {"name": "refused"}}
            )
