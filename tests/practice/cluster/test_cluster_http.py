"""The practice cluster's API over plain HTTPS: what clients other than kubectl lean on."""

from __future__ import annotations

import json
import threading
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from collections.abc import Iterator

    import httpx

TABLE = "application/json;as=Table;v=v1;g=meta.k8s.io,application/json"
APPLY = "application/apply-patch+yaml"
MERGE = "application/merge-patch+json"


def config_map(name: str, **data: str) -> dict[str, Any]:
    return {"metadata": {"name": name}, "data": data}


def test_nobody_comes_in_without_a_token(api: httpx.Client) -> None:
    refused = api.get("/api/v1/pods", headers={"Authorization": ""})
    assert refused.status_code == 401
    assert refused.json()["reason"] == "Unauthorized"
    assert api.get("/api/v1/pods", headers={"Authorization": "Bearer wrong"}).status_code == 401
    assert api.get("/readyz", headers={"Authorization": ""}).text == "ok"


def test_a_service_account_may_only_ask_about_itself(api: httpx.Client) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    token = api.post(path, json={"spec": {"expirationSeconds": 3600}}).json()["status"]["token"]
    signed_in = {"Authorization": f"Bearer {token}"}
    refused = api.get("/api/v1/namespaces/default/pods", headers=signed_in)
    assert refused.status_code == 403
    assert refused.json()["message"] == (
        'pods is forbidden: User "system:serviceaccount:default:default" cannot list resource "pods" '
        'in API group "" in the namespace "default"'
    )
    review = api.post("/apis/authentication.k8s.io/v1/selfsubjectreviews", json={}, headers=signed_in).json()
    assert review["status"]["userInfo"]["username"] == "system:serviceaccount:default:default"
    access = {"spec": {"resourceAttributes": {"verb": "get", "resource": "pods"}}}
    path = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
    assert api.post(path, json=access, headers=signed_in).json()["status"]["allowed"] is False
    assert api.post(path, json=access).json()["status"]["allowed"] is True


def test_a_token_for_entra_cannot_call_the_cluster(api: httpx.Client) -> None:
    path = "/api/v1/namespaces/default/serviceaccounts/default/token"
    body = {"spec": {"audiences": ["api://AzureADTokenExchange"], "expirationSeconds": 3600}}
    token = api.post(path, json=body).json()["status"]["token"]
    assert api.get("/api", headers={"Authorization": f"Bearer {token}"}).status_code == 401
    short = api.post(path, json={"spec": {"expirationSeconds": 60}})
    assert short.status_code == 422


@pytest.mark.parametrize(
    "path", ["/version/", "/api/", "/apis/", "/api/v1/", "/apis/apps/v1/", "/openapi/v3"]
)
def test_discovery_takes_trailing_slashes(api: httpx.Client, path: str) -> None:
    assert api.get(path).status_code == 200
    assert api.get("/apis/batch/v1").status_code == 404


def test_who_writes_on_an_old_version_is_refused(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    first = api.post(path, json=config_map("one", a="1")).json()
    assert api.post(path, json=config_map("one")).json()["reason"] == "AlreadyExists"
    changed = first | {"data": {"a": "2"}}
    second = api.put(f"{path}/one", json=changed).json()
    assert int(second["metadata"]["resourceVersion"]) > int(first["metadata"]["resourceVersion"])
    assert second["metadata"]["uid"] == first["metadata"]["uid"]
    refused = api.put(f"{path}/one", json=changed)
    assert (refused.status_code, refused.json()["reason"]) == (409, "Conflict")
    same = api.put(f"{path}/one", json=second).json()
    assert same["metadata"]["resourceVersion"] == second["metadata"]["resourceVersion"]


def test_each_namespace_gets_its_account_and_certificate(api: httpx.Client, namespace: str) -> None:
    base = f"/api/v1/namespaces/{namespace}"
    lines = api.get(f"{base}/serviceaccounts", params={"watch": "1", "timeoutSeconds": "1"}).text
    assert json.loads(lines.splitlines()[0])["object"]["metadata"]["name"] == "default"
    assert "BEGIN CERTIFICATE" in api.get(f"{base}/configmaps/kube-root-ca.crt").json()["data"]["ca.crt"]
    missing = api.post("/api/v1/namespaces/nowhere/configmaps", json=config_map("x"))
    assert missing.json()["message"] == 'namespaces "nowhere" not found'


def test_selectors(api: httpx.Client) -> None:
    def names(**parameters: str) -> set[str]:
        items = api.get("/apis/apps/v1/namespaces/default/deployments", params=parameters).json()["items"]
        return {item["metadata"]["name"] for item in items}

    assert names(fieldSelector="metadata.name=ai-service") == {"ai-service"}
    assert "ai-service" not in names(fieldSelector="metadata.name!=ai-service")
    pods = api.get("/api/v1/pods", params={"labelSelector": "app in (ai-service, store-admin),!nothing"})
    assert len(pods.json()["items"]) == 2
    assert api.get("/api/v1/pods", params={"labelSelector": "a b c"}).status_code == 400


def watch(client: httpx.Client, path: str, **parameters: str) -> Iterator[dict[str, Any]]:
    query = {"watch": "true", "timeoutSeconds": "5"} | parameters
    with client.stream("GET", path, params=query, timeout=10) as response:
        for line in response.iter_lines():
            yield json.loads(line)


def test_a_watch_resumes_and_sees_selectors(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    version = api.get(path).json()["metadata"]["resourceVersion"]
    one = config_map("one")
    one["metadata"]["labels"] = {"seen": "yes"}
    api.post(path, json=one)
    api.patch(f"{path}/one", json={"data": {"a": "1"}}, headers={"Content-Type": MERGE})
    api.patch(f"{path}/one", json={"metadata": {"labels": {"seen": "no"}}}, headers={"Content-Type": MERGE})
    api.delete(f"{path}/one")
    changes = watch(api, path, resourceVersion=version, labelSelector="seen=yes", timeoutSeconds="1")
    assert [change["type"] for change in changes] == ["ADDED", "MODIFIED", "DELETED"]


def test_a_watch_wakes_at_once(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    changes = watch(api, path, fieldSelector="metadata.name=later")
    timer = threading.Timer(0.2, lambda: api.post(path, json=config_map("later")))
    timer.start()
    assert next(changes)["object"]["metadata"]["name"] == "later"
    timer.join()


def test_a_watch_list_ends_its_first_part_with_a_bookmark(api: httpx.Client) -> None:
    path = "/api/v1/namespaces/kube-public/configmaps"
    wanted = {"sendInitialEvents": "true", "resourceVersionMatch": "NotOlderThan"}
    changes = list(watch(api, path, allowWatchBookmarks="true", timeoutSeconds="1", **wanted))
    assert [change["type"] for change in changes][:2] == ["ADDED", "BOOKMARK"]
    annotations = changes[1]["object"]["metadata"]["annotations"]
    assert annotations == {"k8s.io/initial-events-end": "true"}


def test_a_table_has_the_columns_of_kubectl(api: httpx.Client) -> None:
    table = api.get("/api/v1/namespaces/default/services", headers={"Accept": TABLE}).json()
    assert table["kind"] == "Table"
    wide = [column["name"] for column in table["columnDefinitions"] if column["priority"]]
    assert wide == ["Selector"]
    assert table["rows"][0]["object"]["kind"] == "PartialObjectMetadata"


def test_the_service_proxy_passes_everything_but_the_token(api: httpx.Client) -> None:
    base = "/api/v1/namespaces/default/services"
    sent = api.post(f"{base}/ai-service:5001/proxy/generate/description?a=b", json={"name": "toy"}).json()
    assert (sent["method"], sent["path"], sent["query"]) == ("POST", "/generate/description", "a=b")
    assert json.loads(sent["body"]) == {"name": "toy"}
    assert sent["authorization"] is None
    encoded = api.get(f"{base}/http%3Aai-service%3Ahttp/proxy/generate%2Fdescription").json()
    assert encoded["path"] == "/generate/description"
    missing = api.get(f"{base}/ai-service:1/proxy/")
    assert missing.json()["message"] == 'no service port "1" found for service "ai-service"'
    pod = api.get("/api/v1/namespaces/default/pods", params={"labelSelector": "app=ai-service"}).json()
    name = pod["items"][0]["metadata"]["name"]
    assert api.get(f"/api/v1/namespaces/default/pods/{name}:5001/proxy/health").json()["path"] == "/health"


def test_a_service_without_ready_pods_is_unavailable(api: httpx.Client, namespace: str) -> None:
    base = f"/api/v1/namespaces/{namespace}/services"
    spec = {"ports": [{"port": 80}], "selector": {"app": "none"}}
    created = api.post(base, json={"metadata": {"name": "web"}, "spec": spec}).json()
    assert created["spec"]["clusterIP"].startswith("10.0.")
    refused = api.get(f"{base}/web/proxy/")
    assert (refused.status_code, refused.json()["reason"]) == (503, "ServiceUnavailable")
    assert refused.json()["message"] == 'no endpoints available for service "web"'


def test_owned_objects_go_with_their_owner(api: httpx.Client, namespace: str) -> None:
    maps = f"/api/v1/namespaces/{namespace}/configmaps"
    deployments = f"/apis/apps/v1/namespaces/{namespace}/deployments"
    labels = {"app": "x"}
    template = {"metadata": {"labels": labels}, "spec": {"containers": [{"name": "x", "image": "x"}]}}
    spec = {"replicas": 0, "selector": {"matchLabels": labels}, "template": template}
    owner = api.post(deployments, json={"metadata": {"name": "x"}, "spec": spec}).json()
    reference = {"apiVersion": "apps/v1", "kind": "Deployment", "name": "x", "uid": owner["metadata"]["uid"]}
    owned = config_map("owned")
    owned["metadata"]["ownerReferences"] = [reference]
    version = api.post(maps, json=owned).json()["metadata"]["resourceVersion"]
    api.request("DELETE", f"{deployments}/x", json={"propagationPolicy": "Foreground"})
    changes = watch(api, maps, resourceVersion=version, fieldSelector="metadata.name=owned")
    assert next(changes)["type"] == "DELETED"
    gone = watch(api, deployments, resourceVersion=version, timeoutSeconds="1")
    assert [change["type"] for change in gone][-1] == "DELETED"


def test_a_pod_that_does_not_fit_waits(api: httpx.Client, namespace: str) -> None:
    pods = f"/api/v1/namespaces/{namespace}/pods"

    def why(name: str, **spec: Any) -> str:
        container = {"name": "x", "image": "x"} | spec.pop("container", {})
        body = {"metadata": {"name": name}, "spec": {"containers": [container]} | spec}
        created = api.post(pods, json=body)
        assert created.status_code == 201, created.text
        query = {"resourceVersion": created.json()["metadata"]["resourceVersion"]}
        changes = watch(api, pods, fieldSelector=f"metadata.name={name}", **query)
        conditions = next(changes)["object"]["status"]["conditions"]
        return str(conditions[0]["message"])

    assert "1 Insufficient cpu" in why("big", container={"resources": {"requests": {"cpu": "50"}}})
    assert "didn't match Pod's node affinity/selector" in why("picky", nodeSelector={"disk": "ssd"})


def test_apply_removes_what_its_manager_no_longer_sets(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps/applied"

    def apply(manager: str, **data: str) -> dict[str, Any]:
        body = {"apiVersion": "v1", "kind": "ConfigMap"} | config_map("applied", **data)
        headers = {"Content-Type": APPLY}
        answer = api.patch(path, json=body, headers=headers, params={"fieldManager": manager})
        answer.raise_for_status()
        return dict(answer.json()["data"])

    apply("first", a="1", b="2")
    apply("second", b="2", c="3")
    assert apply("first", a="1") == {"a": "1", "b": "2", "c": "3"}
    assert apply("second", c="3") == {"a": "1", "c": "3"}


def test_long_answers_are_compressed_for_whoever_can_read_them(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    api.post(path, json=config_map("long", text="x" * 200_000)).raise_for_status()
    whole = api.get(path, headers={"Accept-Encoding": "identity"})
    compressed = api.get(path, headers={"Accept-Encoding": "gzip"})
    assert "content-encoding" not in whole.headers
    assert compressed.headers["content-encoding"] == "gzip"
    assert int(compressed.headers["content-length"]) < 10_000
    assert compressed.json() == whole.json()
    assert whole.headers["cache-control"] == "no-cache, private"
