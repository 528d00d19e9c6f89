"""A person's hands in a practice world: its public APIs, signed in as the learner, and the checkout's files.

Everything here speaks HTTP by itself: what is broken must not be broken by the code that judges it.
Each way to break something is a context manager that puts it back when left.
"""

from __future__ import annotations

import base64
from contextlib import contextmanager
from typing import TYPE_CHECKING

from hands_azure import AzureHands
from hands_cluster import ClusterHands
from hands_machine import MachineHands

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    import httpx

    from workshop_tui.practice import client


class Hands(AzureHands, ClusterHands, MachineHands):
    """What a learner, or whoever else is let in, can do to the world."""

    def __init__(
        self, cloud: client.Endpoints, home: Path, http: httpx.Client, environment: Mapping[str, str]
    ) -> None:
        AzureHands.__init__(self, cloud, http)
        kubeconfig = home / "kubeconfig-of-the-hands"
        answer = self.arm("POST", f"{self.cluster}/listClusterUserCredential")
        kubeconfig.write_bytes(base64.b64decode(answer["kubeconfigs"][0]["value"]))
        ClusterHands.__init__(self, kubeconfig, {})
        MachineHands.__init__(self, home, environment, cloud["registry"], cloud.document)
        self.keep_original()

    @contextmanager
    def nothing(self) -> Iterator[None]:
        """Leave the world as it is: the settings are wrong, or enough."""
        yield
