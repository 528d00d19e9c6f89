"""What pods come to, as kubectl shows it: images, starts, crashes, memory, what is missing."""

from __future__ import annotations

import json
import time
from typing import TYPE_CHECKING, Any

import pytest
from aks_world import deployment, pod
from kubelet_world import WEB_APP

from workshop_tui.practice.cluster.kubelet.memory import can_measure

if TYPE_CHECKING:
    from collections.abc import Iterator

    from aks_world import Aks

SHOP = "ghcr.io/azure-samples/aks-store-demo"
STATUS = "jsonpath={.status.containerStatuses[0]}"


@pytest.fixture(scope="module")
def image(aks: Aks) -> str:
    """An image whose app answers."""
    return aks.push("states")


@pytest.fixture(autouse=True)
def _tidy(aks: Aks) -> Iterator[None]:
    yield
    aks.kubectl("delete", "pod", "-l", "app in (state,pulled)", "--grace-period=0", "--force")


def status_of(aks: Aks, name: str = "state") -> Any:
    return aks.get(f"pod/{name}")["status"]["containerStatuses"][0]


@pytest.mark.parametrize(
    ("reference", "reason", "words"),
    [
        ("{registry}/nobody:1h", "ImagePullBackOff", "{registry}/nobody:1h: not found"),
        ("ttl.sh/nobody:1h", "ImagePullBackOff", "dial tcp: lookup ttl.sh: no such host"),
        (
            "ttl.sh/Nobody:1h",
            "InvalidImageName",
            "invalid reference format: repository name (Nobody) must be lowercase",
        ),
    ],
)
def test_image_that_can_not_be_had(aks: Aks, reference: str, reason: str, words: str) -> None:
    registry = aks.learner.cloud["registry"]
    aks.apply(pod("state", reference.format(registry=registry)))
    aks.await_waiting("state", reason)
    aks.shows(f"0/1     {reason}", "get", "pod", "state")
    aks.shows(words.format(registry=registry), "describe", "pod", "state")
    told = aks.events("pod/state", f"Error: {reason}")
    if reason == "ImagePullBackOff":
        assert "Error: ErrImagePull" in told
        assert f'Back-off pulling image "{reference.format(registry=registry)}"' in told


def test_image_that_is_never_pulled(aks: Aks) -> None:
    aks.apply(pod("state", "ttl.sh/nobody:1h", imagePullPolicy="Never"))
    aks.await_waiting("state", "ErrImageNeverPull")
    text = 'Container image "ttl.sh/nobody:1h" is not present with pull policy of Never'
    assert text in aks.events("pod/state", "Error: ErrImageNeverPull")


def test_tag_pushed_again_is_pulled_only_where_the_policy_is_always(aks: Aks) -> None:
    registry = aks.learner.cloud["registry"]
    images = []
    for word, policy in (("first", "IfNotPresent"), ("second", "IfNotPresent"), ("second", "Always")):
        aks.push(word, repository="again")
        aks.apply(pod("pulled", f"{registry}/again:1h", imagePullPolicy=policy))
        aks.await_ready("pod/pulled")
        images.append(status_of(aks, "pulled")["imageID"])
        aks.kubectl("delete", "pod", "pulled")
    assert images[0] == images[1] != images[2]


def test_crash_loop(aks: Aks) -> None:
    crash = "import sys; print('about to fail', flush=True); sys.exit(3)"
    aks.apply(pod("state", aks.push(app=crash)))
    # At this pace the pod waits for a moment only: what is looked at is one and the same answer.
    found = json.loads(aks.shows('"reason": "CrashLoopBackOff"', "get", "pod", "state", "-o", "json"))
    (status,) = found["status"]["containerStatuses"]
    uid = found["metadata"]["uid"]
    # the first restart is at once, so it has been started again when it first has to wait
    assert status["restartCount"] >= 1
    assert (
        f"restarting failed container=app pod=state_default({uid})" in status["state"]["waiting"]["message"]
    )
    ended = status["lastState"]["terminated"]
    assert (ended["exitCode"], ended["reason"]) == (3, "Error")
    assert "ago)" in aks.shows("CrashLoopBackOff", "get", "pod", "state").splitlines()[1]
    for previous in ([], ["--previous"]):
        aks.until(lambda printed: printed == "about to fail\n", "logs", "state", *previous)
    told = f"Back-off restarting failed container app in pod state_default({uid})"
    assert told in aks.events("pod/state", "BackOff")


def test_pod_that_is_done(aks: Aks) -> None:
    aks.apply(pod("state", aks.push(app="print('done')"), spec={"restartPolicy": "Never"}))
    aks.await_value("pod/state", ".status.phase", "Succeeded")
    aks.shows("0/1     Completed   0", "get", "pod", "state")


def test_server_that_ends_well_is_restarted_all_the_same(aks: Aks) -> None:
    aks.apply(pod("state", aks.push(app="print('done')")))
    aks.await_waiting("state", "CrashLoopBackOff")
    assert status_of(aks)["lastState"]["terminated"]["reason"] == "Completed"


def test_command_that_is_not_in_the_image(aks: Aks, image: str) -> None:
    aks.apply(pod("state", image, command=["gunicorn", "main:app"]))
    aks.await_waiting("state", "CrashLoopBackOff")
    ended = status_of(aks)["lastState"]["terminated"]
    assert (ended["reason"], ended["exitCode"], ended["startedAt"]) == (
        "StartError",
        128,
        "1970-01-01T00:00:00Z",
    )
    words = (
        "failed to create containerd task: failed to create shim task: OCI runtime create failed: "
        'runc create failed: unable to start container process: exec: "gunicorn": '
        "executable file not found in $PATH: unknown"
    )
    assert ended["message"] == words
    assert f"Error: {words}" in aks.events("pod/state", "Error: ")


@pytest.mark.skipif(not can_measure(), reason="this machine does not tell the memory of its processes")
def test_too_much_memory(aks: Aks) -> None:
    greedy = "import time; held = bytearray(120_000_000); print('full', flush=True); time.sleep(60)"
    limits = {"requests": {"memory": "20Mi"}, "limits": {"memory": "60Mi"}}
    aks.apply(pod("state", aks.push(app=greedy), resources=limits))
    aks.await_value("pod/state", ".status.containerStatuses[0].lastState.terminated.reason", "OOMKilled")
    assert status_of(aks)["lastState"]["terminated"]["exitCode"] == 137
    described = aks.kubectl("describe", "pod", "state")
    assert "OOMKilled" in described


def test_missing_secret_and_settings(aks: Aks, image: str) -> None:
    key = {"name": "WORD", "valueFrom": {"secretKeyRef": {"name": "absent", "key": "word"}}}
    aks.apply(pod("state", image, env=[key]))
    aks.await_waiting("state", "CreateContainerConfigError")
    assert status_of(aks)["state"]["waiting"]["message"] == 'secret "absent" not found'
    assert 'Error: secret "absent" not found' in aks.events("pod/state", "Error: secret")
    aks.kubectl("create", "secret", "generic", "absent", "--from-literal=other=x")
    aks.shows("couldn't find key word in Secret default/absent", *WAITING)
    aks.kubectl("patch", "secret", "absent", "-p", '{"stringData": {"word": "now"}}')
    aks.await_ready("pod/state")
    aks.kubectl("delete", "secret", "absent")


WAITING = ("get", "pod", "state", "-o", "jsonpath={.status.containerStatuses[0].state.waiting.message}")


def test_missing_settings_may_be_optional(aks: Aks, image: str) -> None:
    source = {"configMapRef": {"name": "absent"}}
    aks.apply(pod("state", image, envFrom=[source]))
    aks.await_waiting("state", "CreateContainerConfigError")
    assert status_of(aks)["state"]["waiting"]["message"] == 'configmap "absent" not found'
    aks.apply(pod("pulled", image, envFrom=[{"configMapRef": {"name": "absent", "optional": True}}]))
    aks.await_ready("pod/pulled")


def test_volume_of_a_missing_config_map(aks: Aks, image: str) -> None:
    volumes = [{"name": "settings", "configMap": {"name": "absent"}}]
    mounts = [{"name": "settings", "mountPath": "/etc/app"}]
    aks.apply(pod("state", image, volumeMounts=mounts, spec={"volumes": volumes}))
    text = 'MountVolume.SetUp failed for volume "settings" : configmap "absent" not found'
    assert text in aks.events("pod/state", "FailedMount")
    aks.shows("0/1     ContainerCreating", "get", "pod", "state")
    aks.kubectl("create", "configmap", "absent", "--from-literal=a=b")
    aks.await_ready("pod/state")
    aks.kubectl("delete", "configmap", "absent")


def test_old_and_new_container_of_a_pod_want_the_same_port(aks: Aks, image: str) -> None:
    """The trap of facts/kubernetes.md 4.3: the simulated old app and a pushed new one in one pod."""
    old = {"name": "order-service", "image": f"{SHOP}/product-service:latest"}
    both: list[Any] = [
        {**old, "ports": [{"containerPort": 5001}]},
        {"name": "ai-service", "image": image, "ports": [{"containerPort": 5001}]},
    ]
    aks.apply(pod("state", image, spec={"containers": both}))
    aks.shows("CrashLoopBackOff", "get", "pod", "state")
    aks.shows("1/2 ", "get", "pod", "state")
    logs = ("logs", "state", "-c", "ai-service", "--previous")
    assert "[Errno 98] Address already in use" in aks.shows("[Errno 98]", *logs)


def test_init_container_that_fails_keeps_the_pod_from_starting(aks: Aks, image: str) -> None:
    init = [{"name": "prepare", "image": aks.push(app="raise SystemExit(4)", repository="init")}]
    aks.apply(pod("state", image, spec={"initContainers": init}))
    path = ".status.initContainerStatuses[0].state.waiting.reason"
    aks.await_value("pod/state", path, "CrashLoopBackOff")
    aks.shows("0/1     Init:CrashLoopBackOff", "get", "pod", "state")
    assert status_of(aks)["state"]["waiting"]["reason"] == "PodInitializing"
    events = aks.get("events", "--field-selector", "involvedObject.name=state,reason=BackOff")["items"]
    assert "spec.initContainers{prepare}" in [each["involvedObject"]["fieldPath"] for each in events]


def test_sidecar_starts_first_and_ends_with_a_pod_that_is_done(aks: Aks) -> None:
    side = aks.push(app=f"print('beside', flush=True)\n{WEB_APP}", repository="side")
    probe = {"httpGet": {"path": "/", "port": 5001}, "periodSeconds": 1, "failureThreshold": 100}
    sidecar = {"name": "side", "image": side, "restartPolicy": "Always", "startupProbe": probe}
    work = aks.push(app="import time; time.sleep(2); print('done')", repository="work")
    aks.apply(pod("state", work, spec={"initContainers": [sidecar], "restartPolicy": "Never"}))
    aks.shows("2/2     Running", "get", "pod", "state")
    aks.await_value("pod/state", ".status.phase", "Succeeded")
    path = ".status.initContainerStatuses[0].state.terminated.reason"
    aks.until(bool, "get", "pod", "state", "-o", f"jsonpath={{{path}}}")


def test_missing_service_account(aks: Aks, image: str) -> None:
    wanted = deployment("state", image, of_deployment={"progressDeadlineSeconds": 30})
    wanted["spec"]["template"]["spec"]["serviceAccountName"] = "absent"
    aks.apply(wanted)
    (set_,) = aks.until_items("replicasets", "app=state")
    name = set_["metadata"]["name"]
    words = (
        f'pods "{name}-" is forbidden: error looking up service account default/absent: '
        'serviceaccount "absent" not found'
    )
    assert f"Error creating: {words}" in aks.events(f"replicaset/{name}", "FailedCreate")
    failed = aks.kubectl("rollout", "status", "deployment/state", fails=True)
    assert 'error: deployment "state" exceeded its progress deadline' in failed
    conditions = {each["type"]: each for each in aks.get("deployment/state")["status"]["conditions"]}
    assert conditions["ReplicaFailure"]["message"] == words
    assert conditions["Progressing"]["reason"] == "ProgressDeadlineExceeded"
    assert conditions["Progressing"]["message"] == f'ReplicaSet "{name}" has timed out progressing.'
    assert conditions["Available"]["reason"] == "MinimumReplicasUnavailable"
    aks.shows("0/1     0            0", "get", "deployment", "state")
    aks.kubectl("create", "serviceaccount", "absent")
    aks.kubectl("wait", "--for=condition=Available", "deployment/state", "--timeout=40s")
    aks.kubectl("delete", "serviceaccount/absent", "deployment/state")


def test_pod_that_breaks_off(aks: Aks) -> None:
    listen = "import socket\ns = socket.socket(); s.bind(('', 5001)); s.listen()\n"
    rude = f"{listen}while True: s.accept()[0].close()"
    aks.apply(pod("state", aks.push(app=rude, repository="rude")))
    aks.await_ready("pod/state")
    path = "/api/v1/namespaces/default/pods/state:5001/proxy/"
    end = time.monotonic() + 20
    while "refused" in (told := aks.kubectl("get", "--raw", path, fails=True)) and time.monotonic() < end:
        time.sleep(0.1)  # it does not listen yet
    assert told == "Error from server (ServiceUnavailable): error trying to reach service: EOF\n"
