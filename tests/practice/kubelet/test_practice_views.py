"""What a command sees of a container that is a plain process: with namespaces, and without."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from kubelet_world import is_ready, node_running, practice_in, push_app

from workshop_tui.practice.cluster.kubelet import container_views
from workshop_tui.practice.cluster.kubelet.container_views import has_namespaces, translate
from workshop_tui.practice.cluster.kubelet.executions import ExecutionError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator
    from pathlib import Path

    from kubelet_world import World

TOKEN = "/var/run/secrets/tokens/token"
SPEC: dict[str, Any] = {
    "container": {
        "env": [{"name": "TOKEN_FILE", "value": TOKEN}],
        "volumeMounts": [{"name": "tokens", "mountPath": "/var/run/secrets/tokens"}],
    },
    "volumes": [{"name": "tokens", "projected": {"sources": [{"serviceAccountToken": {"path": "token"}}]}}],
}


@pytest.fixture(params=[True, False], ids=["with namespaces", "without"])
async def world(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    """A node with one pod; commands in it have namespaces, or paths that are translated."""
    if request.param and not await has_namespaces():
        pytest.skip("this machine lets no process have namespaces of its own")
    monkeypatch.setattr(container_views, "_namespaces", [request.param])
    with practice_in(tmp_path) as practice:
        async with node_running(practice) as running:
            running.create_pod(await push_app(running.registry), **SPEC)
            await running.until(is_ready)
            yield running


async def run(world: World, *command: str) -> tuple[str, int]:
    container = world.kubelet.running("default", "app", "app")
    assert container is not None
    execution = await container.execute(command, terminal=False, stdin=False)
    try:
        output = b"".join([data async for _, data in execution.output()])
        return output.decode(), await execution.wait()
    finally:
        await execution.kill()


async def test_a_token_by_its_path_and_by_its_variable(world: World) -> None:
    by_path, code = await run(world, "cat", TOKEN)
    assert (by_path[:2], by_path.count("."), code) == ("ey", 2, 0)
    assert await run(world, "sh", "-c", 'cat "$TOKEN_FILE"') == (by_path, 0)
    reading = f"print(open('{TOKEN}').read(), end='')"
    assert await run(world, "python", "-c", reading) == (by_path, 0)
    assert await run(world, "sh", "-c", f'python3 -c "{reading}"') == (by_path, 0)


async def test_variables_are_the_pods(world: World) -> None:
    assert await run(world, "printenv", "TOKEN_FILE", "HOSTNAME") == (f"{TOKEN}\napp\n", 0)
    told, code = await run(world, "env")
    assert code == 0
    assert f"TOKEN_FILE={TOKEN}" in told.splitlines()
    assert not [line for line in told.splitlines() if line.startswith(("VIRTUAL_ENV=", "USER=", "LC_"))]
    if await has_namespaces():
        assert await run(world, "hostname") == ("app\n", 0)


async def test_the_images_files_and_packages(world: World) -> None:
    assert await run(world, "ls", "/app") == ("main.py\n", 0)
    assert await run(world, "python", "-c", "import words; print(words.WORD)") == ("hello\n", 0)
    told, _ = await run(world, "head", "-1", "main.py")
    assert told == "from words import WORD\n"


async def test_where_a_command_may_write(world: World) -> None:
    assert await run(world, "sh", "-c", "echo new > written; cat written; echo x > ~/x") == ("new\n", 0)
    if not (await has_namespaces()):
        return
    for path in ("/usr/bin/written", "/etc/hostname", "/opt/site-packages/written"):
        told, code = await run(world, "sh", "-c", f"echo x >> {path}")
        assert code != 0
        assert "Read-only file system" in told


async def test_what_is_not_there(world: World) -> None:
    with pytest.raises(ExecutionError, match=r'exec: "curly": executable file not found in \$PATH'):
        await run(world, "curly")
    with pytest.raises(ExecutionError, match=r'exec: "/app/curly": stat /app/curly: no such file'):
        await run(world, "/app/curly")
    with pytest.raises(ExecutionError, match=r'exec: "/app/main\.py": permission denied'):
        await run(world, "/app/main.py")
    assert await run(world, "sh", "-c", "exit 42") == ("", 42)
    assert await run(world, "sh", "-c", "kill -9 $$") == ("", 137)


def test_only_whole_paths_are_translated() -> None:
    places = [("/app", "/real/workdir"), ("/app/data", "/real/data"), ("/opt", "/image/opt")]
    assert translate("cat /app/x", places) == "cat /real/workdir/x"
    assert translate("/app/data", places) == "/real/data"
    assert translate("/application /my/app ./app /app.py", places) == "/application /my/app ./app /app.py"
    assert translate("open('/opt/x')", places) == "open('/image/opt/x')"
