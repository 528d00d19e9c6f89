"""Every verb on every kind the practice cluster serves, by the unchanged Kubernetes client and kubectl.

What these tests reached is read from the practice cloud's own request log: see `claims` in conftest.py.
"""

from __future__ import annotations

import copy
import json
import os
import re
import ssl
import subprocess
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from clients import RecordProperty, driven, package
from cluster_field_refusals import FIELDS
from cluster_patch_refusals import PATCHES
from cluster_refusals import NAMESPACE as REFUSED
from cluster_refusals import QUESTIONS, UNDERSTANDING, Refused, named, pod
from cluster_refusals_state import REVIEWS, STANDING
from kubernetes import client as typed_client
from kubernetes import config as typed_config
from kubernetes import dynamic as typed_dynamic
from kubernetes import watch as typed_watch
from practice_world import SignedIn, kubectl_program, write_kubeconfig

from workshop_tui.practice import client as practice
from workshop_tui.practice.cluster.resources import RESOURCES, Resource, resource_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

client: Any = typed_client
config: Any = typed_config
dynamic: Any = typed_dynamic
watch: Any = typed_watch

NAMESPACE = "proof"
SERVICE = "ai-service:5001"
LABELS = {"proof": "yes"}
MERGE = "application/merge-patch+json"
POD = {"containers": [{"name": "app", "image": "nowhere.invalid/none"}]}
WORKLOAD = {
    "replicas": 0,
    "selector": {"matchLabels": {"app": "none"}},
    "template": {"metadata": {"labels": {"app": "none"}}, "spec": POD},
}
CONTENT: dict[str, dict[str, Any]] = {
    "configmaps": {"data": {"a": "b"}},
    "deployments": {"spec": WORKLOAD},
    "endpointslices": {"addressType": "IPv4", "endpoints": []},
    "events": {"involvedObject": {"namespace": NAMESPACE}, "reason": "Proof"},
    "pods": {"spec": POD | {"nodeName": "nowhere"}},
    "replicasets": {"spec": WORKLOAD},
    "services": {"spec": {"ports": [{"port": 80}]}},
}
"""What an object of a kind needs besides its name."""


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    """A practice cloud of these tests' own, workload identity on and a namespace made."""
    folder = tmp_path_factory.mktemp("proof")
    try:
        cloud = practice.start(folder, time_scale=50)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            learner = SignedIn(cloud, http)
            enabled = {
                "oidcIssuerProfile": {"enabled": True},
                "securityProfile": {"workloadIdentity": {"enabled": True}},
            }
            learner.call("PUT", learner.cluster, {"location": "eastus", "properties": enabled})
            while (
                learner.call("GET", learner.cluster).json()["properties"]["provisioningState"] == "Updating"
            ):
                time.sleep(0.02)
            yield learner
    finally:
        practice.stop(folder)


@pytest.fixture(scope="module")
def kubeconfig(own: SignedIn, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_kubeconfig(own, tmp_path_factory.mktemp("kube"))


@pytest.fixture(scope="module")
def connection(kubeconfig: Path) -> Iterator[Any]:
    made = config.new_client_from_config(str(kubeconfig))
    with suppress(client.ApiException):
        client.CoreV1Api(made).create_namespace({"metadata": {"name": NAMESPACE}})
    yield made
    made.close()


def body_of(resource: Resource, name: str) -> dict[str, Any]:
    metadata: dict[str, Any] = {"name": name, "labels": LABELS}
    if resource.namespaced:
        metadata["namespace"] = NAMESPACE
    content = CONTENT.get(resource.name, {})
    return {"apiVersion": resource.api_version, "kind": resource.kind, "metadata": metadata, **content}


def where(resource: Resource) -> dict[str, str]:
    return {"namespace": NAMESPACE} if resource.namespaced else {}


def say(record_property: RecordProperty, *commands: str) -> None:
    driven(record_property, package("kubernetes"), *commands)


def test_every_verb_on_every_kind(connection: Any, record_property: RecordProperty) -> None:
    verbs = ("create", "get", "replace", "patch (merge)", "list", "watch", "delete", "delete collection")
    say(record_property, *(f"dynamic: {each}" for each in verbs))
    kinds = dynamic.DynamicClient(connection).resources
    for resource in filter(lambda each: each.stored, RESOURCES):
        kind = kinds.get(api_version=resource.api_version, kind=resource.kind)
        place = {"namespace": "default"} if resource.schema else where(resource)  # views of another kind
        if "create" in resource.verbs:
            kind.create(body=body_of(resource, "one"), **place)
            found = kind.get(name="one", **place).to_dict()
            found["metadata"] |= {"annotations": {"replaced": "yes"}}
            del found["metadata"]["resourceVersion"]  # controllers write, too
            kind.replace(body=found, **place)
            marked = {"metadata": {"name": "one", "annotations": {"patched": "yes"}}}
            patched = kind.patch(body=marked, content_type=MERGE, **place)
            assert set(patched.metadata.annotations.to_dict()) >= {"replaced", "patched"}, resource.name
        listed = kind.get(**place)
        kind.get(name=listed.items[0].metadata.name, **place)
        event = next(iter(kind.watch(timeout=1, **place)))
        assert event["type"] == "ADDED"
        if "create" in resource.verbs:
            kind.delete(name="one", **place)
        if "deletecollection" in resource.verbs:
            kind.create(body=body_of(resource, "two"), **place)
            kind.delete(label_selector="proof=yes", **place)


def test_every_part_of_every_kind(connection: Any, record_property: RecordProperty) -> None:
    say(record_property, "dynamic: status", "dynamic: scale")
    kinds = dynamic.DynamicClient(connection).resources
    for resource in RESOURCES:
        for part in resource.subresources:
            if part.name not in {"status", "scale"}:
                continue
            kind = kinds.get(api_version=resource.api_version, kind=resource.kind)
            place, name = where(resource), f"with-{part.name}"
            kind.create(body=body_of(resource, name), **place)
            sub = kind.subresources[part.name]
            found = sub.get(name=name, **place).to_dict()
            del found["metadata"]["resourceVersion"]
            sub.replace(body=found, name=name, **place)
            change = {"spec": {"replicas": 0}} if part.name == "scale" else {"status": {}}
            marked = {"metadata": {"name": name}, **change}
            sub.patch(body=marked, name=name, content_type=MERGE, **place)
            kind.delete(name=name, **place)


def test_proxies_logs_and_tokens(connection: Any, record_property: RecordProperty) -> None:
    say(record_property, "service proxy", "pod proxy", "logs", "create token")
    core = client.CoreV1Api(connection)
    pods: list[Any] = []
    while not pods:  # until the test's own timeout
        found = core.list_namespaced_pod("default", label_selector="app=ai-service").items
        pods = [each for each in found if (each.status.container_statuses or [{}])[0].ready]
        time.sleep(0.05)
    name = pods[0].metadata.name
    for method in ("get", "post", "put", "patch", "delete"):
        for target, kind in ((SERVICE, "service"), (f"{name}:5001", "pod")):
            call = getattr(core, f"connect_{method}_namespaced_{kind}_proxy_with_path")
            with suppress(client.ApiException):  # the pod's own 404 or 405
                call(target, "default", "health")
    assert "ok" in str(core.connect_get_namespaced_service_proxy_with_path(SERVICE, "default", "health"))
    core.read_namespaced_pod_log(name, "default")
    made = core.create_namespaced_service_account_token("default", "default", {"spec": {}})
    assert made.status.token.count(".") == 2


def test_questions_about_oneself(connection: Any, record_property: RecordProperty) -> None:
    say(record_property, "access review", "rules review", "subject review")
    rights = client.AuthorizationV1Api(connection)
    attributes = {"verb": "get", "resource": "pods", "namespace": "default"}
    asked = rights.create_self_subject_access_review({"spec": {"resourceAttributes": attributes}})
    assert asked.status.allowed
    assert rights.create_self_subject_rules_review({"spec": {"namespace": "default"}}).status.resource_rules
    who = client.AuthenticationV1Api(connection).create_self_subject_review({})
    assert who.status.user_info.username == "masterclient"


def test_questions_about_others(connection: Any, record_property: RecordProperty) -> None:
    say(record_property, "subjectaccessreviews", "tokenreviews")
    rights, people = client.AuthorizationV1Api(connection), client.AuthenticationV1Api(connection)
    attributes = {"verb": "get", "resource": "pods", "namespace": "default"}
    account = "system:serviceaccount:default:default"
    body = {"spec": {"user": account, "resourceAttributes": attributes}}
    assert not rights.create_subject_access_review(body).status.allowed
    body["spec"]["groups"] = ["system:masters"]
    assert rights.create_namespaced_local_subject_access_review("default", body).status.allowed
    audience = "api://AzureADTokenExchange"
    request = {"spec": {"audiences": [audience]}}
    core = client.CoreV1Api(connection)
    token = core.create_namespaced_service_account_token("default", "default", request).status.token
    asked = {"spec": {"token": token, "audiences": [audience, "other"]}}
    told = people.create_token_review(asked).status
    assert (told.authenticated, told.user.username, told.audiences) == (True, account, [audience])
    assert not people.create_token_review({"spec": {"token": token}}).status.authenticated


def test_what_the_cluster_says_of_itself(connection: Any, record_property: RecordProperty) -> None:
    say(record_property, "version", "discovery")
    assert client.VersionApi(connection).get_code().minor == "32"
    assert client.CoreApi(connection).get_api_versions().versions == ["v1"]
    assert "apps" in [each.name for each in client.ApisApi(connection).get_api_versions().groups]
    assert client.AppsApi(connection).get_api_group().name == "apps"
    assert client.CoreV1Api(connection).get_api_resources().resources
    assert client.AppsV1Api(connection).get_api_resources().resources


def test_by_kubectl(kubeconfig: Path, tmp_path: Path) -> None:
    program = kubectl_program()
    if program is None:
        pytest.skip("there is no kubectl on this machine")
    environment = os.environ | {"KUBECONFIG": str(kubeconfig), "KUBECACHEDIR": str(tmp_path / "cache")}

    def run(*arguments: str) -> str:
        done = subprocess.run(
            [program, *arguments], env=environment, capture_output=True, text=True, timeout=30, check=True
        )
        return done.stdout

    assert [run("get", "--raw", each) for each in ("/healthz", "/livez", "/readyz")] == ["ok"] * 3
    manifests = [body_of(resource_named(each), "applied") for each in ("configmaps", "deployments")]
    file = tmp_path / "proof.yaml"
    file.write_text(yaml.safe_dump_all(manifests))
    run("apply", "-f", str(file))
    run("delete", "-f", str(file))


@pytest.fixture(scope="module")
def refusing(connection: Any) -> dict[str, Any]:
    """Clients by the token they carry, and a namespace with what the refused requests speak of."""
    core, apps = client.CoreV1Api(connection), client.AppsV1Api(connection)
    core.create_namespace(named(REFUSED))
    core.create_namespaced_config_map(REFUSED, named())
    until_the_webhook_answers(core)
    core.create_namespaced_config_map(REFUSED, named("fixed", immutable=True, data={"a": "b"}))
    core.create_namespaced_service(
        REFUSED, named("empty", spec={"selector": {"a": "b"}, "ports": [{"port": 80}]})
    )
    two = {"nodeName": "nowhere", "containers": [{"name": each, "image": "x"} for each in "ab"]}
    core.create_namespaced_pod(REFUSED, named("two", spec=two))
    core.create_namespaced_service_account(REFUSED, named("other"))
    elsewhere = {"containers": [{"name": "app", "image": "x"}], "nodeSelector": {"is": "nowhere"}}
    core.create_namespaced_pod(REFUSED, named("unbound", spec=elsewhere))
    labels = {"matchLabels": {"a": "b"}}
    template = pod({"containers": [{"name": "app", "image": "x"}]}, labels={"a": "b"})
    known = {"replicas": 0, "selector": labels, "template": template}
    apps.create_namespaced_deployment(REFUSED, named(spec=known))
    core.create_namespace(named("ending"))
    held = {"metadata": {"name": "held", "finalizers": ["example.com/held"]}}
    core.create_namespaced_config_map("ending", held)
    core.delete_namespace("ending")
    administrator = dynamic.DynamicClient(connection)
    applied = {"apiVersion": "v1", "kind": "ConfigMap", **named("applied", data={"a": "theirs"})}
    maps = administrator.resources.get(api_version="v1", kind="ConfigMap")
    maps.server_side_apply(applied, namespace=REFUSED, field_manager="first")
    token = core.create_namespaced_service_account_token("default", REFUSED, {"spec": {}}).status.token
    return {
        "administrator": administrator,
        "wrong": with_token(connection, "wrong"),
        "service account": with_token(connection, token),
    }


def until_the_webhook_answers(core: Any) -> None:
    """Watch the webhook's pods until one is ready."""
    label = "azure-workload-identity.io/system=true"
    events = watch.Watch().stream(
        core.list_namespaced_pod, "kube-system", label_selector=label, timeout_seconds=30
    )
    ready = any(
        condition.type == "Ready" and condition.status == "True"
        for event in events
        for condition in event["object"].status.conditions or []
    )
    assert ready


def with_token(connection: Any, token: str) -> Any:
    """Return a client that differs in its token alone, and asks nothing of its own, as discovery would."""
    settings = copy.copy(connection.configuration)
    settings.api_key = {"authorization": f"Bearer {token}", "BearerToken": f"Bearer {token}"}
    settings.refresh_api_key_hook = None
    made = object.__new__(dynamic.DynamicClient)
    made.client, made.configuration = client.ApiClient(settings), settings
    return made


@pytest.mark.parametrize(
    "case",
    [*UNDERSTANDING, *QUESTIONS, *REVIEWS, *STANDING, *FIELDS, *PATCHES],
    ids=lambda case: f"{case.code}-{case.words}"[:60],
)
def test_refused(refusing: dict[str, Any], case: Refused) -> None:
    with pytest.raises(dynamic.exceptions.DynamicApiError) as refused:
        refusing[case.token].request(
            case.method,
            case.path,
            body=case.body,
            content_type=case.content_type,
            query_params=list(case.query.items()),
            header_params=dict(case.headers),
        )
    assert refused.value.status == case.status
    told = json.loads(refused.value.body)
    causes = [each.get("reason") for each in told.get("details", {}).get("causes", [])]
    assert case.code in [told.get("reason", ""), *causes]
    words = re.escape(case.words).replace(re.escape("{}"), ".*")
    assert re.search(words, told["message"], re.DOTALL)


def test_what_is_from_before_a_restart_has_expired(tmp_path: Path) -> None:
    try:
        cloud = practice.start(tmp_path)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            kubeconfig = write_kubeconfig(SignedIn(cloud, http), tmp_path)
        core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        page = core.list_namespaced_service("default", limit=2)
        # Without a change since then the page would still be the newest there is.
        core.create_namespaced_config_map("default", {"metadata": {"name": "later"}})
        practice.stop(tmp_path)
        cloud = practice.start(tmp_path)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            kubeconfig = write_kubeconfig(SignedIn(cloud, http), tmp_path)
        core = client.CoreV1Api(config.new_client_from_config(str(kubeconfig)))
        with pytest.raises(client.ApiException, match="too old resource version") as refused:
            list(watch.Watch().stream(core.list_namespaced_pod, "default", resource_version="1"))
        assert refused.value.status == 410
        with pytest.raises(client.ApiException, match="for the provided list is too old"):
            core.list_namespaced_service("default", resource_version="1", resource_version_match="Exact")
        with pytest.raises(client.ApiException, match="inconsistent list") as refused:
            core.list_namespaced_service("default", limit=2, _continue=page.metadata._continue)
        token = json.loads(refused.value.body)["metadata"]["continue"]
        rest = core.list_namespaced_service("default", _continue=token).items
        names = [each.metadata.name for each in (*page.items, *rest)]
        assert names == sorted(names)
        assert len(names) == len(core.list_namespaced_service("default").items)
    finally:
        practice.stop(tmp_path)
