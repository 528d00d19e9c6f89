"""Our own starter: complete, known by its content, and true to what it promises."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import yaml

from workshop_tui.cloud.build_context import image_files
from workshop_tui.cloud.python_runtime import AppEnvironment
from workshop_tui.cloud.source import NEEDED, STARTER_MARK, bundled_starter

if TYPE_CHECKING:
    from pathlib import Path

PINS = {
    *("fastapi==0.95.2", "uvicorn==0.22.0", "pydantic==1.10.8", "pytest==7.3.1", "httpx", "pyyaml"),
    "semantic-kernel==0.3.1.dev0",
}


def test_it_is_known_by_its_mark_and_has_every_file(service: Path) -> None:
    assert (bundled_starter() / STARTER_MARK).read_text().strip().isdecimal()
    assert all((service / name).is_file() for name in NEEDED)
    assert set(image_files(service)) >= set(NEEDED)


def test_its_pins_are_the_workshops(service: Path) -> None:
    assert set((service / "requirements.txt").read_text().split()) == PINS


def test_its_manifest_shows_the_key_in_plain_sight_as_the_workshop_begins() -> None:
    deployment, app = yaml.safe_load_all((bundled_starter() / "ai-service.yaml").read_text())
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    key = next(item for item in container["env"] if item["name"] == "OPENAI_API_KEY")
    assert key["value"] == "REPLACE-WITH-YOUR-KEY"
    assert app["spec"]["ports"][0]["targetPort"] == container["ports"][0]["containerPort"] == 5001


async def test_its_own_tests_pass_with_its_own_requirements(service: Path, home: Path) -> None:
    environment = AppEnvironment(home / "starter", service / "requirements.txt")
    async for _ in environment.make():
        pass
    own = ["-m", "pytest", "-q", "-c", "/dev/null", "--rootdir", str(service), "-p", "no:cacheprovider"]
    ran = subprocess.run(  # noqa: ASYNC221 - nothing else to do meanwhile
        [str(environment.python()), *own], cwd=service, check=False, capture_output=True, text=True
    )
    assert ran.returncode == 0, ran.stdout
    assert "6 passed" in ran.stdout
