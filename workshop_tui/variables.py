"""The values that pages and the learner's shell may use, from names and from facts."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from workshop_tui.model import (
    ManagedCluster,
    ManagedIdentity,
    ModelDeployment,
    Names,
    OpenAIAccount,
    ServiceAccount,
    SignedIn,
)

if TYPE_CHECKING:
    from workshop_tui.facts.engine import Facts


async def known_variables(facts: Facts) -> dict[str, str]:
    """Read what is there; what is absent or unreadable has no value yet."""
    names = await facts.read(Names)
    values: dict[str, str] = {}
    if isinstance(names, Names):
        values |= {
            "RG_NAME": names.resource_group,
            "SUBSCRIPTION_ID": names.subscription_id,
            "AKS_NAME": names.cluster,
            "AOAI_NAME": names.account,
            "AOAI_DEPLOYMENT_NAME": names.model_deployment,
            "MANAGED_IDENTITY_NAME": names.identity,
            "FEDERATED_CRED_NAME": names.credential,
            "SERVICE_ACCOUNT_NAME": names.service_account,
            "SERVICE_ACCOUNT_NAMESPACE": names.namespace,
            "IMAGE_NAME": names.image,
            "REGISTRY": names.registry,
            "SOURCE": names.source,
            "LOCAL_PORT": str(names.local_port),
            "SHOP_URL": names.shop_url,
        }
    account, model, cluster, identity, person, service_account = await asyncio.gather(
        facts.read(OpenAIAccount),
        facts.read(ModelDeployment),
        facts.read(ManagedCluster),
        facts.read(ManagedIdentity),
        facts.read(SignedIn),
        facts.read(ServiceAccount),
    )
    if isinstance(account, OpenAIAccount):
        values |= {
            "AOAI_NAME": account.name,
            "AOAI_RESOURCE_ID": account.id,
            "AOAI_ENDPOINT": account.endpoint,
        }
    if isinstance(model, ModelDeployment):
        values["AOAI_DEPLOYMENT_NAME"] = model.name
    if isinstance(cluster, ManagedCluster):
        values |= {"AKS_NAME": cluster.name, "AKS_OIDC_ISSUER": cluster.issuer_url}
    if isinstance(identity, ManagedIdentity):
        values |= {
            "MANAGED_IDENTITY_NAME": identity.name,
            "MANAGED_IDENTITY_CLIENT_ID": identity.client_id,
            "MANAGED_IDENTITY_OBJECT_ID": identity.principal_id,
        }
    if isinstance(person, SignedIn):
        values |= {"SIGNED_IN_OBJECT_ID": person.object_id, "SIGNED_IN_KIND": person.kind}
    if isinstance(service_account, ServiceAccount):
        values |= {
            "SERVICE_ACCOUNT_NAME": service_account.name,
            "SERVICE_ACCOUNT_NAMESPACE": service_account.namespace,
        }
    return {name: value for name, value in values.items() if value}
