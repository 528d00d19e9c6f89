"""The forms a reading can take, and the values every step may ask for."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar, Union

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

T = TypeVar("T")

_LONG = 16
"""Shorter texts are masked whole: two characters at each end would give too much away."""


@dataclass(frozen=True, slots=True)
class Absent:
    """We looked, and it is not there.

    Attributes:
        what: the thing, as one would name it: "the managed identity myIdentity".
        cause: code in the catalogue of causes.
        command: what makes it, with the learner's own values; may be empty.
        detail: what was seen instead, where that helps.

    """

    what: str
    cause: str
    command: str = ""
    detail: str = ""


@dataclass(frozen=True, slots=True)
class Unreadable:
    """We could not look.

    Attributes:
        what: the thing we wanted to read.
        reason: why not, cleaned and short.
        cause: one of the `reading.` codes of the catalogue.
        remedy: what to repair so that we can look; empty for the catalogue's.

    """

    what: str
    reason: str
    cause: str = "reading.unreachable"
    remedy: str = ""


Reading = Union[T, Absent, Unreadable]  # noqa: UP007 - a generic alias in 3.11 needs the old form
"""What a resolver returns for a fact of type T."""


@dataclass(frozen=True, slots=True)
class Sensitive:
    """Text that may be a secret. It never shows itself: not in repr, str, logs or comparisons printed."""

    _text: str = field(repr=False)

    def reveal(self) -> str:
        """Return the text itself, for judging; never for showing."""
        return self._text

    def masked(self) -> str:
        """Return a form that can be shown: at most the first and last two characters of a long text."""
        if not self._text:
            return "(empty)"
        return f"{self._text[:2]}…{self._text[-2:]}" if len(self._text) >= _LONG else "…"

    def __str__(self) -> str:
        return self.masked()


@dataclass(frozen=True, slots=True)
class Now:
    """The moment of this pass, aware, in UTC. Time is a fact, too."""

    moment: datetime


@dataclass(frozen=True, slots=True)
class Sightings:
    """When the journal first saw a thing: what Azure itself does not tell.

    Keys are chosen by the resolver that reports the thing (`FederatedCredential.sighting`).
    """

    first_seen: Mapping[str, datetime] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Names:
    """The names the workshop uses: the learner's settings, made whole by discovery.

    Steps build commands from these and look things up by them; a check never trusts a name alone.
    `account` and `model_deployment` and `cluster` are empty until they are chosen or found.
    """

    subscription_id: str
    resource_group: str = "myResourceGroup"
    cluster: str = ""
    account: str = ""
    model_deployment: str = ""
    identity: str = "myIdentity"
    credential: str = "myFederatedCredential"
    namespace: str = "default"
    service_account: str = "ai-service-account"
    deployment: str = "ai-service"
    shop_service: str = "store-admin"
    registry: str = "ttl.sh"
    image: str = ""
    """The learner's own image, `registry/uuid:lifetime`: the uuid is made once and kept."""
    source: str = ""
    """Absolute path of the learner's checkout."""
    local_port: int = 5001
    shop_url: str = ""
    """Where a browser finds the shop's admin site, where that is known."""
    context: str = ""
    """Name of the kubeconfig context, empty for the cluster's own name."""
    kubeconfig: str = ""
    """Absolute path of the kubeconfig the learner's kubectl uses."""
