"""Which files go into the image: held against Docker's own rules, as its SDK has them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from docker.utils.build import exclude_paths

from workshop_tui.cloud.build_context import fingerprint, image_files

if TYPE_CHECKING:
    from pathlib import Path

FILES = (
    *("main.py", "README.md", "a.txt", "docs/a.txt", "docs/deep/b.md", "docs/keep.md", "test_main.py"),
    *("src/test_x.py", "src/x.py", "log/1.log", "log/old/2.log", "Dockerfile"),
)


@pytest.fixture
def context(tmp_path: Path) -> Path:
    for name in FILES:
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(name)
    return tmp_path


@pytest.mark.parametrize(
    "rules",
    [
        (),
        ("docs",),
        ("docs/", "!docs/keep.md"),
        ("*.md",),
        ("**/*.md",),
        ("**/*.md", "!README.md"),
        ("**/test_*.py",),
        ("log/*.log",),
        ("log/**/*.log",),
        ("*/a.txt",),
        ("?.txt",),
        ("/docs/deep",),
        ("*", "!src", "!main.py"),
        ("docs/**",),
        ("**/deep",),
        ("# a comment", "", "a.txt"),
    ],
    ids=lambda rules: " ".join(rules) or "none",
)
def test_the_rules_are_dockers(context: Path, rules: tuple[str, ...]) -> None:
    (context / ".dockerignore").write_text("\n".join(rules) + "\n")
    read = [rule for rule in rules if rule and not rule.startswith("#")]
    theirs = {name for name in exclude_paths(str(context), [*read]) if (context / name).is_file()}
    assert set(image_files(context)) | {"Dockerfile", ".dockerignore"} == theirs | {
        "Dockerfile",
        ".dockerignore",
    }


def test_keys_and_by_products_never_go_in(context: Path) -> None:
    before = fingerprint(context)
    for name in (".env", ".git/config", ".venv/bin/python", "src/__pycache__/x.pyc", "src/.env"):
        (context / name).parent.mkdir(parents=True, exist_ok=True)
        (context / name).write_text("OPENAI_API_KEY=secret")
    assert set(image_files(context)) == set(FILES)
    assert fingerprint(context) == before


def test_the_fingerprint_changes_with_names_and_contents_of_what_goes_in(context: Path) -> None:
    (context / ".dockerignore").write_text("docs\n")
    seen = {fingerprint(context)}
    (context / "docs/a.txt").write_text("ignored")
    assert fingerprint(context) in seen
    (context / "main.py").write_text("changed")
    seen.add(fingerprint(context))
    (context / "main.py").rename(context / "other.py")
    seen.add(fingerprint(context))
    assert len(seen) == 3


def test_links_out_of_the_context_are_left_out(
    context: Path, tmp_path_factory: pytest.TempPathFactory
) -> None:
    outside = tmp_path_factory.mktemp("outside") / "secret"
    outside.write_text("secret")
    (context / "link").symlink_to(outside)
    (context / "inside").symlink_to(context / "main.py")
    assert "link" not in image_files(context)
    assert "inside" in image_files(context)
