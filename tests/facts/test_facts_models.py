"""Which of an account's deployments counts, and which ones an app may ask as well."""

from __future__ import annotations

import pytest

from workshop_tui.facts.azure import choose_model
from workshop_tui.model import ModelDeployment

FAILED = ModelDeployment("first", "gpt-4o", "Failed")
COMING = ModelDeployment("second", "gpt-4o", "Creating")
GOOD = ModelDeployment("third", "gpt-35-turbo", "Succeeded")
OTHER = ModelDeployment("fourth", "gpt-35-turbo", "Succeeded")


@pytest.mark.parametrize(
    ("name", "chosen", "beside"),
    [
        ("", GOOD, ("fourth",)),
        ("fourth", OTHER, ("third",)),
        ("FIRST", FAILED, ("third", "fourth")),
    ],
)
def test_the_named_one_counts_else_one_that_is_ready(
    name: str, chosen: ModelDeployment, beside: tuple[str, ...]
) -> None:
    found = choose_model([FAILED, COMING, GOOD, OTHER], name)
    assert found is not None
    assert (found.name, found.state, found.beside) == (chosen.name, chosen.state, beside)


def test_where_none_is_ready_the_first_is_told_and_none_is_beside_it() -> None:
    assert choose_model([FAILED, COMING], "") == FAILED
    assert choose_model([], "") is None
    assert choose_model([GOOD], "another") is None
