"""Joining the rooms: settings, target, cloud, journal and guide, for commands and screens alike.

All that is heavy is imported when a session is opened, so that `--help` and first paint need not wait.
"""

from __future__ import annotations

import time
from contextlib import aclosing, asynccontextmanager, closing
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, Protocol

from workshop_tui.choosing import TITLES
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.findings import Scope
from workshop_tui.own_tools import path_with_own_tools
from workshop_tui.target import azure_unnamed, learner_environment, load_target
from workshop_tui.workshop import find_bundled, load_workshop, validate_needs

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Collection, Iterable, Mapping, Sequence
    from pathlib import Path

    from workshop_tui.choosing import Reader
    from workshop_tui.events import Event
    from workshop_tui.findings import Finding
    from workshop_tui.guide import Guide
    from workshop_tui.journal import Journal
    from workshop_tui.model import Names
    from workshop_tui.report import Report
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target
    from workshop_tui.workshop import Step, Workshop

SELF_CHECK_SCOPES = (Scope.AZURE, Scope.CLUSTER, Scope.LIVE)
"""Where a self-check looks: what is on one person's machine says nothing about the cluster."""


class Cloud(Protocol):
    """The clients of one target, as `cloud.open_cloud` gives them."""

    @property
    def requests(self) -> int:
        """How many requests have been sent so far."""

    def services(self) -> Mapping[type, object]:
        """Return the clients by the types that resolvers and actions ask for."""


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
async def open_session(
    settings: Settings, *, workshop: Path | None = None, steps: Iterable[str] = (), read_only: bool = False
) -> AsyncIterator[Session]:
    """Open a session on the bundled workshop or on the folder's; `read_only` clients refuse to change things.

    `steps` are ids that the workshop must have: a mistyped one is told before anything outside is asked.

    Raises:
        TargetError: no target is chosen, or it does not answer.
        UnknownStepError: the workshop has no such step.
        WorkshopError: the workshop's folder is not as it must be.

    """
    loaded = load_workshop(workshop or find_bundled())
    for step in steps:
        loaded.step(step)
    # It may have to ask az, which takes its time, or a practice cloud that no longer answers.
    target = await in_daemon_thread(partial(load_target, settings))
    await in_daemon_thread(_load_rooms)

    from workshop_tui.cloud import open_cloud  # noqa: PLC0415 - the SDKs load with it
    from workshop_tui.facts.catalogue import RESOLVERS  # noqa: PLC0415 - likewise
    from workshop_tui.guide import PASS_SERVICES, Guide  # noqa: PLC0415 - likewise
    from workshop_tui.journal import Journal  # noqa: PLC0415 - likewise
    from workshop_tui.model import EvidenceBook, Names  # noqa: PLC0415 - likewise

    with closing(Journal(settings.home, f"{loaded.id}/{target.id}")) as journal:
        async with open_cloud(target, settings, evidence=journal, read_only=read_only) as cloud:

            def services() -> Mapping[type, object]:
                return {**cloud.services(), Names: target.names, EvidenceBook: journal}

            known = {*RESOLVERS, *services(), *PASS_SERVICES}
            validate_needs(loaded, known.__contains__)
            guide = Guide(loaded, services, journal, remedies=target.remedies)
            yield Session(settings, target, loaded, journal, guide, cloud)


def _load_rooms() -> None:
    """Import what a session is made of: half a second in which no key would be answered, but in a thread."""
    for name in ("cloud", "facts.catalogue", "guide", "journal", "model"):
        import_module(f"workshop_tui.{name}")
    import_module("anyio._backends._asyncio")  # which the HTTP client loads at its first request


@asynccontextmanager
async def open_inventory(settings: Settings) -> AsyncIterator[Reader]:
    """Open what reads which names there are to choose from on Azure; nothing is sent before it is asked."""
    from workshop_tui import cloud  # noqa: PLC0415 - the SDKs load with it

    async with cloud.open_inventory(azure_unnamed(settings)) as reader:
        yield reader


async def take_report(
    session: Session,
    steps: Sequence[Step],
    *,
    scopes: Collection[Scope] | None = None,
    told: Callable[[Event], None] | None = None,
) -> Report:
    """Judge the steps in one pass and return the findings in their order; `told` hears each event."""
    from workshop_tui.events import Found  # noqa: PLC0415 - keeps --help quick
    from workshop_tui.report import Report, StepReport  # noqa: PLC0415 - likewise

    started, clock, sent = datetime.now(UTC), time.monotonic(), session.requests
    findings: dict[tuple[str, str], Finding] = {}
    async with aclosing(session.guide.check(steps, scopes=scopes)) as events:
        async for event in events:
            if isinstance(event, Found):
                findings[event.step, event.check.id] = event.finding
            if told is not None:
                told(event)
    names = session.names
    return Report(
        workshop=session.workshop.id,
        target={
            "kind": session.target.kind,
            "subscription": names.subscription_id,
            "resource_group": names.resource_group,
            "cluster": session.guide.cluster or names.cluster,
        },
        started=started,
        seconds=time.monotonic() - clock,
        requests=session.requests - sent,
        steps=tuple(
            StepReport(
                step,
                tuple(
                    (check, findings[step.id, check.id])
                    for check in step.checks
                    if (step.id, check.id) in findings
                ),
            )
            for step in steps
        ),
    )


def shell_environment(session: Session, values: Mapping[str, str]) -> dict[str, str]:
    """Return what the learner's shell gets: the workshop's values, and what points tools at the target."""
    return {
        **learner_environment(session.settings, session.target),
        **values,
        "WORKSHOP_TUI_HOME": str(session.settings.home),
        "WORKSHOP_TUI_TARGET": session.target.kind,
        "PATH": path_with_own_tools(session.settings.home),
    }


def settings_in_use(session: Session) -> Settings:
    """Return the session's settings with the names it really works under: those that were found, too."""
    names = {name: str(getattr(session.names, name)) for name in TITLES}
    found = {name: value for name, value in names.items() if value}
    return replace(session.settings, names={**session.settings.names, **found})
