"""The log of the app's newest pod, for people to read."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from workshop_tui.authoring import Absent, ClusterChanges, Names, Pods, Unreadable

if TYPE_CHECKING:
    from workshop_tui.facts.engine import Facts


async def read_app_log(facts: Facts) -> tuple[str, str]:
    """Return a title and the end of the log, cleaned; or why there is none."""
    if not facts.knows(Pods) or not facts.knows(ClusterChanges):
        return "The app's log", "This workshop has no app in a cluster."
    names, pods = await facts.read(Names), await facts.read(Pods)
    match pods:
        case Unreadable():
            return "The app's log", f"{pods.what} could not be read: {pods.reason}"
        case Absent() | Pods(items=()):
            return "The app's log", "The app has no pod."
        case _:
            pass
    assert isinstance(names, Names)  # noqa: S101 - a service, which is never absent
    pod = next(iter(pods.running), pods.items[0])
    container = next(
        (item.name for item in pod.spec.containers if item.name == names.deployment),
        pod.spec.containers[0].name,
    )
    cluster = cast("ClusterChanges", await facts.read(ClusterChanges))
    text = await cluster.log(names.namespace, pod.name, container)
    return f"Log of {pod.name}, container {container}", text
