"""What the kubelet's parts share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.practice.cluster.kubelet.docker_containers import DockerRuntime
    from workshop_tui.practice.cluster.kubelet.images import ImageCache
    from workshop_tui.practice.cluster.kubelet.processes import ProcessRuntime
    from workshop_tui.practice.cluster.ports import EventRecorder, Object, ObjectStore, TokenIssuer
    from workshop_tui.practice.context import Practice


@dataclass(frozen=True, slots=True)
class Node:
    """The one node: its services to pods and containers."""

    name: str
    practice: Practice
    objects: ObjectStore
    events: EventRecorder
    tokens: TokenIssuer
    images: ImageCache
    processes: ProcessRuntime
    docker: DockerRuntime

    def folder(self, uid: str) -> Path:
        """Return the folder of a pod."""
        return self.practice.options.folder / "pods" / uid

    def tell(
        self,
        pod: Object,
        type_: Literal["Normal", "Warning"],
        reason: str,
        message: str,
        container: str = "",
    ) -> None:
        """Record an event about a pod or one of its containers."""
        names = {each["name"] for each in pod["spec"].get("initContainers") or []}
        field = "initContainers" if container in names else "containers"
        field_path = f"spec.{field}{{{container}}}" if container else ""
        self.events.record(
            pod,
            type_=type_,
            reason=reason,
            message=message,
            component="kubelet",
            field_path=field_path,
            host=self.name,
        )

    def environment(self) -> dict[str, str]:
        """Return what the node gives every container: where the API server is, and whom to trust.

        On a real node the trust is in the image's or the machine's certificate store; the practice
        authority is in neither, so the usual variables name it.
        """
        api = urlsplit(self.practice.addresses.kubernetes)
        authority = str(self.practice.ca_file)
        return {
            "KUBERNETES_SERVICE_HOST": api.hostname or "",
            "KUBERNETES_SERVICE_PORT": str(api.port or 443),
            "KUBERNETES_SERVICE_PORT_HTTPS": str(api.port or 443),
            "SSL_CERT_FILE": authority,
            "REQUESTS_CA_BUNDLE": authority,
        }
