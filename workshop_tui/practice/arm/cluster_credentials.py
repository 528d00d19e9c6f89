"""The credentials a cluster hands out: kubeconfigs, in base64."""

from __future__ import annotations

from base64 import b64encode
from typing import TYPE_CHECKING

from workshop_tui.practice.arm.answers import Answer
from workshop_tui.practice.arm.clusters import find

if TYPE_CHECKING:
    from workshop_tui.practice.arm.answers import Call
    from workshop_tui.practice.arm.context import Arm


async def list_user_credential(arm: Arm, call: Call) -> Answer:
    """POST …/listClusterUserCredential."""
    find(arm, call.path)
    return _answer("clusterUser", arm.cluster.user_kubeconfig())


async def list_admin_credential(arm: Arm, call: Call) -> Answer:
    """POST …/listClusterAdminCredential: local accounts are on, as a quickstart leaves them.

    The practice cluster's user is its administrator already; what differs is the name.
    """
    find(arm, call.path)
    return _answer("clusterAdmin", arm.cluster.user_kubeconfig().replace("clusterUser_", "clusterAdmin_"))


def _answer(name: str, kubeconfig: str) -> Answer:
    value = b64encode(kubeconfig.encode()).decode()
    return Answer(body={"kubeconfigs": [{"name": name, "value": value}]})
