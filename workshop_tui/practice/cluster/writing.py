"""The one way by which objects come to be and change: decode, default, admit, validate, store.

Requests and controllers both write through it, so that a ReplicaSet's pods are refused as anybody's are.
"""

from __future__ import annotations

import base64
import copy
import dataclasses
import secrets
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.admission import admit_service_account, mark_simulated
from workshop_tui.practice.cluster.defaults import apply_defaults, fill_running_pod
from workshop_tui.practice.cluster.errors import (
    Fault,
    already_exists,
    bad_request,
    conflict,
    forbidden,
    invalid,
    not_found,
)
from workshop_tui.practice.cluster.object_warnings import warnings_of
from workshop_tui.practice.cluster.patch.managers import FieldWriter, is_reset, record_update
from workshop_tui.practice.cluster.resources import resource_named
from workshop_tui.practice.cluster.schema.decode import decode
from workshop_tui.practice.cluster.services import allocate
from workshop_tui.practice.cluster.validation import faults_of

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Features, Object
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.cluster.webhook import Webhook

SUFFIX_ALPHABET = "bcdfghjklmnpqrstvwxz2456789"
"""Letters of generated names: no vowels, no look-alikes, as k8s.io/apimachinery/pkg/util/rand."""
_GENERATED = frozenset({"uid", "creationTimestamp", "resourceVersion", "generation", "selfLink"})
_WITH_GENERATION = frozenset({"Deployment", "ReplicaSet"})
_CONTROLLER_MANAGER = "kube-controller-manager"


@dataclass(frozen=True, slots=True)
class WriteOptions:
    """How a write is meant.

    Attributes:
        strict: unknown fields are refused.
        dry_run: only say what would be.
        manager: who writes, as managedFields names it; "" when nobody keeps track.
        subresource: the part of the object that is written, "" for the object itself.
        applied: a server-side apply, which has settled already who owns what.
        warnings: gets what a strict reader would mind; None when nobody wants to know.
        notes: gets what is taken, but warned of.

    """

    strict: bool = False
    dry_run: bool = False
    manager: str = ""
    subresource: str = ""
    applied: bool = False
    warnings: list[str] | None = None
    notes: list[str] = dataclasses.field(default_factory=list)


def random_suffix() -> str:
    """Return five letters for a generated name."""
    return "".join(secrets.choice(SUFFIX_ALPHABET) for _ in range(5))


class Writer:
    """Writes of every kind of object."""

    def __init__(self, objects: Objects, webhook: Webhook, features: Callable[[], Features]) -> None:
        self._objects = objects
        self._webhook = webhook
        self._features = features

    def create(
        self, resource: Resource, namespace: str, body: Object, options: WriteOptions | None = None
    ) -> Object:
        """Create an object; ApiError with the reason why not."""
        options = options or _by_controller(body)
        created = self._decoded(resource, namespace, body, options)
        metadata = created["metadata"]
        if metadata.get("resourceVersion"):
            raise bad_request("resourceVersion should not be set on objects to be created")
        for field in _GENERATED:
            metadata.pop(field, None)
        if not metadata.get("name"):
            if not metadata.get("generateName"):
                raise invalid(resource, "", [_name_required()])
            metadata["name"] = metadata["generateName"] + random_suffix()
        self._check_namespace(resource, namespace, metadata["name"])
        if resource.subresource("status"):
            created.pop("status", None)
        apply_defaults(resource.kind, created)
        self._record(resource, None, created, options)
        self._prepare(resource, created)
        self._validate(resource, created, None)
        options.notes.extend(warnings_of(resource.kind, created, None))
        if resource.kind in _WITH_GENERATION:
            metadata["generation"] = 1
        if options.dry_run:
            if self._objects.find(resource.name, namespace, metadata["name"]):
                raise already_exists(resource, metadata["name"])
            return created
        return self._objects.create(resource.name, created)

    def update(
        self,
        resource: Resource,
        namespace: str,
        body: Object,
        options: WriteOptions | None = None,
    ) -> Object:
        """Replace an object, its status aside; ApiError with the reason why not."""
        options = options or WriteOptions(manager=_CONTROLLER_MANAGER)
        changed = self._decoded(resource, namespace, body, options)
        name = changed["metadata"].get("name", "")
        current = self._objects.get(resource.name, namespace, name)
        version = changed["metadata"].get("resourceVersion")
        if version and version != current["metadata"]["resourceVersion"]:
            raise conflict(resource, name)
        for field in (*_GENERATED, "deletionTimestamp", "deletionGracePeriodSeconds"):
            changed["metadata"].pop(field, None)
            if field in current["metadata"]:
                changed["metadata"][field] = current["metadata"][field]
        apply_defaults(resource.kind, changed)
        reset = is_reset(_metadata(body).get("managedFields"))
        self._record(resource, current, changed, options, reset=reset)
        self._settle(resource, changed, current)
        self._validate(resource, changed, current)
        options.notes.extend(warnings_of(resource.kind, changed, current))
        if resource.kind in _WITH_GENERATION and changed.get("spec") != current.get("spec"):
            changed["metadata"]["generation"] = current["metadata"].get("generation", 0) + 1
        if options.dry_run:
            return changed | ({"status": current["status"]} if "status" in current else {})
        write = self._objects.update if resource.subresource("status") else self._objects.replace
        return write(resource.name, changed)

    def update_status(
        self, resource: Resource, namespace: str, body: Object, options: WriteOptions | None = None
    ) -> Object:
        """Replace the status of an object."""
        options = options or WriteOptions()
        changed = self._decoded(resource, namespace, body, options)
        current = self._objects.get(resource.name, namespace, changed["metadata"]["name"])
        new = {**copy.deepcopy(current), "status": changed.get("status", {})}
        self._record(resource, current, new, options)
        if options.dry_run:
            return new
        owners = new["metadata"].get("managedFields")
        return self._objects.update_status(resource.name, changed, managed_fields=owners)

    def _record(
        self,
        resource: Resource,
        current: Object | None,
        changed: Object,
        options: WriteOptions,
        *,
        reset: bool = False,
    ) -> None:
        """Note who sets what by this write."""
        if options.applied:
            return
        if options.manager:
            writer = FieldWriter(options.manager, self._objects.now(), options.subresource, reset)
            record_update(resource, current, changed, writer)
        elif current and "managedFields" in current["metadata"]:
            changed["metadata"]["managedFields"] = current["metadata"]["managedFields"]

    @staticmethod
    def _decoded(resource: Resource, namespace: str, body: Object, options: WriteOptions) -> Object:
        decoded = decode(resource, resource.kind, body, strict=options.strict, warnings=options.warnings)
        decoded["apiVersion"], decoded["kind"] = resource.api_version, resource.kind
        metadata = decoded.setdefault("metadata", {})
        if resource.namespaced:
            if metadata.setdefault("namespace", namespace) != namespace:
                message = (
                    "the namespace of the provided object does not match the namespace sent on the request"
                )
                raise bad_request(message)
        else:
            metadata.pop("namespace", None)
        return decoded

    def _check_namespace(self, resource: Resource, namespace: str, name: str) -> None:
        if not resource.namespaced:
            return
        found = self._objects.find("namespaces", "", namespace)
        if found is None:
            raise not_found(resource_named("namespaces"), namespace)
        if "deletionTimestamp" in found["metadata"] and resource.name != "events":
            why = f"unable to create new content in namespace {namespace} because it is being terminated"
            raise forbidden(resource, name, why)

    def _prepare(self, resource: Resource, created: Object) -> None:
        """Fill in what a new object of its kind gets."""
        match resource.kind:
            case "Pod":
                self._admit_pod(created)
                created["status"] = {"phase": "Pending", "qosClass": _quality(created["spec"])}
            case "Service":
                allocate(created, self._objects, None)
                created["status"] = {"loadBalancer": {}}
            case "Namespace":
                labels = created["metadata"].setdefault("labels", {})
                labels["kubernetes.io/metadata.name"] = created["metadata"]["name"]
                created["status"] = {"phase": "Active"}
            case "Deployment":
                created["status"] = {}
            case "ReplicaSet":
                created["status"] = {"replicas": 0}
            case "Secret":
                _encode_strings(created)
            case _:
                pass

    def _admit_pod(self, pod: Object) -> None:
        mark_simulated(pod)
        admit_service_account(pod, self._objects, random_suffix())
        if self._features().workload_identity:
            self._webhook.admit(pod)
        fill_running_pod(pod["spec"])
        apply_defaults("Pod", pod)

    def _settle(self, resource: Resource, changed: Object, current: Object) -> None:
        """Fill in what an object that replaces `current` keeps or gets."""
        match resource.kind:
            case "Service":
                allocate(changed, self._objects, current)
            case "Pod":
                changed["spec"].setdefault("nodeName", current["spec"].get("nodeName", ""))
                if not changed["spec"]["nodeName"]:
                    del changed["spec"]["nodeName"]
            case "Secret":
                _encode_strings(changed)
            case _:
                pass

    @staticmethod
    def _validate(resource: Resource, object_: Object, previous: Object | None) -> None:
        faults = faults_of(resource.kind, object_, previous)
        if faults:
            raise invalid(resource, object_["metadata"]["name"], faults)


def _by_controller(body: Object) -> WriteOptions:
    """Return the options of a write without any: what has an owner is written by its controller."""
    return WriteOptions(manager=_CONTROLLER_MANAGER if _metadata(body).get("ownerReferences") else "")


def _metadata(body: Object) -> dict[str, Any]:
    metadata = body.get("metadata")
    return metadata if isinstance(metadata, dict) else {}


def _name_required() -> Fault:
    return Fault("FieldValueRequired", "metadata.name", "Required value: name or generateName is required")


def _quality(spec: Object) -> str:
    """Return the pod's quality of service class, from its containers' cpu and memory."""
    resources = [container.get("resources", {}) for container in spec.get("containers", [])]
    if not any(each.get("requests") or each.get("limits") for each in resources):
        return "BestEffort"
    guaranteed = all(
        {"cpu", "memory"} <= each.get("limits", {}).keys() and each.get("requests") == each.get("limits")
        for each in resources
    )
    return "Guaranteed" if guaranteed else "Burstable"


def _encode_strings(secret: Object) -> None:
    """Move a Secret's stringData into its data."""
    for name, text in secret.pop("stringData", {}).items():
        secret.setdefault("data", {})[name] = base64.b64encode(text.encode()).decode()
