"""What is kept of the settings: whole, one's own, and the same for all who start at once."""

from __future__ import annotations

import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from typing import TYPE_CHECKING

from workshop_tui.saved_settings import give_up_repository, image_reference, read_saved, save

if TYPE_CHECKING:
    from pathlib import Path


def test_the_image_is_ones_own_and_stays(tmp_path: Path) -> None:
    first = image_reference(tmp_path, "azure", "ttl.sh")
    assert image_reference(tmp_path, "azure", "ttl.sh") == first
    assert image_reference(tmp_path, "practice", "127.0.0.1:5000") != first
    assert first.startswith("ttl.sh/")
    assert first.endswith(":1h")


def test_saving_keeps_what_was_saved(tmp_path: Path) -> None:
    save(tmp_path, {"target": "azure"})
    save(tmp_path, {"cluster": "mine"}, "azure")
    save(tmp_path, {"target": "practice"})
    assert read_saved(tmp_path) == {"target": "practice"}
    assert read_saved(tmp_path, "azure") == {"cluster": "mine"}
    assert stat.S_IMODE((tmp_path / "settings.toml").stat().st_mode) == 0o600


def test_all_who_start_at_once_get_one_image(tmp_path: Path) -> None:
    said = """
import sys
from pathlib import Path
from workshop_tui.saved_settings import image_reference
sys.stdin.readline()
print(image_reference(Path(sys.argv[1]), "azure", "ttl.sh"))
"""
    words = [sys.executable, "-c", said, str(tmp_path)]
    starting = [
        subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) for _ in range(4)
    ]
    with ThreadPoolExecutor(len(starting)) as together:
        printed = list(together.map(lambda process: process.communicate("now\n", timeout=60)[0], starting))
    assert [process.returncode for process in starting] == [0] * 4
    assert set(printed) == {image_reference(tmp_path, "azure", "ttl.sh") + "\n"}


def test_threads_that_save_at_once_lose_nothing(tmp_path: Path) -> None:
    names = [f"name_{number}" for number in range(40)]
    with ThreadPoolExecutor(8) as together:
        list(together.map(lambda name: save(tmp_path, {name: "kept"}, "azure"), names))
    assert read_saved(tmp_path, "azure") == dict.fromkeys(names, "kept")
    assert sorted(path.name for path in tmp_path.iterdir()) == ["settings.lock", "settings.toml"]


def test_a_name_is_given_up_once(tmp_path: Path) -> None:
    """Who comes late with the old name must not throw away the new one."""
    first = image_reference(tmp_path, "azure", "ttl.sh")
    repository = first.removeprefix("ttl.sh/").removesuffix(":1h")
    give_up_repository(tmp_path, "azure", repository)
    second = image_reference(tmp_path, "azure", "ttl.sh")
    assert second != first
    give_up_repository(tmp_path, "azure", repository)
    assert image_reference(tmp_path, "azure", "ttl.sh") == second
