"""The world as the quickstart leaves a learner, made at the first start of a state folder.

A resource group; a cluster whose OIDC issuer and workload identity are off; an Azure OpenAI account with a
custom subdomain and a chat deployment; and, as in many real resource groups, another Cognitive Services
account that a careless `[0]` picks.
"""

from __future__ import annotations

import secrets
import uuid
from typing import TYPE_CHECKING, Protocol

from workshop_tui.practice.arm.accounts import ACCOUNT, account_document, ensure_keys
from workshop_tui.practice.arm.clusters import CLUSTER
from workshop_tui.practice.arm.deployments import deployment_document
from workshop_tui.practice.arm.groups import group_document
from workshop_tui.practice.context import Names
from workshop_tui.practice.directory import Principal
from workshop_tui.practice.entra.people import OWNER

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Body
    from workshop_tui.practice.arm.context import Arm
    from workshop_tui.practice.context import Practice
    from workshop_tui.practice.entra.developer import SignIn
    from workshop_tui.practice.store import Store

DECOY_ACCOUNT = "store-speech"
KUBERNETES_VERSION = "1.32"
KUBERNETES_PATCH = "1.32.5"


class SeedableCluster(Protocol):
    """The cluster, as far as seeding goes."""

    def seed(self, openai_endpoint: str, api_key: str) -> None:
        """Put the store's workloads into an empty cluster; the key stands in the pod's settings."""


def names_of(store: Store) -> Names:
    """Return the world's ids and names, made at the first call."""
    known = store.read("names", "names")
    if known is None:
        known = {each: str(uuid.uuid4()) for each in ("tenant_id", "subscription_id", "cluster_guid")}
        store.write("names", "names", known)
    return Names(**known)


def seed(arm: Arm, cluster: SeedableCluster, sign_in: SignIn) -> None:
    """Make the world, all of it or nothing, unless it has been made before."""
    practice = arm.practice
    if practice.store.read("world", "seeded") is not None:
        return
    names = practice.names
    subscription = f"/subscriptions/{names.subscription_id}"
    group = f"{subscription}/resourceGroups/{names.resource_group}"
    with practice.store.transaction():
        arm.resources.put(group, group_document(group, names.resource_group, names.location, None))
        key = _seed_accounts(arm, group)
        kubelet = _make_kubelet_identity(arm)
        document = cluster_document(practice, kubelet)
        arm.resources.put(document["id"], document)
        developer = arm.directory.get(sign_in.object_id)
        assert developer is not None  # noqa: S101  # made with the sign-in
        arm.access.give(subscription, OWNER, developer)
        cluster.seed(f"{practice.addresses.openai}/", key)
        practice.store.write("world", "seeded", {"time": practice.clock.now().isoformat()})


def _seed_accounts(arm: Arm, group: str) -> str:
    """Make both accounts and the deployment; return the key the store's pod will carry."""
    practice, names = arm.practice, arm.practice.names
    decoy_id = f"{group}/providers/{ACCOUNT}/{DECOY_ACCOUNT}"
    decoy = account_document(
        practice, decoy_id, DECOY_ACCOUNT, kind="SpeechServices", location=names.location, properties={}
    )
    account_id = f"{group}/providers/{ACCOUNT}/{names.account_name}"
    account = account_document(
        practice,
        account_id,
        names.account_name,
        kind="OpenAI",
        location=names.location,
        properties={"customSubDomainName": names.account_name.lower()},
    )
    deployment_id = f"{account_id}/deployments/{names.deployment_name}"
    deployment = deployment_document(
        deployment_id,
        names.deployment_name,
        {"name": "gpt-35-turbo", "version": "0125"},
        {"name": "Standard", "capacity": 30},
    )
    for resource in (decoy, account, deployment):
        arm.resources.put(resource["id"], resource)
    ensure_keys(practice.store, decoy_id)
    return ensure_keys(practice.store, account_id)["key1"]


def cluster_id(names: Names) -> str:
    """Return the managed cluster's resource id, spelled as its provider spells it."""
    group = f"/subscriptions/{names.subscription_id}/resourcegroups/{names.resource_group}"
    return f"{group}/providers/{CLUSTER}/{names.cluster_name}"


def _make_kubelet_identity(arm: Arm) -> Principal:
    """Make the node pool's own identity: in the directory, and good for nothing in this workshop."""
    principal = Principal(
        object_id=str(uuid.uuid4()),
        display_name=f"{arm.practice.names.cluster_name}-agentpool",
        application_id=str(uuid.uuid4()),
        service_kind="ManagedIdentity",
    )
    arm.directory.put(principal)
    return principal


def cluster_document(practice: Practice, kubelet: Principal) -> Body:
    """Return the managed cluster as a quickstart makes it: issuer and workload identity off."""
    names = practice.names
    node_group = f"MC_{names.resource_group}_{names.cluster_name}_{names.location}"
    fqdn = practice.addresses.kubernetes.removeprefix("https://")
    return {
        "id": cluster_id(names),
        "location": names.location,
        "name": names.cluster_name,
        "type": "Microsoft.ContainerService/ManagedClusters",
        "kind": "Base",
        "properties": {
            "provisioningState": "Succeeded",
            "powerState": {"code": "Running"},
            "kubernetesVersion": KUBERNETES_VERSION,
            "currentKubernetesVersion": KUBERNETES_PATCH,
            "dnsPrefix": "practice",
            "fqdn": fqdn,
            "azurePortalFQDN": fqdn,
            "agentPoolProfiles": [_node_pool()],
            "servicePrincipalProfile": {"clientId": "msi"},
            "nodeResourceGroup": node_group,
            "enableRBAC": True,
            "supportPlan": "KubernetesOfficial",
            "networkProfile": _network(names.subscription_id, node_group),
            "maxAgentPools": 100,
            "identityProfile": {
                "kubeletidentity": {
                    "resourceId": f"/subscriptions/{names.subscription_id}/resourcegroups/{node_group}"
                    "/providers/"
                    f"Microsoft.ManagedIdentity/userAssignedIdentities/{kubelet.display_name}",
                    "clientId": kubelet.application_id,
                    "objectId": kubelet.object_id,
                }
            },
            "autoUpgradeProfile": {"nodeOSUpgradeChannel": "NodeImage"},
            "securityProfile": {},
            "storageProfile": {
                "diskCSIDriver": {"enabled": True},
                "fileCSIDriver": {"enabled": True},
                "snapshotController": {"enabled": True},
            },
            "oidcIssuerProfile": {"enabled": False},
            "workloadAutoScalerProfile": {},
            "resourceUID": secrets.token_hex(12),
            "metricsProfile": {"costAnalysis": {"enabled": False}},
            "nodeProvisioningProfile": {"mode": "Manual", "defaultNodePools": "Auto"},
            "bootstrapProfile": {"artifactSource": "Direct"},
        },
        "identity": {
            "type": "SystemAssigned",
            "principalId": str(uuid.uuid4()),
            "tenantId": names.tenant_id,
        },
        "sku": {"name": "Base", "tier": "Free"},
    }


def _node_pool() -> Body:
    return {
        "name": "nodepool1",
        "count": 1,
        "vmSize": "Standard_DS2_v2",
        "osDiskSizeGB": 128,
        "osDiskType": "Managed",
        "maxPods": 250,
        "type": "VirtualMachineScaleSets",
        "enableAutoScaling": False,
        "provisioningState": "Succeeded",
        "powerState": {"code": "Running"},
        "orchestratorVersion": KUBERNETES_VERSION,
        "currentOrchestratorVersion": KUBERNETES_PATCH,
        "mode": "System",
        "osType": "Linux",
        "osSKU": "Ubuntu",
        "kubeletDiskType": "OS",
        "scaleDownMode": "Delete",
        "enableNodePublicIP": False,
        "nodeImageVersion": "AKSUbuntu-2204gen2containerd-202601.07.0",
        "upgradeSettings": {"maxSurge": "10%", "maxUnavailable": "0"},
        "enableFIPS": False,
        "securityProfile": {"sshAccess": "LocalUser", "enableVTPM": False, "enableSecureBoot": False},
    }


def _network(subscription: str, node_group: str) -> Body:
    group = f"/subscriptions/{subscription}/resourceGroups/{node_group}"
    address = f"{group}/providers/Microsoft.Network/publicIPAddresses/{uuid.uuid4()}"
    return {
        "networkPlugin": "azure",
        "networkPluginMode": "overlay",
        "networkPolicy": "none",
        "networkDataplane": "azure",
        "loadBalancerSku": "standard",
        "loadBalancerProfile": {
            "managedOutboundIPs": {"count": 1},
            "effectiveOutboundIPs": [{"id": address}],
            "backendPoolType": "nodeIPConfiguration",
        },
        "podCidr": "10.244.0.0/16",
        "serviceCidr": "10.0.0.0/16",
        "podCidrs": ["10.244.0.0/16"],
        "serviceCidrs": ["10.0.0.0/16"],
        "dnsServiceIP": "10.0.0.10",
        "outboundType": "loadBalancer",
        "ipFamilies": ["IPv4"],
    }
