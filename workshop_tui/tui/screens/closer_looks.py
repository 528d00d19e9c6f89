"""What can be looked at more closely from the desk: each opens over it, and Esc comes back."""

from __future__ import annotations

import logging
from abc import abstractmethod
from contextlib import aclosing
from typing import TYPE_CHECKING

from textual import work
from textual.screen import Screen
from textual.worker import Worker, WorkerState

from workshop_tui.tui.messages import FaultHappened
from workshop_tui.tui.screens.details import Details, LateDetails
from workshop_tui.tui.widgets.chain_bar import ChainBar
from workshop_tui.tui.widgets.findings_panel import FindingsPanel
from workshop_tui.tui.widgets.watcher import Watcher

_log = logging.getLogger(__name__)

if TYPE_CHECKING:
    from workshop_tui.doctor import Mode
    from workshop_tui.events import Plan
    from workshop_tui.guide import Guide
    from workshop_tui.session import Session
    from workshop_tui.tui.known_findings import KnownFindings
    from workshop_tui.tui.messages import ChainAsked
    from workshop_tui.tui.screens.chain_view import ChainView
    from workshop_tui.workshop import Step


class CloserLooks(Screen[None]):
    """The desk's keys that open explanations, differences, logs and pages; a mixin of `Desk`."""

    session: Session
    guide: Guide
    known: KnownFindings
    _last_plan: Plan | None = None
    """The plan of the last action that was done."""
    _chain_view: ChainView | None = None
    """The chain's evidence as it was opened last."""

    @property
    @abstractmethod
    def open_step(self) -> Step:
        """The step that is open."""

    @abstractmethod
    async def go_to(self, step: Step) -> None:
        """Open a step, through the gate where it has one."""

    @abstractmethod
    async def skip_gate(self, step: Step) -> None:
        """Open a step past its gate; the journal notes it."""

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that a look failed by a fault of ours; what is wrong is in the log."""
        if event.state is WorkerState.ERROR:
            _log.error("%s failed", event.worker.name, exc_info=event.worker.error)
            self.app.post_message(FaultHappened("That failed by a fault of ours.", event.worker.error))

    def action_explain(self) -> None:
        """Explain the first problem, or why the step is there."""
        from workshop_tui.tui.screens import readings  # noqa: PLC0415 - only where it is asked for

        row = self.query_one(FindingsPanel).first_problem()
        if row is not None and row.finding is not None:
            behind = self.known.roots_behind(self.open_step, row.check.id)
            self.app.push_screen(readings.explain_finding(row.check, row.finding, behind))
        else:
            self.app.push_screen(readings.explain_step(self.open_step))

    def action_changes(self) -> None:
        """Show what the last action changed."""
        if self._last_plan is None:
            self.notify("No action has been done since the start.", markup=False)
        else:
            self.show_changes(self._last_plan)

    def show_changes(self, plan: Plan) -> None:
        """Compare the world with what it was when the action was planned."""
        from workshop_tui.tui.screens import readings  # noqa: PLC0415 - only where it is asked for

        step = self.session.workshop.step(plan.step)

        async def compare() -> Details:
            return readings.difference(step, plan, await self.guide.snapshot(step))

        waiting = "Looking at what is there now …"
        self.app.push_screen(LateDetails(f"What changed: {step.title}", waiting, compare))

    def action_log(self) -> None:
        """Show the app's log, and this tool's."""
        from workshop_tui.tui.screens.log_view import LogView  # noqa: PLC0415 - only where it is asked for

        self.app.push_screen(LogView(self.guide))

    def action_doctor(self) -> None:
        """Examine this machine and the sign-in for the way that was chosen."""
        self.app.push_screen(LateDetails("Doctor", "Looking at this machine …", self.examine))

    async def examine(self) -> Details:
        """Ask the doctor, and return what it found as a text to read."""
        from workshop_tui.doctor import diagnose  # noqa: PLC0415 - only where it is asked for
        from workshop_tui.tui.screens import readings  # noqa: PLC0415 - likewise

        mode: Mode = "practice" if self.session.target.kind == "practice" else "azure"
        async with aclosing(diagnose(self.session.settings, mode, target=self.session.target)) as found:
            return readings.doctor_text([diagnosis async for diagnosis in found])

    def action_bundle(self) -> None:
        """Pack the help bundle."""
        self.notify("Packing a bundle for whoever helps you …", markup=False)
        self.pack()

    @work(exclusive=True, group="bundle", exit_on_error=False)
    async def pack(self) -> None:
        """Pack it, and say where it is."""
        from workshop_tui.doctor import make_bundle  # noqa: PLC0415 - only where it is asked for

        try:
            path = await make_bundle(self.session.settings, workshop=self.session.workshop.folder)
        except OSError as error:
            self.notify(f"It cannot be written: {error.strerror}.", severity="error", markup=False)
        else:
            told = f"{path}\nKeys and tokens in it are masked; MANIFEST.txt says what is inside."
            self.notify(told, title="The help bundle", timeout=20, markup=False)

    def action_summary(self) -> None:
        """Show what is proven, to be saved; and the way to clean up."""
        from workshop_tui.tui.screens.summary import Summary  # noqa: PLC0415 - only where it is asked for

        self.app.push_screen(Summary(self.session), self._look_after_clean_up)

    def action_clean_up(self) -> None:
        """List everything the workshop made, and remove it on the learner's word."""
        from workshop_tui.tui.screens.clean_up import CleanUp  # noqa: PLC0415 - only where it is asked for

        self.app.push_screen(CleanUp(self.guide, self.session.workshop.steps), self._look_after_clean_up)

    def _look_after_clean_up(self, cleaned: bool | None) -> None:  # noqa: FBT001 - the screen's answer
        """Look anew at everything, where something was cleaned up."""
        if cleaned:
            self.query_one(Watcher).look_afresh()
            self.query_one(Watcher).survey()

    def action_settings(self) -> None:
        """Show the settings, to change them."""
        from workshop_tui.tui.screens.settings_page import SettingsPage  # noqa: PLC0415 - only where it is asked

        self.app.push_screen(SettingsPage(self.session))

    def action_commands(self) -> None:
        """Open the palette: Ctrl+P, which also does, is kept by editors for themselves."""
        self.app.action_command_palette()

    def action_drills(self) -> None:
        """Show the drills; they are for the practice cloud alone."""
        if self.session.target.kind != "practice":
            self.notify("Drills break things, so they are for the practice cloud only.", markup=False)
            return
        from workshop_tui.drilling import look_over  # noqa: PLC0415 - only where it is asked for
        from workshop_tui.drills import DrillError  # noqa: PLC0415 - likewise
        from workshop_tui.drills.store import DrillStore  # noqa: PLC0415 - likewise
        from workshop_tui.tui.screens.drills_page import DrillsPage  # noqa: PLC0415 - likewise

        try:
            look_over(DrillStore(self.session.settings.home))
        except DrillError as error:
            self.notify(str(error), title="No drills", severity="error", timeout=15, markup=False)
            return

        def catch_up(_: object) -> None:
            self.query_one(Watcher).look_afresh()
            self.query_one(Watcher).catch_up()

        self.app.push_screen(DrillsPage(self.session), catch_up)

    def action_chain(self) -> None:
        """Show the trust chain at the link that is broken, else at the first that is not made yet."""
        from workshop_tui.trust_chain import LinkState  # noqa: PLC0415 - only where it is asked for

        links = self.query_one(ChainBar).links
        order = (LinkState.BROKEN, LinkState.UNKNOWN, LinkState.OPEN, LinkState.HOLDS)
        weakest = min(range(len(links)), key=lambda number: order.index(links[number].state), default=0)
        self._show_chain(weakest)

    def on_chain_asked(self, message: ChainAsked) -> None:
        """Show the chain at the link that was clicked."""
        self._show_chain(message.link)

    @property
    def open_chain_view(self) -> ChainView | None:
        """The chain's evidence, while it is open."""
        return self._chain_view if self._chain_view in self.app.screen_stack else None

    def _show_chain(self, link: int) -> None:
        from workshop_tui.tui.screens.chain_view import ChainView  # noqa: PLC0415 - only where it is asked for

        links = self.query_one(ChainBar).links
        if not links:
            self.notify("The trust chain has not been read yet.", markup=False)
            return

        async def go(step_id: str | None) -> None:
            if step_id:
                await self.go_to(self.session.workshop.step(step_id))

        self._chain_view = ChainView(links, link)
        self.app.push_screen(self._chain_view, go)
