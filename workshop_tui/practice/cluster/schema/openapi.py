"""The served kinds as OpenAPI 3 schemas, one document a group: what `kubectl explain` reads.

Requests are described no further than kubectl needs to know that the server checks fields by itself: with
a `requestBody` in them it would take its merge keys from here instead of from its own types.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.resources import RESOURCES
from workshop_tui.practice.cluster.schema import LONG_FIELDS, fields_of
from workshop_tui.practice.cluster.schema.descriptions import described, words_for

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Object
    from workshop_tui.practice.cluster.resources import Resource
    from workshop_tui.practice.cluster.schema import FieldType

_META = "io.k8s.apimachinery.pkg.apis.meta.v1"
_PLACES = {
    _META: "Condition DeleteOptions LabelSelector LabelSelectorRequirement ManagedFieldsEntry ObjectMeta "
    "OwnerReference Preconditions",
    "io.k8s.api.apps.v1": "Deployment DeploymentCondition DeploymentSpec DeploymentStatus DeploymentStrategy "
    "ReplicaSet ReplicaSetCondition ReplicaSetSpec ReplicaSetStatus RollingUpdateDeployment",
    "io.k8s.api.authentication.v1": "BoundObjectReference SelfSubjectReview SelfSubjectReviewStatus "
    "TokenRequest TokenRequestSpec TokenRequestStatus TokenReview TokenReviewSpec TokenReviewStatus UserInfo",
    "io.k8s.api.authorization.v1": "FieldSelectorAttributes LabelSelectorAttributes LocalSubjectAccessReview "
    "NonResourceAttributes NonResourceRule ResourceAttributes ResourceRule SelfSubjectAccessReview "
    "SelfSubjectAccessReviewSpec SelfSubjectRulesReview SelfSubjectRulesReviewSpec SubjectAccessReview "
    "SubjectAccessReviewSpec SubjectAccessReviewStatus SubjectRulesReviewStatus",
    "io.k8s.api.autoscaling.v1": "Scale ScaleSpec ScaleStatus",
    "io.k8s.api.discovery.v1": "Endpoint EndpointConditions EndpointHints EndpointSlice ForNode ForZone",
    "io.k8s.api.admissionregistration.v1": "MatchCondition MutatingWebhook MutatingWebhookConfiguration "
    "RuleWithOperations ServiceReference WebhookClientConfig",
    "io.k8s.api.events.v1": "EventsV1Event",
}
_PLACE_OF = {name: place for place, names in _PLACES.items() for name in names.split()}
_PUBLIC_NAMES = {"EventsV1Event": "Event"}
_QUANTITY = "io.k8s.apimachinery.pkg.api.resource.Quantity"
_INT_OR_STRING = "io.k8s.apimachinery.pkg.util.intstr.IntOrString"
_TIME = f"{_META}.Time"
_NAMED_SCALARS = {"quantity": _QUANTITY, "int-or-string": _INT_OR_STRING, "time": _TIME}
_SCALAR_SCHEMAS: dict[str, Object] = {
    _QUANTITY: {
        "description": "Quantity is a fixed-point number such as 128Mi, 0.5 or 100m.",
        "oneOf": [{"type": "string"}, {"type": "number"}],
    },
    _INT_OR_STRING: {
        "description": "IntOrString holds a whole number, or a text such as a percentage or a port's name.",
        "format": "int-or-string",
        "oneOf": [{"type": "integer"}, {"type": "string"}],
    },
    _TIME: {"description": "Time is a date and time in RFC 3339.", "format": "date-time", "type": "string"},
}
_PLAIN: dict[str, Object] = {
    "string": {"type": "string"},
    "bool": {"type": "boolean"},
    "bytes": {"type": "string", "format": "byte"},
    "any": {"type": "object"},
}


def document(group: str, version: str) -> Object:
    """Return the OpenAPI document of a group; `version` is the cluster's."""
    served = [resource for resource in RESOURCES if resource.group == group]
    schemas: dict[str, Object] = {}
    for kind in {resource.type_name for resource in served} | set(_kinds_of_parts(served)):
        _add(kind, schemas)
    return {
        "openapi": "3.0.0",
        "info": {"title": "Kubernetes", "version": version},
        "paths": {_path(resource): {"patch": _patch(resource)} for resource in served},
        "components": {"schemas": dict(sorted(schemas.items()))},
    }


def _kinds_of_parts(served: list[Resource]) -> Iterator[str]:
    """Yield the kinds of the subresources' bodies that have a schema."""
    for resource in served:
        yield from (part.kind for part in resource.subresources if part.kind in _PLACE_OF)


def _path(resource: Resource) -> str:
    place = f"apis/{resource.group}" if resource.group else "api"
    scope = "/namespaces/{namespace}" if resource.namespaced else ""
    return f"/{place}/{resource.version}{scope}/{resource.name}/{{name}}"


def _patch(resource: Resource) -> Object:
    return {
        "parameters": [{"name": "dryRun", "in": "query"}, {"name": "fieldValidation", "in": "query"}],
        "responses": {},
        "x-kubernetes-group-version-kind": _kind(resource.group, resource.version, resource.kind),
    }


def _kind(group: str, version: str, kind: str) -> Object:
    return {"group": group, "version": version, "kind": kind}


def _public_name(type_name: str) -> str:
    return f"{_PLACE_OF.get(type_name, 'io.k8s.api.core.v1')}.{_PUBLIC_NAMES.get(type_name, type_name)}"


def _add(type_name: str, schemas: dict[str, Object]) -> None:
    """Add the schema of a type and of all it holds."""
    name = _public_name(type_name)
    if name in schemas:
        return
    words = described(type_name)
    fields = fields_of(type_name)
    schema: Object = {"description": words.words, "type": "object"}
    schemas[name] = schema
    schema["properties"] = {
        field: {"description": words_for(type_name, field, type_.element)} | _schema(field, type_, schemas)
        for field, type_ in fields.items()
    }
    if words.required:
        schema["required"] = words.required
    if {"apiVersion", "kind", "metadata"} <= fields.keys():
        public = _PUBLIC_NAMES.get(type_name, type_name)
        schema["x-kubernetes-group-version-kind"] = [_kind(_group(type_name), "v1", public)]


def _group(type_name: str) -> str:
    found = next((each for each in RESOURCES if each.type_name == type_name), None)
    if found:
        return found.group
    parts = (part for each in RESOURCES for part in each.subresources if part.kind == type_name)
    return next((part.group for part in parts), "")


def _schema(field: str, type_: FieldType, schemas: dict[str, Object]) -> Object:
    one = _element(field, type_.element, schemas)
    match type_.shape:
        case "list":
            return {"type": "array", "items": one}
        case "map":
            return {"type": "object", "additionalProperties": one}
        case _:
            return one


def _element(field: str, element: str, schemas: dict[str, Object]) -> Object:
    if element == "int":
        return {"type": "integer", "format": "int64" if field in LONG_FIELDS else "int32"}
    if element in _PLAIN:
        return dict(_PLAIN[element])
    if element in _NAMED_SCALARS:
        name = _NAMED_SCALARS[element]
        schemas[name] = _SCALAR_SCHEMAS[name]
    else:
        name = _public_name(element)
        _add(element, schemas)
    return {"allOf": [{"$ref": f"#/components/schemas/{name}"}]}
