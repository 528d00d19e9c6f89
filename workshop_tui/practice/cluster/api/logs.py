"""The log of a container: read from the node's files, followed while the container runs."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from starlette.responses import Response, StreamingResponse

from workshop_tui.practice.cluster.api.switches import is_on
from workshop_tui.practice.cluster.errors import bad_request
from workshop_tui.practice.cluster.times import parse_time

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterator
    from pathlib import Path

    from starlette.datastructures import QueryParams
    from starlette.requests import Request

    from workshop_tui.practice.cluster.api.context import Api, Target
    from workshop_tui.practice.cluster.ports import Object

_CHUNK = 64 * 1024
_TEXT = "text/plain; charset=utf-8"


@dataclass(frozen=True, slots=True)
class LogOptions:
    """What of a log is asked for."""

    follow: bool
    previous: bool
    timestamps: bool
    tail: int | None
    since: datetime | None
    limit: int | None

    @classmethod
    def of(cls, parameters: QueryParams, now: datetime) -> LogOptions:
        """Read the query's parameters; ApiError BadRequest."""
        seconds = _number(parameters, "sinceSeconds")
        since = now - timedelta(seconds=seconds) if seconds is not None else None
        if text := parameters.get("sinceTime"):
            since = parse_time(text)
        return cls(
            follow=is_on(parameters, "follow"),
            previous=is_on(parameters, "previous"),
            timestamps=is_on(parameters, "timestamps"),
            tail=_number(parameters, "tailLines"),
            since=since,
            limit=_number(parameters, "limitBytes"),
        )


def _number(parameters: QueryParams, name: str) -> int | None:
    text = parameters.get(name)
    if not text:
        return None
    try:
        return int(text)
    except ValueError:
        raise bad_request(f'{name}: strconv.ParseInt: parsing "{text}": invalid syntax') from None


def read_log(api: Api, target: Target, request: Request) -> Response:
    """Answer a request for a log; ApiError when there is none yet."""
    pod = api.objects.get("pods", target.namespace, target.name)
    container = chosen_container(pod, request.query_params.get("container", ""))
    options = LogOptions.of(request.query_params, api.clock.now())
    path = api.runtime.log_path(target.namespace, target.name, container, previous=options.previous)
    if path is None:
        raise bad_request(_no_log(pod, container, previous=options.previous))
    text = b"".join(select_lines(path, options))
    if options.limit is not None:
        return Response(text[: options.limit], media_type=_TEXT)
    if not options.follow or options.previous:
        return Response(text, media_type=_TEXT)
    return StreamingResponse(_follow(api, target, container, path, options), media_type=_TEXT)


def chosen_container(pod: Object, name: str) -> str:
    """Return the name of the container that is meant; ApiError BadRequest."""
    spec = pod["spec"]
    names = [each["name"] for each in spec.get("containers", [])]
    initial = [each["name"] for each in spec.get("initContainers", [])]
    pod_name = pod["metadata"]["name"]
    if not name:
        if len(names) == 1:
            return str(names[0])
        listed = " ".join(names)
        message = f"a container name must be specified for pod {pod_name}, choose one of: [{listed}]"
        raise bad_request(
            message + (f" or one of the init containers: [{' '.join(initial)}]" if initial else "")
        )
    if name not in (*names, *initial):
        raise bad_request(f"container {name} is not valid for pod {pod_name}")
    return name


def _no_log(pod: Object, container: str, *, previous: bool) -> str:
    name = pod["metadata"]["name"]
    if previous:
        return f'previous terminated container "{container}" in pod "{name}" not found'
    statuses = pod.get("status", {})
    found = [*statuses.get("containerStatuses", []), *statuses.get("initContainerStatuses", [])]
    waiting: Object = next((each["state"]["waiting"] for each in found if _waits(each, container)), {})
    reason = waiting.get("reason", "ContainerCreating")
    if reason in ("ErrImagePull", "ImagePullBackOff"):
        return (
            f'container "{container}" in pod "{name}" is waiting to start: trying and failing to pull image'
        )
    return f'container "{container}" in pod "{name}" is waiting to start: {reason}'


def _waits(status: Object, container: str) -> bool:
    return status["name"] == container and "waiting" in status.get("state", {})


def select_lines(path: Path, options: LogOptions) -> Iterator[bytes]:
    """Yield the lines of a log file that are asked for."""
    lines = path.read_bytes().splitlines(keepends=True) if path.exists() else []
    shown: Iterator[_Line] = (
        line for line in map(_parse, lines) if options.since is None or line.time >= options.since
    )
    if options.tail is not None:
        shown = iter(deque(shown, maxlen=options.tail))
    for line in shown:
        yield line.text(timestamps=options.timestamps)


@dataclass(frozen=True, slots=True)
class _Line:
    """A line of a log in CRI form."""

    stamp: str
    whole: bool
    content: bytes

    @property
    def time(self) -> datetime:
        return parse_time(self.stamp)

    def text(self, *, timestamps: bool) -> bytes:
        stamp = f"{self.stamp} ".encode() if timestamps else b""
        return stamp + self.content + (b"\n" if self.whole else b"")


def _parse(raw: bytes) -> _Line:
    stamp, _, rest = raw.rstrip(b"\n").partition(b" ")
    _, _, rest = rest.partition(b" ")
    tag, _, content = rest.partition(b" ")
    return _Line(stamp.decode("ascii", "replace"), tag != b"P", content)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


async def _follow(
    api: Api, target: Target, container: str, path: Path, options: LogOptions
) -> AsyncIterator[bytes]:
    """Yield what there is and what comes, until the container ends."""
    size = _size(path)
    yield b"".join(select_lines(path, options))
    rest = b""
    while await api.runtime.log_grew(target.namespace, target.name, container, size):
        try:
            with path.open("rb") as file:
                file.seek(size)
                new = file.read(_CHUNK)
        except FileNotFoundError:  # the pod was deleted, and its log with it: that is the end
            return
        size += len(new)
        *lines, rest = (rest + new).split(b"\n")
        if lines:
            yield b"".join(_parse(line).text(timestamps=options.timestamps) for line in lines)
