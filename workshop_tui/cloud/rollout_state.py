"""How a rollout stands, from the objects that take part in it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from workshop_tui.authoring import Working
from workshop_tui.cloud.text import clean
from workshop_tui.cloud.workloads import HASH, conditions_of, newest_template_hash, owned_by, revision_of

Document = dict[str, Any]

CRASHES = 4
"""Restarts after which waiting will not help; a new federated credential may cost one or two."""
_NO_IMAGE = frozenset({"ErrImagePull", "ImagePullBackOff", "InvalidImageName", "ErrImageNeverPull"})
_NO_CONTAINER = frozenset({"CreateContainerConfigError", "CreateContainerError", "RunContainerError"})


@dataclass(frozen=True, slots=True)
class Trouble:
    """What keeps a rollout from completing. `final`: waiting will not help.

    `what` is told in changing words as Kubernetes tries again; `key` stays while it is the same trouble.
    """

    key: str
    what: str
    final: bool = False
    pod: str = ""
    container: str = ""
    service_account: str = ""
    """The ServiceAccount that is missing, where that is the trouble."""


@dataclass(slots=True)
class RolloutState:
    """The Deployment `name` with its ReplicaSets and pods, as last heard."""

    name: str
    _objects: dict[str, dict[str, Document]] = field(default_factory=dict)

    def take(self, kind: str, change: str, document: Document) -> None:
        """Hear of a change: `ADDED`, `MODIFIED`, `DELETED`, or `LISTED` for a whole list."""
        if change == "LISTED":
            self._objects[kind] = {item["metadata"]["name"]: item for item in document["items"]}
        elif change == "DELETED":
            self._objects.setdefault(kind, {}).pop(document["metadata"]["name"], None)
        elif change in {"ADDED", "MODIFIED"}:
            self._objects.setdefault(kind, {})[document["metadata"]["name"]] = document

    @property
    def _deployment(self) -> Document | None:
        return self._objects.get("Deployment", {}).get(self.name)

    @property
    def observed(self) -> bool:
        """Whether the Deployment's controller has seen its latest change."""
        found = self._deployment
        if found is None:
            return False
        observed = int((found.get("status") or {}).get("observedGeneration", 0))
        return observed >= int(found["metadata"].get("generation", 0))

    def _counts(self) -> tuple[int, int, int, int]:
        found = self._deployment or {}
        status = found.get("status") or {}
        wanted = int((found.get("spec") or {}).get("replicas", 1))
        updated, there, available = (
            int(status.get(key, 0)) for key in ("updatedReplicas", "replicas", "availableReplicas")
        )
        return wanted, updated, there, available

    @property
    def complete(self) -> bool:
        """Whether the latest change is all that runs, by the rule of kubectl rollout status."""
        wanted, updated, replicas, available = self._counts()
        return self.observed and updated >= wanted and replicas <= updated and available >= updated

    def words(self, trouble: Trouble | None) -> str:
        """Return how it stands."""
        if not self.observed:
            return "Waiting for the change to be seen." if self._deployment is not None else ""
        if trouble is not None:
            return trouble.what
        wanted, updated, replicas, available = self._counts()
        if updated < wanted:
            return f"{updated} of {wanted} new pods are made."
        if replicas > updated:
            return f"{replicas - updated} old pods are still ending."
        return f"{available} of {updated} new pods are ready."

    def pods(self) -> list[Working]:
        """Say of each new pod how it stands; one that is ready is done."""
        said = ((pod, pod["metadata"]["name"]) for pod in self._new_pods())
        return [
            Working(f"{name} {_state_in_words(pod)}", 1.0 if _is_ready(pod) else None, name)
            for pod, name in said
        ]

    def _newest_set(self) -> Document | None:
        """Return the latest change's ReplicaSet; None while the watch of ReplicaSets has not heard of it."""
        deployment = self._deployment
        if deployment is None:
            return None
        owned = owned_by(list(self._objects.get("ReplicaSet", {}).values()), deployment["metadata"]["uid"])
        newest = max(owned, key=revision_of, default=None)
        return newest if newest is not None and revision_of(newest) >= revision_of(deployment) else None

    def _new_pods(self) -> list[Document]:
        deployment = self._deployment
        if deployment is None or not self.observed or self._newest_set() is None:
            return []
        sets = list(self._objects.get("ReplicaSet", {}).values())
        newest = newest_template_hash(sets, deployment["metadata"]["uid"])
        pods = self._objects.get("Pod", {}).values()
        return [pod for pod in pods if (pod["metadata"].get("labels") or {}).get(HASH) == newest != ""]

    def _newest_set_fails(self) -> bool:
        """Return whether the newest ReplicaSet itself cannot make its pods."""
        newest = self._newest_set()
        return newest is not None and any(
            item.type == "ReplicaFailure" and item.status == "True"
            for item in conditions_of(newest.get("status") or {})
        )

    def trouble(self) -> Trouble | None:
        """Return what stands in the way, the gravest first; None where all goes its way."""
        deployment = self._deployment
        if deployment is None:
            missing = f"There is no Deployment {self.name}."
            return Trouble("missing", missing, final=True) if "Deployment" in self._objects else None
        if not self.observed:
            return None
        found = [trouble for pod in self._new_pods() if (trouble := _trouble_of(pod)) is not None]
        conditions = {item.type: item for item in conditions_of(deployment.get("status") or {})}
        failure = conditions.get("ReplicaFailure")
        if failure is not None and failure.status == "True":
            # The ReplicaSet tries again by itself, but a ServiceAccount does not come by itself. Where it has
            # come by now, the Deployment still tells of an older ReplicaSet's failure for a while.
            missing_account = "serviceaccount" in failure.message and "not found" in failure.message
            final = missing_account and self._newest_set_fails()
            account = _service_account_of(deployment) if missing_account else ""
            what = f"No pod can be made: {failure.message}"
            found.append(Trouble("no-pod", what, final=final, service_account=account))
        progress = conditions.get("Progressing")
        if progress is not None and progress.reason == "ProgressDeadlineExceeded":
            found.append(Trouble("stuck", f"It does not go on: {progress.message}", final=True))
        found.sort(key=lambda item: not item.final)
        return found[0] if found else None


def _service_account_of(deployment: Document) -> str:
    pods = (deployment["spec"].get("template") or {}).get("spec") or {}
    return str(pods.get("serviceAccountName") or "default")


def _trouble_of(pod: Document) -> Trouble | None:
    name = pod["metadata"]["name"]
    for item in (pod.get("status") or {}).get("containerStatuses") or ():
        waiting = (item.get("state") or {}).get("waiting") or {}
        reason, restarts = waiting.get("reason", ""), int(item.get("restartCount", 0))
        container = str(item.get("name", ""))
        message = clean(waiting.get("message", ""), limit=300)
        if reason in _NO_IMAGE:
            # A registry that hiccups is asked again; one that says "not found" has said it.
            final = "not found" in message or "manifest unknown" in message
            return Trouble(f"image {name}", f"The image of {name} cannot be pulled: {message}", final=final)
        if reason in _NO_CONTAINER:
            what = f"The container of {name} cannot be made: {message}"
            return Trouble(f"container {name}", what, final=True)
        last = (item.get("lastState") or {}).get("terminated") or {}
        if restarts >= CRASHES and not item.get("ready"):
            how = clean(last.get("reason") or reason or "Error")
            what = f"{container} in {name} has ended {restarts} times ({how})."
            return Trouble(f"crash {name}", what, final=True, pod=name, container=container)
    return None


def _is_ready(pod: Document) -> bool:
    conditions = conditions_of(pod.get("status") or {})
    return any(item.type == "Ready" and item.status == "True" for item in conditions)


def _state_in_words(pod: Document) -> str:
    status = pod.get("status") or {}
    if _is_ready(pod):
        return "is ready"
    for item in status.get("containerStatuses") or ():
        state = item.get("state") or {}
        waiting, ended = state.get("waiting") or {}, state.get("terminated") or {}
        if waiting.get("reason"):
            return f"waits ({clean(waiting['reason'])})"
        if ended:
            return f"has ended ({clean(ended.get('reason', ''))}, exit code {ended.get('exitCode')})"
        if "running" in state:
            return "runs and is not ready yet"
    return f"is {clean(status.get('phase', 'unknown')).lower()}"
