"""Nothing of the workshop that ours follows has been lost: `docs/coverage.md` lists all of it, and is true.

The original's text lies beside the checkout on the machines that build this project; without it, the half of
the tests that compares with it is skipped, loudly.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from workshop_tui.workshop import load_workshop

ROOT = Path(__file__).parent.parent
ORIGINAL = ROOT.parent / "shared" / "workshop" / "seed.md"
TABLE = ROOT / "docs" / "coverage.md"

FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
HEREDOC = re.compile(r"(<<EOF\n).*?^EOF$", re.MULTILINE | re.DOTALL)
TASK = re.compile(r'data-title="task">\s*\n\s*> (.*)')
LITERAL = re.compile(r"(?:export )?([A-Z_]+=)")
FROM_COMMAND = re.compile(r"[A-Z_]+=\$\(")
MOST_WORDS = 4


@dataclass(frozen=True)
class Entry:
    """One row: what the original has, and what of ours carries it."""

    number: str
    words_there: str
    step: str
    how: str
    words_here: tuple[str, ...]

    @property
    def folder(self) -> Path:
        return ROOT / "steps" / self.step.replace("-", "_")


def _entries() -> list[Entry]:
    rows = [line for line in TABLE.read_text("utf-8").splitlines() if re.match(r"\| [CXTS]\d", line)]
    found = []
    for row in rows:
        number, _, there, step, how, here, _ = (
            cell.strip().replace("\\|", "|") for cell in re.split(r"(?<!\\)\|", row)[1:-1]
        )
        found.append(Entry(number, there.strip("`"), step, how, tuple(re.findall(r"`([^`]+)`", here))))
    return found


ENTRIES = _entries()


def _entries_of(letter: str) -> list[Entry]:
    return [entry for entry in ENTRIES if entry.number.startswith(letter)]


def _plain(text: str) -> str:
    """Return text as one line without code marks, so that a line's end does not hide a phrase."""
    return re.sub(r"\s+", " ", text.replace("`", ""))


@pytest.fixture(scope="module")
def original() -> str:
    if not ORIGINAL.is_file():
        pytest.skip(
            "THE ORIGINAL WORKSHOP'S TEXT IS NOT BESIDE THIS CHECKOUT: its coverage cannot be compared."
        )
    return ORIGINAL.read_text("utf-8")


def _commands(text: str) -> list[str]:
    """Return the leading words of every command in the shell blocks, in order."""
    blocks = [body for language, body in FENCE.findall(text) if language == "bash"]
    lines = [
        line.strip()
        for body in blocks
        for line in HEREDOC.sub(r"\1", body).replace("\\\n", " ").splitlines()
        if line.strip() and not line.strip().startswith("#")
    ]
    return [_head(line) for line in lines]


def _head(line: str) -> str:
    command = FROM_COMMAND.sub("", line, count=1)
    literal = LITERAL.match(command)
    if literal is not None:
        return literal[1]
    first, *rest = command.split()
    head = [first]
    for word in rest[: MOST_WORDS - 1]:
        if not re.fullmatch(r"[a-z][a-z-]*", word):
            break
        head.append(word)
    return " ".join(head)


def test_every_command_is_listed_in_order(original: str) -> None:
    assert [entry.words_there for entry in _entries_of("C")] == _commands(original)


def test_every_other_block_is_listed_in_order(original: str) -> None:
    languages = [language for language, _ in FENCE.findall(original) if language != "bash"]
    assert [entry.words_there for entry in _entries_of("X")] == languages


def test_every_task_is_listed_in_order(original: str) -> None:
    tasks, entries = TASK.findall(original), _entries_of("T")
    assert len(entries) == len(tasks)
    strangers = [
        entry.number for entry, task in zip(entries, tasks, strict=True) if entry.words_there not in task
    ]
    assert not strangers, f"These rows do not fit the task at their place: {strangers}"


def test_every_claim_stands_in_the_original(original: str) -> None:
    text = _plain(original)
    strangers = [entry.number for entry in _entries_of("S") if _plain(entry.words_there) not in text]
    assert not strangers, f"These rows quote words that the original does not have: {strangers}"


def test_every_link_of_the_original_has_its_like(original: str) -> None:
    """Addresses change; what they lead to is recognised by the last word of the path."""
    renamed = {
        "msal-overview": "msal-overview",
        "identity-readme?view=azure-python": "identity-readme",
        "install-kubectl-linux": "docs/tasks/tools",
        "container-registry": "container-registry",
        "connect": "openid.net",
        "workload-identity-overview?tabs=dotnet": "workload-identity-overview",
        "aks-store-demo.git": "aks-store-demo.git",
        "overview": "overview",
        "pauldotyu": "@pauldotyu",
    }
    pages = "".join(page.read_text("utf-8") for page in ROOT.glob("steps/*/step.md"))
    addresses = re.findall(r"https://[^\s)>\"]+", original)
    tails = {address.rstrip("/").rsplit("/", 1)[-1].split("#")[0] for address in addresses}
    local = {tail for tail in tails if tail.startswith(("localhost", "cognitiveservices", ".default"))}
    missing = [tail for tail in sorted(tails - local) if renamed.get(tail, tail) not in pages]
    assert not missing, f"Nothing of ours leads where these led: {missing}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.number)
def test_the_page_says_what_the_table_claims(entry: Entry) -> None:
    page = _plain((entry.folder / "step.md").read_text("utf-8"))
    assert entry.words_here, "the row names no words to look for"
    missing = [words for words in entry.words_here if _plain(words) not in page]
    assert not missing, f"{entry.step}/step.md does not say: {missing}"


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda entry: entry.number)
def test_the_code_has_what_the_table_claims(entry: Entry) -> None:
    assert re.fullmatch(r"page(, action)?(, check `[a-z-]+`)?(, drawing `[a-z-]+\.svg`)?", entry.how), (
        f"unknown words in How: {entry.how}"
    )
    for drawing in re.findall(r"drawing `([^`]+)`", entry.how):
        assert (ROOT / "assets" / drawing).is_file()
    checks = re.findall(r"check `([^`]+)`", entry.how)
    if not checks and "action" not in entry.how:
        return
    step = load_workshop(ROOT).step(entry.step)
    assert step.action is not None or "action" not in entry.how
    ids = {check.id for check in step.checks}
    for check in checks:
        assert check in ids, f"{entry.step} has no check {check}"


def test_the_words_are_our_own(original: str) -> None:
    """No run of eight words of the original's prose stands in a page of ours; its title may be named."""
    length = 8
    named = "OpenAI from Azure Kubernetes Service (AKS)"

    def runs(text: str) -> set[tuple[str, ...]]:
        prose = re.sub(r"https?://\S+", " ", FENCE.sub(" ", text)).replace(named, " ")
        words = re.findall(r"[a-z']+", _plain(prose).lower())
        return {tuple(words[place : place + length]) for place in range(len(words) - length + 1)}

    theirs = runs(original)
    for page in sorted(ROOT.glob("steps/*/step.md")):
        shared = runs(page.read_text("utf-8")) & theirs
        assert not shared, f"{page.parent.name}: {[' '.join(run) for run in shared]}"
