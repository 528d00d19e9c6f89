"""The kinds of object the API server serves, as data."""

from __future__ import annotations

from dataclasses import dataclass

ALL_VERBS = ("create", "delete", "deletecollection", "get", "list", "patch", "update", "watch")
READ_VERBS = ("get", "list", "watch")


@dataclass(frozen=True, slots=True)
class Subresource:
    """A part of an object with a path of its own; `kind` and `group` are those of its body."""

    name: str
    kind: str
    verbs: tuple[str, ...]
    group: str = ""


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind: how it is called, where it lives, what may be done with it."""

    name: str
    kind: str
    group: str = ""
    namespaced: bool = True
    short_names: tuple[str, ...] = ()
    categories: tuple[str, ...] = ()
    verbs: tuple[str, ...] = ALL_VERBS
    subresources: tuple[Subresource, ...] = ()
    version: str = "v1"
    schema: str = ""
    """The name of its type where that differs from its kind: two groups have an Event."""

    @property
    def type_name(self) -> str:
        """The name of its type in `schema`."""
        return self.schema or self.kind

    @property
    def singular(self) -> str:
        """The name for one of them, as kubectl accepts it."""
        return self.kind.lower()

    @property
    def api_version(self) -> str:
        """The apiVersion of its objects."""
        return f"{self.group}/{self.version}" if self.group else self.version

    @property
    def qualified(self) -> str:
        """The name as messages give it: `pods`, `deployments.apps`."""
        return f"{self.name}.{self.group}" if self.group else self.name

    @property
    def stored(self) -> bool:
        """Whether objects of it are kept; reviews are only answered."""
        return "get" in self.verbs

    def subresource(self, name: str) -> Subresource | None:
        """Return the subresource of that name."""
        return next((part for part in self.subresources if part.name == name), None)


def _status(kind: str, group: str = "") -> Subresource:
    return Subresource("status", kind, ("get", "patch", "update"), group)


def _scale() -> Subresource:
    return Subresource("scale", "Scale", ("get", "patch", "update"), "autoscaling")


_PROXY_VERBS = ("create", "delete", "get", "patch", "update")
_STREAM_VERBS = ("create", "get")
_REVIEW = "authorization.k8s.io"

RESOURCES: tuple[Resource, ...] = (
    Resource("configmaps", "ConfigMap", short_names=("cm",)),
    Resource("endpoints", "Endpoints", short_names=("ep",)),
    Resource("events", "Event", short_names=("ev",)),
    Resource(
        "namespaces",
        "Namespace",
        namespaced=False,
        short_names=("ns",),
        verbs=("create", "delete", "get", "list", "patch", "update", "watch"),
        subresources=(_status("Namespace"),),
    ),
    Resource("nodes", "Node", namespaced=False, short_names=("no",), subresources=(_status("Node"),)),
    Resource(
        "pods",
        "Pod",
        short_names=("po",),
        categories=("all",),
        subresources=(
            Subresource("attach", "PodAttachOptions", _STREAM_VERBS),
            Subresource("exec", "PodExecOptions", _STREAM_VERBS),
            Subresource("log", "Pod", ("get",)),
            Subresource("portforward", "PodPortForwardOptions", _STREAM_VERBS),
            Subresource("proxy", "PodProxyOptions", _PROXY_VERBS),
            _status("Pod"),
        ),
    ),
    Resource("secrets", "Secret"),
    Resource(
        "serviceaccounts",
        "ServiceAccount",
        short_names=("sa",),
        subresources=(Subresource("token", "TokenRequest", ("create",), "authentication.k8s.io"),),
    ),
    Resource(
        "services",
        "Service",
        short_names=("svc",),
        categories=("all",),
        subresources=(
            Subresource("proxy", "ServiceProxyOptions", _PROXY_VERBS),
            _status("Service"),
        ),
    ),
    Resource(
        "deployments",
        "Deployment",
        "apps",
        short_names=("deploy",),
        categories=("all",),
        subresources=(_scale(), _status("Deployment", "apps")),
    ),
    Resource(
        "replicasets",
        "ReplicaSet",
        "apps",
        short_names=("rs",),
        categories=("all",),
        subresources=(_scale(), _status("ReplicaSet", "apps")),
    ),
    Resource("endpointslices", "EndpointSlice", "discovery.k8s.io"),
    Resource(
        "events",
        "Event",
        "events.k8s.io",
        short_names=("ev",),
        verbs=READ_VERBS,
        schema="EventsV1Event",
    ),
    Resource(
        "mutatingwebhookconfigurations",
        "MutatingWebhookConfiguration",
        "admissionregistration.k8s.io",
        namespaced=False,
        categories=("api-extensions",),
        verbs=READ_VERBS,
    ),
    Resource("tokenreviews", "TokenReview", "authentication.k8s.io", namespaced=False, verbs=("create",)),
    Resource(
        "selfsubjectreviews",
        "SelfSubjectReview",
        "authentication.k8s.io",
        namespaced=False,
        verbs=("create",),
    ),
    Resource("localsubjectaccessreviews", "LocalSubjectAccessReview", _REVIEW, verbs=("create",)),
    Resource("subjectaccessreviews", "SubjectAccessReview", _REVIEW, namespaced=False, verbs=("create",)),
    Resource(
        "selfsubjectaccessreviews", "SelfSubjectAccessReview", _REVIEW, namespaced=False, verbs=("create",)
    ),
    Resource(
        "selfsubjectrulesreviews", "SelfSubjectRulesReview", _REVIEW, namespaced=False, verbs=("create",)
    ),
)

STORED: tuple[Resource, ...] = tuple(each for each in RESOURCES if each.stored and not each.schema)
"""The resources whose objects are kept under their own name; events of events.k8s.io are those of core."""
_BY_PATH = {(resource.group, resource.version, resource.name): resource for resource in RESOURCES}
_BY_NAME = {resource.name: resource for resource in reversed(RESOURCES)}
_BY_KIND = {(resource.group, resource.kind): resource for resource in RESOURCES}
GROUPS: tuple[str, ...] = tuple(dict.fromkeys(resource.group for resource in RESOURCES))
"""API groups in the order they are announced; the core group is empty."""


def resource_named(name: str) -> Resource:
    """Return the resource with that plural; KeyError if there is none."""
    return _BY_NAME[name]


def find_resource(group: str, version: str, name: str) -> Resource | None:
    """Return what a request's path names, or None."""
    return _BY_PATH.get((group, version, name))


def resource_of_kind(api_version: str, kind: str) -> Resource | None:
    """Return the resource an object's apiVersion and kind name, or None."""
    group = api_version.rpartition("/")[0]
    return _BY_KIND.get((group, kind))
