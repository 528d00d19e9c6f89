"""What the practice model says of a product, and never says."""

from __future__ import annotations

import pytest

from workshop_tui.practice.model_text import describe

PROMPT = "Product name: Ball\ntags: ['dog']"


@pytest.mark.parametrize(
    "prompt",
    [PROMPT, "name: Error Terror\ntags: errors", "ERROR error eRRor", "", "tags: []", "name:\ntags:"],
)
def test_never_says_what_the_app_takes_for_a_failure(prompt: str) -> None:
    text = describe(prompt)
    assert "error" not in text.lower()
    assert "practice model" in text


def test_the_last_product_counts() -> None:
    prompt = "Product name: Example\ntags: old\nProduct name: Ball\ntags: ['round', 'dog']"
    assert describe(prompt).startswith("Ball: ")
    assert "round and dog" in describe(prompt)
