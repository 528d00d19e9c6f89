"""What happens to pods' processes when the practice cloud itself dies."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from kubelet_world import is_ready, node_running, practice_in

from workshop_tui.practice.cluster.kubelet import processes

NODE_PROGRAM = """
import asyncio, sys
from pathlib import Path
sys.path.insert(0, sys.argv[2])
from kubelet_world import is_ready, node_running, practice_in, push_app

async def main():
    with practice_in(Path(sys.argv[1])) as practice:
        async with node_running(practice) as world:
            world.create_pod(await push_app(world.registry))
            await world.until(is_ready)
            print("ready", flush=True)
            await asyncio.Event().wait()

asyncio.run(main())
"""


def is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"


def kill_a_node_with_a_pod(folder: Path) -> int:
    """Run a node in a process of its own until its pod is ready, kill -9 it; return the pod's process id."""
    command = [sys.executable, "-c", NODE_PROGRAM, str(folder), str(Path(__file__).parent)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as node:
        assert node.stdout is not None
        assert node.stdout.readline() == "ready\n"
        (noted,) = folder.glob("pods/*/containers/*/process.json")
        pid = int(json.loads(noted.read_text())["pid"])
        assert is_alive(pid)
        node.send_signal(signal.SIGKILL)
    return pid


async def test_killed_node_leaves_no_process_and_its_pods_come_up_again(tmp_path: Path) -> None:
    pid = await asyncio.to_thread(kill_a_node_with_a_pod, tmp_path)
    for _ in range(50):
        if not is_alive(pid):
            break
        await asyncio.sleep(0.1)
    assert not is_alive(pid)
    with practice_in(tmp_path) as practice:
        async with node_running(practice) as world:
            pod = await world.until(
                lambda pod: is_ready(pod) and pod["status"]["containerStatuses"][0]["restartCount"] == 1
            )
            assert pod["status"]["phase"] == "Running"


def test_leftover_is_ended_by_its_start_time_and_a_stranger_is_spared(tmp_path: Path) -> None:
    folder = tmp_path / "uid" / "containers" / "app"
    folder.mkdir(parents=True)
    about = folder / "process.json"
    with subprocess.Popen(["sleep", "60"], start_new_session=True) as left:
        about.write_text(json.dumps({"pid": left.pid, "started": "an earlier process with this id"}))
        assert processes.kill_leftovers(tmp_path) == []
        assert left.poll() is None
        about.write_text(json.dumps({"pid": left.pid, "started": processes._started(left.pid)}))
        assert processes.kill_leftovers(tmp_path) == [left.pid]
        assert left.wait(5) == -signal.SIGKILL
    assert not about.exists()


def test_a_process_nobody_had_time_to_note_is_ended_too(tmp_path: Path) -> None:
    inject = {"PYTHONPATH": f"{tmp_path}/uid/inject:/elsewhere"}
    other = {"PYTHONPATH": f"{tmp_path}-other/uid/inject"}
    with (
        subprocess.Popen(["sleep", "60"], env=inject) as left,
        subprocess.Popen(["sleep", "60"], env=other) as stranger,
    ):
        assert processes.kill_leftovers(tmp_path) == [left.pid]
        assert left.wait(5) == -signal.SIGKILL
        assert stranger.poll() is None
        stranger.kill()
