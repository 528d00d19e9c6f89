"""What the doctor looks at, in the order in which it is told. Loads nothing heavy."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from workshop_tui.doctor.diagnosis import Diagnosis, Need

if TYPE_CHECKING:
    from workshop_tui.doctor.diagnosis import Judgement, Mode

_BOTH = (Need.PRACTICE, Need.AZURE)
_BY_HAND = (Need.BY_HAND,)


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing to look at; `modes` are those in which it means something.

    `signed_in` says that nothing can be seen of it before somebody is signed in to Azure.
    """

    id: str
    title: str
    needed_for: tuple[Need, ...]
    modes: tuple[Mode, ...] = ("practice", "azure")
    signed_in: bool = False

    def diagnosis(self, judgement: Judgement) -> Diagnosis:
        """Return what was judged as a line of the doctor's."""
        needed = self.needed_for if judgement.needed_for is None else judgement.needed_for
        return Diagnosis(
            self.id,
            self.title,
            needed,
            judgement.state,
            judgement.observed,
            judgement.remedy,
            judgement.command,
        )


def _azure(name: str, title: str) -> Entry:
    return Entry(name, title, (Need.AZURE,), ("azure",))


def _signed_in(name: str, title: str, needed_for: tuple[Need, ...] = (Need.AZURE,)) -> Entry:
    return Entry(name, title, needed_for, ("azure",), signed_in=True)


ENTRIES = (
    Entry("python", "Python and platform", _BOTH),
    Entry("state-folder", "Folder for progress and settings", _BOTH),
    Entry("disk", "Free disk", _BOTH),
    Entry("loopback-ports", "Ports on this machine", _BOTH),
    Entry("uv", "uv", _BOTH),
    Entry("app-python", "Python 3.11 for the app", _BOTH),
    Entry("practice-cloud", "Practice cloud", (Need.PRACTICE,), ("practice",)),
    _azure("network-sign-in", "Network: Entra ID"),
    _azure("network-arm", "Network: Azure Resource Manager"),
    _azure("network-registry", "Network: the image registry"),
    _azure("clock", "Clock"),
    Entry("az", "Azure CLI (az)", (Need.AZURE, Need.BY_HAND)),
    _azure("sign-in", "Sign-in to Azure"),
    _signed_in("subscription", "Subscription"),
    _signed_in("arm-token", "Token for Azure Resource Manager"),
    _signed_in("model-token", "Token for Azure OpenAI"),
    _signed_in("resource-group", "Resource group"),
    _signed_in("account", "Azure OpenAI account"),
    _signed_in("model-deployment", "Chat model's deployment"),
    _signed_in("cluster", "AKS cluster"),
    _signed_in("role-right", "Right to assign roles on the account"),
    _signed_in("identity-right", "Right to make managed identities"),
    _signed_in("cluster-right", "Right to change the cluster"),
    _signed_in("cluster-credential", "Right to the cluster's credentials"),
    _signed_in("cluster-access", "Access to the cluster"),
    Entry("docker-daemon", "Docker, to build the image", (Need.AZURE, Need.BY_HAND)),
    Entry("kubectl", "kubectl", _BY_HAND),
    _signed_in("kubeconfig", "kubectl's way to the cluster", _BY_HAND),
    Entry("docker", "docker", _BY_HAND),
    Entry("git", "git", _BY_HAND),
    Entry("terminal", "Terminal", ()),
    Entry("clipboard", "Clipboard", ()),
    Entry("codespaces", "Codespaces", ()),
)

PLACES = {entry.id: place for place, entry in enumerate(ENTRIES)}
"""The order of the lines, by id."""


def entries(mode: Mode | None) -> tuple[Entry, ...]:
    """Return what is looked at in a mode; for None, in either."""
    return tuple(entry for entry in ENTRIES if mode is None or mode in entry.modes)
