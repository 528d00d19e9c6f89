"""The desk: steps, page, checks and actions of the open step, and the gate to the next."""

from __future__ import annotations

import asyncio
import logging
from contextlib import aclosing
from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Footer, Static

from workshop_tui.events import ActionEnded, ActionProgressed, DoorState, Found, StepJudged
from workshop_tui.findings import Verdict
from workshop_tui.pages import render
from workshop_tui.tui.messages import CheckPassed, DoorAnswered, Happened, StepChosen
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.findings_panel import FindingsPanel
from workshop_tui.tui.widgets.page_view import PageView
from workshop_tui.tui.widgets.parts import Parts
from workshop_tui.tui.widgets.steps_list import StepsList
from workshop_tui.tui.widgets.verdict_bar import VerdictBar

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult

    from workshop_tui.events import Event
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)

FIRST_LOOK_SECONDS = 4.0
"""How long after a pass the open step is looked at again; doubles while nothing changes."""
LAST_LOOK_SECONDS = 30.0


class Desk(Screen[None]):
    """Where the learner sits."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("a", "act", "Do it for me", tooltip="Do this step's action", id="act"),
        Binding("c", "check", "Check", tooltip="Look again now", id="check"),
        Binding("n", "next", "Next", tooltip="Open the next step, when the gate is open", id="next"),
        Binding("p", "previous", "Back", tooltip="Read the step before", id="previous"),
        Binding("h", "hint", "Hint", tooltip="Show one hint more", id="hint"),
        Binding("s", "shell", "Shell", tooltip="Your own shell, every setting exported", id="shell"),
        Binding("y", "copy_command", "Copy", tooltip="Copy the first problem's command", id="copy"),
        Binding("tab", "turn", "Turn", show=False, id="turn", priority=True),
        Binding("j,down", "scroll_page(2)", show=False),
        Binding("k,up", "scroll_page(-2)", show=False),
        Binding("space,pagedown", "scroll_page(15)", show=False),
        Binding("b,pageup", "scroll_page(-15)", show=False),
        Binding("escape", "cancel", "Stop", show=False, tooltip="Stop the running action", id="cancel"),
    ]

    def __init__(self, session: Session, first_step: str = "") -> None:
        """Take the session, and the step to open first if one was named."""
        super().__init__()
        self.session = session
        self.guide = session.guide
        self._first_step = first_step
        self._step = session.workshop.steps[0]
        self._verdicts: dict[str, Verdict] = {}
        self._variables: Mapping[str, str] = {}
        self._acting = False
        self._pause = FIRST_LOOK_SECONDS

    # What it looks like ---------------------------------------------------------------------------------

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        names = self.session.names
        with Horizontal(id="head"):
            yield Static(self.session.workshop.title, id="head-title", markup=False)
            yield Static(
                f"{self.session.target.kind.upper()}  {names.resource_group}", id="head-target", markup=False
            )
        yield Parts(self.session.workshop)
        yield VerdictBar()
        yield Footer()

    async def on_mount(self) -> None:
        """Open where the learner was, and look at the whole workshop once."""
        workshop = self.session.workshop
        wanted = self._first_step or self.session.journal.last_step()
        await self.open(workshop.by_id.get(wanted, workshop.steps[0]))
        self.look_at_all()

    async def open(self, step: Step) -> None:
        """Show the step, and look at it."""
        self._step = step
        self.session.journal.write("opened", step.id)
        self._pause = FIRST_LOOK_SECONDS
        self._show_steps()
        self._say_verdict()
        await self.query_one(FindingsPanel).open(step)
        await self.query_one(PageView).open(step, render(step.page, self._variables))
        self.check_open_step()

    def _show_steps(self) -> None:
        self.query_one(StepsList).show(self._step.id, self._verdicts)

    def _say_verdict(self) -> None:
        self.query_one(VerdictBar).show(
            self._verdicts.get(self._step.id),
            self.query_one(FindingsPanel).first_problem(),
            last=self._step.number == len(self.session.workshop.steps),
        )

    # Looking --------------------------------------------------------------------------------------------

    @work(exclusive=True, group="all", exit_on_error=False)
    async def look_at_all(self) -> None:
        """Look at every step once, so that what was done before is seen; then fill the pages' values."""
        async with aclosing(self.guide.check(self.session.workshop.steps)) as events:
            async for event in events:
                if isinstance(event, StepJudged):
                    self.post_message(Happened(event))
        await self._read_variables()

    async def _read_variables(self) -> None:
        variables = await self.guide.variables()
        if dict(variables) != dict(self._variables):
            before = render(self._step.page, self._variables)
            self._variables = variables
            after = render(self._step.page, variables)
            if after != before:
                await self.query_one(PageView).refresh_page(after)

    @work(exclusive=True, group="check", exit_on_error=False)
    async def check_open_step(self, delay: float = 0.0) -> None:
        """Judge the open step, after a delay; a newer call takes the place of an older one."""
        if delay:
            await asyncio.sleep(delay)
        step, changed = self._step, False
        panel = self.query_one(FindingsPanel)
        async with aclosing(self.guide.check([step])) as events:
            async for event in events:
                if step is not self._step:
                    return
                if isinstance(event, Found):
                    changed = panel.show(event.check, event.finding) or changed
                elif isinstance(event, StepJudged):
                    self.post_message(Happened(event))
        self.post_message(CheckPassed(step.id, changed))

    def on_check_passed(self, message: CheckPassed) -> None:
        """Look again by and by: soon after a change, ever more rarely while nothing happens."""
        if message.step != self._step.id or self._acting:
            return
        self._pause = FIRST_LOOK_SECONDS if message.changed else min(self._pause * 2, LAST_LOOK_SECONDS)
        self.check_open_step(self._pause)

    def on_happened(self, message: Happened) -> None:
        """Take in what the guide said."""
        self._take(message.event)

    def _take(self, event: Event) -> None:
        match event:
            case StepJudged(step=step, verdict=verdict):
                self._verdicts[step] = verdict
                self._show_steps()
                if step == self._step.id:
                    self._say_verdict()
            case Found(step=step, check=check, finding=finding) if step == self._step.id:
                self.query_one(FindingsPanel).show(check, finding)
            case ActionProgressed():
                self.query_one(Activity).tell(event)
            case ActionEnded():
                # What follows only looks: the learner may go on at once.
                self._acting = False
                self.query_one(Activity).tell(event)
            case _:
                pass

    # What the learner does ------------------------------------------------------------------------------

    async def on_step_chosen(self, message: StepChosen) -> None:
        """Open a step from the list: passed ones at once, others through the gate."""
        await self._go_to(message.step)

    async def _go_to(self, step: Step) -> None:
        if self._acting:
            self.notify("An action is running. Esc stops it.", severity="warning", markup=False)
            return
        if step.number <= self._step.number or self._verdicts.get(step.id) is Verdict.PASSED:
            await self.open(step)
            self.query_one(Parts).turn_to("read")
        else:
            self.query_one(VerdictBar).waiting("Asking the gate")
            self.ask_gate(step)

    @work(exclusive=True, group="gate", exit_on_error=False)
    async def ask_gate(self, step: Step) -> None:
        """Ask whether the step is open, on facts read now."""
        door = await self.guide.door(step)
        self.post_message(DoorAnswered(step, door))

    async def on_door_answered(self, message: DoorAnswered) -> None:
        """Go through an open door; before a shut one say what is missing, and look there."""
        if message.door.state is DoorState.OPEN:
            await self.open(message.step)
            self.query_one(Parts).turn_to("read")
            return
        self.notify(message.door.sentence, title="The gate is shut", severity="warning", markup=False)
        if self._step.id in message.door.missing:
            self.query_one(Parts).turn_to("check")
            row = self.query_one(FindingsPanel).first_problem()
            if row is not None:
                self.query_one(FindingsPanel).scroll_to_widget(row, animate=False)
        self._say_verdict()

    async def action_next(self) -> None:
        """Open the next step."""
        steps = self.session.workshop.steps
        if self._step.number < len(steps):
            await self._go_to(steps[self._step.number])
        elif self._verdicts.get(self._step.id) is Verdict.PASSED:
            self.notify("That was the last step. You have done it all.", markup=False)

    async def action_previous(self) -> None:
        """Open the step before."""
        if self._step.number > 1:
            await self._go_to(self.session.workshop.steps[self._step.number - 2])

    def action_check(self) -> None:
        """Look again now."""
        if not self._acting:
            self.query_one(VerdictBar).waiting("Looking")
            self.check_open_step()

    def action_act(self) -> None:
        """Do the step's action."""
        if self._acting:
            return
        if self._step.action is None:
            self.notify("This step has nothing to do, only to look at.", markup=False)
            return
        self._acting = True
        self.workers.cancel_group(self, "check")
        self.add_class("-acting")
        self.query_one(Parts).turn_to("check")
        self.query_one(Activity).begin(self._step.title)
        self.act(self._step)

    @work(exclusive=True, group="act", exit_on_error=False)
    async def act(self, step: Step) -> None:
        """Run the action to its end; however it ends, looking goes on."""
        try:
            async with aclosing(self.guide.solve(step)) as events:
                async for event in events:
                    self.post_message(Happened(event))
            await self._read_variables()
        finally:
            if step is self._step:
                self._acting = False
                self.check_open_step()

    def action_cancel(self) -> None:
        """Stop the running action, or put its story away."""
        if self._acting:
            self.workers.cancel_group(self, "act")
            self.notify("Stopped. Press a again and it goes on where it was.", markup=False)
        else:
            self.remove_class("-acting")

    def action_hint(self) -> None:
        """Show one hint more."""
        self.query_one(Parts).turn_to("read")
        if not self.query_one(PageView).reveal_hint():
            self.notify("There are no more hints for this step.", markup=False)

    def action_copy_command(self) -> None:
        """Copy the command of the first problem."""
        row = self.query_one(FindingsPanel).first_problem()
        if row is None or row.finding is None or not row.finding.command:
            self.notify("There is no command to copy.", markup=False)
            return
        self.app.copy_to_clipboard(row.finding.command)
        self.notify("The command was sent to the clipboard.", markup=False)

    async def action_shell(self) -> None:
        """Leave to the learner's own shell; look again when they come back."""
        from workshop_tui.tui.shell import visit_shell  # noqa: PLC0415 - only where it is asked for

        if not self._acting:
            await visit_shell(self.app, self.session)
            self.check_open_step()

    def action_scroll_page(self, lines: int) -> None:
        """Scroll what is being read."""
        self.query_one(Parts).scroll_lines(lines)

    def action_turn(self) -> None:
        """Turn to the next part where one is shown at a time; else move the focus."""
        parts = self.query_one(Parts)
        if parts.narrow:
            parts.turn()
        else:
            self.focus_next()
