"""What puts a drill's faults into the world: an injector a kind of change, over the clients that actions use.

They exist for a practice cloud only: `open_injectors` refuses every target that is not one, and every address
that is not this machine's.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

from workshop_tui.cloud.arm import Arm
from workshop_tui.cloud.cluster_connector import ClusterConnector
from workshop_tui.cloud.directory import Directory
from workshop_tui.cloud.registry import Registry
from workshop_tui.cloud.web import is_loopback
from workshop_tui.drills.azure_injectors import ArmInjector, GroupInjector, RoleInjector
from workshop_tui.drills.cluster_injectors import ClusterInjector
from workshop_tui.drills.drill import DrillError
from workshop_tui.drills.machine_injectors import FileInjector, ImageInjector

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.drills.store import Kept
    from workshop_tui.target import Target

Arguments = dict[str, Any]


class Injector(Protocol):
    """What makes one kind of change, and puts back what it touched."""

    async def keep(self, do: str, arguments: Arguments) -> list[Kept]:
        """Return what a change will touch, as it is now; may add to the arguments what it must decide."""

    async def make(self, do: str, arguments: Arguments) -> object:
        """Make the change; return what was answered.

        Raises:
            DrillError: it cannot be made in this world.

        """

    async def put_back(self, kept: Kept) -> None:
        """Have the thing as it was; nothing to do where it is so already."""


def open_injectors(target: Target, clients: Mapping[type, Any], *, home: Path) -> dict[str, Injector]:
    """Return the injectors by kind of change.

    Raises:
        DrillError: the target is no practice cloud on this machine.

    """
    image = f"http://{target.names.image}"
    addresses = (target.arm, target.authority, target.graph, image)
    if target.kind != "practice" or not all(is_loopback(address) for address in addresses):
        raise DrillError(
            "Drills break things, so they are for the practice cloud on this machine only:"
            " start one with `workshop-tui practice start`, and say --practice."
        )
    arm: Arm = clients[Arm]
    connector: ClusterConnector = clients[ClusterConnector]
    return {
        "arm": ArmInjector(arm),
        "role": RoleInjector(arm),
        "group": GroupInjector(clients[Directory]),
        "kubernetes": ClusterInjector(connector),
        "file": FileInjector((Path(target.names.source), home)),
        "image": ImageInjector(clients[Registry], target.names.image),
    }
