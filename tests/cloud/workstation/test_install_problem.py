"""A failed installation names its way out by what uv said."""

from __future__ import annotations

import pytest

from workshop_tui.cloud.processes import CommandError
from workshop_tui.cloud.python_runtime import install_problem


@pytest.mark.parametrize(
    ("said", "way_out"),
    [
        (
            "failed to copy file from /a to /b: No space left on device (os error 28)",
            "The disk at / is full (",
        ),
        (
            "failed to write to file `/dev/shm/a b/c`: No space left on device",
            "The disk at /dev/shm is full (",
        ),
        ("error: Disk quota exceeded (os error 122)", "The disk is full"),
        ("Because there is no version of fastapi==999.1: No solution found", "Mend requirements.txt"),
        ("error: Couldn't parse requirement in `requirements.txt` at position 0", "Mend requirements.txt"),
        ("error: Request failed after 3 retries\n cause: Failed to fetch: https://a/", "check the network"),
        ("Failed to fetch: https://a/\n cause: tunnel error: failed to create", "check HTTPS_PROXY"),
        ("error: something of tomorrow", "Check the network and requirements.txt"),
    ],
)
def test_the_way_out_fits_what_was_said(said: str, way_out: str) -> None:
    problem = install_problem(CommandError("uv pip install ended with code 1", said))
    assert said in problem.what
    assert way_out in problem.remedy
