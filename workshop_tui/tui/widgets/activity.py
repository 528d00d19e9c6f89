"""What an action does, line by line: its plan as commands, its progress, its end."""

from __future__ import annotations

import logging
import time
from collections import deque
from contextlib import aclosing
from typing import TYPE_CHECKING

from rich.text import Text
from textual import work
from textual.containers import Vertical
from textual.content import Content
from textual.widgets import RichLog, Static
from textual.worker import Worker, WorkerState

from workshop_tui.authoring import Applied, Planned, Working
from workshop_tui.events import ActionEnded, ActionProgressed
from workshop_tui.tui.messages import ActionOver, FaultHappened, Happened
from workshop_tui.tui.times import duration
from workshop_tui.tui.widgets.difference_text import difference_text
from workshop_tui.tui.widgets.hanging_text import hang
from workshop_tui.tui.widgets.under_way import UnderWay, bar

if TYPE_CHECKING:
    from textual.app import ComposeResult
    from textual.timer import Timer

    from workshop_tui.events import Event, GuideProtocol
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)
_KEPT = 2000
"""How many things of a story are kept: each is drawn anew where the terminal becomes wider or narrower."""


class Activity(Vertical):
    """Runs a step's action and shows its progress line by line."""

    BORDER_TITLE = "Do it for me"

    def __init__(self, guide: GuideProtocol) -> None:
        """Take who acts."""
        super().__init__(id="activity")
        self._guide = guide
        self._step: Step | None = None
        self._began = 0.0
        self._last = ""
        self._working = ""
        self._clock: Timer | None = None
        self._told: deque[Text] = deque(maxlen=_KEPT)
        self._columns = 0

    def compose(self) -> ComposeResult:
        """Lay out the line that says what is being done, and the story."""
        yield Static("", id="doing", markup=False)
        yield UnderWay()
        story = RichLog(id="story", min_width=1, markup=False, wrap=True, max_lines=_KEPT, highlight=False)
        story.can_focus = False
        yield story

    def on_mount(self) -> None:
        """Have a clock ready; it ticks only while something is being done."""
        self._clock = self.set_interval(1.0, self._tick, pause=True)

    def on_resize(self) -> None:
        """Break the lines anew for this width, and keep the last words in sight."""
        self.call_after_refresh(self._draw)

    def _draw(self) -> None:
        columns = self.story.scrollable_content_region.width
        if columns and columns != self._columns:
            self._columns = columns
            self.story.clear()
            if self._told:
                self.story.write(self._hung(*self._told))
        self.story.scroll_end(animate=False)

    def _say(self, text: Text) -> None:
        self._told.append(text)
        self.story.write(self._hung(text))

    def _hung(self, *texts: Text) -> Text:
        lines = [line.text for text in texts for line in hang(text, self._columns or self.app.size.width)]
        return Text("\n").join(lines)

    @property
    def story(self) -> RichLog:
        """The lines told so far."""
        return self.query_one("#story", RichLog)

    @property
    def is_running(self) -> bool:
        """Whether the action is at work; looking at its result is not."""
        return self._step is not None

    def run(self, step: Step) -> None:
        """Begin the step's action."""
        self.story.clear()
        self._told.clear()
        self._step, self._began, self._last, self._working = step, time.monotonic(), "", ""
        self.border_title = Content(f"Do it for me: {step.title}")
        self.query_one(UnderWay).clear()
        self.add_class("-running")
        if self._clock is not None:
            self._clock.resume()
        self._tick()
        self._act(step)

    def stop(self) -> None:
        """Stop the running action; what it has changed so far stays, and running it again goes on there."""
        self.workers.cancel_group(self, "act")

    @work(exclusive=True, group="act", exit_on_error=False)
    async def _act(self, step: Step) -> None:
        done = ended = False
        try:
            async with aclosing(self._guide.solve(step)) as events:
                async for event in events:
                    if isinstance(event, ActionEnded):
                        done, ended = event.done, True
                        self._end()
                    self._tell(event)
                    self.post_message(Happened(event))
        finally:
            # Once it had ended, another may be running by now, which this one must not end.
            if not ended:
                self._end()
            self.post_message(ActionOver(step, done=done))

    def _end(self) -> None:
        self._step = None
        self.remove_class("-running")
        self.query_one(UnderWay).clear()
        if self._clock is not None:
            self._clock.pause()
        self.query_one("#doing", Static).update(f"took {duration(time.monotonic() - self._began)}")

    def _tick(self) -> None:
        if self._step is not None:
            passed = duration(time.monotonic() - self._began)
            self.query_one("#doing", Static).update(f"{self._working}{passed} · Esc stops it safely")

    def _tell(self, event: Event) -> None:
        match event:
            case ActionProgressed(progress=Planned(change=change)):
                self._say(Text(f"→ {change.what}", style="bold"))
                if change.command:
                    self._say(Text(f"    {change.command}", style="dim"))
                if change.difference:
                    difference = difference_text(change.difference, indent="    ")
                    difference.rstrip()
                    self._say(difference)
            case ActionProgressed(progress=Applied(change=change, already=already)):
                self._working = ""
                self.query_one(UnderWay).clear()
                said = f"✔ {change.what}" + (" (it was so already)" if already else "")
                self._say(Text(said, style="green"))
            case ActionProgressed(progress=Working() as working):
                self._work(working)
            case ActionEnded(problem=problem, remedy=remedy) if problem:
                self._say(Text(f"✘ {problem}", style="bold red"))
                if remedy:
                    self._say(Text(f"  {remedy}", style="italic"))
            case ActionEnded():
                self._say(Text("Done; the checks have the last word.", style="green"))
            case _:
                pass

    def _work(self, working: Working) -> None:
        """Tell each thing once. What moves, moves in lines of its own, and is told when it is done."""
        if working.item and not self.query_one(UnderWay).show(working):
            return
        if working.fraction is not None and not working.item:
            self._working = f"{bar(working.fraction)} · "
            self._tick()
        if working.text and working.text != self._last:
            self._last = working.text
            self._say(Text(f"  {working.text}"))

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Tell a fault of ours as one; the details go to the log."""
        event.stop()
        if event.state is WorkerState.ERROR:
            _log.error("an action failed", exc_info=event.worker.error)
            self._say(Text("✘ It failed by a fault of ours; m has the details.", style="bold red"))
            self.app.post_message(FaultHappened("The action failed by a fault of ours.", event.worker.error))
