"""The desk: steps, page, checks and actions of the open step, and the gate to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from textual import work
from textual.worker import Worker, WorkerState

from workshop_tui.events import ActionEnded, Found, GateState, Outlook, StepJudged
from workshop_tui.findings import Verdict
from workshop_tui.pages import render
from workshop_tui.root_causes import title_of
from workshop_tui.tui.keys import DESK_KEYS
from workshop_tui.tui.known_findings import KnownFindings
from workshop_tui.tui.messages import (
    Drifted,
    GateAnswered,
    Happened,
    ImageExpiring,
    LookEnded,
    StepChosen,
)
from workshop_tui.tui.render_cache import clear_render_cache
from workshop_tui.tui.screens.acting import Acting
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.chain_bar import ChainBar
from workshop_tui.tui.widgets.findings_panel import FindingsPanel
from workshop_tui.tui.widgets.head import Head, ImageClock
from workshop_tui.tui.widgets.keys_footer import KeysFooter
from workshop_tui.tui.widgets.page_view import PageView
from workshop_tui.tui.widgets.parts import Parts
from workshop_tui.tui.widgets.steps_list import StepsList
from workshop_tui.tui.widgets.verdict_bar import VerdictBar
from workshop_tui.tui.widgets.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from textual.app import ComposeResult
    from textual.binding import BindingType

    from workshop_tui.session import Session
    from workshop_tui.tui.presence import Presence
    from workshop_tui.workshop import Step


class Desk(Acting):
    """The main screen: steps, page, findings and keys."""

    AUTO_FOCUS = ""
    """Keys scroll the page until Tab turns to another part."""
    BINDINGS: ClassVar[list[BindingType]] = DESK_KEYS

    def __init__(self, session: Session, presence: Presence, first_step: str = "") -> None:
        """Take the session, who knows of the learner, and the step to open first if one was named."""
        super().__init__()
        self.session = session
        self.guide = session.guide
        self._presence = presence
        self._first_step = first_step
        self._step = session.workshop.steps[0]
        self._verdicts: dict[str, Verdict] = {}
        self.known = KnownFindings(session.workshop)
        self.values: Mapping[str, str] = {}

    @property
    def open_step(self) -> Step:
        """The step that is open."""
        return self._step

    def compose(self) -> ComposeResult:
        """Lay out the parts."""
        yield Head(self.session.workshop.title, self.session.target.kind)
        yield Parts(self.session.workshop, self.guide)
        yield ChainBar()
        yield VerdictBar()
        yield KeysFooter(show_command_palette=False)
        yield Watcher(self.guide, self._presence, self._passed_steps, self.known.steps_behind)

    async def on_mount(self) -> None:
        """Open where the learner was, and look at the whole workshop once."""
        self.query_one(ChainBar).show(())
        names = self.session.names
        self.query_one(Head).show_place(names.resource_group, names.cluster)
        workshop = self.session.workshop
        wanted = self._first_step or self.session.journal.last_step()
        await self.open(workshop.by_id.get(wanted, workshop.steps[0]))
        self.query_one(Watcher).survey()

    def on_screen_resume(self) -> None:
        """Let go of what the screen that was over the desk had drawn."""
        self.call_after_refresh(clear_render_cache)

    async def open(self, step: Step) -> None:
        """Show the step, and look at it; the story of another step's action is put away."""
        if step is not self._step:
            self.put_story_away()
        self._step, self.wanted_step = step, None
        self.session.journal.write("opened", step.id)
        self._show_steps()
        await self.query_one(FindingsPanel).open(step)
        self.say_verdict()
        await self.query_one(PageView).open(step, render(step.page, self.values))
        clear_render_cache()
        self.query_one(Watcher).open(step)

    def _passed_steps(self) -> list[Step]:
        steps = self.session.workshop.steps
        return [step for step in steps if self._verdicts.get(step.id) is Verdict.PASSED]

    def _show_steps(self) -> None:
        passed_before = self.session.journal.passed_before()
        self.query_one(StepsList).show(self._step.id, self._verdicts, passed_before)

    def say_verdict(self) -> None:
        """Say how the open step stands, in its line and beside its findings."""
        panel = self.query_one(FindingsPanel)
        roots = [root.cause for root in self.known.causes.roots]
        panel.mark(self.known.follows_words(self._step), self.known.roots_elsewhere(self._step), roots)
        self.query_one(VerdictBar).show(
            self._verdicts.get(self._step.id),
            panel.first_problem(),
            last=self._step.number == len(self.session.workshop.steps),
            asks_in=self.query_one(Watcher).asks_in,
        )

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that a look failed, and how the step stands instead of what is waited for."""
        super().on_worker_state_changed(event)
        if event.state is WorkerState.ERROR:
            self.say_verdict()

    # What is seen ---------------------------------------------------------------------------------------

    def on_look_ended(self, message: LookEnded) -> None:
        """Look again by and by, and at the chain where something has changed."""
        if message.step != self._step.id or self.query_one(Activity).is_running:
            return
        watcher = self.query_one(Watcher)
        watcher.look_again(changed=message.changed)
        if watcher.asks_in is not None:
            self.say_verdict()
        if self.open_chain_view is not None:
            watcher.read_outlook()

    async def on_happened(self, message: Happened) -> None:
        """Take in what the guide said."""
        match message.event:
            case StepJudged(step=step, verdict=verdict):
                changed = self._verdicts.get(step) not in {None, verdict}
                self._verdicts[step] = verdict
                self._show_steps()
                if self._step.id in self._verdicts:
                    # Another step may show what this one's findings follow from.
                    self.say_verdict()
                if step == self._step.id and self.query_one(Parts).shows_checks:
                    self.query_one(FindingsPanel).reveal_once()
                if step == self._step.id and changed:
                    self.query_one(Watcher).read_outlook()
            case Found(step=step, check=check, finding=finding) as found:
                self.known.take(found)
                panel = self.query_one(FindingsPanel)
                if step == self._step.id and panel.show(check, finding) and panel.first_problem() is None:
                    # All that was wrong is right; the look ends later, and with it the verdict.
                    self.say_verdict()
            case ActionEnded():
                # What follows only looks: the learner may go on at once.
                self.remove_class("-busy")
                self.say_verdict()
            case Outlook() as outlook:
                await self._take_outlook(outlook)
            case _:
                pass

    async def _take_outlook(self, outlook: Outlook) -> None:
        self.query_one(ChainBar).show(outlook.chain)
        if self.open_chain_view is not None:
            self.open_chain_view.show(outlook.chain)
        if outlook.image_until is not None:
            self.query_one(ImageClock).show(outlook.image_until)
        self.query_one(Head).show_place(self.session.names.resource_group, outlook.values.get("AKS_NAME", ""))
        before = render(self._step.page, self.values)
        self.values = outlook.values
        after = render(self._step.page, self.values)
        if after != before:
            await self.query_one(PageView).refresh_page(after)

    def on_drifted(self, message: Drifted) -> None:
        """Say that something which was right no longer is, and what is at the root of it."""
        roots = self.known.roots_of(message.steps)
        what = "\n".join(
            f"Root cause, step {self.session.workshop.step(root.step).number}: {title_of(root.cause)}."
            for root in roots
        )
        steps = " and ".join(f"{step.number} · {step.title}" for step in message.steps)
        one = len(message.steps) == 1
        self.notify(
            f"{what or message.finding}\nIt was right before: something has changed it.",
            title=f"Step {steps} is open again" if one else f"Steps {steps} are open again",
            severity="warning",
            timeout=15,
            markup=False,
        )

    def on_image_expiring(self, message: ImageExpiring) -> None:
        """Say that the image goes, and the one key that brings it back."""
        what = "has left its registry" if message.gone else "leaves its registry in ten minutes"
        self.notify(f"Your image {what}. i pushes it again.", severity="warning", timeout=15, markup=False)

    # Going ----------------------------------------------------------------------------------------------

    async def on_step_chosen(self, message: StepChosen) -> None:
        """Open a step from the list: passed ones at once, others through the gate."""
        await self.go_to(message.step)

    async def go_to(self, step: Step) -> None:
        """Open a step: an earlier or passed one at once, another through the gate."""
        if self.query_one(Activity).is_running:
            self.notify("An action is running. Esc stops it.", severity="warning", markup=False)
            return
        if step.number <= self._step.number or self._verdicts.get(step.id) is Verdict.PASSED:
            await self.open(step)
            self.query_one(Parts).turn_to("read")
        else:
            self.query_one(VerdictBar).waiting("Asking the gate")
            self.wanted_step = step
            self.ask_gate(step)

    async def skip_gate(self, step: Step) -> None:
        """Open a step past its gate; the journal notes it."""
        self.guide.skip_gate(step)
        await self.open(step)
        self.query_one(Parts).turn_to("read")

    @work(exclusive=True, group="gate", exit_on_error=False)
    async def ask_gate(self, step: Step) -> None:
        """Ask whether the step is open, on facts read now."""
        gate = await self.guide.gate(step)
        self.post_message(GateAnswered(step, gate))

    async def on_gate_answered(self, message: GateAnswered) -> None:
        """Go through an open gate; before a shut one say what is missing, and look there.

        An answer that comes after the learner has gone elsewhere, or begun an action, is of no use any more.
        """
        if message.step is not self.wanted_step:
            return
        self.wanted_step = None
        if message.gate.state is GateState.OPEN:
            await self.open(message.step)
            self.query_one(Parts).turn_to("read")
            return
        self.notify(message.gate.sentence, title="The gate is shut", severity="warning", markup=False)
        if self._step.id in message.gate.missing:
            self.query_one(Parts).turn_to("check")
        self.say_verdict()

    async def action_next(self) -> None:
        """Open the next step; after the last one, the summary."""
        steps = self.session.workshop.steps
        if self._step.number < len(steps):
            await self.go_to(steps[self._step.number])
        elif self._verdicts.get(self._step.id) is Verdict.PASSED:
            self.action_summary()

    async def action_previous(self) -> None:
        """Open the step before."""
        if self._step.number > 1:
            await self.go_to(self.session.workshop.steps[self._step.number - 2])

    def action_scroll_page(self, lines: int) -> None:
        """Scroll what is being read."""
        self.query_one(Parts).scroll_lines(lines)

    def action_turn(self) -> None:
        """Turn to the next part."""
        self.query_one(Parts).turn(1)

    def action_turn_back(self) -> None:
        """Turn to the part before."""
        self.query_one(Parts).turn(-1)
