"""Which part of a collection a list asks for: its version, its pages, and the tokens that lead on.

The rules and words are those of k8s.io/apimachinery/pkg/apis/meta/internalversion/validation and of
k8s.io/apiserver/pkg/storage.
"""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.errors import Fault, bad_request
from workshop_tui.practice.cluster.ports import ApiError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from starlette.datastructures import QueryParams

    from workshop_tui.practice.cluster.objects import Objects
    from workshop_tui.practice.cluster.ports import Object

_TRUE = ("true", "1")
_TOKEN_VERSION = "meta.k8s.io/v1"  # noqa: S105 - the version of a token's form, no secret
_ANY = -1
"""The version in the token of a list that goes on although it is no longer one moment's."""
_MATCH = "resourceVersionMatch"
_NOT_OLDER, _EXACT = "NotOlderThan", "Exact"
_EXPIRED = (
    "The provided continue parameter is too old to display a consistent list result. You can start a new "
    "list without the continue parameter, or use the continue token in this response to retrieve the "
    "remainder of the results. Continuing with the provided token results in an inconsistent list - "
    "objects that were created, modified, or deleted between the time the first chunk was returned and now "
    "may show up in the list."
)


@dataclass(frozen=True, slots=True)
class Page:
    """Objects of one moment; `metadata` is the list's: its version and how to go on."""

    objects: list[Object]
    metadata: Object


@dataclass(frozen=True, slots=True)
class ListOptions:
    """What a list or watch asks for; checked as the API server checks it."""

    limit: int
    token: str
    version: str
    match: str
    initial_events: bool | None
    selective: bool

    @classmethod
    def of(cls, parameters: QueryParams, *, watch: bool) -> ListOptions:
        """Read the query's parameters; ApiError BadRequest, Invalid."""
        text = parameters.get("limit", "") or "0"
        initial = parameters.get("sendInitialEvents")
        try:
            limit = int(text)
        except ValueError:
            raise bad_request(f'strconv.ParseInt: parsing "{text}": invalid syntax') from None
        options = cls(
            limit=limit,
            token=parameters.get("continue", ""),
            version=parameters.get("resourceVersion", ""),
            match=parameters.get("resourceVersionMatch", ""),
            initial_events=None if initial is None else initial in _TRUE,
            selective=bool(parameters.get("labelSelector") or parameters.get("fieldSelector")),
        )
        fault = next(options._watch_faults() if watch else options._list_faults(), None)
        if fault:
            raise _invalid_options(fault)
        return options

    def _watch_faults(self) -> Iterator[Fault]:
        if self.initial_events is not None and self.match != _NOT_OLDER:
            yield _forbidden(
                _MATCH, "sendInitialEvents requires setting resourceVersionMatch to NotOlderThan"
            )
        if self.initial_events is None and self.match:
            yield _forbidden(
                _MATCH, "resourceVersionMatch is forbidden for watch unless sendInitialEvents is provided"
            )

    def _list_faults(self) -> Iterator[Fault]:
        if self.initial_events is not None:
            yield _forbidden("sendInitialEvents", "sendInitialEvents is forbidden for list")
        if self.match and self.token:
            yield _forbidden(_MATCH, "resourceVersionMatch is forbidden when continue is provided")
        if self.match and not self.version:
            yield _forbidden(_MATCH, "resourceVersionMatch is forbidden unless resourceVersion is provided")
        if self.match not in ("", _NOT_OLDER, _EXACT):
            text = f'Unsupported value: "{self.match}": supported values: "Exact", "NotOlderThan", ""'
            yield Fault("FieldValueNotSupported", _MATCH, text)
        if self.match == _EXACT and self.version == "0":
            yield _forbidden(_MATCH, 'resourceVersionMatch "exact" is forbidden for resourceVersion "0"')

    def page(
        self, objects: Objects, resource: str, namespace: str, matches: Callable[[Object], bool]
    ) -> Page:
        """Return what is asked for; ApiError Expired, Timeout, BadRequest."""
        version, start = self._begin(objects)
        found = objects.view(resource, namespace or None, version)
        rest = [each for each in found if _place(each) > start and matches(each)] if start else None
        rest = [each for each in found if matches(each)] if rest is None else rest
        shown = version if version is not None else objects.version
        metadata: Object = {"resourceVersion": str(shown)}
        if not self.limit or len(rest) <= self.limit:
            return Page(rest, metadata)
        page = rest[: self.limit]
        kept = _ANY if self.token and version is None else shown
        metadata["continue"] = _encode(kept, _place(page[-1]))
        if not self.selective:
            metadata["remainingItemCount"] = len(rest) - self.limit
        return Page(page, metadata)

    def _begin(self, objects: Objects) -> tuple[int | None, tuple[str, str] | None]:
        """Return the moment to show, None for now, and after which object to begin."""
        if self.token:
            if self.version not in ("", "0"):
                raise bad_request("specifying resource version is not allowed when using continue")
            return _decode(self.token, objects)
        if self.version in ("", "0"):
            return None, None
        wanted = parse_version(self.version)
        if wanted > objects.version:
            raise _too_large(wanted, objects.version)
        exact = self.match == _EXACT or (not self.match and bool(self.limit))
        if exact and wanted < objects.history.oldest:
            raise ApiError(410, "Expired", "The resourceVersion for the provided list is too old.")
        return (wanted if exact else None), None


def _forbidden(field: str, why: str) -> Fault:
    return Fault("FieldValueForbidden", field, f"Forbidden: {why}")


def _invalid_options(fault: Fault) -> ApiError:
    cause = {"reason": fault.reason, "message": fault.message, "field": fault.field}
    details = {"group": "meta.k8s.io", "kind": "ListOptions", "causes": [cause]}
    message = f'ListOptions.meta.k8s.io "" is invalid: {fault.field}: {fault.message}'
    return ApiError(422, "Invalid", message, details=details)


def parse_version(text: str) -> int:
    """Read a resourceVersion; ApiError BadRequest."""
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'strconv.ParseUint: parsing "{text}": invalid syntax') from None


def _too_large(wanted: int, current: int) -> ApiError:
    message = f"Too large resource version: {wanted}, current: {current}"
    causes = [{"reason": "ResourceVersionTooLarge", "message": "Too large resource version"}]
    return ApiError(504, "Timeout", message, details={"causes": causes, "retryAfterSeconds": 1})


def _place(object_: Object) -> tuple[str, str]:
    metadata = object_["metadata"]
    return metadata.get("namespace", ""), metadata["name"]


def _encode(version: int, place: tuple[str, str]) -> str:
    key = "/".join(filter(None, place))
    text = json.dumps({"v": _TOKEN_VERSION, "rv": version, "start": f"{key}\0"}, separators=(",", ":"))
    return base64.urlsafe_b64encode(text.encode()).rstrip(b"=").decode()


def _decode(token: str, objects: Objects) -> tuple[int | None, tuple[str, str]]:
    """Return what a token says; ApiError Expired, with a token that goes on at once, when it is too old."""
    try:
        padded = token + "=" * (-len(token) % 4)
        content = json.loads(base64.urlsafe_b64decode(padded))
        namespace, _, name = content["start"].rstrip("\0").rpartition("/")
        version = int(content["rv"])
    except (binascii.Error, ValueError, KeyError, TypeError, AttributeError) as error:
        raise bad_request(f"continue key is not valid: {error}") from None
    if version == _ANY:
        return None, (namespace, name)
    if version > objects.version or version < objects.history.oldest:
        again = {"continue": _encode(_ANY, (namespace, name))}
        raise ApiError(410, "Expired", _EXPIRED, list_metadata=again)
    return version, (namespace, name)
