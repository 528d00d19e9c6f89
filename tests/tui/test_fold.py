"""Commands on a page are folded to the width there is, and still run as they are shown."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from pathlib import Path

import pytest

from workshop_tui.pages import read_page
from workshop_tui.tui.fold import fold_commands
from workshop_tui.variables import VARIABLES

PAGES = sorted((Path(__file__).parents[2] / "steps").glob("*/step.md"))
SHELL = re.compile(r"^```bash\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def folded(command: str, width: int) -> list[str]:
    page = fold_commands(f"Text before.\n\n```bash\n{command}\n```\n\nText after.\n", width)
    assert page.startswith("Text before.\n\n```bash\n")
    assert page.endswith("\n```\n\nText after.\n")
    return page.splitlines()[3:-3]


def test_a_long_command_is_broken_between_words_with_a_backslash() -> None:
    assert folded("az aks get-credentials --resource-group mine --name myAKSCluster", 40) == [
        "az aks get-credentials \\",
        "  --resource-group mine \\",
        "  --name myAKSCluster",
    ]


def test_a_line_that_goes_on_already_is_not_indented_further() -> None:
    assert folded("az aks update \\\n  --resource-group mine --name myAKSCluster", 30) == [
        "az aks update \\",
        "  --resource-group mine \\",
        "  --name myAKSCluster",
    ]


def test_what_fits_stays_as_it_is() -> None:
    assert folded("kubectl get pods", 40) == ["kubectl get pods"]


def test_quoted_words_stay_whole() -> None:
    lines = folded("""printf '%s and %s\\n' "a b c d e f g h" 'i j k l m n o p'""", 24)
    assert '"a b c d e f g h"' in "\n".join(lines)
    assert "'i j k l m n o p'" in "\n".join(lines)


def test_comments_and_here_documents_stay_whole() -> None:
    comment = "# A comment that is rather longer than the page is wide"
    document = "cat <<EOF\na line of the document that is longer than the page\nEOF"
    assert folded(comment, 20) == [comment]
    assert folded(document, 20) == document.splitlines()


def test_a_redirection_stays_with_its_file() -> None:
    assert folded("echo 0123456789 0123456789 >> file-of-a-name", 32)[-1].lstrip() != "file-of-a-name"


def test_a_quote_over_several_lines_is_left_alone() -> None:
    command = "echo 'one two three four five six\nseven eight nine ten eleven twelve'\necho done"
    assert folded(command, 20) == command.splitlines()


@pytest.mark.parametrize("width", [36, 48, 72])
@pytest.mark.parametrize("file", PAGES, ids=lambda file: file.parent.name)
def test_the_shell_reads_every_page_as_before(file: Path, width: int) -> None:
    """Bash itself prints what it understood: the same with and without folding."""
    shell = shutil.which("bash")
    assert shell is not None
    page = re.sub(r"\{\{ (\w+) \}\}", r"\1", read_page(file, VARIABLES).markdown)
    before, after = SHELL.findall(page), SHELL.findall(fold_commands(page, width))
    assert len(before) == len(after)
    for block, again in zip(before, after, strict=True):
        assert understood(shell, again) == understood(shell, block)


def understood(shell: str, block: str) -> str:
    """Return the block as Bash has parsed it: `declare -f` prints a function from its syntax tree."""
    script = f"block() {{\n{block}\n}}\ndeclare -f block\n"
    ran = subprocess.run(
        [shell, "--norc"],
        input=script,
        capture_output=True,
        text=True,
        timeout=20,
        env=dict(os.environ),
        check=False,
    )
    assert ran.returncode == 0, ran.stderr
    return ran.stdout
