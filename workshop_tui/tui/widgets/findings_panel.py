"""The findings of the open step, each updated where it stands: nothing flickers, nothing moves."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.text import Text
from textual.containers import VerticalScroll

from workshop_tui.findings import Verdict, summarise
from workshop_tui.tui.widgets.finding_text import SAME, finding_text, root_text
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from textual.timer import Timer
    from textual.widget import Widget

    from workshop_tui.findings import Finding
    from workshop_tui.workshop import Check, Step


class FindingRow(HangingText):
    """One check and what it found."""

    def __init__(self, check: Check) -> None:
        """Take the check."""
        super().__init__(Text(f"· {check.title}"), classes="finding")
        self.check = check
        self.finding: Finding | None = None
        self.follows = ""
        """What the finding follows from, in words, or that it is told above; empty where it shows a root."""

    def mark(self, follows: str) -> None:
        """Tell what it follows from."""
        if follows != self.follows:
            self.follows = follows
            self.draw()

    def show(self, finding: Finding) -> bool:
        """Show the finding; return whether it differs from what was shown."""
        if finding == self.finding:
            return False
        self.finding = finding
        self.draw()
        return True

    def draw(self) -> None:
        """Draw it as of now: a pending one counts down."""
        if self.finding is not None:
            self.update(finding_text(self.check, self.finding, datetime.now(UTC), self.follows))

    @property
    def counts_down(self) -> bool:
        """Whether what it shows changes with time."""
        return self.finding is not None and self.finding.until is not None


class RootsElsewhere(HangingText):
    """The roots of this step's findings that show in other steps: before the findings, and loud."""

    def __init__(self) -> None:
        """Start with none."""
        super().__init__("", id="roots", classes="finding")
        self.display = False
        self._told: list[tuple[Step, Finding]] = []

    def show(self, roots: Sequence[tuple[Step, Finding]]) -> None:
        """Show these."""
        if list(roots) == self._told:
            return
        self._told = list(roots)
        self.display = bool(roots)
        self.update(Text("\n").join(root_text(step, finding) for step, finding in roots))


class FindingsPanel(VerticalScroll, can_focus=True):
    """All checks of the open step.

    What the learner reads stays where it is: the panel scrolls by itself only once a step, to the first
    problem as it is found, and when somebody turns to it.
    """

    BORDER_TITLE = "Checks"

    def __init__(self) -> None:
        """Start empty."""
        super().__init__(id="findings")
        self._rows: dict[str, FindingRow] = {}
        self._clock: Timer | None = None
        self._roots = RootsElsewhere()
        self._revealed = False
        self._brought: Widget | None = None
        """What the panel brought into sight by itself, until somebody scrolls."""
        self._read: tuple[Widget, float] | None = None
        """What is read by somebody who scrolled, and how far below the top, while rows are laid out anew."""
        self._moves_itself = False
        self._order: dict[str, int] = {}

    def on_mount(self) -> None:
        """Have a clock ready; it ticks only while something counts down."""
        self._clock = self.set_interval(1.0, self._tick, pause=True)

    def _tick(self) -> None:
        for row in self._rows.values():
            if row.counts_down:
                row.draw()

    async def open(self, step: Step) -> None:
        """Show this step's checks, not judged yet."""
        self._rows = {check.id: FindingRow(check) for check in step.checks}
        self._roots = RootsElsewhere()
        self._revealed = False
        self._keep_nothing()
        await self.remove_children()
        await self.mount(self._roots, *self._rows.values())
        self.scroll_home(animate=False)
        self._tally()

    def show(self, check: Check, finding: Finding) -> bool:
        """Show a finding where its check stands; return whether that changed anything."""
        row = self._rows.get(check.id)
        self._stay()
        changed = row.show(finding) if row is not None else False
        self._tally()
        return changed

    def mark(
        self,
        follows: Mapping[str, str],
        elsewhere: Sequence[tuple[Step, Finding]] = (),
        roots: Sequence[str] = (),
    ) -> None:
        """Tell of each finding what it follows from, by check; those that are not named show roots.

        `elsewhere` are the roots that show in other steps, `roots` the codes of all in the chain's order.
        """
        self._order = {cause: place for place, cause in enumerate(roots)}
        self._stay()
        before: list[Finding] = []
        for name, row in self._rows.items():
            again = row.finding in before and row.finding is not None and row.finding.cause is not None
            row.mark(follows.get(name, "") or (SAME if again else ""))
            before += [row.finding] if row.finding is not None else []
        self._roots.show(elsewhere)

    def scroll_to(self, *args: Any, **options: Any) -> None:  # noqa: ANN401 - passed on as they came
        """Scroll, as the panel itself or the learner wants it; a learner who scrolls has the last word."""
        if not self._moves_itself:
            self._keep_nothing()
        super().scroll_to(*args, **options)

    def on_mouse_scroll_up(self) -> None:
        """Note that the learner scrolls: the wheel does not come by `scroll_to`."""
        self._keep_nothing()

    def on_mouse_scroll_down(self) -> None:
        """Note that the learner scrolls."""
        self._keep_nothing()

    def _keep_nothing(self) -> None:
        self._brought = self._read = None

    @contextmanager
    def _moving(self) -> Iterator[None]:
        self._moves_itself = True
        try:
            yield
        finally:
            self._moves_itself = False

    def _stay(self) -> None:
        """Keep in place what is being read, though something before it may come, go or grow now.

        What was brought into sight stays in sight, as long as nobody has scrolled.
        """
        if self._brought is None and self._read is None and self.scroll_y:
            shown = (row for row in self.children if row.virtual_region.bottom > self.scroll_y)
            first = next(shown, None)
            self._read = (first, first.virtual_region.y - self.scroll_y) if first is not None else None
        self.call_after_refresh(self._keep)

    def watch_virtual_size(self) -> None:
        """See to it that what was brought into sight stays there when rows have been laid out anew."""
        if self._brought is not None:
            self.call_after_refresh(self._keep)

    def _keep(self) -> None:
        with self._moving():
            if self._brought is not None and self.first_problem() is None:
                # Nothing is wrong any more: there is nothing to look at down there.
                self._brought = None
                self.scroll_home(animate=False)
            elif self._brought is not None:
                self._bring_into_sight(self._brought)
            elif self._read is not None:
                (row, above), self._read = self._read, None
                self.scroll_to(y=row.virtual_region.y - above, animate=False)

    def reveal_once(self) -> None:
        """Bring the first problem into sight as it is found, unless the learner reads on by now."""
        if not self._revealed and self.first_problem() is not None:
            if not self.scroll_y:
                self.reveal()
            self._revealed = True

    def reveal(self) -> None:
        """Bring the first problem into sight: its root, if that shows in another step."""
        row = self.first_problem()
        if row is None:
            return
        self._revealed = True
        shown = self._roots if row.follows and self._roots.display else row
        # What has just been found has no place on the screen before it is laid out.
        self.call_after_refresh(self._bring_into_sight, shown)

    def _bring_into_sight(self, shown: Widget) -> None:
        if not shown.is_attached:
            return
        self._brought = shown
        too_high = shown.outer_size.height > self.size.height
        with self._moving():
            self.scroll_to_widget(shown, animate=False, top=too_high)

    @property
    def findings(self) -> Mapping[str, Finding]:
        """The findings shown, by check."""
        return {name: row.finding for name, row in self._rows.items() if row.finding is not None}

    def first_problem(self) -> FindingRow | None:
        """Return the row that gives the step its verdict, the chain's first root; None where all passed."""
        rows = [row for row in self._rows.values() if row.finding is not None]
        verdict = summarise(row.finding.verdict for row in rows if row.finding)
        if verdict is Verdict.PASSED:
            return None
        found = [row for row in rows if row.finding and row.finding.verdict is verdict]
        return min(found, key=self._rank, default=None)

    def _rank(self, row: FindingRow) -> tuple[bool, int]:
        cause = row.finding.cause if row.finding is not None else None
        return bool(row.follows), self._order.get(cause or "", len(self._order))

    def _tally(self) -> None:
        good = sum(finding.verdict is Verdict.PASSED for finding in self.findings.values())
        self.border_title = f"Checks  {good} of {len(self._rows)}"
        if self._clock is not None:
            counting = any(row.counts_down for row in self._rows.values())
            self._clock.resume() if counting else self._clock.pause()
