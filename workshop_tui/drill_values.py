"""The values that a drill's file may name: the learner's names, and the ids of what is there now."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.model import (
    Deployment,
    FederatedCredentials,
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    OpenAIAccount,
    ResourceGroup,
    ServiceAccount,
    SignedIn,
)

if TYPE_CHECKING:
    from workshop_tui.facts.engine import Facts
    from workshop_tui.model import Names


async def drill_values(facts: Facts, names: Names, tenant_id: str) -> dict[str, str]:
    """Return the values by the names that drills use (docs/drills-format.md); what is not there has none."""
    values = _of_names(names) | {"tenant_id": tenant_id}
    values |= await _of_azure(facts)
    deployment = await facts.read(Deployment)
    if isinstance(deployment, Deployment):
        template = deployment.template
        values["service_account"] = template.service_account
        values["container"] = next(item.name for item in template.containers if not item.init)
    subject = ServiceAccount(values["namespace"], values["service_account"], {}).subject
    return values | await _of_identity(facts, subject, names.credential)


def _of_names(names: Names) -> dict[str, str]:
    return {
        "subscription_id": names.subscription_id,
        "subscription": f"/subscriptions/{names.subscription_id}",
        "resource_group": names.resource_group,
        "identity": names.identity,
        "credential": names.credential,
        "namespace": names.namespace,
        "service_account": names.service_account,
        "deployment": names.deployment,
        "shop": names.shop_service,
        "registry": names.registry,
        "image": names.image,
        "source": names.source,
        "service": f"{names.source}/src/ai-service",
        "kubeconfig": names.kubeconfig,
    }


async def _of_azure(facts: Facts) -> dict[str, str]:
    values: dict[str, str] = {}
    group = await facts.read(ResourceGroup)
    if isinstance(group, ResourceGroup):
        values |= {"group_id": group.id, "location": group.location}
    cluster = await facts.read(ManagedCluster)
    if isinstance(cluster, ManagedCluster):
        values |= {"cluster": cluster.name, "cluster_id": cluster.id, "issuer": cluster.issuer_url}
        values["bare_issuer"] = cluster.issuer_url.rstrip("/")
    account = await facts.read(OpenAIAccount)
    if isinstance(account, OpenAIAccount):
        values |= {"account": account.name, "account_id": account.id, "endpoint": account.endpoint}
        model = await facts.read(ModelDeployment)
        if isinstance(model, ModelDeployment):
            values |= {"model": model.name, "model_id": f"{account.id}/deployments/{model.name}"}
    person = await facts.read(SignedIn)
    if isinstance(person, SignedIn):
        values |= {"learner_object_id": person.object_id, "learner_kind": person.kind}
    return values


async def _of_identity(facts: Facts, subject: str, usual_credential: str) -> dict[str, str]:
    """Return the identity's ids, and its credential: the one that trusts the subject, else the usual one."""
    identity = await facts.read(ManagedIdentity)
    if not isinstance(identity, ManagedIdentity):
        return {}
    trusted = await facts.read(FederatedCredentials)
    items = trusted.items if isinstance(trusted, FederatedCredentials) else ()
    credential = next((item.name for item in items if item.subject == subject), usual_credential)
    return {
        "identity": identity.name,
        "identity_id": identity.id,
        "identity_client_id": identity.client_id,
        "identity_object_id": identity.principal_id,
        "credential": credential,
        "credential_id": f"{identity.id}/federatedIdentityCredentials/{credential}",
    }
