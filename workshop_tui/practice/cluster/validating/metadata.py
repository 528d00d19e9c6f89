"""What an object's metadata requires."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.cluster.validating.faults import (
    GoText,
    forbidden_value,
    invalid_value,
    required_value,
    too_long,
)
from workshop_tui.practice.cluster.validating.names import (
    all_faults,
    key_faults,
    label_1035_faults,
    label_faults,
    labels_faults,
    subdomain_faults,
)

if TYPE_CHECKING:
    from collections.abc import Iterator

    from workshop_tui.practice.cluster.errors import Fault

_NAMES = {"Namespace": label_faults, "Service": label_1035_faults}
_LONGEST_ANNOTATIONS = 256 * 1024
_OWNER_FIELDS = ("apiVersion", "kind", "name", "uid")


def metadata_faults(kind: str, metadata: dict[str, Any], previous: dict[str, Any] | None) -> Iterator[Fault]:
    """Yield what is wrong with the metadata of an object that replaces one with `previous` (None: is new)."""
    yield from all_faults("metadata.name", metadata["name"], _NAMES.get(kind, subdomain_faults))
    yield from labels_faults(metadata.get("labels", {}), "metadata.labels")
    yield from annotations_faults(metadata.get("annotations", {}), "metadata.annotations")
    yield from _owner_faults(metadata.get("ownerReferences", []), "metadata.ownerReferences")
    for finalizer in metadata.get("finalizers", []):
        yield from all_faults("metadata.finalizers", finalizer, key_faults)
    if previous and "deletionTimestamp" in previous:
        known = previous.get("finalizers", [])
        fresh = sorted(each for each in metadata.get("finalizers", []) if each not in known)
        if fresh:
            listed = ", ".join(f'"{each}"' for each in fresh)
            yield forbidden_value(
                "metadata.finalizers",
                "no new finalizers can be added if the object is being deleted, found new finalizers "
                f"[]string{{{listed}}}",
            )


def annotations_faults(annotations: dict[str, str], field: str) -> Iterator[Fault]:
    """Yield what is wrong with annotations; their keys are looked at in lower case."""
    for key in annotations:
        for why in key_faults(key.lower()):
            yield invalid_value(field, key, why)
    size = sum(len(key.encode()) + len(value.encode()) for key, value in annotations.items())
    if size > _LONGEST_ANNOTATIONS:
        yield too_long(field, _LONGEST_ANNOTATIONS)


def _owner_faults(owners: list[dict[str, Any]], field: str) -> Iterator[Fault]:
    controllers: list[str] = []
    for owner in owners:
        for name in _OWNER_FIELDS:
            if not owner.get(name):
                yield required_value(f"{field}.{name}", "must not be empty")
        if owner.get("controller"):
            controllers.append(owner.get("name", ""))
    if len(controllers) > 1:
        why = (
            'Only one reference can have Controller set to true. Found "true" in references for '
            f"{controllers[0]} and {controllers[1]}"
        )
        yield invalid_value(field, GoText("[]v1.OwnerReference{…}"), why)
