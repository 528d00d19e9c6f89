"""The app on this machine: it really runs, without a key, and is really gone afterwards."""

from __future__ import annotations

import asyncio
import json
import os
import shutil
import signal
import subprocess
import sys
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from look_around import must_read
from workstation_world import Book, connect, sign_in_with_identity

from workshop_tui.authoring import OPENAI_USER_ROLE, ActionError, AzureChanges
from workshop_tui.cloud.account_log import AccountLogReader
from workshop_tui.cloud.listener import is_free
from workshop_tui.cloud.local_app import EVIDENCE, LocalApp
from workshop_tui.cloud.python_runtime import AppEnvironment
from workshop_tui.model import Evidence, ModelDeployment, OpenAIAccount, SignedIn

if TYPE_CHECKING:
    from pathlib import Path

    from workshop_tui.cloud import Cloud
    from workshop_tui.target import Target

APP = """
import os, sys
from fastapi import FastAPI
app = FastAPI()
if os.environ.get("FAIL"):
    raise RuntimeError(os.environ["FAIL"])

@app.get("/health")
def health():
    return {"status": "ok"}

@app.post("/generate/description")
def describe():
    return {"description": " ".join(sorted(os.environ))}
"""


@pytest.fixture
def port(unused_tcp_port: int) -> int:
    return unused_tcp_port


@pytest.fixture
def small(service: Path) -> Path:
    """The service with an app that starts at once and tells which variables it has."""
    (service / "main.py").write_text(APP)
    return service


def local_app(service: Path, home: Path, port: int, **options: Any) -> LocalApp:
    given = {"environment": {}, "evidence": Book(), **options}
    return LocalApp(service, home=home, port=port, connect=connect, **given)


async def prepared(service: Path, home: Path, port: int, **options: Any) -> LocalApp:
    app = local_app(service, home, port, **options)
    async for _ in app.prepare():
        pass
    return app


async def test_signed_in_with_an_identity_it_describes_a_product(
    service: Path, home: Path, port: int, cloud: Cloud, target: Target
) -> None:
    sign_in_with_identity(service)
    account = await must_read(cloud, target, OpenAIAccount)
    model = await must_read(cloud, target, ModelDeployment)
    person = await must_read(cloud, target, SignedIn)
    services: dict[type, Any] = dict(cloud.services())
    await services[AzureChanges].assign_role(
        scope=account.id,
        role=OPENAI_USER_ROLE,
        principal_id=person.object_id,
        principal_kind=person.kind,
    )
    log = services[AccountLogReader]
    app = await prepared(service, home, port, environment=target.app_environment, account=log)
    settings = {
        "USE_AZURE_OPENAI": "True",
        "USE_AZURE_AD": "True",
        "AZURE_OPENAI_ENDPOINT": account.endpoint,
        "AZURE_OPENAI_DEPLOYMENT_NAME": model.name,
    }
    async with app.running(settings):
        answer = await app.describe()
        while answer.code == "PermissionDenied":  # the role takes a moment, here as there
            answer = await app.describe()
        assert answer.good
        evidence = await app.evidence()
        live = await app.run_now()
    assert evidence.kind == EVIDENCE
    assert evidence.data == {
        "healthy": "yes",
        "description": answer.text,
        "problem": "",
        "key_in_environment": "no",
        "account_saw": "token",
    }
    assert live is not None
    assert (live.live, live.healthy, live.key_in_environment) == (True, True, False)
    assert (live.account_saw, live.fingerprint) == ("token", evidence.fingerprint)
    assert is_free(port)
    assert await app.run_now() is None


async def test_no_key_of_ours_reaches_it(
    small: Path, home: Path, port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "of-the-learners-shell")
    monkeypatch.setenv("SOME_SECRET", "of-the-learners-shell")
    app = await prepared(small, home, port, environment={"AZURE_CLIENT_ID": "me"})
    async with app.running({"USE_AZURE_AD": "True", "OPENAI_API_KEY": "of-a-careless-step"}):
        names = set((await app.describe()).text.split())
        assert (await app.evidence()).data["key_in_environment"] == "no"
    assert {"AZURE_CLIENT_ID", "USE_AZURE_AD", "PATH", "HOME"} <= names
    assert not {"OPENAI_API_KEY", "SOME_SECRET"} & names


@pytest.mark.parametrize("place", ["routers/.env", ".env", "../../.env"])
async def test_a_key_in_a_file_that_the_app_reads_is_seen(
    place: str, small: Path, home: Path, port: int
) -> None:
    (small / place).write_text("# mine\nexport OPENAI_API_KEY='secret'\n")
    app = await prepared(small, home, port)
    async with app.running({}):
        assert (await app.evidence()).data["key_in_environment"] == "yes"


async def test_a_key_in_the_environment_of_an_app_started_by_hand_is_seen(
    small: Path, home: Path, port: int
) -> None:
    await prepared(small, home, port)
    python = AppEnvironment(home / "local-app" / "environments", small / "requirements.txt").python()
    started = await asyncio.create_subprocess_exec(
        *(str(python), "-m", "uvicorn", "main:app", "--port", str(port)),
        cwd=small,
        env={"PATH": os.environ["PATH"], "OPENAI_API_KEY": "by hand"},
        stderr=asyncio.subprocess.PIPE,
    )
    assert started.stderr is not None
    try:
        while b"running on" not in await started.stderr.readline():
            pass
        app = local_app(small, home, port)
        found = await app.run_now()
        assert found is not None
        assert (found.live, found.healthy, found.key_in_environment) == (True, True, True)
        assert "secret" not in found.description
        fresh = found.fingerprint
        assert fresh
        (small / "main.py").write_text(APP + "# changed after it was started\n")
        stale = await app.run_now()
        assert stale is not None
        assert stale.fingerprint == ""
    finally:
        started.terminate()
        await started.wait()


@pytest.mark.parametrize("same", [True, False])
async def test_an_app_of_another_folder_is_this_one_only_if_it_is_the_same(
    same: bool,  # noqa: FBT001 - a table's column
    small: Path,
    home: Path,
    port: int,
    tmp_path: Path,
) -> None:
    await prepared(small, home, port)
    other = tmp_path / "another" / "ai-service"
    shutil.copytree(small, other)
    if not same:
        (other / "main.py").write_text(APP + "# of another branch\n")
    python = AppEnvironment(home / "local-app" / "environments", small / "requirements.txt").python()
    started = await asyncio.create_subprocess_exec(
        *(str(python), "-m", "uvicorn", "main:app", "--port", str(port)),
        cwd=other,
        stderr=asyncio.subprocess.PIPE,
    )
    assert started.stderr is not None
    try:
        while b"running on" not in await started.stderr.readline():
            pass
        app = local_app(small, home, port)
        found = await app.run_now()
        assert (found is not None and found.fingerprint != "") is same
        assert ("" if same else f"(process {started.pid}), started in {other}") in await app.stranger()
        assert bool(await app.stranger()) is not same
    finally:
        started.terminate()
        await started.wait()


async def test_a_port_that_is_taken_names_the_program(small: Path, home: Path, port: int) -> None:
    other = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "http.server", "--bind", "127.0.0.1", str(port)),
        stdout=asyncio.subprocess.DEVNULL,
        stderr=asyncio.subprocess.DEVNULL,
    )
    try:
        app = await prepared(small, home, port)
        async with asyncio.timeout(10):
            while is_free(port):  # noqa: ASYNC110 - another process's doing
                await asyncio.sleep(0.02)
        with pytest.raises(ActionError, match=f"Port {port} is taken by python.*process {other.pid}") as busy:
            async with app.running({}):
                pass
        assert f"kill {other.pid}" in busy.value.remedy
        assert other.returncode is None
        assert await app.run_now() is None  # it is not the app
    finally:
        other.kill()
        await other.wait()


async def test_an_app_that_fails_to_start_says_why(small: Path, home: Path, port: int) -> None:
    app = await prepared(small, home, port)
    with pytest.raises(ActionError, match="RuntimeError: AADSTS700016: no such application"):
        async with app.running({"FAIL": "AADSTS700016: no such application"}):
            pass
    assert is_free(port)


@pytest.mark.parametrize("how", ["error", "cancelled"])
async def test_it_is_stopped_whatever_happens(how: str, small: Path, home: Path, port: int) -> None:
    app = await prepared(small, home, port)

    async def run() -> None:
        async with app.running({}):
            up.set()
            if how == "error":
                raise LookupError
            await asyncio.Event().wait()

    up = asyncio.Event()
    task = asyncio.create_task(run())
    await up.wait()
    if how == "cancelled":
        task.cancel()
    (result,) = await asyncio.gather(task, return_exceptions=True)
    assert isinstance(result, LookupError if how == "error" else asyncio.CancelledError)
    assert is_free(port)
    assert not (home / "local-app" / "running.json").exists()


async def test_two_do_not_stop_each_other(small: Path, home: Path, port: int) -> None:
    app, second = await prepared(small, home, port), local_app(small, home, port)
    async with app.running({}):
        with pytest.raises(ActionError, match="is taken"):
            async with second.running({}):
                pass
        assert (await app.describe()).good


KILLED = """
import asyncio, json, pathlib, sys, httpx
from workshop_tui.cloud.local_app import LocalApp

async def main():
    service, home, port = sys.argv[1:]
    app = LocalApp(pathlib.Path(service), home=pathlib.Path(home), port=int(port), environment={},
                   connect=lambda url: httpx.AsyncClient(base_url=url))
    async with app.running({}):
        print("up", flush=True)
        await asyncio.Event().wait()

asyncio.run(main())
"""


async def until_free(port: int) -> None:
    async with asyncio.timeout(10):
        while not is_free(port):  # noqa: ASYNC110 - another process's doing
            await asyncio.sleep(0.05)


def ended_process() -> int:
    """Return the id of a process that has just ended."""
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def start_in_own_group(folder: Path, *arguments: str) -> subprocess.Popen[bytes]:
    return subprocess.Popen(
        arguments, cwd=folder, start_new_session=True, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )


async def killed_while_running(service: Path, home: Path, port: int) -> None:
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-c", KILLED, str(service), str(home), str(port)),
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    assert await process.stdout.readline() == b"up\n"
    process.send_signal(signal.SIGKILL)
    await process.wait()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells a process of its parent's death")
async def test_killed_ourselves_the_app_ends_too(small: Path, home: Path, port: int) -> None:
    app = await prepared(small, home, port)
    await killed_while_running(small, home, port)
    await until_free(port)
    async with app.running({}):
        assert (await app.describe()).good


async def test_what_a_killed_run_left_is_stopped_first(small: Path, home: Path, port: int) -> None:
    app = await prepared(small, home, port)
    environment = AppEnvironment(home / "local-app" / "environments", small / "requirements.txt")
    python = str(environment.python())
    left = start_in_own_group(small, python, "-m", "uvicorn", "main:app", "--port", str(port))
    try:
        note = {"process_id": left.pid, "program": python, "owner": ended_process()}
        (home / "local-app" / "running.json").write_text(json.dumps(note))
        waiting = asyncio.create_task(asyncio.to_thread(left.wait, 20))
        async with app.running({}):
            assert (await app.describe()).good
        assert await waiting == -signal.SIGTERM
    finally:
        left.kill()


async def test_a_note_of_a_process_id_that_is_used_again_harms_nobody(
    small: Path, home: Path, port: int
) -> None:
    app = await prepared(small, home, port)
    innocent = start_in_own_group(small, sys.executable, "-c", "input()")
    try:
        note = {"process_id": innocent.pid, "program": "/somewhere/python", "owner": ended_process()}
        (home / "local-app" / "running.json").write_text(json.dumps(note))
        async with app.running({}):
            assert innocent.poll() is None
    finally:
        innocent.kill()
        innocent.wait()


async def test_removing_forgets_the_run(small: Path, tmp_path: Path, port: int) -> None:
    book = Book(Evidence(EVIDENCE, "fingerprint", datetime.now(UTC)))
    (small / "requirements.txt").write_text("idna==3.10\n")
    app = await prepared(small, tmp_path, port, evidence=book)
    await app.remove()
    await app.remove()
    assert list((tmp_path / "local-app" / "environments").iterdir()) == []
    assert book.latest(EVIDENCE) is None
    with pytest.raises(ActionError, match="not made yet"):
        async with app.running({}):
            pass
