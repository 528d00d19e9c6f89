"""What the probes of one examination share: each thing is read at most once, and only if somebody asks."""

from __future__ import annotations

import asyncio
import os
import shutil
from contextlib import AsyncExitStack
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING, TypeVar, cast

from workshop_tui.cloud.machine.programs import read_az_sign_in, read_program
from workshop_tui.cloud.machine.reach import read_reach
from workshop_tui.cloud.machine.surroundings import read_machine, read_state_folder
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.doctor import azure
from workshop_tui.doctor.diagnosis import Judgement, lacking
from workshop_tui.model import Names, SignedIn
from workshop_tui.model.machine import AzSignIn
from workshop_tui.target import TargetError, load_target, tls_settings

if TYPE_CHECKING:
    import ssl
    from collections.abc import Awaitable, Callable, Mapping
    from pathlib import Path

    from workshop_tui.facts.engine import Facts
    from workshop_tui.model import Evidence
    from workshop_tui.model.machine import Machine, Program, Reach, StateFolder
    from workshop_tui.settings import Settings
    from workshop_tui.target import Target

T = TypeVar("T")

_CLOUD = "AzureCloud"
"""The one cloud of Azure's that the target's addresses are for."""
_UNUSED_IMAGE = "ttl.sh/not-asked-for:1h"
"""So that no image's name is made up, and saved, just because somebody asks the doctor."""


class NotLookedError(Exception):
    """A probe cannot look, for a reason that is a judgement itself."""

    def __init__(self, judgement: Judgement) -> None:
        super().__init__(judgement.observed)
        self.judgement = judgement


@dataclass(frozen=True, slots=True)
class World:
    """The clients of the target, and one pass of facts about it."""

    target: Target
    facts: Facts
    services: Mapping[type, object]

    def client(self, kind: type[T]) -> T:
        """Return the client of that type."""
        return cast("T", self.services[kind])


class _NoEvidence:
    """The doctor looks at no journal."""

    def latest(self, kind: str) -> Evidence | None:
        """Return nothing."""
        del kind
        return None

    def forget(self, kind: str) -> None:
        """Do nothing."""
        del kind


class Looking:
    """The readings that several probes need. Use as an async context manager."""

    def __init__(self, settings: Settings, target: Target | None = None) -> None:
        """Take the settings, and the target to take for Azure instead of the one that they name."""
        self.settings = settings
        self.environment: Mapping[str, str] = dict(os.environ)
        self._given = target
        self._tasks: dict[str, asyncio.Task[object]] = {}
        self._stack = AsyncExitStack()

    async def __aenter__(self) -> Looking:
        return self

    async def __aexit__(self, *_: object) -> None:
        for task in self._tasks.values():
            task.cancel()
        await asyncio.gather(*self._tasks.values(), return_exceptions=True)
        await self._stack.aclose()

    async def _once(self, name: str, read: Callable[[], Awaitable[T]]) -> T:
        async def run() -> T:
            return await read()

        task = self._tasks.get(name)
        if task is None:
            task = self._tasks[name] = asyncio.create_task(run(), name=f"doctor {name}")
        # Shielded: a probe whose time is over must not take the reading from the others.
        return cast("T", await asyncio.shield(task))

    @property
    def home(self) -> Path:
        """The folder that holds all state of ours."""
        return self.settings.home

    async def machine(self) -> Machine:
        """Return what kind of machine this is."""
        return await self._once("machine", partial(in_daemon_thread, partial(read_machine, self.environment)))

    async def state_folder(self) -> StateFolder:
        """Return whether our folder can be written, and its room."""
        look = partial(read_state_folder, self.home)
        return await self._once("state folder", partial(in_daemon_thread, look))

    async def program(self, name: str) -> Program:
        """Return a program on PATH."""
        return await self._once(f"program {name}", partial(read_program, name))

    async def az_sign_in(self) -> AzSignIn | str | None:
        """Return whom az is signed in as, why nobody, or None where there is no az."""

        async def read() -> AzSignIn | str | None:
            az = shutil.which("az")
            return await read_az_sign_in(az) if az else None

        return await self._once("az sign-in", read)

    @property
    def other_sign_in(self) -> bool:
        """Whether the environment holds a sign-in that needs no az."""
        ways = ("AZURE_CLIENT_SECRET", "AZURE_CLIENT_CERTIFICATE_PATH", "AZURE_FEDERATED_TOKEN_FILE")
        given = self._given is not None and self._given.sign_in is not None
        return given or bool(
            self.environment.get("AZURE_CLIENT_ID") and any(self.environment.get(way) for way in ways)
        )

    async def reach_arm(self) -> Reach:
        """Return whether Azure Resource Manager answers, and what time it has."""

        async def read() -> Reach:
            target = await self.target()
            return await read_reach(f"{target.arm}/", await self.tls(target))

        return await self._once("arm", read)

    async def tls(self, target: Target | None = None) -> ssl.SSLContext:
        """Return whom to trust: loading the authorities takes its time, so not in the loop's thread."""
        ca_file = None if target is None else target.ca_file
        return await self._once(f"tls {ca_file}", partial(in_daemon_thread, partial(tls_settings, ca_file)))

    async def target(self) -> Target:
        """Return where Azure is: its addresses are known whoever is signed in."""

        async def load() -> Target:
            return self._given or await self._load_target("")

        return await self._once("target", load)

    async def _load_target(self, subscription: str) -> Target:
        names = {"subscription_id": subscription or "-", "image": _UNUSED_IMAGE, **self.settings.names}
        settings = replace(self.settings, target="azure", names=names)
        try:
            return await in_daemon_thread(partial(load_target, settings))
        except TargetError as error:
            raise NotLookedError(lacking(str(error), "Mend that first.")) from error

    async def world(self) -> World:
        """Return the way to Azure as the one who is signed in.

        Raises:
            NotLookedError: nobody is, or no subscription is known.

        """
        return await self._once("world", self._open_world)

    @property
    def is_signed_in(self) -> bool:
        """Whether it is known by now that somebody is signed in to Azure."""
        task = self._tasks.get("world")
        if task is None or not task.done() or task.cancelled() or task.exception() is not None:
            return False
        return isinstance(cast("World", task.result()).facts.already_read(SignedIn), SignedIn)

    async def _open_world(self) -> World:
        target = self._given or await self._load_target(await self._subscription())
        # The SDKs take their time to load: not in the loop's thread, where a screen may be waiting.
        await in_daemon_thread(_load_clients)
        from workshop_tui.cloud import open_cloud  # noqa: PLC0415 - loaded now
        from workshop_tui.facts.catalogue import RESOLVERS  # noqa: PLC0415 - likewise
        from workshop_tui.facts.engine import Facts  # noqa: PLC0415 - likewise

        services = await self._stack.enter_async_context(
            open_cloud(target, self.settings, evidence=_NoEvidence(), read_only=True)
        )
        known = {**services.services(), Names: target.names}
        facts = await self._stack.enter_async_context(Facts(known, RESOLVERS, target.remedies))
        return World(target, facts, known)

    async def _subscription(self) -> str:
        chosen = self.settings.names.get("subscription_id")
        if chosen:
            return chosen
        told = await self.az_sign_in()
        if isinstance(told, AzSignIn):
            if told.cloud != _CLOUD:
                raise NotLookedError(azure.other_cloud(told.cloud))
            return told.subscription_id
        if self.other_sign_in:
            remedy = "Name the subscription with --subscription, or in SUBSCRIPTION_ID."
            raise NotLookedError(lacking("no subscription is chosen", remedy, "export SUBSCRIPTION_ID=…"))
        said = f": {told}" if told else ""
        raise NotLookedError(lacking(f"nobody is signed in{said}", "Sign in to Azure.", "az login"))


def _load_clients() -> None:
    for module in ("workshop_tui.facts.catalogue", "workshop_tui.cloud.arm_pipeline", "azure.identity.aio"):
        import_module(module)
