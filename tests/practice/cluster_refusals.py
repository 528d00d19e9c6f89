"""Requests the practice cluster refuses, as data: what a client sends, and what it is told.

`words` are enough of the refusal's words, as its template in the code has them, to tell it from the others.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

NAMESPACE = "refused"
MAPS = f"/api/v1/namespaces/{NAMESPACE}/configmaps"
PODS = f"/api/v1/namespaces/{NAMESPACE}/pods"
SERVICES = f"/api/v1/namespaces/{NAMESPACE}/services"
DEPLOYMENTS = f"/apis/apps/v1/namespaces/{NAMESPACE}/deployments"
TOKENS = f"/api/v1/namespaces/{NAMESPACE}/serviceaccounts/default/token"
JSON, MERGE = "application/json", "application/merge-patch+json"
STRATEGIC, APPLY = "application/strategic-merge-patch+json", "application/apply-patch+yaml"
JSON_PATCH = "application/json-patch+json"
IN_USE = "azure.workload.identity/use"


@dataclass(frozen=True, slots=True)
class Refused:
    """One request and its refusal; `code` is the Status's reason, or for a faulty field its cause."""

    status: int
    code: str
    words: str
    method: str
    path: str
    body: Any = None
    content_type: str = JSON
    query: dict[str, str] = field(default_factory=dict)
    token: str = "administrator"
    headers: dict[str, str] = field(default_factory=dict)


def named(name: str = "known", **content: Any) -> dict[str, Any]:
    """Return an object of that name."""
    return {"metadata": {"name": name}, **content}


def pod(spec: dict[str, Any], **metadata: Any) -> dict[str, Any]:
    """Return a pod."""
    return {"metadata": {"name": "new", **metadata}, "spec": spec}


def container(**content: Any) -> dict[str, Any]:
    """Return a pod's specification with one container, as changed."""
    return {"containers": [{"name": "app", "image": "x", **content}]}


def containers(*items: Any, **more: Any) -> dict[str, Any]:
    """Return a change of a Deployment's containers."""
    return {"spec": {"template": {"spec": {"containers": list(items), **more}}}}


def injected(spec: dict[str, Any] | None = None, **annotations: str) -> dict[str, Any]:
    """Return a pod for the webhook."""
    marks = {f"azure.workload.identity/{key.replace('_', '-')}": value for key, value in annotations.items()}
    return pod(container() | (spec or {}), labels={IN_USE: "true"}, annotations=marks)


PROXY = f"{SERVICES}/{{}}/proxy/"

UNDERSTANDING = (
    Refused(
        422, "FieldValueRequired", "is required for apply patch", "PATCH", f"{MAPS}/known", named(), APPLY
    ),
    Refused(
        422,
        "FieldValueForbidden",
        "may not be specified for non-apply patch",
        "PATCH",
        f"{MAPS}/known",
        {},
        MERGE,
        {"force": "true"},
    ),
    Refused(422, "Invalid", '{}.meta.k8s.io "" is invalid', "POST", MAPS, named("n"), query={"dryRun": "x"}),
    Refused(
        400,
        "BadRequest",
        "error decoding YAML",
        "PATCH",
        f"{MAPS}/known",
        "[]",
        APPLY,
        {"fieldManager": "me"},
    ),
    Refused(400, "BadRequest", "error decoding patch", "PATCH", f"{MAPS}/known", [], MERGE),
    Refused(400, "BadRequest", "invalid selector", "GET", MAPS, query={"fieldSelector": "a!!b"}),
    Refused(
        400, "BadRequest", "invalid timeoutSeconds", "GET", MAPS, query={"watch": "1", "timeoutSeconds": "x"}
    ),
    Refused(
        400,
        "BadRequest",
        "strconv.ParseUint",
        "GET",
        MAPS,
        query={"watch": "1", "resourceVersion": "x"},
    ),
    Refused(400, "BadRequest", "(must be an object with a kind)", "POST", MAPS, []),
    Refused(400, "BadRequest", "(must be of type JSON)", "POST", MAPS, "{", "application/yaml"),
    Refused(
        400,
        "BadRequest",
        "strict decoding error",
        "POST",
        MAPS,
        named(x=1),
        query={"fieldValidation": "Strict"},
    ),
    Refused(400, "BadRequest", 'in version "{}" cannot be handled as a {}: {}', "POST", MAPS, named(data=5)),
    Refused(400, "BadRequest", "unknown conversion", "POST", MAPS, named(kind="Pod")),
    Refused(400, "BadRequest", "is registered for version", "POST", MAPS, named(kind="Nothing")),
    Refused(
        400,
        "BadRequest",
        "resourceVersion should not be set",
        "POST",
        MAPS,
        {"metadata": {"name": "n", "resourceVersion": "1"}},
    ),
    Refused(400, "BadRequest", "was undeterminable", "PUT", f"{MAPS}/known", {"data": {}}),
    Refused(400, "BadRequest", "does not match the name on the URL", "PUT", f"{MAPS}/known", named("other")),
    Refused(
        400,
        "BadRequest",
        "the namespace of the provided object",
        "POST",
        MAPS,
        {"metadata": {"name": "n", "namespace": "default"}},
    ),
    Refused(
        400,
        "BadRequest",
        'strconv.ParseInt: parsing "{}"',
        "DELETE",
        f"{MAPS}/known",
        query={"gracePeriodSeconds": "x"},
    ),
    Refused(400, "BadRequest", "a container name must be specified", "GET", f"{PODS}/two/log"),
    Refused(400, "BadRequest", "is not valid for pod", "GET", f"{PODS}/two/log", query={"container": "c"}),
    Refused(
        400,
        "BadRequest",
        '{}: strconv.ParseInt: parsing "{}": invalid',
        "GET",
        f"{PODS}/two/log",
        query={"tailLines": "x", "container": "a"},
    ),
    Refused(400, "BadRequest", "has no port named", "GET", f"{PODS}/two:web/proxy/"),
    Refused(400, "BadRequest", "invalid service request", "GET", PROXY.format("a:b:c:d")),
    Refused(413, "RequestEntityTooLarge", "", "POST", MAPS, named(data={"a": "x" * 3_200_000})),
    Refused(415, "UnsupportedMediaType", "in an unknown format", "PATCH", f"{MAPS}/known", "x", "text/plain"),
    Refused(
        415,
        "UnsupportedMediaType",
        "is not a Kubernetes protobuf envelope",
        "POST",
        MAPS,
        "not protobuf",
        "application/vnd.kubernetes.protobuf",
    ),
)
"""Requests that can't be understood, or not as they are meant."""

QUESTIONS = (
    *(
        Refused(400, "BadRequest", words, "GET", MAPS, query={"labelSelector": selector})
        for selector, words in (
            (",a", "', expected: !, identifier, or 'end of string'"),
            ("a=b=c", "', expected: ',' or 'end of string'"),
            ("a,,b", "', expected: identifier after ','"),
            ("a b", "', expected: in, notin, =, ==, !=, gt, lt"),
            ("!,a", "', expected: identifier"),
            ("a in b", "' expected: '('"),
            ("a in (", "', expected: ',', ')' or identifier"),
            ("a in (b c)", "', expected: ',' or ')'"),
        )
    ),
    Refused(
        400,
        "BadRequest",
        "is not a known field selector: only",
        "GET",
        MAPS,
        query={"fieldSelector": "spec.a=b"},
    ),
    Refused(400, "BadRequest", "field label not supported", "GET", PODS, query={"fieldSelector": "spec.a=b"}),
    Refused(400, "BadRequest", 'strconv.ParseInt: parsing "{}"', "GET", MAPS, query={"limit": "x"}),
    Refused(400, "BadRequest", "continue key is not valid", "GET", MAPS, query={"continue": "x"}),
    Refused(
        400,
        "BadRequest",
        "specifying resource version is not allowed when using continue",
        "GET",
        MAPS,
        query={"continue": "x", "resourceVersion": "1"},
    ),
    *(
        Refused(422, "FieldValueForbidden", words, "GET", MAPS, query=query)
        for words, query in (
            ("is forbidden for watch unless", {"watch": "1", "resourceVersionMatch": "Exact"}),
            ("sendInitialEvents requires", {"watch": "1", "sendInitialEvents": "true"}),
            ("sendInitialEvents is forbidden for list", {"sendInitialEvents": "true"}),
            ("is forbidden when continue", {"resourceVersionMatch": "Exact", "continue": "b"}),
            ("is forbidden unless resourceVersion is", {"resourceVersionMatch": "Exact"}),
            ('"exact" is forbidden for', {"resourceVersionMatch": "Exact", "resourceVersion": "0"}),
        )
    ),
    Refused(
        422,
        "FieldValueNotSupported",
        'supported values: "Exact"',
        "GET",
        MAPS,
        query={"resourceVersionMatch": "x", "resourceVersion": "1"},
    ),
    Refused(504, "Timeout", "Too large resource version", "GET", MAPS, query={"resourceVersion": "99999999"}),
)
"""Lists that ask for what can't be had."""
