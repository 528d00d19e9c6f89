"""What goes when something else goes: dependents of deleted owners, contents of deleted namespaces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.resources import RESOURCES, resource_named

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from workshop_tui.practice.cluster.controllers.loop import Key
    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object

_FOREGROUND = "foregroundDeletion"
_ORPHAN = "orphan"
_ROOT_CERTIFICATE = "kube-root-ca.crt"


class GarbageCollector:
    """Deletes objects whose owners are gone; its keys are a resource and `namespace/name`."""

    def __init__(self, objects: Objects) -> None:
        self._objects = objects

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return what has owners or is going, and what it owns."""
        metadata = object_["metadata"]
        if metadata.get("ownerReferences") or metadata.get("finalizers"):
            yield resource, f"{metadata.get('namespace', '')}/{metadata['name']}"
        for dependent, owned in self._dependents(metadata["uid"]) if resource not in _NEVER_OWNERS else ():
            yield dependent, f"{owned['metadata']['namespace']}/{owned['metadata']['name']}"
        for reference in metadata.get("ownerReferences", []):
            owner = _resource_of(reference)
            if owner:
                yield owner, f"{metadata.get('namespace', '')}/{reference['name']}"

    def _dependents(self, uid: str) -> Iterator[tuple[str, Object]]:
        for resource, object_ in self._objects.everything():
            references = object_["metadata"].get("ownerReferences", [])
            if any(reference["uid"] == uid for reference in references):
                yield resource, object_

    def reconcile(self, key: Key) -> float | None:
        """Delete the object if all its owners are gone; finish its own deletion when its time has come."""
        resource, place = key
        namespace, _, name = place.partition("/")
        object_ = self._objects.find(resource, namespace, name)
        if object_ is None:
            return None
        if "deletionTimestamp" in object_["metadata"]:
            self._finish(resource, object_)
            return None
        references = object_["metadata"].get("ownerReferences", [])
        if references and not any(self._is_there(namespace, reference) for reference in references):
            self._objects.delete(resource, namespace, name, uid=object_["metadata"]["uid"])
        return None

    def _is_there(self, namespace: str, reference: dict[str, str]) -> bool:
        """Return whether an owner is there; one deleted in the foreground counts as gone."""
        resource = _resource_of(reference)
        if resource is None:
            return True
        place = namespace if resource_named(resource).namespaced else ""
        owner = self._objects.find(resource, place, reference["name"])
        if owner is None or owner["metadata"]["uid"] != reference["uid"]:
            return False
        going = "deletionTimestamp" in owner["metadata"]
        return not (going and _FOREGROUND in owner["metadata"].get("finalizers", []))

    def _finish(self, resource: str, object_: Object) -> None:
        metadata = object_["metadata"]
        finalizers = metadata.get("finalizers", [])
        dependents = list(self._dependents(metadata["uid"]))
        if _ORPHAN in finalizers:
            for kind, dependent in dependents:
                self._write(kind, _without_owner(dependent, metadata["uid"]))
            dependents = []
        if dependents or not {_ORPHAN, _FOREGROUND} & set(finalizers):
            return
        metadata["finalizers"] = [each for each in finalizers if each not in (_ORPHAN, _FOREGROUND)]
        self._write(resource, object_)

    def _write(self, resource: str, object_: Object) -> None:
        if resource_named(resource).subresource("status"):
            self._objects.update(resource, object_)
        else:
            self._objects.replace(resource, object_)


def _without_owner(dependent: Object, uid: str) -> Object:
    """Return a copy of what is owned, without this owner."""
    metadata = dict(dependent["metadata"])
    kept = [each for each in metadata.pop("ownerReferences") if each["uid"] != uid]
    return dependent | {"metadata": metadata | ({"ownerReferences": kept} if kept else {})}


_NEVER_OWNERS = frozenset({"events", "endpointslices", "nodes"})
"""Many or often changed, and nobody makes them own anything: looking through all objects is spared."""
_RESOURCES_BY_KIND = {resource.kind: resource.name for resource in RESOURCES if resource.stored}


def _resource_of(reference: dict[str, str]) -> str | None:
    return _RESOURCES_BY_KIND.get(reference["kind"])


class Namespaces:
    """Gives each namespace its ServiceAccount and certificate, and empties those that are deleted."""

    def __init__(self, objects: Objects, ca_file: Path) -> None:
        self._objects = objects
        self._ca_file = ca_file

    def concerns(self, resource: str, object_: Object) -> Iterator[Key]:
        """Return a namespace, also when something in it changes."""
        metadata = object_["metadata"]
        if resource == "namespaces":
            yield "", metadata["name"]
        elif "namespace" in metadata and resource != "events":
            yield "", metadata["namespace"]

    def reconcile(self, key: Key) -> float | None:
        """Fill the namespace, or empty it."""
        name = key[1]
        namespace = self._objects.find("namespaces", "", name)
        if namespace is None:
            return None
        if "deletionTimestamp" in namespace["metadata"]:
            self._empty(namespace)
        else:
            self.fill(name)
        return None

    def fill(self, name: str) -> None:
        """Create what every namespace has, if it is missing."""
        if self._objects.find("serviceaccounts", name, "default") is None:
            metadata = {"name": "default", "namespace": name}
            account = {"kind": "ServiceAccount", "apiVersion": "v1", "metadata": metadata}
            self._objects.create("serviceaccounts", account)
        if self._objects.find("configmaps", name, _ROOT_CERTIFICATE) is None:
            metadata = {"name": _ROOT_CERTIFICATE, "namespace": name}
            data = {"ca.crt": self._ca_file.read_text(encoding="ascii")}
            certificate = {"kind": "ConfigMap", "apiVersion": "v1", "metadata": metadata, "data": data}
            self._objects.create("configmaps", certificate)

    def _empty(self, namespace: Object) -> None:
        name = namespace["metadata"]["name"]
        for resource, object_ in list(self._objects.everything()):
            metadata = object_["metadata"]
            if metadata.get("namespace") == name and "deletionTimestamp" not in metadata:
                self._objects.delete(resource, name, metadata["name"])
        left = any(object_["metadata"].get("namespace") == name for _, object_ in self._objects.everything())
        if not left:
            namespace["spec"]["finalizers"] = []
            self._objects.update("namespaces", namespace)
