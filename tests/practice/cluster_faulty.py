"""What a faulty object is, how one of each kind is made, and the API server's lines that many share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from cluster_refusals import DEPLOYMENTS, MAPS, PODS, SERVICES, Refused, container, named, pod

_CAUSES = {
    "Invalid value": "FieldValueInvalid",
    "Required value": "FieldValueRequired",
    "Duplicate value": "FieldValueDuplicate",
    "Unsupported value": "FieldValueNotSupported",
    "Not found": "FieldValueNotFound",
    "Forbidden": "FieldValueForbidden",
    "Too long": "FieldValueTooLong",
}


@dataclass(frozen=True, slots=True)
class Faulty:
    """A new object, and the lines its refusal lists."""

    path: str
    object: dict[str, Any]
    lines: tuple[str, ...]
    words: str = ""

    @property
    def kind(self) -> str:
        """The kind of the object."""
        return {PODS: "Pod", MAPS: "ConfigMap", SERVICES: "Service", DEPLOYMENTS: "Deployment"}[self.path]

    @property
    def refused(self) -> Refused:
        """The request that creates it, and how it is refused."""
        cause = next(text for text in _CAUSES if f": {text}" in self.lines[0])
        return Refused(422, _CAUSES[cause], self.words, "POST", self.path, self.object)


def faulty_pod(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    return Faulty(PODS, pod(container() | spec), tuple(f"spec.{each}" for each in lines), words)


def faulty_container(lines: str | tuple[str, ...], words: str = "", **content: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    return Faulty(
        PODS, pod(container(**content)), tuple(f"spec.containers[0].{each}" for each in lines), words
    )


def faulty_deployment(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    template = pod(container(), labels={"a": "b"})
    whole = {"selector": {"matchLabels": {"a": "b"}}, "template": template} | spec
    object_ = named("new", spec={key: value for key, value in whole.items() if value is not None})
    return Faulty(DEPLOYMENTS, object_, tuple(f"spec.{each}" for each in lines), words)


def faulty_service(lines: str | tuple[str, ...], words: str = "", **spec: Any) -> Faulty:
    lines = (lines,) if isinstance(lines, str) else lines
    object_ = named("new", spec={"ports": [{"port": 80}]} | spec)
    return Faulty(SERVICES, object_, tuple(f"spec.{each}" for each in lines), words)


def faulty_map(line: str, words: str = "", **content: Any) -> Faulty:
    metadata = {"name": "new"} | content.pop("metadata", {})
    return Faulty(MAPS, {"metadata": metadata, **content}, (line,), words)


LABEL = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
SUBDOMAIN = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
KEY = (
    "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric "
    "character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)
LABEL_VALUE = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
CONFIG_KEY = (
    "a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or "
    "'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')"
)
LABEL_1035 = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
TYPO = '[memmory]: Invalid value: "memmory"'
SOURCE = {"fieldRef": {"fieldPath": "metadata.name"}}
KEYED = {"secretKeyRef": {"name": "s", "key": "k"}}
VOLUME = {"name": "v", "emptyDir": {}}
FIELDS = ", ".join(
    f'"{each}"'
    for each in (
        "metadata.name",
        "metadata.namespace",
        "metadata.uid",
        "spec.nodeName",
        "spec.serviceAccountName",
        "status.hostIP",
        "status.hostIPs",
        "status.podIP",
        "status.podIPs",
    )
)
