"""Reads the protobuf bodies that kubectl 1.32 and later send for what they create with typed clients.

Field numbers after kubernetes/api `generated.proto`, checked on bodies that real kubectl sends.
"""

from __future__ import annotations

import base64
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

_MAGIC = b"k8s\x00"
_FIXED64 = 1
_ZEROS = ("", 0, None)


class ProtobufError(ValueError):
    """A body this reader does not know; the text says what to do instead."""


@dataclass(frozen=True, slots=True)
class _Field:
    """A field; a `pointer` in Go may hold a zero, other zeros are those gogo writes and JSON leaves out."""

    name: str
    read: Callable[[Any], Any]
    shape: str = "one"
    pointer: bool = False


Message = dict[int, _Field]


def _text(value: bytes) -> str:
    return value.decode("utf-8")


def _base64(value: bytes) -> str:
    return base64.b64encode(value).decode("ascii")


def _integer(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value


def _time(value: bytes) -> str | None:
    """Return a time; none for an empty message, as gogo writes the zero of Go's time."""
    if not value:
        return None
    seconds = next((number for field, number in _records(value) if field == 1), 0)
    return datetime.fromtimestamp(seconds, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _quantity(value: bytes) -> str:
    return next((_text(text) for field, text in _records(value) if field == 1), "0")


def _int_or_string(value: bytes) -> int | str:
    fields = dict(_records(value))
    return _text(fields.get(3, b"")) if fields.get(1) else _integer(fields.get(2, 0))


def _message(fields: Message) -> Callable[[bytes], dict[str, Any]]:
    return lambda value: _read(value, fields)


def _strings(name: str) -> _Field:
    return _Field(name, _text, "list")


_META: Message = {
    1: _Field("name", _text),
    2: _Field("generateName", _text),
    3: _Field("namespace", _text),
    5: _Field("uid", _text),
    6: _Field("resourceVersion", _text),
    7: _Field("generation", _integer),
    8: _Field("creationTimestamp", _time),
    11: _Field("labels", _text, "map"),
    12: _Field("annotations", _text, "map"),
    14: _strings("finalizers"),
}
_METADATA = _Field("metadata", _message(_META))
_REFERENCE: Message = {
    1: _Field("kind", _text),
    2: _Field("namespace", _text),
    3: _Field("name", _text),
    4: _Field("uid", _text),
    5: _Field("apiVersion", _text),
}
_LOCAL_REFERENCE: Message = {1: _Field("name", _text)}
_ENV: Message = {1: _Field("name", _text), 2: _Field("value", _text)}
_PORT: Message = {
    1: _Field("name", _text),
    2: _Field("hostPort", _integer),
    3: _Field("containerPort", _integer),
    4: _Field("protocol", _text),
    5: _Field("hostIP", _text),
}
_RESOURCES: Message = {1: _Field("limits", _quantity, "map"), 2: _Field("requests", _quantity, "map")}
_CONTAINER: Message = {
    1: _Field("name", _text),
    2: _Field("image", _text),
    3: _strings("command"),
    4: _strings("args"),
    5: _Field("workingDir", _text),
    6: _Field("ports", _message(_PORT), "list"),
    7: _Field("env", _message(_ENV), "list"),
    8: _Field("resources", _message(_RESOURCES)),
    14: _Field("imagePullPolicy", _text),
}
_POD_SPEC: Message = {
    2: _Field("containers", _message(_CONTAINER), "list"),
    3: _Field("restartPolicy", _text),
    7: _Field("nodeSelector", _text, "map"),
    8: _Field("serviceAccountName", _text),
    9: _Field("serviceAccount", _text),
}
_TEMPLATE: Message = {1: _METADATA, 2: _Field("spec", _message(_POD_SPEC))}
_SELECTOR: Message = {1: _Field("matchLabels", _text, "map")}
_ROLLING: Message = {
    1: _Field("maxUnavailable", _int_or_string, pointer=True),
    2: _Field("maxSurge", _int_or_string, pointer=True),
}
_STRATEGY: Message = {1: _Field("type", _text), 2: _Field("rollingUpdate", _message(_ROLLING))}
_DEPLOYMENT_SPEC: Message = {
    1: _Field("replicas", _integer, pointer=True),
    2: _Field("selector", _message(_SELECTOR)),
    3: _Field("template", _message(_TEMPLATE)),
    4: _Field("strategy", _message(_STRATEGY)),
}
_SERVICE_PORT: Message = {
    1: _Field("name", _text),
    2: _Field("protocol", _text),
    3: _Field("port", _integer),
    4: _Field("targetPort", _int_or_string),
    5: _Field("nodePort", _integer),
}
_SERVICE_SPEC: Message = {
    1: _Field("ports", _message(_SERVICE_PORT), "list"),
    2: _Field("selector", _text, "map"),
    3: _Field("clusterIP", _text),
    4: _Field("type", _text),
    5: _strings("externalIPs"),
    7: _Field("sessionAffinity", _text),
    10: _Field("externalName", _text),
    11: _Field("externalTrafficPolicy", _text),
}
_BOUND: Message = {
    1: _Field("kind", _text),
    2: _Field("apiVersion", _text),
    3: _Field("name", _text),
    4: _Field("uid", _text),
}
_TOKEN_SPEC: Message = {
    1: _strings("audiences"),
    3: _Field("boundObjectRef", _message(_BOUND)),
    4: _Field("expirationSeconds", _integer, pointer=True),
}
_ATTRIBUTES: Message = {
    1: _Field("namespace", _text),
    2: _Field("verb", _text),
    3: _Field("group", _text),
    4: _Field("version", _text),
    5: _Field("resource", _text),
    6: _Field("subresource", _text),
    7: _Field("name", _text),
}
_ACCESS_SPEC: Message = {
    1: _Field("resourceAttributes", _message(_ATTRIBUTES)),
    2: _Field("nonResourceAttributes", _message({1: _Field("path", _text), 2: _Field("verb", _text)})),
}
_KINDS: dict[str, Message] = {
    "ServiceAccount": {
        1: _METADATA,
        2: _Field("secrets", _message(_REFERENCE), "list"),
        3: _Field("imagePullSecrets", _message(_LOCAL_REFERENCE), "list"),
        4: _Field("automountServiceAccountToken", bool, pointer=True),
    },
    "Namespace": {1: _METADATA, 2: _Field("spec", _message({1: _strings("finalizers")}))},
    "ConfigMap": {
        1: _METADATA,
        2: _Field("data", _text, "map"),
        3: _Field("binaryData", _base64, "map"),
        4: _Field("immutable", bool, pointer=True),
    },
    "Secret": {
        1: _METADATA,
        2: _Field("data", _base64, "map"),
        3: _Field("type", _text),
        4: _Field("stringData", _text, "map"),
        5: _Field("immutable", bool, pointer=True),
    },
    "Deployment": {1: _METADATA, 2: _Field("spec", _message(_DEPLOYMENT_SPEC))},
    "Service": {1: _METADATA, 2: _Field("spec", _message(_SERVICE_SPEC))},
    "TokenRequest": {1: _METADATA, 2: _Field("spec", _message(_TOKEN_SPEC))},
    "SelfSubjectReview": {1: _METADATA},
    "SelfSubjectAccessReview": {1: _METADATA, 2: _Field("spec", _message(_ACCESS_SPEC))},
    "SelfSubjectRulesReview": {1: _METADATA, 2: _Field("spec", _message({1: _Field("namespace", _text)}))},
    "DeleteOptions": {
        1: _Field("gracePeriodSeconds", _integer, pointer=True),
        4: _Field("propagationPolicy", _text),
        5: _strings("dryRun"),
    },
}


def decode_object(body: bytes) -> dict[str, Any]:
    """Return the object of an envelope as it would stand in JSON; ProtobufError when it can't be read."""
    if not body.startswith(_MAGIC):
        raise ProtobufError("the body is not a Kubernetes protobuf envelope")
    try:
        envelope = dict(_records(body[len(_MAGIC) :]))
        type_meta = {field: _text(value) for field, value in _records(envelope[1])}
        kind = type_meta.get(2, "")
        fields = _KINDS.get(kind)
        if fields is None:
            raise ProtobufError(f"{kind} is not read from protobuf here: use kubectl apply with a manifest")
        return {"apiVersion": type_meta.get(1, ""), "kind": kind} | _read(envelope.get(2, b""), fields)
    except (IndexError, KeyError, TypeError, UnicodeDecodeError) as error:
        raise ProtobufError(f"the protobuf body is damaged: {error}") from None


def _read(body: bytes, fields: Message) -> dict[str, Any]:
    """Return a message's known fields without the zeros that JSON would not have."""
    result: dict[str, Any] = {}
    for number, value in _records(body):
        field = fields.get(number)
        if field is None:
            continue
        if field.shape == "map":
            entry = dict(_records(value))
            result.setdefault(field.name, {})[_text(entry.get(1, b""))] = field.read(entry.get(2, b""))
        elif field.shape == "list":
            result.setdefault(field.name, []).append(field.read(value))
        elif (read := field.read(value)) not in _ZEROS or field.pointer:
            result[field.name] = read
    return result


def _records(body: bytes) -> Iterator[tuple[int, Any]]:
    position = 0
    while position < len(body):
        tag, position = _varint(body, position)
        match tag & 7:
            case 0:
                value, position = _varint(body, position)
                yield tag >> 3, value
            case 2:
                length, position = _varint(body, position)
                if position + length > len(body):
                    raise ProtobufError("the protobuf body ends too early")
                yield tag >> 3, body[position : position + length]
                position += length
            case 1 | 5 as wire:
                position += 8 if wire == _FIXED64 else 4
            case _:
                raise ProtobufError("the protobuf body is damaged")


def _varint(body: bytes, position: int) -> tuple[int, int]:
    value = shift = 0
    while True:
        byte = body[position]
        position += 1
        value |= (byte & 0x7F) << shift
        if byte < 0x80:  # noqa: PLR2004 - the last byte of a varint has no high bit
            return value, position
        shift += 7
