"""`attach`: what a container prints from now on. Containers here have no standard input to attach to."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.streams.exec import SUCCESS

if TYPE_CHECKING:
    from workshop_tui.practice.cluster.ports import PodRuntime
    from workshop_tui.practice.cluster.streams.exec import CommandStreams


async def attach(
    streams: CommandStreams, runtime: PodRuntime, namespace: str, pod: str, container: str
) -> None:
    """Send what is added to the container's log until the container ends."""
    await streams.begin()
    path = runtime.log_path(namespace, pod, container)
    if path is not None:
        size, rest = path.stat().st_size, b""
        while await runtime.log_grew(namespace, pod, container, size):
            with path.open("rb") as file:
                file.seek(size)
                new = file.read()
            size += len(new)
            *lines, rest = (rest + new).split(b"\n")
            for line in lines:
                _, stream, tag, text = (line.split(b" ", 3) + [b""] * 3)[:4]
                output = text if tag == b"P" else text + b"\n"
                await streams.write("stderr" if stream == b"stderr" else "stdout", output)
    await streams.finish(SUCCESS)
