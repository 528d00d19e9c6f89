"""exec where it ends early, and in the other kinds of containers: simulated ones, those of no running pod."""

from __future__ import annotations

import re
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from streams_world import StreamsWorld

OLD_AND_NEW = pytest.mark.parametrize("version", ["1.29", "1.33"])


def until_gone(pid: int, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while runs(pid):
        assert time.monotonic() < end, f"process {pid} still runs"
        time.sleep(0.05)  # another's child: nothing tells of its end


def runs(pid: int) -> bool:
    """Say whether the process is there, and no mere entry that its parent has not read yet."""
    told = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return bool(told.stdout.strip()) and not told.stdout.startswith("Z")


@OLD_AND_NEW
def test_a_command_ends_with_its_client(world: StreamsWorld, version: str) -> None:
    script = "sleep 600 & echo $! $$; wait"
    command = [world.programs[version], "exec", world.pod, "--", "sh", "-c", script]
    with subprocess.Popen(command, env=world.environment, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        pids = [int(word) for word in client.stdout.readline().split()]
        client.kill()
    for pid in pids:
        until_gone(pid)


@OLD_AND_NEW
def test_a_terminal_hangs_up_with_its_client(world: StreamsWorld, version: str) -> None:
    shell = world.on_terminal(version, "sh", "-c", "echo pid $$ end; exec sleep 600")
    found = re.search(r"pid (\d+) end", shell.until(" end"))
    assert found is not None
    shell.process.kill()
    until_gone(int(found[1]))
    shell.end()


@OLD_AND_NEW
def test_a_command_ends_with_its_container(world: StreamsWorld, version: str) -> None:
    name = f"short-{version.replace('.', '-')}"
    world.run_pod(name)
    assert world.kubectl(version, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")[0] == 0
    command = [world.programs[version], "exec", name, "--", "sh", "-c", "echo $$; exec sleep 600"]
    with subprocess.Popen(command, env=world.environment, stdout=subprocess.PIPE, text=True) as client:
        assert client.stdout is not None
        pid = int(client.stdout.readline())
        world.kubectl(version, "delete", "pod", name, "--wait=false")
        assert client.wait(30) == 137
    until_gone(pid)


@OLD_AND_NEW
def test_a_pod_that_has_ended(world: StreamsWorld, version: str) -> None:
    name = f"done-{version.replace('.', '-')}"
    world.run_pod(name, restartPolicy="Never", container={"command": ["python", "-c", "pass"]})
    done = ("--for=jsonpath={.status.phase}=Succeeded", f"pod/{name}", "--timeout=30s")
    assert world.kubectl(version, "wait", *done)[0] == 0
    told = world.kubectl(version, "exec", name, "--", "env")
    assert told == (
        1,
        "",
        "error: cannot exec into a container in a completed pod; current phase is Succeeded\n",
    )
    world.kubectl(version, "delete", "pod", name, "--wait=false")


@OLD_AND_NEW
def test_a_container_that_waits(world: StreamsWorld, version: str) -> None:
    name = f"waiting-{version.replace('.', '-')}"
    world.run_pod(name, container={"image": "nowhere.invalid/none"})
    pulling = ("--for=jsonpath={.status.containerStatuses[0].state.waiting.reason}", f"pod/{name}")
    assert world.kubectl(version, "wait", *pulling, "--timeout=30s")[0] == 0
    code, _, error = world.kubectl(version, "exec", name, "--", "env")
    before = "" if version == "1.29" else "Internal error occurred: "
    assert (code, error) == (1, f'error: {before}unable to upgrade connection: container not found ("app")\n')
    code, _, error = world.kubectl(version, "port-forward", name, ":5001")
    assert (code, error) == (
        1,
        "error: unable to forward port because pod is not running. Current status=Pending\n",
    )
    world.kubectl(version, "delete", "pod", name, "--wait=false")


@OLD_AND_NEW
def test_one_of_two_containers(world: StreamsWorld, version: str) -> None:
    name = f"pair-{version.replace('.', '-')}"
    idle = ["python", "-c", "import time; time.sleep(600)"]
    pair = [
        {"name": each, "image": world.image, "command": idle, "env": [{"name": "WHO", "value": each}]}
        for each in ("first", "second")
    ]
    world.run_pod(name, containers=pair)
    assert world.kubectl(version, "wait", "--for=condition=Ready", f"pod/{name}", "--timeout=30s")[0] == 0
    told = world.kubectl(version, "exec", name, "-c", "second", "--", "printenv", "WHO")
    assert told == (0, "second\n", "")
    told = world.kubectl(version, "exec", name, "--", "printenv", "WHO")
    assert told == (0, "first\n", 'Defaulted container "first" out of: first, second\n')
    world.kubectl(version, "delete", "pod", name, "--wait=false")


@OLD_AND_NEW
def test_a_simulated_container_shows_its_environment(world: StreamsWorld, version: str) -> None:
    code, output, error = world.exec(version, "env", target="deploy/ai-service")
    assert (code, error) == (0, "")
    assert "USE_AZURE_OPENAI=True" in output.splitlines()
    assert world.exec(version, "printenv", "USE_AZURE_OPENAI", target="deploy/ai-service")[:2] == (
        0,
        "True\n",
    )
    code, _, error = world.exec(version, "printenv", "NO_SUCH", target="deploy/ai-service")
    assert (code, error) == (1, "command terminated with exit code 1\n")
    code, _, error = world.exec(version, "sh", target="deploy/ai-service")
    assert code == 1
    assert 'exec: "sh": executable file not found in $PATH: unknown' in error


@OLD_AND_NEW
def test_who_may(world: StreamsWorld, version: str) -> None:
    for verb, part in (("create", "exec"), ("get", "exec"), ("create", "portforward"), ("create", "attach")):
        assert world.kubectl(version, "auth", "can-i", verb, f"pods/{part}")[:2] == (0, "yes\n")
    token = world.kubectl(version, "create", "token", "streams")[1].strip()
    code, _, error = world.kubectl(version, "--token", token, "exec", world.pod, "--", "env")
    assert code == 1
    assert "is forbidden" in error


def test_a_command_that_reads_no_more(world: StreamsWorld, version: str) -> None:
    script = "head -c 6; exit 5"
    code, output, error = world.kubectl(
        version, "exec", "-i", world.pod, "--", "sh", "-c", script, stdin=b"hello\n" * 2_000_000
    )
    assert (code, output) == (5, "hello\n")
    # kubectl 1.31 may complain besides that it was still writing.
    assert "command terminated with exit code 5\n" in error
