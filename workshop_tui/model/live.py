"""Answers to requests sent right now."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workshop_tui.model.cluster import ShopFront


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer, cleaned and cut.

    Attributes:
        status: HTTP status.
        code: the service's own error code (`PermissionDenied`, `AADSTS700213` …), or empty.
        text: the description on success, else the service's message.
        ask: what was asked, as a person would say it: method and address.

    """

    status: int
    code: str
    text: str
    ask: str

    @property
    def good(self) -> bool:
        """Whether it is a success with something in it."""
        return self.status == 200 and bool(self.text.strip())  # noqa: PLR2004 - HTTP OK


@dataclass(frozen=True, slots=True)
class LearnerAnswer:
    """The account's answer to the signed-in principal's own token (one token of output is asked for)."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class KeyAnswer:
    """The account's answer to a made-up key: tells whether keys are looked at, without having one."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class ClusterDescription:
    """The app's answer to `POST /generate/description` through the API server's service proxy."""

    answer: Answer


@dataclass(frozen=True, slots=True)
class AppLog:
    """What the app's ready pods logged while they were asked in vain, cleaned; else empty."""

    text: str


@dataclass(frozen=True, slots=True)
class ShopDescription:
    """The same through the store-admin site.

    Attributes:
        answer: what came back.
        address: what a person would open.
        front: the site in the cluster, where it gave no description and could be read.

    """

    answer: Answer
    address: str
    front: ShopFront | None = None


@dataclass(frozen=True, slots=True)
class IdentityAnswer:
    """Whether the running app reached the account: its last description, with who signed in where known.

    `object_id` is the principal the account's log names for it; empty where there is no such log.
    """

    answer: Answer
    authentication: str = ""
    object_id: str = ""
