"""Watches: a stream of lines, each a change."""

from __future__ import annotations

import asyncio
import json
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.api.lists import ListOptions, parse_version
from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.errors import bad_request, status_of
from workshop_tui.practice.cluster.event_views import shown_as
from workshop_tui.practice.cluster.history import EndOfHistoryError
from workshop_tui.practice.cluster.ports import ApiError
from workshop_tui.practice.cluster.selectors import make_filter
from workshop_tui.practice.cluster.tables import make_table

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable

    from starlette.datastructures import QueryParams

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.history import Record, Subscription
    from workshop_tui.practice.cluster.ports import Object

DEFAULT_SECONDS = 1800
"""How long a watch lasts that names no time, as the API server's --min-request-timeout."""
BOOKMARK_SECONDS = 60
_INITIAL_END = {"k8s.io/initial-events-end": "true"}


@dataclass(slots=True)
class _Watch:
    """One watch; `columns_sent` since only a table's first rows carry the columns."""

    api: Api
    target: Target
    matches: Callable[[Object], bool]
    table: bool
    include: str
    bookmarks: bool
    columns_sent: bool = False

    def line(self, type_: str, object_: Object) -> bytes:
        """Return one change as it goes over the wire."""
        shown = shown_as(self.target.resource, object_)
        if self.table and type_ in ("ADDED", "MODIFIED", "DELETED"):
            shown = make_table(
                self.target.resource.kind,
                [object_],
                now=self.api.clock.now(),
                metadata={"resourceVersion": object_["metadata"]["resourceVersion"]},
                include=self.include,
                header=not self.columns_sent,
            )
            self.columns_sent = True
        return json.dumps({"type": type_, "object": shown}, separators=(",", ":")).encode() + b"\n"

    def bookmark(self, annotations: dict[str, str] | None = None) -> bytes:
        """Return a bookmark at the latest version."""
        metadata: Object = {"resourceVersion": str(self.api.objects.version), "creationTimestamp": None}
        if annotations:
            metadata["annotations"] = annotations
        resource = self.target.resource
        object_ = {"kind": resource.kind, "apiVersion": resource.api_version, "metadata": metadata}
        return self.line("BOOKMARK", object_)

    def of_record(self, record: Record) -> bytes | None:
        """Return the line for a change, as its reader sees it: what no longer fits the selector is gone."""
        object_ = record.change.object
        namespace = object_["metadata"].get("namespace", "")
        if record.resource != self.target.resource.name or self.target.namespace not in ("", namespace):
            return None
        before = record.previous
        matched = before is not None and self.matches(before)
        matches = record.change.type != "DELETED" and self.matches(object_)
        if not matched and not matches:
            return None
        if matches:
            return self.line("MODIFIED" if matched else "ADDED", object_)
        if before is not None and record.change.type != "DELETED":
            version = {"resourceVersion": object_["metadata"]["resourceVersion"]}
            object_ = before | {"metadata": before["metadata"] | version}
        return self.line("DELETED", object_)


def watch_lines(api: Api, target: Target, parameters: QueryParams, *, table: bool) -> AsyncIterator[bytes]:
    """Return the changes that a watch request asks for until its time is over.

    Raises:
        ApiError: the request can't be understood; told here, before the answer has begun.

    """
    options = ListOptions.of(parameters, watch=True)
    watch = _Watch(
        api=api,
        target=target,
        matches=filter_of(target, parameters),
        table=table,
        include=parameters.get("includeObject", "Metadata"),
        bookmarks=is_on(parameters, "allowWatchBookmarks"),
    )
    initial = bool(options.initial_events)
    known = not initial and options.version not in ("", "0")
    since = parse_version(options.version) if known else None
    replay = since is None and options.initial_events is not False
    return _lines(watch, since, _seconds(parameters.get("timeoutSeconds")), replay=replay, initial=initial)


def filter_of(target: Target, parameters: QueryParams) -> Callable[[Object], bool]:
    """Return the test that a request's selectors and its name make; ApiError BadRequest."""
    fields = parameters.get("fieldSelector", "")
    if target.name:
        fields = ",".join(filter(None, (fields, f"metadata.name={target.name}")))
    asked = make_filter(parameters.get("labelSelector", ""), fields, target.resource.type_name)
    if not target.resource.schema:
        return asked
    return lambda object_: asked(shown_as(target.resource, object_))


async def _lines(
    watch: _Watch, since: int | None, seconds: float, *, replay: bool, initial: bool
) -> AsyncIterator[bytes]:
    """Yield what there is (`replay`), its end when that is asked for (`initial`), and what changes then."""
    api, target = watch.api, watch.target
    try:
        subscription = api.objects.history.subscribe(since)
    except ApiError as error:
        yield watch.line("ERROR", status_of(error))
        return
    try:
        if replay:
            for object_ in api.objects.view(target.resource.name, target.namespace or None):
                if watch.matches(object_):
                    yield watch.line("ADDED", object_)
        if initial:
            yield watch.bookmark(_INITIAL_END)
        async for line in _changes(watch, subscription, seconds):
            yield line
    finally:
        api.objects.history.unsubscribe(subscription)


def _seconds(text: str | None) -> float:
    try:
        return float(text) if text else DEFAULT_SECONDS
    except ValueError:
        raise bad_request(f"invalid timeoutSeconds: {text}") from None


async def _changes(watch: _Watch, subscription: Subscription, seconds: float) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    end = loop.time() + seconds
    while (left := end - loop.time()) > 0:
        try:
            async with asyncio.timeout(min(left, BOOKMARK_SECONDS)):
                record = await subscription.next()
        except TimeoutError:
            if watch.bookmarks:
                yield watch.bookmark()
            continue
        except EndOfHistoryError:
            return
        line = watch.of_record(record)
        if line is not None:
            yield line
