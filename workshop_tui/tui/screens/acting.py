"""What the learner does from the desk: look now, let the step do itself, copy, go to the shell."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING

from textual import work

from workshop_tui.tui.screens.closer_looks import CloserLooks
from workshop_tui.tui.widgets.activity import Activity
from workshop_tui.tui.widgets.findings_panel import FindingsPanel
from workshop_tui.tui.widgets.page_view import PageView
from workshop_tui.tui.widgets.parts import Parts
from workshop_tui.tui.widgets.verdict_bar import VerdictBar
from workshop_tui.tui.widgets.watcher import Watcher

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.events import Plan
    from workshop_tui.tui.messages import ActionOver
    from workshop_tui.tui.screens.shell_door import ShellDoor
    from workshop_tui.workshop import Step

PUSH_STEP = "build-push"
"""The step whose action brings the image back to its registry."""


class Acting(CloserLooks):
    """The desk's keys that check, act, cancel, copy and open the shell; a mixin of `Desk`."""

    values: Mapping[str, str]
    """The learner's own values, as far as they are known."""
    wanted_step: Step | None = None
    """The step that the gate is being asked for; its answer opens it no more once the learner does else."""

    @abstractmethod
    def say_verdict(self) -> None:
        """Say how the open step stands."""

    def action_check(self) -> None:
        """Look again now."""
        if not self.query_one(Activity).is_running:
            self.query_one(VerdictBar).waiting("Looking")
            self.query_one(Watcher).look_now()

    def action_act(self) -> None:
        """Show what the step's action would do; it is done on the learner's word."""
        self.offer(self.open_step)

    def action_push_again(self) -> None:
        """Push the image again, whatever step is open."""
        step = self.session.workshop.by_id.get(PUSH_STEP)
        if step is not None:
            self.offer(step)

    def offer(self, step: Step) -> None:
        """Show the card of the step's action, and do it if the learner says so."""
        if self.query_one(Activity).is_running:
            return
        if step.action is None:
            self.notify("This step has nothing to do, only to look at.", markup=False)
            return
        from workshop_tui.tui.screens.plan_card import PlanCard  # noqa: PLC0415 - only where it is asked for

        def decided(plan: Plan | None) -> None:
            if plan is not None:
                self._last_plan = plan
                self._act(step)

        self.app.push_screen(PlanCard(self.guide, step), decided)

    def _act(self, step: Step) -> None:
        self.wanted_step = None
        self.query_one(Watcher).rest()
        self.remove_class("-done")
        self.add_class("-acting", "-busy")
        self.query_one(Parts).turn_to("check")
        self.query_one(Activity).run(step)

    def on_action_over(self, message: ActionOver) -> None:
        """Look on, and at chain, values and clocks as they are now; what went well needs little room."""
        if self.query_one(Activity).is_running:
            return  # another has begun while what this one left pending was waited for
        self.set_class(message.done, "-done")
        watcher = self.query_one(Watcher)
        if not message.done:
            watcher.look_afresh()
        elif message.step is self.open_step:
            # It was judged at the end of the action: judging it once more could cost a live request.
            watcher.look_on(self.query_one(FindingsPanel).findings)
        watcher.read_outlook()

    def action_cancel(self) -> None:
        """Stop the running action, or put its story away."""
        activity = self.query_one(Activity)
        if activity.is_running:
            activity.stop()
            self.notify("Stopped. Press a again and it goes on where it was.", markup=False)
        else:
            self.put_story_away()

    def put_story_away(self) -> None:
        """Hide what the last action told; `w` still shows what it changed."""
        if not self.query_one(Activity).is_running:
            self.remove_class("-acting", "-done")

    def action_hint(self) -> None:
        """Show one hint more."""
        self.query_one(Parts).turn_to("read")
        if not self.query_one(PageView).reveal_hint():
            self.notify("There are no more hints for this step.", markup=False)

    def action_copy_command(self) -> None:
        """Copy what mends the root of the first problem, or the page's commands one after the other."""
        row = self.query_one(FindingsPanel).first_problem()
        problem = ""
        if row is not None and row.finding is not None:
            behind = self.known.roots_behind(self.open_step, row.check.id)
            findings = [root for *_, root in behind] or [row.finding]
            problem = next((finding.command for finding in findings if finding.command), "")
        if problem:
            self._copy(problem, "Sent to the clipboard: the way out (Y: the page's)")
        else:
            self.action_copy_block()

    def action_copy_block(self) -> None:
        """Copy the page's commands, one block after the other, whatever is wrong."""
        page = self.query_one(PageView)
        command = page.next_command()
        if command:
            self._copy(command, f"Sent to the clipboard: {page.place_of_command}")
        else:
            self.notify("There is no command to copy.", markup=False)

    def _copy(self, command: str, title: str) -> None:
        self.app.copy_to_clipboard(command)
        self.notify(command.splitlines()[0], title=title, markup=False)

    def action_shell(self) -> None:
        """Leave to the learner's own shell."""
        if not self.query_one(Activity).is_running:
            from workshop_tui.tui.screens.shell_door import ShellDoor  # noqa: PLC0415 - only where it is asked for

            self.query_one(VerdictBar).waiting("Opening a shell; Esc stays here")
            door = ShellDoor()
            visit = self.visit(door)
            self.app.push_screen(door, lambda _: visit.cancel())

    @work(exclusive=True, group="shell", exit_on_error=False)
    async def visit(self, door: ShellDoor) -> None:
        """Open the shell, unless the learner wants none by then; look again when they come back."""
        from workshop_tui.practice.client import PracticeError  # noqa: PLC0415 - only where it is asked for
        from workshop_tui.tui import shell  # noqa: PLC0415 - likewise

        try:
            environment = await shell.environment_for(self.session, self.values)
        except (PracticeError, TimeoutError) as error:
            told = str(error) or "The practice cloud does not answer; press s again."
            self.notify(told, title="No shell", severity="error", timeout=15, markup=False)
            await door.close_behind_keys()
            return
        finally:
            self.say_verdict()
        if self.app.screen is door:
            shell.run_shell(self.app, environment, shell.greeting(self.open_step, self.values))
            self.query_one(Watcher).look_afresh()
            self.query_one(Watcher).catch_up()
        await door.close_behind_keys()
