"""The verdict line: always on the screen, whatever part is shown."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from textual.widgets import Static

from workshop_tui.findings import Verdict
from workshop_tui.report import SIGNS
from workshop_tui.root_causes import title_of

if TYPE_CHECKING:
    from workshop_tui.tui.widgets.findings_panel import FindingRow


class VerdictBar(Static):
    """One line with the open step's verdict and what happens next."""

    def __init__(self) -> None:
        """Start empty."""
        super().__init__("", id="verdict", markup=False)

    def waiting(self, text: str) -> None:
        """Say what is being waited for."""
        self.set_classes("")
        self.update(f"· {text} …")

    def show(
        self,
        verdict: Verdict | None,
        problem: FindingRow | None,
        *,
        last: bool,
        asks_in: float | None = None,
    ) -> None:
        """Show the verdict, with the first problem where it did not pass.

        `asks_in`: the seconds until the model is asked again, where its answer is what the step lacks.
        """
        # A verdict may be known before what was found, and findings change one by one before it does.
        if verdict is None or (verdict is not Verdict.PASSED and problem is None):
            self.waiting("Looking")
            return
        self.set_classes(f"-{verdict.value}")
        if verdict is Verdict.PASSED:
            ahead = "this was the last step; n sums it all up" if last else "n opens the next step"
            self.update(f"{SIGNS[verdict]} passed · {ahead}")
        else:
            self.update(f"{SIGNS[verdict]} {verdict.value}{_again(asks_in)}{_what(problem)}")


def _again(asks_in: float | None) -> str:
    """Return when the model is asked again: a time, which stays true while it is read."""
    if asks_in is None:
        return ""
    at = datetime.now().astimezone() + timedelta(seconds=asks_in)
    return f" · asks again {at:%H:%M:%S}, or c"


def _what(problem: FindingRow | None) -> str:
    """Return the root of it: what is wrong and what was seen, or what that follows from."""
    if problem is None or problem.finding is None:
        return ""
    title, seen = title_of(problem.finding.cause), problem.finding.observed
    # Of what is simply not there the title has said as much.
    told = title if seen.startswith("Not there: ") and ";" not in seen else f"{title}: {seen}"
    return f" · {problem.follows or told}"
