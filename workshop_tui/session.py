"""Joining the rooms: settings, target, cloud, journal and guide, for commands and screens alike.

All that is heavy is imported when a session is opened, so that `--help` and first paint need not wait.
"""

from __future__ import annotations

from contextlib import asynccontextmanager, closing
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from workshop_tui.settings import SettingsError, load_settings
from workshop_tui.target import TargetError, load_target
from workshop_tui.workshop import WorkshopError, find_bundled, load_workshop, validate_needs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Mapping
    from pathlib import Path

    from workshop_tui.cloud import Cloud
    from workshop_tui.guide import Guide
    from workshop_tui.journal import Journal
    from workshop_tui.model import Names
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target
    from workshop_tui.workshop import Workshop

USAGE_ERRORS = (SettingsError, TargetError, WorkshopError)
"""What a person can put right by saying something else: a sentence and exit code 2."""


@dataclass(frozen=True, slots=True)
class Options:
    """What was said on the command line, as far as anything was.

    Attributes:
        target: `azure` or `practice`, or None where the environment or the saved choice decides.
        workshop: another workshop's folder, or None for the bundled one.
        step: the step to open first (the TUI), or empty.
        names: settings by their name in `model.Names`.
        context: the kubeconfig context to use, or empty; `kubeconfig` likewise a file.
        environment: instead of this process's environment variables, for settings alone.

    """

    target: str | None = None
    workshop: Path | None = None
    step: str = ""
    names: Mapping[str, str] = field(default_factory=dict)
    context: str = ""
    kubeconfig: str = ""
    environment: Mapping[str, str] | None = None

    def settings(self) -> Settings:
        """Gather the settings.

        Raises:
            SettingsError: a value cannot be used.

        """
        return load_settings(
            self.environment,
            target=self.target,
            flags=self.names,
            context=self.context,
            kubeconfig=self.kubeconfig,
        )

    def load_workshop(self) -> Workshop:
        """Load the workshop that was named, else the bundled one.

        Raises:
            WorkshopError: it is not as it must be.

        """
        return load_workshop(self.workshop or find_bundled())


@dataclass(frozen=True, slots=True)
class Session:
    """One workshop on one target, ready to be guided through."""

    settings: Settings
    target: Target
    workshop: Workshop
    journal: Journal
    guide: Guide
    cloud: Cloud

    @property
    def names(self) -> Names:
        """The names of the learner's world, as settings and target give them."""
        return self.target.names

    @property
    def requests(self) -> int:
        """How many requests the cloud's clients have sent so far."""
        return self.cloud.requests


@asynccontextmanager
async def open_session(options: Options, *, read_only: bool = False) -> AsyncIterator[Session]:
    """Open a session; with `read_only` its clients refuse to change anything.

    Raises:
        SettingsError, TargetError, WorkshopError: what was asked for cannot be used (`USAGE_ERRORS`).

    """
    settings = options.settings()
    workshop = options.load_workshop()
    target = load_target(settings)

    from workshop_tui.cloud import open_cloud  # noqa: PLC0415 - the SDKs load with it
    from workshop_tui.facts.engine import RESOLVERS  # noqa: PLC0415
    from workshop_tui.guide import PASS_SERVICES, Guide  # noqa: PLC0415
    from workshop_tui.journal import Journal  # noqa: PLC0415
    from workshop_tui.model import EvidenceBook, Names  # noqa: PLC0415

    journal = Journal(settings.home, f"{workshop.id}/{target.id}")
    with closing(journal):
        async with open_cloud(target, target.names, read_only=read_only, home=settings.home) as cloud:

            def services() -> Mapping[type, object]:
                return {**cloud.services(), Names: target.names, EvidenceBook: journal}

            known = {*RESOLVERS, *services(), *PASS_SERVICES}
            validate_needs(workshop, known.__contains__)
            guide = Guide(workshop, services, journal)
            yield Session(settings, target, workshop, journal, guide, cloud)
