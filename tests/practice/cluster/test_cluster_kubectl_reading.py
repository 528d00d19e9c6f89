"""What kubectl reads of the practice cluster: get, describe, logs, events, and what is not served."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    import httpx
    from kubectl_programs import Kubectl

WIDE = {
    "pods": "NAME READY STATUS RESTARTS AGE IP NODE NOMINATED NODE READINESS GATES",
    "deploy": "NAME READY UP-TO-DATE AVAILABLE AGE CONTAINERS IMAGES SELECTOR",
    "rs": "NAME DESIRED CURRENT READY AGE CONTAINERS IMAGES SELECTOR",
    "svc": "NAME TYPE CLUSTER-IP EXTERNAL-IP PORT(S) AGE SELECTOR",
    "sa": "NAME SECRETS AGE",
    "cm": "NAME DATA AGE",
    "ns": "NAME STATUS AGE",
    "no": "NAME STATUS ROLES AGE VERSION INTERNAL-IP EXTERNAL-IP OS-IMAGE KERNEL-VERSION CONTAINER-RUNTIME",
    "ep": "NAME ENDPOINTS AGE",
    "endpointslices": "NAME ADDRESSTYPE PORTS ENDPOINTS AGE",
    "events": "LAST SEEN TYPE REASON OBJECT SUBOBJECT SOURCE MESSAGE FIRST SEEN COUNT NAME",
}
"""The columns of the real printers with -o wide (k8s.io/kubernetes/pkg/printers/internalversion)."""


def test_columns_are_those_of_the_real_printers(kubectl: Kubectl) -> None:
    for kind, columns in WIDE.items():
        assert " ".join(kubectl("get", kind, "-o", "wide").splitlines()[0].split()) == columns


def test_what_the_cluster_says_of_itself(kubectl: Kubectl) -> None:
    server = json.loads(kubectl("version", "-o", "json").partition("WARNING")[0])["serverVersion"]
    assert (server["major"], server["minor"]) == ("1", "32")
    rows = {row.split()[0]: row.split() for row in kubectl("api-resources", "--no-headers").splitlines()}
    assert rows["deployments"] == ["deployments", "deploy", "apps/v1", "true", "Deployment"]
    assert rows["tokenreviews"][-2:] == ["false", "TokenReview"]
    assert "apps/v1\n" in kubectl("api-versions")
    where = re.sub("\x1b\\[[0-9;]*m", "", kubectl("cluster-info"))  # coloured before 1.32
    assert where.startswith("Kubernetes control plane is running at https://")
    assert "current-context" in kubectl("config", "view", "--minify")


def test_the_forms_of_output_agree(kubectl: Kubectl) -> None:
    get = ("get", "deploy", "ai-service")
    assert kubectl(*get, "-o", "name") == "deployment.apps/ai-service\n"
    image = json.loads(kubectl(*get, "-o", "json"))["spec"]["template"]["spec"]["containers"][0]["image"]
    assert f"image: {image}" in kubectl(*get, "-o", "yaml")
    assert kubectl(*get, "-o", "jsonpath={..image}") == image
    template = "{{range .spec.template.spec.containers}}{{.image}}{{end}}"
    assert kubectl(*get, "-o", f"go-template={template}") == image
    columns = "I:.spec.template.spec.containers[*].image"
    assert kubectl(*get, "-o", f"custom-columns={columns}").split() == ["I", image]
    assert "app=ai-service," in kubectl("get", "pods", "-l", "app=ai-service", "--show-labels")
    assert kubectl("get", "pods", "-L", "app").splitlines()[0].split()[-1] == "APP"


def test_several_kinds_and_all_namespaces(kubectl: Kubectl) -> None:
    shown = kubectl("get", "all", "-A")
    for kind in ("pod/", "service/", "deployment.apps/", "replicaset.apps/"):
        assert f"default     {kind}" in shown
    assert "deployment.apps/store-admin" in kubectl("get", "svc,deploy", "store-admin")
    both = kubectl("get", "deploy/nope", "pod/nope", fails=True)
    assert 'deployments.apps "nope" not found' in both
    assert 'pods "nope" not found' in both
    newest_last = kubectl("get", "svc", "--sort-by=.spec.ports[0].port", "-o", "jsonpath={.items[*]..port}")
    ports = [int(port) for port in newest_last.split()]
    assert ports == sorted(ports)
    assert kubectl("get", "pods", "-n", "nowhere") == "No resources found in nowhere namespace.\n"


@pytest.mark.parametrize(
    ("selector", "names"),
    [
        ("app=store-admin", ["store-admin"]),
        ("app in (store-admin, store-front)", ["store-admin", "store-front"]),
        ("app notin (store-admin),app=store-front", ["store-front"]),
        ("app==store-admin,!nothing,app", ["store-admin"]),
        ("app!=store-admin,app=store-admin", []),
    ],
)
def test_label_selectors(kubectl: Kubectl, selector: str, names: list[str]) -> None:
    found = kubectl("get", "rs", "-l", selector, "-o", "jsonpath={.items[*].metadata.labels.app}")
    assert sorted(found.split()) == names


def test_field_selectors_are_those_a_kind_has(kubectl: Kubectl) -> None:
    by_phase = kubectl("get", "pods", "--field-selector", "status.phase!=Running,spec.nodeName=nowhere")
    assert "No resources found" in by_phase
    assert kubectl("get", "ns", "--field-selector", "metadata.name=default", "-o", "name") == (
        "namespace/default\n"
    )
    about = "involvedObject.kind=Deployment,involvedObject.name=ai-service,type=Normal"
    assert "Scaled up replica set" in kubectl("get", "events", "--field-selector", about)
    refused = kubectl("get", "pods", "--field-selector", "spec.foo=x", fails=True)
    assert refused.endswith(
        'match label selector "", field selector "spec.foo=x": field label not supported: spec.foo\n'
    )
    refused = kubectl("get", "deploy", "--field-selector", "spec.replicas=1", fails=True)
    assert '"spec.replicas" is not a known field selector: only "metadata.name", "metadata.namespace"' in (
        refused
    )
    refused = kubectl("get", "pods", "-l", "app in (", fails=True)
    assert "unable to parse requirement: found '', expected: ',', ')' or identifier" in refused


def test_long_lists_come_in_pages(kubectl: Kubectl) -> None:
    whole = kubectl("get", "svc", "-o", "name")
    paged = kubectl("get", "svc", "--chunk-size=3", "-o", "name", "-v=6").splitlines()
    assert [line for line in paged if line.startswith("service/")] == whole.splitlines()
    assert sum("continue=" in line for line in paged) == (len(whole.splitlines()) - 1) // 3


def test_a_page_is_of_one_moment(api: httpx.Client, namespace: str) -> None:
    path = f"/api/v1/namespaces/{namespace}/configmaps"
    for name in ("a", "b", "c"):
        api.post(path, json={"metadata": {"name": name}}).raise_for_status()
    first = api.get(path, params={"limit": 2}).json()
    assert first["metadata"]["remainingItemCount"] == 2
    api.delete(f"{path}/c").raise_for_status()
    rest = api.get(path, params={"limit": 2, "continue": first["metadata"]["continue"]}).json()
    names = [each["metadata"]["name"] for each in (*first["items"], *rest["items"])]
    assert names == ["a", "b", "c", "kube-root-ca.crt"]
    assert rest["metadata"] == {"resourceVersion": first["metadata"]["resourceVersion"]}
    assert [each["metadata"]["name"] for each in api.get(path).json()["items"]] == [
        "a",
        "b",
        "kube-root-ca.crt",
    ]


def test_describe_tells_of_every_kind(kubectl: Kubectl) -> None:
    service = kubectl("describe", "svc", "store-admin")
    assert "Selector:                 app=store-admin" in service
    assert "TargetPort:               8081/TCP" in service
    assert "Capacity:" in (node := kubectl("describe", "node"))
    assert "ai-service-" in node
    assert "Status:       Active" in kubectl("describe", "ns", "default")
    assert "BEGIN CERTIFICATE" in kubectl("describe", "cm", "kube-root-ca.crt")
    assert "Mountable secrets:   <none>" in kubectl("describe", "sa", "default")
    assert "Pods Status:    1 Running / 0 Waiting" in kubectl("describe", "rs", "-l", "app=ai-service")
    deployment = kubectl("describe", "deploy", "ai-service")
    assert "NewReplicaSet:   ai-service-" in deployment
    assert "25% max unavailable, 25% max surge" in deployment


def test_events_stand_in_the_order_in_which_they_happened(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "create", "deployment", "web", "--image=one")
    kubectl(*n, "rollout", "status", "deploy/web", "--timeout=20s")
    for replicas in ("3", "2"):
        kubectl(*n, "scale", "deploy/web", f"--replicas={replicas}")
        kubectl(*n, "rollout", "status", "deploy/web", "--timeout=20s")
    told = kubectl(*n, "describe", "deploy", "web").partition("Events:")[2]
    steps = ["from 0 to 1", "from 1 to 3", "from 3 to 2"]
    assert [step for line in told.splitlines() for step in steps if step in line] == steps
    listed = kubectl(*n, "events", "--for", "deploy/web", "--types=Normal", "--no-headers")
    assert listed.count("ScalingReplicaSet") == 3
    assert kubectl(*n, "events", "--types=Warning") == f"No events found in {namespace} namespace.\n"
    other_group = kubectl(*n, "get", "events.events.k8s.io", "-o", "jsonpath={.items[*].regarding.kind}")
    assert "Deployment" in other_group.split()


def test_logs(kubectl: Kubectl) -> None:
    assert kubectl("logs", "deploy/ai-service", "--tail=1") == "line 2\n"
    stamped = kubectl("logs", "-l", "app=ai-service", "--timestamps", "--prefix", "--all-containers")
    assert stamped.splitlines()[0].endswith("/order-service] 2026-01-01T00:00:00.000000000Z line 0")
    assert kubectl("logs", "deploy/ai-service", "--since=1s") == ""
    assert kubectl("logs", "deploy/ai-service", "--limit-bytes=4") == "line"
    assert kubectl("logs", "-f", "deploy/ai-service", "-c", "order-service").count("line") == 3
    assert 'previous terminated container "order-service" in pod' in kubectl(
        "logs", "-p", "deploy/ai-service", fails=True
    )
    assert 'pods "nope" not found' in kubectl("logs", "nope", fails=True)
    assert "is not valid for pod" in kubectl("logs", "deploy/ai-service", "-c", "nope", fails=True)
    assert kubectl("logs", "-l", "app=nope") == "No resources found in default namespace.\n"


def test_what_is_not_served_is_said_in_kubectls_words(kubectl: Kubectl) -> None:
    assert kubectl("top", "pods", fails=True) == "error: Metrics API not available\n"
    assert kubectl("get", "cs", fails=True) == 'error: the server doesn\'t have a resource type "cs"\n'
    refused = kubectl("create", "job", "x", "--image=y", fails=True)
    assert refused == "error: failed to create job: the server could not find the requested resource\n"
