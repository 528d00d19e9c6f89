"""The practice cluster as a real kubectl sees it: the workshop's own commands, and the refusals it shows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from cluster_world import API_KEY

if TYPE_CHECKING:
    from collections.abc import Iterator

    from cluster_world import World
    from kubectl_programs import Kubectl

MANIFEST = """
apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  replicas: 1
  selector:
    matchLabels:
      app: app
  template:
    metadata:
      labels:
        app: app
        azure.workload.identity/use: "true"
    spec:
      serviceAccountName: workload
      nodeSelector:
        "kubernetes.io/os": linux
      containers:
      - name: app
        image: 127.0.0.1:5000/app@sha256:0000000000000000000000000000000000000000000000000000000000000001
        ports:
        - containerPort: 5001
        env:
        - name: USE_AZURE_AD
          value: "True"
        resources:
          requests: {cpu: 20m, memory: 50Mi}
          limits: {cpu: 30m, memory: 128Mi}
"""


@pytest.fixture
def with_webhook(world: World) -> Iterator[None]:
    """Workload identity is on during the test."""
    world.turn(workload_identity=True)
    yield
    world.turn(workload_identity=False)


def test_the_store_is_running(kubectl: Kubectl) -> None:
    kubectl("rollout", "status", "deployment/ai-service", "--timeout=20s")
    rows = kubectl("get", "pods").splitlines()
    assert rows[0].split() == ["NAME", "READY", "STATUS", "RESTARTS", "AGE"]
    assert any(row.startswith("ai-service-") and "1/1     Running" in row for row in rows)
    assert "127.0.0." in kubectl("get", "svc", "store-admin", "-o", "jsonpath={.status.loadBalancer}")
    assert kubectl("get", "nodes", "-o", "name").startswith("node/aks-nodepool1-")


def test_describe_shows_the_key_in_plain_sight(kubectl: Kubectl) -> None:
    shown = kubectl("describe", "pod", "-l", "app=ai-service")
    assert f"OPENAI_API_KEY:                {API_KEY}" in shown
    assert "  order-service:" in shown
    assert "Successfully assigned default/ai-service-" in shown


def test_short_names_and_categories(kubectl: Kubectl) -> None:
    assert "deployment.apps/ai-service" in kubectl("get", "deploy,svc,sa", "-o", "name")
    assert "replicaset.apps/ai-service-" in kubectl("get", "all", "-o", "name")
    assert "the server doesn't have a resource type" in kubectl("get", "cronjobs", fails=True)
    assert 'deployments.apps "nope" not found' in kubectl("get", "deploy", "nope", fails=True)


@pytest.mark.usefixtures("with_webhook")
def test_the_workshop_redeploys(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    kubectl(*n, "wait", "--for=condition=ReplicaFailure", "deploy/app", "--timeout=10s")
    why = kubectl(*n, "describe", "rs")
    assert (
        f'error looking up service account {namespace}/workload: serviceaccount "workload" not found' in why
    )
    kubectl(*n, "create", "serviceaccount", "workload")
    kubectl(*n, "annotate", "sa", "workload", "azure.workload.identity/client-id=my-client")
    kubectl(*n, "rollout", "restart", "deploy/app")
    kubectl(*n, "rollout", "status", "deploy/app", "--timeout=20s")
    kubectl(*n, "wait", "--for=jsonpath={.status.replicas}=1", "deploy/app", "--timeout=20s")
    shown = kubectl(*n, "describe", "pod", "-l", "app=app")
    for line in (
        "AZURE_CLIENT_ID:             my-client",
        "AZURE_TENANT_ID:             11111111-2222-3333-4444-555555555555",
        "AZURE_FEDERATED_TOKEN_FILE:  /var/run/secrets/azure/tokens/azure-identity-token",
        "/var/run/secrets/azure/tokens from azure-identity-token (ro)",
        "TokenExpirationSeconds:  3600",
    ):
        assert line in shown
    assert "unchanged" in kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)


def test_apply_over_the_store_leaves_no_old_container(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    old = MANIFEST.replace("- name: app\n        image", "- name: order-service\n        image")
    kubectl(*n, "create", "sa", "workload")
    kubectl(*n, "apply", "-f", "-", stdin=old)
    kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    names = "jsonpath={.spec.template.spec.containers[*].name}"
    assert kubectl(*n, "get", "deploy", "app", "-o", names) == "app"
    kubectl(*n, "delete", "deploy", "app")
    kubectl(*n, "create", "-f", "-", stdin=old)
    assert "missing the kubectl.kubernetes.io/last-applied" in kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    assert kubectl(*n, "get", "deploy", "app", "-o", names) == "app order-service"
    kubectl(*n, "replace", "-f", "-", stdin=MANIFEST)
    assert kubectl(*n, "get", "deploy", "app", "-o", names) == "app"


def test_diff_and_dry_run_change_nothing(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    changed = MANIFEST.replace("128Mi", "256Mi")
    assert "memory: 256Mi" in kubectl(*n, "diff", "-f", "-", stdin=changed, fails=True)
    kubectl(*n, "apply", "--dry-run=server", "-f", "-", stdin=changed)
    assert "256Mi" not in kubectl(*n, "get", "deploy", "app", "-o", "yaml")


@pytest.mark.parametrize(
    ("old", "new", "refusal"),
    [
        ("image:", "imag:", 'unknown field "spec.template.spec.containers[0].imag"'),
        ('use: "true"', "use: true", "json: cannot unmarshal bool into Go struct field"),
        (
            "app: app\n        azure",
            "app: other\n        azure",
            "`selector` does not match template `labels`",
        ),
        ("        image: 127", "        # 127", "spec.template.spec.containers[0].image: Required value"),
        ("memory: 128Mi", "memory: 1Mi", "must be less than or equal to memory limit of 1Mi"),
        ('value: "True"', "value: true", "json: cannot unmarshal bool into Go struct field EnvVar"),
        ("name: app\nspec", "name: My_App\nspec", "a lowercase RFC 1123 subdomain must consist of"),
    ],
)
def test_mistakes_in_a_manifest_are_refused(
    kubectl: Kubectl, namespace: str, old: str, new: str, refusal: str
) -> None:
    assert MANIFEST.count(old) == 1
    assert refusal in kubectl(
        "-n", namespace, "apply", "-f", "-", stdin=MANIFEST.replace(old, new), fails=True
    )


def test_server_side_apply(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    kubectl(*n, "apply", "--server-side", "-f", "-", stdin=MANIFEST)
    kubectl(*n, "apply", "--server-side", "-f", "-", stdin=MANIFEST)
    other = MANIFEST.replace("127.0.0.1:5000/app@", "127.0.0.1:5000/other@")
    command = (*n, "apply", "--server-side", "--field-manager=other", "-f", "-")
    assert "conflict" in kubectl(*command, stdin=other, fails=True)
    kubectl(*command, "--force-conflicts", stdin=other)
    assert "/other@" in kubectl(*n, "get", "deploy", "app", "-o", "jsonpath={..image}")


def test_a_rollout_that_gets_nowhere_is_told(kubectl: Kubectl, namespace: str) -> None:
    n = ("-n", namespace)
    broken = MANIFEST.replace("127.0.0.1:5000/app", "broken").replace(
        "spec:\n", "spec:\n  progressDeadlineSeconds: 20\n", 1
    )
    kubectl(*n, "create", "sa", "workload")
    kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    kubectl(*n, "rollout", "status", "deploy/app", "--timeout=20s")
    kubectl(*n, "apply", "-f", "-", stdin=broken)
    told = kubectl(*n, "rollout", "status", "deploy/app", "--timeout=20s", fails=True)
    assert 'error: deployment "app" exceeded its progress deadline' in told
    pods = kubectl(*n, "get", "pods")
    assert "0/1     ImagePullBackOff" in pods
    assert "1/1     Running" in pods
    kubectl(*n, "apply", "-f", "-", stdin=MANIFEST)
    kubectl(*n, "rollout", "status", "deploy/app", "--timeout=20s")
