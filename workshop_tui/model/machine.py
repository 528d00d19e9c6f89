"""What is on this machine, and what it can reach: readings for the doctor to judge."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping


class Platform(StrEnum):
    """Kinds of machines that need other commands to install the same thing."""

    DEBIAN = "debian"
    """Debian, Ubuntu and what is made from them."""
    CODESPACES = "codespaces"
    WSL = "wsl"
    """Linux inside Windows."""
    MACOS = "macos"
    LINUX = "linux"
    """Any other Linux."""
    OTHER = "other"


@dataclass(frozen=True, slots=True)
class Machine:
    """The machine we are on: `system` is its name for people, `architecture` the kernel's word."""

    platform: Platform
    system: str
    architecture: str
    python: tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Program:
    """A program on PATH. `path` is empty where there is none; `problem` is why it told no version."""

    name: str
    path: str = ""
    version: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class StateFolder:
    """Where all state of ours lives. `problem` is why it cannot be written, or empty."""

    path: str
    free_bytes: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class LoopbackPorts:
    """Whether servers of ours can listen on 127.0.0.1; `problem` is why not, or empty."""

    port: int
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Terminal:
    """The terminal that our output goes to, where it goes to one.

    Attributes:
        kind: `TERM`; `program` is `TERM_PROGRAM`, which says more where it is set.
        multiplexer: `tmux`, `screen`, or empty.

    """

    interactive: bool
    columns: int
    lines: int
    encoding: str
    kind: str
    program: str
    colours: str
    """`true colour`, `256`, `16`, `none (NO_COLOR)` or `none`."""
    multiplexer: str = ""
    remote: bool = False
    """Whether it is the far end of ssh or of a browser."""


@dataclass(frozen=True, slots=True)
class Codespace:
    """GitHub's machine, where we are in one. `address` is the pattern of a forwarded port's URL."""

    name: str
    address: str


@dataclass(frozen=True, slots=True)
class DockerDaemon:
    """The daemon that the learner's docker uses: `problem` is empty where it answers.

    `trouble` says of what kind the problem is: `absent` (no socket), `permission`, `stopped` or `silent`.
    """

    trouble: str = ""
    problem: str = ""
    version: str = ""
    architecture: str = ""
    buildx: str = ""
    """The version of its buildx plugin, or empty."""


@dataclass(frozen=True, slots=True)
class AppPython:
    """Python 3.11 for the app: `path` where it is here, else where uv would load it from.

    `download` is empty where uv knows of none for this machine; `problem` is why it cannot be loaded.
    """

    path: str = ""
    download: str = ""
    problem: str = ""


@dataclass(frozen=True, slots=True)
class Reach:
    """Whether a service answers. `status` is 0 where it did not, and `problem` says why.

    `ahead_seconds` is how far this machine's clock is ahead of the service's, None where that is not known.
    """

    url: str
    status: int = 0
    problem: str = ""
    ahead_seconds: float | None = None


@dataclass(frozen=True, slots=True)
class PracticeCloud:
    """The practice cloud of this home.

    `state` is `running`, `silent` (its process seems to be there, and does not answer), `ended` (its world is
    kept) or `none`.
    """

    state: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class AzSignIn:
    """Whom az says it is signed in as; `kind` is its own word: `user` or `servicePrincipal`."""

    subscription_id: str
    subscription: str
    tenant_id: str
    name: str
    kind: str
    cloud: str = "AzureCloud"
    """The name of the cloud that az is set up for."""


@dataclass(frozen=True, slots=True)
class Subscriptions:
    """The subscriptions that the signed-in principal sees: names by id."""

    names: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ClusterRights:
    """What the API server says we may do, by `verb resource`."""

    namespace: str
    allowed: Mapping[str, bool]
