"""The Kubernetes API, spoken directly: documents in and out, logs, watches, the service proxy.

HTTP by ourselves, since the typed client costs a second at its first use and its service proxy takes no body.
"""

from __future__ import annotations

import asyncio
import json
from contextlib import aclosing
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import quote

import httpx

from workshop_tui.cloud.errors import NOT_FOUND, REFUSED, RefusedError, refusal_of
from workshop_tui.cloud.web import CONNECT_SECONDS, READ_SECONDS

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator, Mapping

KINDS = {
    "Deployment": ("/apis/apps/v1", "deployments"),
    "ReplicaSet": ("/apis/apps/v1", "replicasets"),
    "Pod": ("/api/v1", "pods"),
    "Service": ("/api/v1", "services"),
    "ServiceAccount": ("/api/v1", "serviceaccounts"),
    "Secret": ("/api/v1", "secrets"),
    "ConfigMap": ("/api/v1", "configmaps"),
    "Event": ("/api/v1", "events"),
    "SecretProviderClass": ("/apis/secrets-store.csi.x-k8s.io/v1", "secretproviderclasses"),
}
"""Where each kind lives, and its name in paths."""

Document = dict[str, Any]
WATCH_SECONDS = 300
"""After so long the API server ends a watch; where it has not a while later, the connection is dead."""


def path_of(kind: str, namespace: str, name: str = "") -> str:
    """Return the API path of a kind's collection, or of one object.

    Raises:
        ValueError: the kind is none that the workshop deals with.

    """
    if kind not in KINDS:
        raise ValueError(f"objects of kind {kind} are not dealt with here")
    root, plural = KINDS[kind]
    collection = f"{root}/namespaces/{quote(namespace)}/{plural}"
    return f"{collection}/{quote(name)}" if name else collection


class ClusterClient:
    """One API server. `source` says whose credentials these are: `kubeconfig` or `azure`."""

    def __init__(self, http: httpx.AsyncClient, *, server: str, source: str) -> None:
        """Take a client that is signed in."""
        self._http = http
        self.server = server
        self.source = source

    async def version(self) -> str:
        """Return the API server's version.

        Raises:
            RefusedError: it said no.
            httpx.HTTPError: it did not answer.

        """
        return str((await self.send("GET", "/version")).json().get("gitVersion", ""))

    async def get(self, kind: str, namespace: str, name: str) -> Document | None:
        """Return the object, or None where there is none."""
        try:
            answer = await self.send("GET", path_of(kind, namespace, name))
        except RefusedError as error:
            if error.refusal.status == NOT_FOUND:
                return None
            raise
        return cast("Document", answer.json())

    async def list(
        self, kind: str, namespace: str, *, labels: Mapping[str, str] | None = None, fields: str = ""
    ) -> Document:
        """Return the list document: `items`, and the `metadata.resourceVersion` to watch from."""
        query = {"labelSelector": selector(labels), "fieldSelector": fields}
        answer = await self.send(
            "GET", path_of(kind, namespace), query={key: value for key, value in query.items() if value}
        )
        return cast("Document", answer.json())

    async def named_anywhere(self, kind: str, name: str) -> Document:
        """Return the list of the objects of that name in all namespaces.

        Raises:
            RefusedError: one may not look into all namespaces.

        """
        root, plural = KINDS[kind]
        answer = await self.send("GET", f"{root}/{plural}", query={"fieldSelector": f"metadata.name={name}"})
        return cast("Document", answer.json())

    async def put(
        self, kind: str, namespace: str, name: str, document: Document, *, dry_run: bool = False
    ) -> Document:
        """Replace the object; with `dry_run`, return what it would be and change nothing."""
        query = {"fieldManager": MANAGER, **({"dryRun": "All"} if dry_run else {})}
        answer = await self.send("PUT", path_of(kind, namespace, name), query=query, body=document)
        return cast("Document", answer.json())

    async def create(self, kind: str, namespace: str, document: Document) -> Document:
        """Create the object."""
        query = {"fieldManager": MANAGER, "fieldValidation": "Strict"}
        answer = await self.send("POST", path_of(kind, namespace), query=query, body=document)
        return cast("Document", answer.json())

    async def patch(self, kind: str, namespace: str, name: str, patch: Document) -> None:
        """Patch the object by a strategic merge."""
        await self.send(
            "PATCH",
            path_of(kind, namespace, name),
            query={"fieldManager": MANAGER},
            body=patch,
            content_type="application/strategic-merge-patch+json",
        )

    async def delete(self, kind: str, namespace: str, name: str) -> bool:
        """Begin to delete the object; False where there was none."""
        body = {"kind": "DeleteOptions", "apiVersion": "v1", "propagationPolicy": "Background"}
        try:
            await self.send("DELETE", path_of(kind, namespace, name), body=body)
        except RefusedError as error:
            if error.refusal.status == NOT_FOUND:
                return False
            raise
        return True

    async def log(
        self, namespace: str, pod: str, container: str, *, previous: bool = False, seconds: int = 0
    ) -> str:
        """Return the end of a container's log, uncleaned; empty where there is none.

        With `seconds`, only what was logged in so many of the last ones.
        """
        query = {"container": container, "tailLines": "60", "limitBytes": "60000"}
        if previous:
            query["previous"] = "true"
        if seconds:
            query["sinceSeconds"] = str(seconds)
        try:
            return (await self.send("GET", f"{path_of('Pod', namespace, pod)}/log", query=query)).text
        except RefusedError:
            return ""

    async def watch(
        self, kind: str, namespace: str, *, version: str, labels: Mapping[str, str] | None = None,
        fields: str = "",
    ) -> AsyncGenerator[Document, None]:  # fmt: skip
        """Yield the events after `version` as the API server sends them, until it ends the stream.

        An event of the type `BOOKMARK` is no change: it tells a version to go on from.

        Raises:
            RefusedError: the version is too old (410): list anew.
            httpx.HTTPError: the connection broke, or has been dead for minutes.

        """
        query = {
            "watch": "true",
            "resourceVersion": version,
            "allowWatchBookmarks": "true",
            "timeoutSeconds": str(WATCH_SECONDS),
            "labelSelector": selector(labels),
            "fieldSelector": fields,
        }
        stream = self._http.stream(
            "GET",
            path_of(kind, namespace),
            params={key: value for key, value in query.items() if value},
            timeout=httpx.Timeout(WATCH_SECONDS + READ_SECONDS, connect=CONNECT_SECONDS),
        )
        async with stream as answer:
            if answer.status_code >= REFUSED:
                raise RefusedError(refusal_of(answer.status_code, (await answer.aread()).decode()))
            async with aclosing(cast("AsyncGenerator[str, None]", answer.aiter_lines())) as lines:
                async for line in lines:
                    if not line.strip():
                        continue
                    event = json.loads(line)
                    if event.get("type") == "ERROR":
                        status = event.get("object", {})
                        raise RefusedError(refusal_of(int(status.get("code", 0)), json.dumps(status)))
                    yield cast("Document", event)

    async def send(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = "application/json",
        seconds: float | None = None,
    ) -> httpx.Response:
        """Send one request and return its answer.

        Raises:
            RefusedError: the answer is a refusal.
            httpx.HTTPError: there is no answer.

        """
        answer = await self.ask(
            method, path, query=query, body=body, content_type=content_type, seconds=seconds
        )
        if answer.status_code >= REFUSED:
            raise RefusedError(refusal_of(answer.status_code, answer.text))
        return answer

    async def ask(
        self,
        method: str,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        content_type: str = "application/json",
        seconds: float | None = None,
    ) -> httpx.Response:
        """Send one request and return its answer, whatever it says."""
        headers = {"Accept": "application/json"}
        content = None
        if body is not None:
            headers["Content-Type"] = content_type
            content = json.dumps(body)
        timeout = httpx.Timeout(seconds, connect=CONNECT_SECONDS) if seconds else httpx.USE_CLIENT_DEFAULT
        return await self._http.request(
            method, path, params=query, content=content, headers=headers, timeout=timeout
        )

    async def close(self) -> None:
        """Close the connections; shielded, since leaving must not be cut short."""
        await asyncio.shield(self._http.aclose())


MANAGER = "workshop-tui"
"""The field manager our writes are noted under."""


def selector(labels: Mapping[str, str] | None) -> str:
    """Return a label selector."""
    return ",".join(f"{key}={value}" for key, value in sorted((labels or {}).items()))
