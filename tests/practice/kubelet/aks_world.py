"""A practice cloud of these tests' own, seen with the real kubectl."""

from __future__ import annotations

import asyncio
import base64
import json
import os
import ssl
import subprocess
import time
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import httpx
import pytest
import yaml
from kubelet_world import push_app
from practice_world import SignedIn, kubectl_program

from workshop_tui.practice import client

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from workshop_tui.practice.cluster.ports import Object

WEBHOOK = "azure-wi-webhook-controller-manager"
SECONDS = 40
"""Real seconds anything here may take on a busy machine; what is waited for is seen at once."""


@dataclass(frozen=True)
class Aks:
    """A running practice cluster and a kubectl that is signed in to it."""

    learner: SignedIn
    program: str
    environment: dict[str, str]

    def kubectl(self, *arguments: str, stdin: str = "", fails: bool = False) -> str:
        """Run kubectl; return what it prints on either stream."""
        done = subprocess.run(
            [self.program, *arguments],
            input=stdin,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=SECONDS + 20,
            check=False,
        )
        assert (done.returncode != 0) is fails, done.stdout + done.stderr
        return done.stdout + done.stderr

    def apply(self, *objects: Object) -> str:
        """Apply objects."""
        return self.kubectl("apply", "-f", "-", stdin=yaml.safe_dump_all(objects))

    def get(self, *arguments: str) -> Any:
        """Return an object as `kubectl get -o json` prints it."""
        return json.loads(self.kubectl("get", *arguments, "-o", "json"))

    def await_value(self, what: str, path: str, value: str, namespace: str = "default") -> None:
        """Wait until a field of the object has a value."""
        condition = f"--for=jsonpath={{{path}}}={value}"
        self.kubectl("wait", condition, what, "-n", namespace, f"--timeout={SECONDS}s")

    def await_waiting(self, pod: str, reason: str) -> None:
        """Wait until the pod's first container waits for a reason."""
        self.await_value(f"pod/{pod}", ".status.containerStatuses[0].state.waiting.reason", reason)

    def await_ready(self, what: str, namespace: str = "default") -> None:
        """Wait until pods are ready."""
        self.kubectl("wait", "--for=condition=Ready", what, "-n", namespace, f"--timeout={SECONDS}s")

    def until(self, holds: Callable[[str], bool], *arguments: str) -> str:
        """Run kubectl until what it prints holds; return that. For what `kubectl wait` can't wait for."""
        end = time.monotonic() + SECONDS
        while not holds(printed := self.kubectl(*arguments)):
            assert time.monotonic() < end, printed
            time.sleep(0.2)
        return printed

    def shows(self, words: str, *arguments: str) -> str:
        """Run kubectl until it prints these words: some states last only a moment at this pace."""
        return self.until(lambda printed: words in printed, *arguments)

    def until_items(self, resource: str, selector: str) -> list[Object]:
        """Return the objects a selector names, once there are any."""
        printed = self.until(
            lambda text: bool(json.loads(text)["items"]), "get", resource, "-l", selector, "-o", "json"
        )
        items: list[Object] = json.loads(printed)["items"]
        return items

    def events(self, what: str, wanted: str) -> str:
        """Return what `kubectl events` lists for an object, once these words are among it."""
        return self.until(lambda listed: wanted in listed, "events", "--for", what)

    def scale_webhook(self, replicas: int) -> None:
        """Scale the webhook as learners do, and wait until it is so."""
        where = ("-n", "kube-system")
        self.kubectl("scale", *where, f"deployment/{WEBHOOK}", f"--replicas={replicas}")
        if replicas:
            self.kubectl("rollout", "status", *where, f"deployment/{WEBHOOK}", f"--timeout={SECONDS}s")
        else:
            path = "jsonpath={.subsets[*].addresses}"
            addresses = ("get", "endpoints/azure-wi-webhook-webhook-service", *where, "-o", path)
            self.until(lambda printed: not printed, *addresses)

    def push(self, word: str = "hello", **how: Any) -> str:
        """Push an image as the embedded builder makes them; return its reference by digest."""

        async def push() -> str:
            registry = f"http://{self.learner.cloud['registry']}"
            async with httpx.AsyncClient(base_url=registry, trust_env=False) as http:
                return await push_app(http, word, **how)

        return asyncio.run(push())


def pod(name: str, image: str, *, labels: dict[str, str] | None = None, **container: Any) -> Object:
    """Return a pod with one container `app`; `spec` is the pod's, the rest the container's."""
    spec = container.pop("spec", {})
    return {
        "apiVersion": "v1",
        "kind": "Pod",
        "metadata": {"name": name, "labels": {"app": name, **(labels or {})}},
        "spec": {
            "terminationGracePeriodSeconds": 1,
            "containers": [{"name": "app", "image": image, **container}],
            **spec,
        },
    }


def deployment(name: str, image: str, *, of_deployment: Object | None = None, **template: Any) -> Object:
    """Return a Deployment of such pods; `of_deployment` is its own, the rest the pods'."""
    made = pod(name, image, **template)
    metadata = made["metadata"]
    return {
        "apiVersion": "apps/v1",
        "kind": "Deployment",
        "metadata": {"name": name},
        "spec": {
            "selector": {"matchLabels": {"app": name}},
            "template": {"metadata": {"labels": metadata["labels"]}, "spec": made["spec"]},
            **(of_deployment or {}),
        },
    }


@contextmanager
def running_aks(folder: Path, *, time_scale: float = 50, **options: Any) -> Iterator[Aks]:
    """Run a practice cloud and sign kubectl in to its cluster."""
    program = kubectl_program()
    if program is None:
        pytest.skip("there is no kubectl on this machine")
    try:
        cloud = client.start(folder, time_scale=time_scale, **options)
        trust = ssl.create_default_context(cafile=str(cloud.ca_file))
        with httpx.Client(verify=trust, trust_env=False) as http:
            learner = SignedIn(cloud, http)
            answer = learner.call("POST", f"{learner.cluster}/listClusterUserCredential").json()
            file = folder / "kubeconfig"
            file.write_bytes(base64.b64decode(answer["kubeconfigs"][0]["value"]))
            environment = {"KUBECONFIG": str(file), "KUBECACHEDIR": str(folder / "kubectl-cache")}
            yield Aks(learner, program, os.environ | environment)
    finally:
        client.stop(folder)


def enable_workload_identity(aks: Aks) -> None:
    """Turn issuer and webhook on, as `az aks update` does, and wait until the webhook answers."""
    enabled = {
        "oidcIssuerProfile": {"enabled": True},
        "securityProfile": {"workloadIdentity": {"enabled": True}},
    }
    learner = aks.learner
    learner.call("PUT", learner.cluster, {"location": "eastus", "properties": enabled}).raise_for_status()
    while learner.call("GET", learner.cluster).json()["properties"]["provisioningState"] == "Updating":
        time.sleep(0.05)
    where = ("-n", "kube-system", f"deployment/{WEBHOOK}", f"--timeout={SECONDS}s")
    aks.kubectl("rollout", "status", *where)
