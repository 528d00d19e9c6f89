"""What Deployments and ReplicaSets require."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.selectors import label_selector_requirements
from workshop_tui.practice.cluster.validating.faults import (
    GoText,
    forbidden_value,
    go_map,
    invalid_value,
    required_value,
    unsupported_value,
)
from workshop_tui.practice.cluster.validating.metadata import annotations_faults
from workshop_tui.practice.cluster.validating.names import all_faults, key_faults, labels_faults, value_faults
from workshop_tui.practice.cluster.validating.pods import pod_spec_faults

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault
    from workshop_tui.practice.cluster.ports import Object

_WITH_VALUES, _WITHOUT_VALUES = ("In", "NotIn"), ("Exists", "DoesNotExist")
_COUNTS = ("minReadySeconds", "revisionHistoryLimit", "progressDeadlineSeconds")
_WHOLE = 100
_NEGATIVE = "must be greater than or equal to 0"


def workload_faults(kind: str, spec: dict[str, Any], previous: Object | None) -> Iterator[Fault]:
    """Yield what is wrong with a Deployment or ReplicaSet."""
    if spec.get("replicas", 1) < 0:
        yield invalid_value("spec.replicas", spec["replicas"], _NEGATIVE)
    yield from _selector_faults(kind, spec)
    if _is_readable(spec.get("selector", {})):
        yield from _template_faults(spec)
    else:
        yield invalid_value("spec.selector", _go_selector(spec["selector"]), "invalid label selector")
    if kind == "Deployment":
        yield from _strategy_faults(spec["strategy"])
    for name in _COUNTS:
        if spec.get(name, 0) < 0:
            yield invalid_value(f"spec.{name}", spec[name], _NEGATIVE)
    ready, deadline = spec.get("minReadySeconds", 0), spec.get("progressDeadlineSeconds")
    if deadline is not None and deadline <= ready:
        yield invalid_value("spec.progressDeadlineSeconds", deadline, "must be greater than minReadySeconds")
    if previous and previous["spec"].get("selector") != spec.get("selector"):
        yield invalid_value("spec.selector", _go_selector(spec.get("selector", {})), "field is immutable")


def _selector_faults(kind: str, spec: dict[str, Any]) -> Iterator[Fault]:
    selector = spec.get("selector")
    if selector is None:
        yield required_value("spec.selector")
        return
    yield from labels_faults(selector.get("matchLabels", {}), "spec.selector.matchLabels")
    for index, each in enumerate(selector.get("matchExpressions", [])):
        yield from _expression_faults(each, f"spec.selector.matchExpressions[{index}]")
    if not selector.get("matchLabels") and not selector.get("matchExpressions"):
        why = f"empty selector is invalid for {kind.lower()}"
        yield invalid_value("spec.selector", _go_selector(selector), why)


def _expression_faults(expression: dict[str, Any], field: str) -> Iterator[Fault]:
    operator, values = expression.get("operator", ""), expression.get("values", [])
    if operator in _WITH_VALUES and not values:
        yield required_value(f"{field}.values", "must be specified when `operator` is 'In' or 'NotIn'")
    elif operator in _WITHOUT_VALUES and values:
        why = "may not be specified when `operator` is 'Exists' or 'DoesNotExist'"
        yield forbidden_value(f"{field}.values", why)
    elif operator not in _WITH_VALUES + _WITHOUT_VALUES:
        yield invalid_value(f"{field}.operator", operator, "not a valid selector operator")
    yield from all_faults(f"{field}.key", expression.get("key", ""), key_faults)
    for index, value in enumerate(values):
        yield from all_faults(f"{field}.values[{index}]", value, value_faults)


def _template_faults(spec: dict[str, Any]) -> Iterator[Fault]:
    field, template = "spec.template", spec["template"]
    labels = template["metadata"].get("labels", {})
    if not _matches(spec.get("selector"), labels):
        why = "`selector` does not match template `labels`"
        yield invalid_value(f"{field}.metadata.labels", go_map(labels), why)
    yield from labels_faults(labels, f"{field}.labels")
    yield from annotations_faults(template["metadata"].get("annotations", {}), f"{field}.annotations")
    pod = template["spec"]
    yield from pod_spec_faults(pod, f"{field}.spec")
    restart = pod.get("restartPolicy", "")
    if restart != "Always":
        yield unsupported_value(f"{field}.spec.restartPolicy", restart, ["Always"])
    if "activeDeadlineSeconds" in pod:
        why = "activeDeadlineSeconds in ReplicaSet is not Supported"
        yield forbidden_value(f"{field}.spec.activeDeadlineSeconds", why)


def _matches(selector: dict[str, Any] | None, labels: dict[str, str]) -> bool:
    if selector is None:
        return False
    return all(item.matches(labels) for item in label_selector_requirements(selector))


def _is_readable(selector: dict[str, Any]) -> bool:
    """Tell whether all expressions have an operator there is, and values where it takes them."""
    return all(
        each.get("operator") in (_WITH_VALUES if each.get("values") else _WITHOUT_VALUES)
        for each in selector.get("matchExpressions", [])
    )


def _strategy_faults(strategy: dict[str, Any]) -> Iterator[Fault]:
    field = "spec.strategy"
    rolling = strategy.get("rollingUpdate")
    match strategy["type"]:
        case "Recreate":
            if rolling is not None:
                why = "may not be specified when strategy `type` is 'Recreate'"
                yield forbidden_value(f"{field}.rollingUpdate", why)
        case "RollingUpdate":
            yield from _rolling_faults(rolling or {}, f"{field}.rollingUpdate")
        case other:
            update = "(*apps.RollingUpdateDeployment)(nil)"
            shown = GoText(f'apps.DeploymentStrategy{{Type:"{other}", RollingUpdate:{update}}}')
            yield unsupported_value(field, shown, ["Recreate", "RollingUpdate"])


def _rolling_faults(rolling: dict[str, Any], field: str) -> Iterator[Fault]:
    for name in ("maxUnavailable", "maxSurge"):
        value = rolling.get(name, 0)
        if isinstance(value, int):
            if value < 0:
                yield invalid_value(f"{field}.{name}", value, _NEGATIVE)
        elif not re.fullmatch(r"[0-9]+%", value):
            why = (
                "a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or "
                "'93%', regex used for validation is '[0-9]+%')"
            )
            yield invalid_value(f"{field}.{name}", value, why)
    unavailable, surge = rolling.get("maxUnavailable", 0), rolling.get("maxSurge", 0)
    if _number(unavailable) == 0 and _number(surge) == 0:
        why = "may not be 0 when `maxSurge` is 0"
        yield invalid_value(f"{field}.maxUnavailable", _go_int_or_string(unavailable), why)
    if isinstance(unavailable, str) and _number(unavailable) > _WHOLE:
        shown = _go_int_or_string(unavailable)
        yield invalid_value(f"{field}.maxUnavailable", shown, "must not be greater than 100%")


def _number(value: int | str) -> int:
    digits = re.match(r"[0-9]+", str(value))
    return value if isinstance(value, int) else int(digits[0]) if digits else 1


def _go_int_or_string(value: int | str) -> GoText:
    if isinstance(value, int):
        return GoText(f'intstr.IntOrString{{Type:0, IntVal:{value}, StrVal:""}}')
    return GoText(f'intstr.IntOrString{{Type:1, IntVal:0, StrVal:"{value}"}}')


def _go_selector(selector: dict[str, Any]) -> GoText:
    shown = ", ".join(
        f"v1.LabelSelectorRequirement{{Key:{json.dumps(each.get('key', ''))}, "
        f"Operator:{json.dumps(each.get('operator', ''))}, Values:{_go_texts(each.get('values'))}}}"
        for each in selector.get("matchExpressions", [])
    )
    expressions = f"{{{shown}}}" if shown else "(nil)"
    labels = f"MatchLabels:{go_map(selector.get('matchLabels', {}))}"
    return GoText(
        f"v1.LabelSelector{{{labels}, MatchExpressions:[]v1.LabelSelectorRequirement{expressions}}}"
    )


def _go_texts(values: list[str] | None) -> str:
    return f"[]string{{{', '.join(map(json.dumps, values))}}}" if values else "[]string(nil)"
