"""What is on the learner's machine, and the evidence of what leaves no trace."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import datetime

    from workshop_tui.model.live import Answer


@dataclass(frozen=True, slots=True)
class Evidence:
    """Something that happened and leaves no trace in the world, as the journal keeps it.

    `fingerprint` is the source's at that time (`Checkout.fingerprint`); another source makes it void.
    """

    kind: str
    fingerprint: str
    at: datetime
    data: Mapping[str, str] = field(default_factory=dict)


class EvidenceBook(Protocol):
    """The journal's evidence, as resolvers and resets see it."""

    def latest(self, kind: str) -> Evidence | None:
        """Return the newest evidence of that kind (`local-run`, `image-push`) that is not forgotten."""

    def forget(self, kind: str) -> None:
        """Make all evidence of that kind void."""


@dataclass(frozen=True, slots=True)
class Checkout:
    """The learner's copy of the shop's source.

    Attributes:
        path: absolute path of its root.
        commit: HEAD of the git clone, or the starter's version for an unpacked starter.
        is_starter: whether it is our own starter instead of a clone.
        missing: files under `src/ai-service` that should be there and are not.
        fingerprint: SHA-256 over the files of `src/ai-service` that go into the image.
        own_commits: whether HEAD is the workshop's commit with commits on top that touch the service alone.

    """

    path: str
    commit: str
    is_starter: bool
    missing: tuple[str, ...]
    fingerprint: str
    own_commits: bool = False


@dataclass(frozen=True, slots=True)
class Requirements:
    """The distributions `requirements.txt` asks for: normalised name to version specifier."""

    entries: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class ProbedService:
    """A chat service the app registered while it was probed.

    Attributes:
        kind: `azure` or `openai`.
        sign_in: what it was given: `token` (the probe's own), `provider` (something that gives tokens),
            `key` (the probe's own key), `other` or `none`.
        as_token: whether it was told that it is a token (`ad_auth`, a token parameter or a provider).
        deployment: the deployment name it was given; `endpoint`: the endpoint.

    """

    kind: str
    sign_in: str
    as_token: bool
    deployment: str = ""
    endpoint: str = ""


@dataclass(frozen=True, slots=True)
class SourceScenario:
    """What the description generator did when imported under one set of environment variables.

    Attributes:
        name: `token-without-key`, `token-with-key`, `key`, `key-ad-false`, `nothing`, `ad-false-no-key`,
            `ad-empty-no-key`, `direct`, `direct-no-org`, `direct-no-key`.
        error: the exception's text, or empty when the import went through.
        services: the chat services it registered.
        credentials: names of the azure.identity classes that it made.
        scopes: the token scopes it asked for.

    """

    name: str
    error: str
    services: tuple[ProbedService, ...] = ()
    credentials: tuple[str, ...] = ()
    scopes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class SourceBehaviour:
    """`routers/description_generator.py`, probed: run with recorders in place of its libraries.

    `compile_error` is the syntax error's text with its line, or empty; then `scenarios` is empty.
    `path` is the file, for the learner's eyes.
    """

    path: str
    compile_error: str
    scenarios: Mapping[str, SourceScenario] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class LocalRun:
    """The app on this machine, seen running now or vouched for by the journal.

    Attributes:
        live: whether it runs now; else this is evidence of an earlier run of the very same source.
        at: when it was seen.
        healthy: whether `/health` said ok.
        description: the text that a live request gave, or empty; `problem` says why it is empty.
        key_in_environment: whether its process had a key; None where that cannot be read.
        account_saw: `token`, `key`, or empty where the account keeps no log that can be asked.

    """

    live: bool
    at: datetime
    healthy: bool
    description: str
    problem: str
    key_in_environment: bool | None
    account_saw: str
    fingerprint: str


@dataclass(frozen=True, slots=True)
class ImageManifest:
    """An image in its registry, right now.

    `digest` is of the manifest (for an index: of the index); `platforms` are `os/architecture`.
    `expires` is None where the registry keeps it.
    """

    reference: str
    digest: str
    platforms: tuple[str, ...]
    expires: datetime | None = None


@dataclass(frozen=True, slots=True)
class RunningImage:
    """The app's image as a ready pod runs it: what it tells of itself, and how it answers.

    Attributes:
        reference: the pod's own word for it, by its digest.
        keys: names of the variables in its configuration that hold a key: no Deployment shows them.
        made_of_source: whether its code is the source's; None where that was not asked or cannot be told.
            Asked of images alone that were not pushed by the workshop's name.
        health: what `GET /health` says of it, under the same condition.

    """

    reference: str
    keys: tuple[str, ...] = ()
    made_of_source: bool | None = None
    health: Answer | None = None


@dataclass(frozen=True, slots=True)
class PushedImage:
    """The learner's own image: the reference they pushed, and what the registry says of it now.

    Attributes:
        reference: `registry/repository:tag`.
        manifest: None where the registry has it no more.
        evidence: the push as the journal has it, with the source's fingerprint; None where pushed by hand.
        made_of_source: whether the code in an image pushed by hand is the source's as it is now; None where
            that was not looked at, or cannot be told.

    """

    reference: str
    manifest: ImageManifest | None
    evidence: Evidence | None
    made_of_source: bool | None = None
