"""The catalogue of causes is whole, its codes stay what they were, and its document is current."""

from __future__ import annotations

import re
import subprocess
import sys
from itertools import chain
from pathlib import Path

import pytest
from causes_document import document

from workshop_tui.causes import CATALOGUE
from workshop_tui.causes.catalogue import FILE, Catalogue, CatalogueError, read_causes
from workshop_tui.pages import placeholders

RELEASED = Path(__file__).with_name("released.txt")
DOCUMENT = Path(__file__).parents[2] / "docs" / "causes.md"
WORKSHOP = Path(__file__).parents[2] / "workshop_tui"

GOOD = '["area.problem"]\ntitle = "It is broken"\nwhy = "It fell."\nremedy = "Mend it."\n'


def test_a_cause_says_what_why_and_the_way_out() -> None:
    cause = CATALOGUE["federation.subject-mismatch"]
    assert cause.title == "The credential names another subject"
    assert "AADSTS700213" in cause.shows
    assert "--subject system:serviceaccount:{{ SERVICE_ACCOUNT_NAMESPACE }}" in cause.command
    assert cause.brings == ("live.token-exchange-refused",)


def test_released_codes_are_never_renamed_nor_removed() -> None:
    released = RELEASED.read_text("utf-8").split()
    assert set(released) - set(CATALOGUE) == set()
    assert set(CATALOGUE) - set(released) == set(), "new: add it to tests/causes/released.txt, for good"
    assert len(released) == len(set(released))


def test_titles_tell_causes_apart() -> None:
    titles = [cause.title for cause in CATALOGUE.values()]
    assert len(titles) == len(set(titles))
    assert not [title for title in titles if title.endswith(".")]


@pytest.mark.parametrize("code", CATALOGUE)
def test_texts_are_sentences_and_links_are_whole(code: str) -> None:
    cause = CATALOGUE[code]
    assert cause.why.endswith((".", "?"))
    assert cause.remedy.endswith(".")
    assert not cause.link or re.fullmatch(r"https://\S+", cause.link)
    assert code not in cause.brings


def test_commands_use_only_values_that_there_are() -> None:
    used = set(chain.from_iterable(placeholders(cause.command) for cause in CATALOGUE.values()))
    known = set(re.findall(r'"([A-Z][A-Z_]+)"', (WORKSHOP / "variables.py").read_text("utf-8")))
    assert used - known == set()


def test_the_document_is_current() -> None:
    assert DOCUMENT.read_text("utf-8") == document(), "run scripts/causes"


def test_the_file_is_read_only_when_a_cause_is_asked_for() -> None:
    code = "from workshop_tui.findings import CATALOGUE; print('_causes' in vars(CATALOGUE));"
    code += "CATALOGUE['role.missing']; print('_causes' in vars(CATALOGUE))"
    told = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert told.split() == ["False", "True"]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        (GOOD + GOOD, "no TOML"),
        (GOOD + 'remdey = "x"\n', "area.problem: unknown keys: remdey"),
        (GOOD.replace('why = "It fell."\n', ""), "area.problem: missing: why"),
        (GOOD.replace("It fell.", " "), "area.problem: why must be a text"),
        (GOOD.replace('"It fell."', "3"), "area.problem: why must be a text"),
        (GOOD + 'shows = "words"\n', "area.problem: shows must be a list of texts"),
        (GOOD + 'brings = ["area.other"]\n', "area.problem: brings area.other, which is no cause"),
        (GOOD + 'brings = ["area.problem"]\n', "causes bring each other about: area.problem"),
        (GOOD.replace("area.problem", "Area.Problem"), "Area.Problem: a code is area.problem"),
        ('"area.problem" = 1\n', "area.problem: a cause is a table"),
        ("[", "no TOML"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_its_fault(text: str, says: str) -> None:
    with pytest.raises(CatalogueError, match=re.escape(says)):
        read_causes(text)


def test_another_file_can_be_read(tmp_path: Path) -> None:
    file = tmp_path / "causes.toml"
    file.write_text(GOOD, "utf-8")
    assert [cause.title for cause in Catalogue(file).values()] == ["It is broken"]
    assert len(Catalogue(FILE)) == len(CATALOGUE)
