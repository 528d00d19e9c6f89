"""Right in another way that takes more than one change: namespace, account, group, left-overs of a vault."""

from __future__ import annotations

import copy
import uuid
from contextlib import contextmanager
from typing import TYPE_CHECKING

from breakages import Harmless
from hands_asking import document, until
from hands_azure import OPENAI_USER
from hands_cluster import DEPLOYMENT, SERVICE, SERVICE_ACCOUNT, containers

if TYPE_CHECKING:
    from collections.abc import Iterator

    from breaking_hands import Hands
    from hands_asking import Document

_VAULT = {
    "KEY_VAULT_NAME": "shop-vault",
    "AZURE_KEYVAULT_URL": "https://shop-vault.vault.azure.net/",
    "AZURE_OPENAI_KEY_SECRET_NAME": "openai-api-key",
}


def _anew(live: Document, namespace: str) -> Document:
    """Return an object as a person would write it for another namespace."""
    metadata = {
        key: live["metadata"][key] for key in ("name", "labels", "annotations") if key in live["metadata"]
    }
    body = {key: value for key, value in live.items() if key in ("apiVersion", "kind", "spec")}
    for given in ("clusterIP", "clusterIPs"):
        body.get("spec", {}).pop(given, None)
    return {**body, "metadata": {**metadata, "namespace": namespace}}


@contextmanager
def _in_namespace(hands: Hands, namespace: str) -> Iterator[None]:
    """Have the app, its Service and its ServiceAccount in another namespace, and the identity trust it."""
    hands.kubernetes("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
    for path in (SERVICE_ACCOUNT, SERVICE, DEPLOYMENT):
        there = path.replace("/namespaces/default/", f"/namespaces/{namespace}/")
        body = _anew(hands.kubernetes("GET", path), namespace)
        hands.kubernetes("POST", there.rpartition("/")[0], body)
    with hands.credential(subject=f"system:serviceaccount:{namespace}:ai-service-account"):
        yield
    hands.kubernetes("DELETE", f"/api/v1/namespaces/{namespace}")


@contextmanager
def _with_another_account(hands: Hands, name: str) -> Iterator[None]:
    """Have the app ask another account of the group, in which the identity has the role as well."""
    account = f"{hands.account.rpartition('/')[0]}/{name}"
    mine = hands.arm("GET", hands.account)
    model = hands.arm("GET", f"{hands.account}/deployments/{hands.cloud['deployment_name']}")
    properties = {"customSubDomainName": name, "disableLocalAuth": True}
    body = {"location": mine["location"], "kind": mine["kind"], "sku": mine["sku"], "properties": properties}
    hands.arm("PUT", account, body)
    until(lambda: hands.arm("GET", account)["properties"]["provisioningState"] == "Succeeded")
    deployed = {"sku": model["sku"], "properties": {"model": model["properties"]["model"]}}
    hands.arm("PUT", f"{account}/deployments/writer", deployed)
    for principal in (hands.principal, hands.learner):
        path = f"{account}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
        hands.assign(path, principal, OPENAI_USER)
    endpoint = hands.arm("GET", account)["properties"]["endpoint"]
    settings = {"AZURE_OPENAI_ENDPOINT": endpoint, "AZURE_OPENAI_DEPLOYMENT_NAME": "writer"}
    with hands.app(lambda container: _set(container, settings)):
        yield
    hands.arm("DELETE", account)


def _set(container: Document, values: dict[str, str]) -> None:
    kept = [item for item in container["env"] if item["name"] not in values]
    container["env"] = kept + [{"name": name, "value": value} for name, value in values.items()]


@contextmanager
def _through_a_group(hands: Hands, principal: str) -> Iterator[None]:
    """Have the principal's role come through a group of the directory."""
    group = _graph(hands, "POST", "/groups", displayName="Writers", mailNickname=f"w-{uuid.uuid4()}")["id"]
    member = f"{hands.cloud['graph']}/v1.0/directoryObjects/{principal}"
    _graph(hands, "POST", f"/groups/{group}/members/$ref", **{"@odata.id": member})
    path = f"{hands.account}/providers/Microsoft.Authorization/roleAssignments/{uuid.uuid4()}"
    role = f"{hands.subscription}/providers/Microsoft.Authorization/roleDefinitions/{OPENAI_USER}"
    properties = {"roleDefinitionId": role, "principalId": group, "principalType": "Group"}
    hands.arm("PUT", path, {"properties": properties})
    with hands.no_role(principal):
        yield
    hands.arm("DELETE", path)
    _graph(hands, "DELETE", f"/groups/{group}")


def _graph(hands: Hands, method: str, path: str, **body: str) -> Document:
    sign_in = hands.cloud["sign_in"]
    answer = hands.http.post(
        f"{hands.cloud['entra']}/{hands.cloud['tenant_id']}/oauth2/v2.0/token",
        data={
            "grant_type": "client_credentials",
            "client_id": sign_in["client_id"],
            "client_secret": sign_in["client_secret"],
            "scope": f"{hands.cloud['graph']}/.default",
        },
    )
    headers = {"Authorization": f"Bearer {document(answer)['access_token']}"}
    kind = {"mailEnabled": False, "securityEnabled": True} if path == "/groups" else {}
    url = f"{hands.cloud['graph']}/v1.0{path}"
    found = hands.http.request(method, url, headers=headers, json={**body, **kind} or None)
    found.raise_for_status()
    return document(found) if found.content else {}


def _vault_left_over(live: Document) -> None:
    template = live["spec"]["template"]
    template["metadata"].setdefault("annotations", {})["shop.example.com/vault"] = "shop-vault"
    _set(containers(live)[0], copy.deepcopy(_VAULT))


HARMLESS = (
    Harmless(
        "the app is in another namespace",
        ("exposed-key", "federate", "service-account", "redeploy"),
        lambda hands: _in_namespace(hands, "pets"),
        settings={"SERVICE_ACCOUNT_NAMESPACE": "pets"},
    ),
    Harmless(
        "the account has another name",
        ("exposed-key", "grant-yourself", "managed-identity", "redeploy", "verify", "lock-the-door"),
        lambda hands: _with_another_account(hands, "writers"),
        settings={"AOAI_NAME": "writers"},
    ),
    Harmless(
        "the identity's role comes through a group",
        ("managed-identity", "verify", "lock-the-door"),
        lambda hands: _through_a_group(hands, hands.principal),
    ),
    Harmless(
        "the learner's role comes through a group",
        ("grant-yourself",),
        lambda hands: _through_a_group(hands, hands.learner),
    ),
    Harmless(
        "a key vault was used once",
        ("redeploy", "verify"),
        lambda hands: hands.deployment(_vault_left_over),
    ),
)
