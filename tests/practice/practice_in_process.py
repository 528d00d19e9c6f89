"""A practice cluster in the test's own process, without listeners or pods, that counts what it does."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import httpx

from workshop_tui.practice.audit import Audit, Audited
from workshop_tui.practice.certificates import open_authority
from workshop_tui.practice.cluster import Cluster
from workshop_tui.practice.cluster.controllers.scheduler import Scheduler
from workshop_tui.practice.cluster.copies import copied
from workshop_tui.practice.cluster.events import Events
from workshop_tui.practice.context import Addresses, Clock, Names, Options, Practice
from workshop_tui.practice.guard import Guarded
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    import pytest

    from workshop_tui.practice.certificates import Authority

HOST = "https://localhost:9"


@dataclass
class Work:
    """What was done meanwhile."""

    statements: list[str] = field(default_factory=list)
    copies: int = 0


class CountedCluster:
    """The API server, its objects, and the scheduler, which here acts when it is told to."""

    def __init__(self, practice: Practice, monkeypatch: pytest.MonkeyPatch) -> None:
        cluster = Cluster(practice)
        audit = Audit(practice.store, practice.clock)
        self._app = Audited(Guarded(cluster.api_app), audit, "kubernetes")
        self._token = cluster._authenticator.admin_token
        self._store = practice.store
        self.objects = cluster._objects
        self._events = Events(self.objects, practice.clock)
        self._scheduler = Scheduler(self.objects, self._events, practice.clock)
        self._monkeypatch = monkeypatch

    @contextmanager
    def counting(self) -> Iterator[Work]:
        """Count the statements SQLite runs, and the objects that are copied."""
        work = Work()

        def counted(value: Any) -> Any:
            work.copies += 1
            return copied(value)

        with self._monkeypatch.context() as patched:
            patched.setattr("workshop_tui.practice.cluster.objects.copied", counted)
            self._store._connection.set_trace_callback(work.statements.append)
            try:
                yield work
            finally:
                self._store._connection.set_trace_callback(None)

    async def send(
        self, method: str, path: str, headers: dict[str, str] | None = None, **how: Any
    ) -> httpx.Response:
        """Ask the API server about the default namespace."""
        known = {"Authorization": f"Bearer {self._token}", **(headers or {})}
        async with httpx.AsyncClient(transport=httpx.ASGITransport(self._app), base_url=HOST) as http:
            return await http.request(method, f"/api/v1/namespaces/default/{path}", headers=known, **how)

    def fill(self, pods: int, events: int) -> None:
        """Make pods on the node, one without, and events."""
        container = {"name": "app", "image": "app:1", "resources": {"requests": {"cpu": "1m"}}}
        for number in range(pods):
            metadata = {"name": f"pod-{number}", "namespace": "default", "labels": {"app": "many"}}
            spec = {"schedulerName": "default-scheduler", "containers": [container]}
            if number:
                spec["nodeName"] = "elsewhere"
            body = {"apiVersion": "v1", "kind": "Pod", "metadata": metadata, "spec": spec, "status": {}}
            self.objects.create("pods", body)
        for number in range(events):
            self.tell_of("pod-1", f"message {number}")

    def tell_of(self, name: str, message: str = "once more") -> None:
        """Record an event about a pod."""
        pod = self.objects.get("pods", "default", name)
        self._events.record(pod, type_="Normal", reason="Counted", message=message, component="test")

    def schedule(self, name: str) -> None:
        """Let the scheduler place a pod."""
        self._scheduler.reconcile(("default", name))


def unserved(folder: Path, store: Store, authority: Authority) -> Practice:
    """Return a practice cloud in a folder, which serves nobody."""
    urls = dict.fromkeys(("arm", "entra", "graph", "openai", "kubernetes", "issuer", "shop"), HOST)
    return Practice(
        options=Options(folder),
        clock=Clock(),
        store=store,
        addresses=Addresses(**urls, registry="127.0.0.1:9"),
        names=Names("tenant", "subscription", "cluster"),
        ca_file=authority.certificate_file,
    )


@contextmanager
def counted_cluster(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[CountedCluster]:
    """Make a cluster in a folder."""
    authority = open_authority(folder)
    store = Store(folder / "store.sqlite")
    practice = unserved(folder, store, authority)
    try:
        yield CountedCluster(practice, monkeypatch)
    finally:
        store.close()
