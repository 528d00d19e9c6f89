"""Whether a ready pod runs the learner's image already."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import app_container, from_elsewhere

if TYPE_CHECKING:
    from workshop_tui.authoring import Names, Pods, PushedImage


def running_image(image: PushedImage | None, pods: Pods, names: Names) -> str:
    """Return the image that a ready pod runs and that is the learner's, or an empty text.

    With a known digest it must be that one. Without (a learner who comes back in a new Codespace), any image
    from the workshop's registry is theirs. One from a registry of their own choice is theirs in any case.
    """
    digests = set()
    if image is not None:
        digests = {image.manifest.digest} if image.manifest else set()
        if image.evidence is not None and image.evidence.data.get("digest"):
            digests.add(image.evidence.data["digest"])
    for pod in pods.running:
        container = app_container(pod.spec, names.deployment)
        for status in pod.statuses if pod.ready else ():
            is_app = container is not None and status.name == container.name
            chosen = is_app and from_elsewhere(status.image_id, names)
            ours = (
                status.image_id.rpartition("@")[2] in digests
                if digests
                else is_app and _from(names.registry, status.image_id)
            )
            if ours or chosen:
                return status.image_id
    return ""


def asking_pod(image: PushedImage, pods: Pods, names: Names) -> str:
    """Return a pod of the newest kind that asks for the image and is not ready yet, or an empty text."""
    for pod in pods.running:
        container = app_container(pod.spec, names.deployment)
        asked = container.image if container is not None and pod.current and not pod.ready else ""
        digest = asked.partition("@")[2]
        known = image.manifest is not None and digest == image.manifest.digest
        if asked and (known or asked == image.reference):
            return pod.name
    return ""


def _from(registry: str, image_id: str) -> bool:
    return image_id.removeprefix("docker-pullable://").startswith(f"{registry}/")
