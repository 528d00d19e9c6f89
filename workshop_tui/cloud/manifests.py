"""Putting a manifest over a live object, as `kubectl apply` does, but with whole lists."""

from __future__ import annotations

import copy
import json
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

Document = dict[str, Any]

LAST_APPLIED = "kubectl.kubernetes.io/last-applied-configuration"


def with_last_applied(manifest: Mapping[str, Any]) -> Document:
    """Return the manifest with the annotation that `kubectl apply` leaves, as it writes it.

    With it a later `kubectl apply` of the learner's knows what it may take away.
    """
    plain = copy.deepcopy(dict(manifest))
    annotations = plain.setdefault("metadata", {}).setdefault("annotations", {})
    annotations.pop(LAST_APPLIED, None)
    kept = last_applied_text(plain)
    annotations[LAST_APPLIED] = kept
    return plain


def last_applied_text(plain: Mapping[str, Any]) -> str:
    """Write the object as Go's encoder does: sorted, compact, some signs escaped, a line break at its end."""
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    for sign in "<>&\u2028\u2029":
        text = text.replace(sign, f"\\u{ord(sign):04x}")
    return f"{text}\n"


def put_over(live: Document, manifest: Mapping[str, Any]) -> Document:
    """Return the live object as the manifest wants it.

    Maps are merged, and what an earlier apply brought and the manifest leaves out is taken away. A pod
    template's spec is the manifest's own: merged, its containers would keep one of another name.
    """
    wanted = with_last_applied(manifest)
    before = _earlier(live)
    merged: Document = _merge(live, wanted, before)
    merged.pop("status", None)
    template = _template(wanted)
    if template is not None:
        merged["spec"]["template"]["spec"] = copy.deepcopy(template.get("spec") or {})
    return merged


def _earlier(live: Document) -> Document:
    """Return what the object was last applied from, as far as that can be read."""
    text = (live.get("metadata", {}).get("annotations") or {}).get(LAST_APPLIED, "")
    try:
        document = json.loads(text)
    except ValueError:
        return {}
    return document if isinstance(document, dict) else {}


def _merge(live: Any, wanted: Any, before: Any) -> Any:  # noqa: ANN401 - JSON
    if not (isinstance(live, dict) and isinstance(wanted, dict)):
        return copy.deepcopy(wanted)
    before = before if isinstance(before, dict) else {}
    kept = {key: value for key, value in live.items() if key in wanted or key not in before}
    return {
        **kept,
        **{key: _merge(live.get(key), value, before.get(key)) for key, value in wanted.items()},
    }


def _template(document: Mapping[str, Any]) -> Document | None:
    template = (document.get("spec") or {}).get("template")
    return template if isinstance(template, dict) else None


def same_in_meaning(one: Mapping[str, Any], other: Mapping[str, Any]) -> bool:
    """Return whether two states of an object are the same but for what the API server keeps itself."""
    return _settled(one) == _settled(other)


def _settled(document: Mapping[str, Any]) -> Document:
    metadata = document.get("metadata") or {}
    return {
        **{key: value for key, value in document.items() if key not in {"metadata", "status"}},
        "metadata": {key: metadata.get(key) or {} for key in ("labels", "annotations")},
    }


def with_template(live: Document, template: Document) -> Document:
    """Return the live object with another pod template, and what was last applied told to match.

    Were it not told, the next `kubectl apply` would not know the containers put back, and would leave them.
    """
    changed = copy.deepcopy(live)
    changed.pop("status", None)
    changed["spec"]["template"] = copy.deepcopy(template)
    annotations = changed["metadata"].get("annotations") or {}
    if LAST_APPLIED in annotations:
        plain = _earlier(live)
        plain.setdefault("spec", {})["template"] = copy.deepcopy(template)
        annotations[LAST_APPLIED] = last_applied_text(plain)
    return changed
