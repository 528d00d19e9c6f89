"""The app on this machine: prepared, run without a key, asked, and what was seen kept as evidence."""

from __future__ import annotations

import asyncio
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import httpx

from workshop_tui.authoring import ActionError
from workshop_tui.cloud.app_process import app_environment, run_app, stop_left_over
from workshop_tui.cloud.build_context import fingerprint, image_files
from workshop_tui.cloud.errors import code_in, explain_connection
from workshop_tui.cloud.listener import Listener, find_listener
from workshop_tui.cloud.python_runtime import AppEnvironment
from workshop_tui.cloud.text import clean
from workshop_tui.model import Answer, Evidence, LocalRun
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Mapping

    from workshop_tui.model import AccountLog, EvidenceBook

EVIDENCE = "local-run"
PRODUCT = {"name": "Seaside Tug Rope", "tags": ["toy", "dog"]}
_KEYS = ("OPENAI_API_KEY", "AZURE_OPENAI_API_KEY", "AZURE_OPENAI_KEY")
_OK = 200


class AccountRequests(Protocol):
    """The account's request log: `cloud.account_log.AccountLogReader`."""

    @property
    def kept(self) -> bool:
        """Whether there is a log that can be asked."""

    async def read(self, *, since: datetime | None = None) -> AccountLog:
        """Return the requests seen since then."""


@dataclass(slots=True)
class _Seen:
    """What was seen of the app while it ran."""

    fingerprint: str
    healthy: bool = False
    description: str = ""
    problem: str = ""
    key: bool | None = None
    account_saw: str = ""


class LocalApp:
    """The app at 127.0.0.1. Implements `LocalAppChanges`, and reads the fact `LocalRun` where it runs now."""

    def __init__(
        self,
        service: Path,
        *,
        home: Path,
        port: int,
        environment: Mapping[str, str],
        connect: Callable[[str], httpx.AsyncClient],
        account: AccountRequests | None = None,
        evidence: EvidenceBook | None = None,
    ) -> None:
        """Take the service's folder, our home, what the app signs in with, and how HTTP clients are made."""
        self._service = service
        self._home = home / "local-app"
        self._port = port
        self._environment = environment
        self._connect = connect
        self._account = account
        self._book = evidence
        self._python = AppEnvironment(self._home / "environments", service / "requirements.txt")
        self._seen: _Seen | None = None

    @property
    def address(self) -> str:
        """The app's base URL."""
        return f"http://127.0.0.1:{self._port}"

    @property
    def _note(self) -> Path:
        return self._home / "running.json"

    def prepare(self) -> AsyncIterator[str]:
        """Make the virtual environment with Python 3.11 and the requirements; yield what happens."""
        return self._python.make()

    @asynccontextmanager
    async def running(self, environment: Mapping[str, str]) -> AsyncIterator[None]:
        """Run the app with these settings, as the target signs in, and without a key; stopped when left.

        Raises:
            ActionError: it is not prepared, the port is taken, or the app does not come up.

        """
        python = self._python.python()
        if python is None:
            raise ActionError("The app's environment is not made yet.", "Prepare it first.")
        whole = app_environment(self._environment, environment)
        seen = self._seen = _Seen(await asyncio.to_thread(fingerprint, self._service))
        async with run_app(python, self._service, self._port, whole, self._note):
            seen.healthy, seen.problem = await self._ask_health()
            seen.key = _has_key(whole, self._service)
            yield

    async def describe(self) -> Answer:
        """Ask the running app for a description, and note what the account saw of it."""
        started = datetime.now(UTC)
        answer = await self._ask_description()
        if self._seen is not None:
            self._seen.description = answer.text if answer.good else ""
            self._seen.problem = "" if answer.good else f"{answer.ask}: {answer.status} {answer.text}"
            self._seen.account_saw = await self._account_saw(started)
        return answer

    async def evidence(self) -> Evidence:
        """Return what was seen of the running app, for the journal.

        Raises:
            ActionError: it has not been run.

        """
        seen = self._seen
        if seen is None:
            raise ActionError("The app has not been run.", "Run it first.")
        data = {
            "healthy": "yes" if seen.healthy else "no",
            "description": seen.description,
            "problem": seen.problem,
            "key_in_environment": {True: "yes", False: "no", None: ""}[seen.key],
            "account_saw": seen.account_saw,
        }
        return Evidence(EVIDENCE, seen.fingerprint, datetime.now(UTC), data)

    async def remove(self) -> None:
        """Stop what a killed run left, delete the virtual environments, and forget the run."""
        await stop_left_over(self._note)
        await asyncio.to_thread(self._python.remove)
        self._seen = None
        if self._book is not None:
            self._book.forget(EVIDENCE)

    async def run_now(self) -> LocalRun | None:
        """Return the app as it runs on its port right now; None where it does not, or another's does."""
        holder = await asyncio.to_thread(find_listener, self._port)
        if await asyncio.to_thread(self._is_strange, holder):
            return None
        started = datetime.now(UTC)
        healthy, problem = await self._ask_health()
        if not healthy and not self._is_app(holder):
            return None
        answer = await self._ask_description() if healthy else None
        good = answer is not None and answer.good
        if answer is not None and not good:
            problem = f"{answer.ask}: {answer.status} {answer.text}"
        environment = await asyncio.to_thread(holder.environment) if holder is not None else None
        return LocalRun(
            live=True,
            at=started,
            healthy=healthy,
            description=answer.text if answer is not None and good else "",
            problem=problem,
            key_in_environment=None if environment is None else _has_key(environment, self._service),
            account_saw=await self._account_saw(started) if good else "",
            fingerprint=await asyncio.to_thread(self._running_source, holder),
        )

    async def stranger(self) -> str:
        """Return in words which process of another folder has the app's port; empty where none is known."""
        holder = await asyncio.to_thread(find_listener, self._port)
        if holder is None or not await asyncio.to_thread(self._is_strange, holder):
            return ""
        name = holder.name or "a program"
        return f"{name} (process {holder.process_id}), started in {clean(holder.folder)}"

    def _is_strange(self, holder: Listener | None) -> bool:
        """Return whether it runs in a folder that has nothing to do with this source, nor the same code."""
        if holder is None or not holder.folder:
            return False
        other = self._other_app(holder)
        if other is not None:
            return fingerprint(other) != fingerprint(self._service)
        service = self._service.resolve()
        # Or it is told where the app is, as by uvicorn's --app-dir.
        return not service.is_relative_to(holder.folder) and str(service) not in holder.command

    def _is_app(self, holder: Listener | None) -> bool:
        return holder is not None and holder.folder == str(self._service.resolve())

    def _running_source(self, holder: Listener | None) -> str:
        """Return the source's fingerprint if the process runs it as it is now, else nothing.

        It does not where it started before the last change.
        """
        now = fingerprint(self._service)
        started = holder.started() if holder is not None else None
        if started is None:
            return now
        times = [(self._service / name).stat().st_mtime for name in image_files(self._service)]
        return now if max(times, default=0.0) <= started else ""

    def _other_app(self, holder: Listener | None) -> Path | None:
        """Return the folder that the process runs in, if that has an app of its own that is not this one."""
        if holder is None or not holder.folder or self._is_app(holder):
            return None
        named = str(self._service.resolve()) in holder.command  # `uvicorn --app-dir` runs anywhere
        folder = Path(holder.folder)
        return folder if (folder / "main.py").is_file() and not named else None

    async def _ask_health(self) -> tuple[bool, str]:
        try:
            async with self._connect(self.address) as client:
                answer = await client.get("/health", timeout=5)
        except httpx.HTTPError as error:
            return False, f"GET {self.address}/health: {explain_connection(error)}"
        body = _json(answer)
        if answer.status_code == _OK and isinstance(body, dict) and body.get("status") == "ok":
            return True, ""
        return False, f"GET {self.address}/health: {answer.status_code} {clean(answer.text, limit=200)}"

    async def _ask_description(self) -> Answer:
        ask = f"POST {self.address}/generate/description"
        try:
            async with self._connect(self.address) as client:
                answer = await client.post("/generate/description", json=PRODUCT, timeout=60)
        except httpx.HTTPError as error:
            return Answer(0, "", explain_connection(error), ask)
        body = _json(answer)
        text = answer.text
        if isinstance(body, dict):
            text = str(body.get("description") or body.get("error") or body.get("detail") or text)
        return Answer(answer.status_code, code_in(text), clean(text, limit=1000), ask)

    async def _account_saw(self, started: datetime) -> str:
        """Return `token` or `key`, as the account's log has it; empty where it does not tell for sure."""
        if self._account is None or not self._account.kept:
            return ""
        try:
            log = await self._account.read(since=started)
        except ReadFailure:
            return ""
        kinds = {
            request.authentication
            for request in log.requests
            if request.time >= started and not request.user_agent.startswith("workshop-tui")
        } - {"none"}
        # Somebody else may ask at the same moment, another way: then the log proves nothing.
        return kinds.pop() if len(kinds) == 1 else ""


def _json(answer: httpx.Response) -> Any:  # noqa: ANN401 - whatever came
    try:
        return answer.json()
    except ValueError:
        return None


def _has_key(environment: Mapping[str, str], service: Path) -> bool:
    """Return whether the app has a key: in its environment, or in a `.env` file that it reads at start."""
    if any(environment.get(name) for name in _KEYS):
        return True
    start = (service / "routers").resolve()
    return any(_holds_key(folder / ".env") for folder in (start, *start.parents))


def _holds_key(file: Path) -> bool:
    try:
        lines = file.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return False
    pairs = (line.strip().removeprefix("export ").partition("=") for line in lines)
    return any(name.strip() in _KEYS and value.strip().strip("\"'") for name, _, value in pairs)
