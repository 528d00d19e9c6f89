"""Whether an object may exist: names, labels, and what its kind requires, with the API server's texts."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.errors import Fault
from workshop_tui.practice.cluster.pod_validation import pod_faults
from workshop_tui.practice.cluster.selectors import label_selector_requirements

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.ports import Object

_SUBDOMAIN = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*")
_LABEL = re.compile(r"[a-z0-9]([-a-z0-9]*[a-z0-9])?")
_LABEL_1035 = re.compile(r"[a-z]([-a-z0-9]*[a-z0-9])?")
_QUALIFIED = re.compile(r"([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]")
_VALUE = re.compile(r"(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?")
_LONGEST_LABEL = 63
_LONGEST_NAME = 253

_SUBDOMAIN_TEXT = (
    "a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is "
    r"'[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"
)
_LABEL_TEXT = (
    "a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start "
    "and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is "
    "'[a-z0-9]([-a-z0-9]*[a-z0-9])?')"
)
_LABEL_1035_TEXT = (
    "a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic "
    "character, and end with an alphanumeric character (e.g. 'my-name',  or 'abc-123', regex used for "
    "validation is '[a-z]([-a-z0-9]*[a-z0-9])?')"
)
_VALUE_TEXT = (
    "a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must "
    "start and end with an alphanumeric character (e.g. 'MyValue',  or 'my_value',  or '12345', regex used "
    "for validation is '(([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9])?')"
)
_KEY_TEXT = (
    "name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an "
    "alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is "
    "'([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]')"
)


def faults_of(kind: str, object_: Object, previous: Object | None) -> list[Fault]:
    """Return everything wrong with an object that replaces `previous` (None: is new)."""
    faults = list(_metadata_faults(kind, object_["metadata"]))
    match kind:
        case "Deployment" | "ReplicaSet":
            faults += _workload_faults(object_["spec"], previous)
        case "Pod":
            faults += pod_faults(object_["spec"], "spec")
        case "Service":
            faults += _service_faults(object_["spec"])
        case _:
            pass
    return faults


def _invalid(field: str, value: object, why: str) -> Fault:
    shown = f'"{value}"' if isinstance(value, str) else value
    return Fault("FieldValueInvalid", field, f"Invalid value: {shown}: {why}")


def _metadata_faults(kind: str, metadata: dict[str, Any]) -> Iterator[Fault]:
    name = metadata["name"]
    pattern, text, longest = {
        "Namespace": (_LABEL, _LABEL_TEXT, _LONGEST_LABEL),
        "Service": (_LABEL_1035, _LABEL_1035_TEXT, _LONGEST_LABEL),
    }.get(kind, (_SUBDOMAIN, _SUBDOMAIN_TEXT, _LONGEST_NAME))
    if not pattern.fullmatch(name):
        yield _invalid("metadata.name", name, text)
    if len(name) > longest:
        yield _invalid("metadata.name", name, f"must be no more than {longest} characters")
    yield from _label_faults(metadata.get("labels", {}), "metadata.labels")
    for key in metadata.get("annotations", {}):
        yield from _key_faults(key.lower(), "metadata.annotations")


def _key_faults(key: str, field: str) -> Iterator[Fault]:
    prefix, slash, name = key.rpartition("/")
    if not name or not _QUALIFIED.fullmatch(name):
        yield _invalid(field, key, _KEY_TEXT)
    elif len(name) > _LONGEST_LABEL:
        yield _invalid(field, key, f"name part must be no more than {_LONGEST_LABEL} characters")
    if slash and not _SUBDOMAIN.fullmatch(prefix):
        yield _invalid(field, key, f"prefix part {_SUBDOMAIN_TEXT}")


def _label_faults(labels: dict[str, str], field: str) -> Iterator[Fault]:
    for key, value in labels.items():
        yield from _key_faults(key, field)
        if not _VALUE.fullmatch(value):
            yield _invalid(field, value, _VALUE_TEXT)
        elif len(value) > _LONGEST_LABEL:
            yield _invalid(field, value, f"must be no more than {_LONGEST_LABEL} characters")


def _workload_faults(spec: dict[str, Any], previous: Object | None) -> Iterator[Fault]:
    labels = spec["template"]["metadata"].get("labels", {})
    selector = spec.get("selector", {})
    if not selector:
        yield Fault("FieldValueRequired", "spec.selector", "Required value")
    if not selector or not all(item.matches(labels) for item in label_selector_requirements(selector)):
        why = "`selector` does not match template `labels`"
        yield _invalid("spec.template.metadata.labels", _go_map(labels), why)
    if previous and previous["spec"].get("selector") != selector:
        yield _invalid("spec.selector", _go_selector(selector), "field is immutable")
    if spec.get("replicas", 1) < 0:
        yield _invalid("spec.replicas", spec["replicas"], "must be greater than or equal to 0")
    yield from _label_faults(labels, "spec.template.metadata.labels")
    pod = spec["template"]["spec"]
    yield from pod_faults(pod, "spec.template.spec")
    if pod.get("restartPolicy") != "Always":
        yield Fault(
            "FieldValueNotSupported",
            "spec.template.spec.restartPolicy",
            f'Unsupported value: "{pod.get("restartPolicy")}": supported values: "Always"',
        )


def _go_map(values: dict[str, str]) -> _Text:
    pairs = ", ".join(f'"{key}":"{values[key]}"' for key in sorted(values))
    return _Text(f"map[string]string{{{pairs}}}" if values else "map[string]string(nil)")


def _go_selector(selector: dict[str, Any]) -> _Text:
    labels = _go_map(selector.get("matchLabels", {}))
    return _Text(
        f"v1.LabelSelector{{MatchLabels:{labels}, MatchExpressions:[]v1.LabelSelectorRequirement(nil)}}"
    )


class _Text:
    """Go's rendering of a structure, which messages show without quotes."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __str__(self) -> str:
        return self._text


def _service_faults(spec: dict[str, Any]) -> Iterator[Fault]:
    ports = spec.get("ports", [])
    if not ports and spec.get("type") != "ExternalName" and spec.get("clusterIP") != "None":
        yield Fault("FieldValueRequired", "spec.ports", "Required value")
    for index, port in enumerate(ports):
        where = f"spec.ports[{index}]"
        if not 0 < port.get("port", 0) <= 65535:  # noqa: PLR2004 - the range of ports
            yield _invalid(f"{where}.port", port.get("port", 0), "must be between 1 and 65535, inclusive")
        if len(ports) > 1 and not port.get("name"):
            yield Fault("FieldValueRequired", f"{where}.name", "Required value")
    yield from _label_faults(spec.get("selector", {}), "spec.selector")
