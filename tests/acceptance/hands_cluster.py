"""A person's hands in the cluster: its API server, with the learner's kubeconfig."""

from __future__ import annotations

import base64
import copy
import json
import ssl
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING

import httpx
import yaml
from hands_asking import Document, document, until

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

DEPLOYMENT = "/apis/apps/v1/namespaces/default/deployments/ai-service"
SHOP = "/apis/apps/v1/namespaces/default/deployments/store-admin"
SERVICE_ACCOUNT = "/api/v1/namespaces/default/serviceaccounts/ai-service-account"
SERVICE = "/api/v1/namespaces/default/services/ai-service"
CLIENT_ID = "azure.workload.identity/client-id"
LABEL = "azure.workload.identity/use"
_CONFLICT = 409


@dataclass
class ClusterHands:
    """What one can do with the Kubernetes API."""

    kubeconfig: Path
    original: Document
    """The Deployment as the shop brought it."""
    _cluster: httpx.Client | None = None

    def keep_original(self) -> None:
        """Note the Deployment as it is now."""
        self.original = self.kubernetes("GET", DEPLOYMENT)

    def kubernetes(
        self, method: str, path: str, body: object = None, content_type: str = "application/json"
    ) -> Document:
        """Call the API server with the learner's kubeconfig; refusals raise."""
        if self._cluster is None:
            self._cluster = _connect(self.kubeconfig)
        answer = self._cluster.request(
            method,
            path,
            content=None if body is None else json.dumps(body),
            headers={"Content-Type": content_type},
        )
        return document(answer)

    def patch(self, path: str, body: object) -> None:
        """Merge a patch into an object."""
        self.kubernetes("PATCH", path, body, "application/merge-patch+json")

    @contextmanager
    def deployment(self, change: Callable[[Document], object]) -> Iterator[None]:
        """Edit the Deployment, as `kubectl edit` does; put its pod template and replicas back when left."""
        before = self._edit(change)

        def put_back(live: Document) -> None:
            live["metadata"]["labels"] = before["metadata"].get("labels", {})
            live["spec"]["template"] = before["spec"]["template"]
            live["spec"]["replicas"] = before["spec"]["replicas"]
            live["spec"]["paused"] = before["spec"].get("paused", False)

        yield
        self._edit(put_back)
        self.settled()

    def _edit(self, change: Callable[[Document], object]) -> Document:
        """Read, change, put; again when somebody else was quicker. Returns what was there before."""
        while True:
            live = self.kubernetes("GET", DEPLOYMENT)
            before = copy.deepcopy(live)
            change(live)
            try:
                self.kubernetes("PUT", DEPLOYMENT, live)
            except httpx.HTTPStatusError as error:
                if error.response.status_code != _CONFLICT:
                    raise
            else:
                return before

    @contextmanager
    def app(self, change: Callable[[Document], object]) -> Iterator[None]:
        """Edit the app's container in the Deployment."""
        with self.deployment(lambda live: change(containers(live)[0])):
            yield

    @contextmanager
    def deleted(self, path: str) -> Iterator[None]:
        """Delete an object; make it anew when left, if nobody else has."""
        before = self.kubernetes("GET", path)
        self.kubernetes("DELETE", path)
        until(lambda: not self._exists(path))
        yield
        for name in ("uid", "resourceVersion", "creationTimestamp", "generation", "managedFields"):
            before["metadata"].pop(name, None)
        before.pop("status", None)
        if not self._exists(path):
            self.kubernetes("POST", path.rpartition("/")[0], before)

    def _exists(self, path: str) -> bool:
        try:
            self.kubernetes("GET", path)
        except httpx.HTTPStatusError:
            return False
        return True

    @contextmanager
    def annotated(self, value: str | None) -> Iterator[None]:
        """Set, or with None remove, the ServiceAccount's annotation of the client id."""
        before = self.kubernetes("GET", SERVICE_ACCOUNT)["metadata"]["annotations"][CLIENT_ID]
        self.patch(SERVICE_ACCOUNT, {"metadata": {"annotations": {CLIENT_ID: value}}})
        yield
        self.patch(SERVICE_ACCOUNT, {"metadata": {"annotations": {CLIENT_ID: before}}})

    @contextmanager
    def changed(self, path: str, patch: Document, back: Document) -> Iterator[None]:
        """Merge a patch into an object, and another one when left."""
        self.patch(path, patch)
        yield
        self.patch(path, back)

    @contextmanager
    def in_other_namespace(self, namespace: str) -> Iterator[None]:
        """Have the ServiceAccount in another namespace only."""
        there = f"/api/v1/namespaces/{namespace}"
        account = self.kubernetes("GET", SERVICE_ACCOUNT)["metadata"]
        kept = {name: account[name] for name in ("name", "annotations")}
        body = {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": kept}
        self.kubernetes("POST", "/api/v1/namespaces", {"metadata": {"name": namespace}})
        self.kubernetes("POST", f"{there}/serviceaccounts", body)
        with self.deleted(SERVICE_ACCOUNT):
            yield
        self.kubernetes("DELETE", there)

    @contextmanager
    def secret(self, name: str, **values: str) -> Iterator[None]:
        """Have a Secret."""
        body = {"apiVersion": "v1", "kind": "Secret", "metadata": {"name": name}, "stringData": values}
        self.kubernetes("POST", "/api/v1/namespaces/default/secrets", body)
        yield
        self.kubernetes("DELETE", f"/api/v1/namespaces/default/secrets/{name}")

    def settled(self, path: str = DEPLOYMENT) -> None:
        """Wait until the Deployment's pods are what it says, and no others."""

        def is_settled() -> bool:
            live = self.kubernetes("GET", path)
            status, wanted = live.get("status", {}), live["spec"]["replicas"]
            return (
                status.get("observedGeneration") == live["metadata"]["generation"]
                and [status.get(name, 0) for name in ("replicas", "updatedReplicas", "availableReplicas")]
                == [wanted] * 3
            )

        until(is_settled)

    @contextmanager
    def rolled_back(self) -> Iterator[None]:
        """Have the shop's own pods back, key and all, as `kubectl rollout undo` does."""
        template = self.original["spec"]["template"]
        with self.deployment(lambda live: live["spec"].update(template=copy.deepcopy(template))):
            self.settled()
            yield

    @contextmanager
    def shop_down(self) -> Iterator[None]:
        """Have no pod of the shop's admin site."""
        self.patch(SHOP, {"spec": {"replicas": 0}})
        self.settled(SHOP)
        yield
        self.patch(SHOP, {"spec": {"replicas": 1}})
        self.settled(SHOP)


def containers(live: Document) -> list[Document]:
    """Return the containers of a Deployment's pods."""
    found: list[Document] = live["spec"]["template"]["spec"]["containers"]
    return found


def _connect(kubeconfig: Path) -> httpx.Client:
    document = yaml.safe_load(kubeconfig.read_text())
    cluster, user = document["clusters"][0]["cluster"], document["users"][0]["user"]
    authority = base64.b64decode(cluster["certificate-authority-data"]).decode()
    tls = ssl.create_default_context(cadata=authority)
    return httpx.Client(
        base_url=cluster["server"],
        verify=tls,
        timeout=20,
        headers={"Authorization": f"Bearer {user['token']}"},
    )
