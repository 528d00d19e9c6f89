"""Getting a container's image: from the node's own, or from the registry, however often that takes."""

from __future__ import annotations

import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.practice.cluster.kubelet.backoff import SEEN_SECONDS, SYNC_SECONDS, Backoff
from workshop_tui.practice.cluster.kubelet.built_in import built_in_image, built_in_image_id
from workshop_tui.practice.cluster.kubelet.images import is_embedded
from workshop_tui.practice.cluster.kubelet.pull_errors import (
    ErrorReason,
    PullError,
    checked_reference,
    never_pulled,
)
from workshop_tui.practice.cluster.kubelet.simulations import SimulatedRuntime
from workshop_tui.practice.cluster.kubelet.statuses import waiting

if TYPE_CHECKING:
    from collections.abc import Callable

    from workshop_tui.practice.cluster.kubelet.context import Node
    from workshop_tui.practice.cluster.kubelet.images import Image
    from workshop_tui.practice.cluster.kubelet.runtimes import Runtime
    from workshop_tui.practice.cluster.kubelet.statuses import ContainerState
    from workshop_tui.practice.cluster.ports import Object


@dataclass(frozen=True, slots=True)
class Puller:
    """Gets the image of one container, with the events and states the kubelet tells of it."""

    node: Node
    pod: Object
    spec: Object
    state: ContainerState
    publish: Callable[[], None]

    async def get(self) -> tuple[Runtime, Image | None]:
        """Return what runs the image, and the image unless it is built in; tries until it can be had."""
        backoff = Backoff()
        while True:
            try:
                return await self._find()
            except PullError as error:
                await self._wait_after(error, backoff)

    async def _wait_after(self, error: PullError, backoff: Backoff) -> None:
        """Tell what is wrong, and wait as long as the kubelet does before it looks again."""
        text, image, clock = str(error), self.spec["image"], self.node.practice.clock
        if error.reason == ErrorReason.PULL:
            self._warn("Failed", f'Failed to pull image "{image}": {text}')
        elif error.reason == ErrorReason.INVALID_NAME:
            self._warn("InspectFailed", text)
        else:
            self._warn(error.reason, text)
        self._warn("Failed", f"Error: {error.reason}")
        self.state.state = waiting(error.reason, text)
        self.publish()
        if error.reason != ErrorReason.PULL:
            await clock.sleep(SYNC_SECONDS)
            return
        message = f'Back-off pulling image "{image}"'
        self._say("BackOff", message)
        self._warn("Failed", "Error: ImagePullBackOff")
        await clock.sleep(SEEN_SECONDS)
        self.state.state = waiting("ImagePullBackOff", f"{message}: ErrImagePull: {text}")
        self.publish()
        await clock.sleep(backoff.take())

    async def _find(self) -> tuple[Runtime, Image | None]:
        text = str(self.spec["image"])
        reference = checked_reference(text)
        program = built_in_image(self.pod, reference)
        if program is not None:
            self._say("Pulled", f'Container image "{text}" already present on machine')
            self.state.image_id = built_in_image_id(reference)
            return SimulatedRuntime(self.node.practice, program), None
        policy = self.spec.get("imagePullPolicy") or ("Always" if reference.always_pulled else "IfNotPresent")
        image = None if policy == "Always" else self.node.images.present(reference)
        if image is not None:
            self._say("Pulled", f'Container image "{text}" already present on machine')
        elif policy == "Never":
            raise never_pulled(text)
        else:
            self._say("Pulling", f'Pulling image "{text}"')
            began = time.monotonic()
            image = await self.node.images.pull(reference)
            took = f"{time.monotonic() - began:.3g}s"
            self._say(
                "Pulled",
                f'Successfully pulled image "{text}" in {took} ({took} including waiting).'
                f" Image size: {image.size} bytes.",
            )
        self.state.image_id = image.image_id
        return (self.node.processes if is_embedded(image.config) else self.node.docker), image

    def _say(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Normal", reason, message, self.state.name)

    def _warn(self, reason: str, message: str) -> None:
        self.node.tell(self.pod, "Warning", reason, message, self.state.name)
