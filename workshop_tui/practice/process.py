"""The one process of a practice cloud: listeners, background work, its address book, an orderly end."""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
import signal
from dataclasses import dataclass
from logging.handlers import RotatingFileHandler
from typing import TYPE_CHECKING, Any

from workshop_tui import __version__
from workshop_tui.practice.certificates import Authority, open_authority
from workshop_tui.practice.context import Clock, Options, Practice
from workshop_tui.practice.files import write_private
from workshop_tui.practice.listeners import (
    PLAIN_SERVICES,
    TLS_SERVICES,
    Listener,
    addresses_of,
    bind_sockets,
    configuration,
)
from workshop_tui.practice.power import PoweredListener
from workshop_tui.practice.seed_world import names_of
from workshop_tui.practice.services import Services, build_services
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    import socket
    from collections.abc import Callable, Coroutine, Mapping
    from pathlib import Path

    import uvicorn

LOG_BYTES = 1_000_000
FOLDER_SECONDS = 3.0
WORK_SECONDS = 10.0
"""How long background work, pods included, may take to end."""

logger = logging.getLogger(__name__)


@dataclass(slots=True)
class Process:
    """A practice cloud being run."""

    practice: Practice
    authority: Authority
    services: Services
    sockets: dict[str, socket.socket]

    async def run(self, on_ready: Callable[[], None]) -> None:
        """Serve until `practice.closing` is set; call `on_ready` once everything answers."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(number, self.practice.closing.set)
        certificate, key = self.authority.server_files()
        listeners = {
            name: self._listener(name, configuration(app, certificate, key, tls=name in TLS_SERVICES))
            for name, app in self.services.apps.items()
        }
        endpoints_file = self.practice.options.folder / "endpoints.json"
        inode = (self.practice.options.folder / "store.sqlite").stat().st_ino
        try:
            async with asyncio.TaskGroup() as group:
                serving = [
                    group.create_task(each.serve(sockets=[self.sockets[name]]), name=f"listener {name}")
                    for name, each in listeners.items()
                ]
                for each in listeners.values():
                    await each.ready.wait()
                background = [
                    group.create_task(_logged(each()), name=name)
                    for name, each in self.services.background.items()
                ]
                watch = _logged(_leave_with_the_folder(self.practice, inode))
                background.append(group.create_task(watch, name="folder"))
                endpoints = endpoints_document(self.practice, self.services)
                write_private(self.practice.options.folder / "kube" / "config", self.services.kubeconfig)
                write_private(endpoints_file, json.dumps(endpoints, indent=2))
                logger.info("started: workshop-tui %s, process %d", __version__, os.getpid())
                on_ready()
                await self.practice.closing.wait()
                logger.info("stopping")
                _forget(endpoints_file)
                await _end(background, listeners, serving)
        finally:
            _forget(endpoints_file)

    def _listener(self, name: str, served: uvicorn.Config) -> Listener | PoweredListener:
        power = self.services.power.get(name)
        return Listener(served) if power is None else PoweredListener(served, power)


def _forget(endpoints_file: Path) -> None:
    """Remove the address book, if it is this process's."""
    with contextlib.suppress(OSError, ValueError, KeyError):
        if json.loads(endpoints_file.read_text("utf-8"))["pid"] == os.getpid():
            endpoints_file.unlink()


async def _leave_with_the_folder(practice: Practice, inode: int) -> None:
    """End the practice cloud when somebody deletes its folder: nobody could find it to stop it any more.

    Looks every few seconds; no portable event tells it.
    """
    store = practice.options.folder / "store.sqlite"
    while True:
        await asyncio.sleep(FOLDER_SECONDS)
        try:
            there = store.stat().st_ino == inode
        except FileNotFoundError:
            there = False
        if not there:
            logger.warning("the state folder is gone: so is this practice cloud")
            practice.closing.set()
            return


async def _end(
    background: list[asyncio.Task[None]],
    listeners: Mapping[str, Listener | PoweredListener],
    serving: list[asyncio.Task[None]],
) -> None:
    """Stop the pods and other work first, while their servers still answer; then the servers."""
    for task in background:
        task.cancel()
    _, late = await asyncio.wait(background, timeout=WORK_SECONDS)
    for task in late:
        logger.warning("%s did not end in %.0f s", task.get_name(), WORK_SECONDS)
    for listener in listeners.values():
        listener.leave()
    await asyncio.gather(*serving, return_exceptions=True)


async def _logged(work: Coroutine[Any, Any, None]) -> None:
    try:
        await work
    except Exception:
        logger.exception("background work ended by a fault")
        raise


def serve(options: Options, on_ready: Callable[[], None]) -> None:
    """Run a practice cloud in `options.folder` until SIGTERM or SIGINT.

    Raises:
        StoreInUseError: another practice cloud has the folder.
        PortTakenError: a remembered port is used by another program.

    """
    os.umask(0o077)  # whatever is written from here on is its owner's alone
    options.folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    store = Store(options.folder / "store.sqlite")
    try:
        with contextlib.ExitStack() as stack:
            configure_log(options)
            sockets = bind_sockets(store)
            for each in sockets.values():
                stack.enter_context(contextlib.closing(each))
            authority = open_authority(options.folder)
            with asyncio.Runner(loop_factory=_loop_factory()) as runner:
                runner.run(_serve(options, store, authority, sockets, on_ready))
    finally:
        store.close()


async def _serve(
    options: Options,
    store: Store,
    authority: Authority,
    sockets: dict[str, socket.socket],
    on_ready: Callable[[], None],
) -> None:
    practice = Practice(
        options=options,
        clock=Clock(options.time_scale),
        store=store,
        addresses=addresses_of({name: each.getsockname()[1] for name, each in sockets.items()}),
        names=names_of(store),
        ca_file=authority.certificate_file,
    )
    services = build_services(practice, authority)
    await Process(practice, authority, services, sockets).run(on_ready)


def _loop_factory() -> Callable[[], asyncio.AbstractEventLoop] | None:
    try:
        import uvloop  # noqa: PLC0415  # absent on Windows
    except ImportError:
        return None
    return uvloop.new_event_loop


def endpoints_document(practice: Practice, services: Services) -> dict[str, Any]:
    """Return what `endpoints.json` says: the one contract between practice and the rest of the project."""
    addresses, names, options = practice.addresses, practice.names, practice.options
    sign_in, learner = services.sign_in, services.learner
    return {
        "version": __version__,
        "pid": os.getpid(),
        "started": practice.clock.now().isoformat(timespec="seconds"),
        "ca_file": str(practice.ca_file),
        **{name: getattr(addresses, name) for name in (*TLS_SERVICES, *PLAIN_SERVICES)},
        "tenant_id": names.tenant_id,
        "subscription_id": names.subscription_id,
        "resource_group": names.resource_group,
        "cluster_name": names.cluster_name,
        "account_name": names.account_name,
        "deployment_name": names.deployment_name,
        "sign_in": {
            "client_id": sign_in.client_id,
            "client_secret": sign_in.client_secret,
            "token_file": str(sign_in.token_file),
            "object_id": sign_in.object_id,
        },
        "learner": {
            "user_name": learner.user_name,
            "password_file": str(learner.password_file),
            "object_id": learner.object_id,
        },
        "time_scale": options.time_scale,
        "role_seconds": options.role_seconds,
        "credential_seconds": options.credential_seconds,
    }


def configure_log(options: Options) -> None:
    """Send this process's log to `log/practice.log`, two files of a megabyte."""
    folder = options.folder / "log"
    folder.mkdir(exist_ok=True, mode=0o700)
    handler = RotatingFileHandler(folder / "practice.log", maxBytes=LOG_BYTES, backupCount=1)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s %(message)s"))
    root = logging.getLogger()
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    for noisy in ("httpx", "httpcore", "asyncio", "uvicorn.error", "websockets"):
        logging.getLogger(noisy).setLevel(logging.WARNING)
