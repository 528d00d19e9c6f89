"""The end: what was proven, with its evidence; to keep as files; and the way to clean up."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from workshop_tui.findings import Verdict
from workshop_tui.report import ROOT_WORDS, SIGNS, follows_words
from workshop_tui.report_markdown import as_markdown
from workshop_tui.report_page import as_html
from workshop_tui.root_causes import title_of
from workshop_tui.session import take_report
from workshop_tui.tui.messages import FaultHappened
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.finding_text import STYLES
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from workshop_tui.report import Report, StepReport
    from workshop_tui.session import Session

_log = logging.getLogger(__name__)


class Summary(Dialog[bool]):
    """Looks at everything once more, and tells it. s saves it as files, x cleans up.

    Answers whether something was cleaned up.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("s", "keep", "Save", tooltip="Save it as files: Markdown and HTML"),
        Binding("x", "clean_up", "Clean up", tooltip="List all that the workshop made, to remove it"),
    ]

    title_text = "What you have proven"
    keys_text = "s save as files  x clean up  Esc close"

    def __init__(self, session: Session) -> None:
        """Take the session to look with."""
        super().__init__()
        self._session = session
        self._report: Report | None = None
        self._cleaned = False

    def body(self) -> HangingText:
        """Return the page; what was proven comes in a moment."""
        return HangingText("Looking at everything once more …", id="summary")

    def on_mount(self) -> None:
        """Look at everything once more: a summary is no memory."""
        self._look()

    @work(exclusive=True, exit_on_error=False)
    async def _look(self) -> None:
        self._report = await take_report(self._session, self._session.workshop.steps)
        text = summary_text(self._report, self._session.workshop.proves)
        self.query_one(HangingText).update(text)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that it could not be told; why is in the log."""
        if event.state is WorkerState.ERROR:
            _log.error("the summary failed", exc_info=event.worker.error)
            self.query_one(HangingText).update("It could not be looked at; m has the details.")
            self.app.post_message(FaultHappened("The summary failed by a fault of ours.", event.worker.error))

    def action_keep(self) -> None:
        """Write the report as Markdown and as HTML into the home folder."""
        if self._report is None:
            self.notify("Still looking: there is nothing to save yet.", markup=False)
            return
        folder = self._session.settings.home / "reports"
        name = f"{self._report.workshop}-{datetime.now().astimezone():%Y-%m-%d-%H%M}"
        try:
            folder.mkdir(mode=0o700, exist_ok=True)
            for suffix, text in ((".md", as_markdown(self._report)), (".html", as_html(self._report))):
                (folder / f"{name}{suffix}").write_text(text, encoding="utf-8")
        except OSError as error:
            self.notify(f"{folder} cannot be written: {error.strerror}", severity="error", markup=False)
        else:
            self.notify(f"{folder / name}.md and .html", title="Saved", timeout=10, markup=False)

    def action_clean_up(self) -> None:
        """List everything the workshop made, and remove it on the learner's word."""
        from workshop_tui.tui.screens.clean_up import CleanUp  # noqa: PLC0415 - only where it is asked for

        self.app.push_screen(CleanUp(self._session.guide, self._session.workshop.steps), self._look_anew)

    def _look_anew(self, cleaned: bool | None) -> None:  # noqa: FBT001 - the screen's answer
        """Look once more after something was cleaned up: what was told is not so any more."""
        if cleaned:
            self._cleaned, self._report = True, None
            self.query_one(HangingText).update("Looking at everything once more …")
            self._look()

    def action_close(self) -> None:
        """Go back to the desk."""
        self.dismiss(self._cleaned)


def summary_text(report: Report, proves: str) -> Text:
    """Return what was found: the steps at a glance, the roots of what is wrong, then all the evidence.

    `proves` is said only when every step has passed.
    """
    text = Text()
    good = sum(item.verdict is Verdict.PASSED for item in report.steps)
    if proves and good == len(report.steps):
        text.append(f"{proves}\n", style="bold green")
    text.append(f"{good} of {len(report.steps)} steps have passed just now.\n\n", style="bold")
    for item in report.steps:
        text.append(_headline(item), style=STYLES[item.verdict])
    causes = report.root_causes
    for root in causes.told:
        text.append(f"\n{ROOT_WORDS[root.finding.verdict]}, step {report.numbers[root.step]}: ")
        text.append(f"{title_of(root.cause)}\n", style=STYLES[root.finding.verdict])
        text.append(f"  {root.finding.remedy}\n", style="italic")
    text.append("\nThe evidence\n", style="bold")
    for item in report.steps:
        text.append(f"\n{_headline(item)}", style=STYLES[item.verdict])
        for check, finding in item.findings:
            follows = follows_words(causes, item.step.id, check.id, report.numbers)
            text.append(f"  {SIGNS[finding.verdict]} ", style="dim" if follows else STYLES[finding.verdict])
            text.append(f"{check.title}: ", style="dim" if follows else "")
            text.append(f"{finding.observed}\n", style="dim")
            text.append(f"    {follows}\n" if follows else "", style="italic")
    text.rstrip()
    return text


def _headline(item: StepReport) -> str:
    return f"{SIGNS[item.verdict]} {item.step.number:2} · {item.step.title}\n"
