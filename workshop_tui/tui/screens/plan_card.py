"""The action card: the exact commands, what they change, whether it is so already, and the way back."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING, ClassVar

from rich.text import Text
from textual import work
from textual.binding import Binding, BindingType
from textual.worker import Worker, WorkerState

from workshop_tui.tui.screens.details import FAULT
from workshop_tui.tui.screens.dialog import Dialog
from workshop_tui.tui.widgets.difference_text import difference_text
from workshop_tui.tui.widgets.hanging_text import HangingText

if TYPE_CHECKING:
    from workshop_tui.events import GuideProtocol, Plan
    from workshop_tui.workshop import Step

_log = logging.getLogger(__name__)


class PlanCard(Dialog["Plan | None"]):
    """Tells what the step's action will do. Enter (or a) does it: the plan is the answer; Esc: None."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,a", "accept", "Do it", tooltip="Do it"),
        Binding("y", "copy", "Copy", tooltip="Copy the commands, to do it by hand"),
    ]

    keys_text = "Enter do it  y copy the commands  Esc not now"

    def __init__(self, guide: GuideProtocol, step: Step) -> None:
        """Take who plans, and what."""
        super().__init__()
        self.title_text = f"Do it for me: {step.title}"
        self._guide, self._step = guide, step
        self._plan: Plan | None = None
        self._accepted = False

    def body(self) -> HangingText:
        """Return the plan's place; it comes in a moment."""
        return HangingText("Looking at what there is to do …", id="plan")

    def on_mount(self) -> None:
        """Ask for the plan."""
        self._read_plan()

    @work(exclusive=True, exit_on_error=False)
    async def _read_plan(self) -> None:
        self._plan = await self._guide.plan(self._step)
        self.query_one("#plan", HangingText).update(plan_text(self._plan))
        if self._accepted:
            self.dismiss(self._plan)

    def on_worker_state_changed(self, event: Worker.StateChanged) -> None:
        """Say that there is no plan; why is in the log."""
        if event.state is WorkerState.ERROR:
            _log.error("no plan could be made", exc_info=event.worker.error)
            self.query_one("#plan", HangingText).update(FAULT)

    def action_accept(self) -> None:
        """Do it; who is quicker than the plan has said yes already."""
        self._accepted = True
        if self._plan is not None:
            self.dismiss(self._plan)

    def action_copy(self) -> None:
        """Copy the commands, for those who rather type themselves."""
        if self._plan is not None:
            commands = [each.change.command for each in self._plan.changes if each.change.command]
            self.app.copy_to_clipboard("\n".join(commands))
            self.notify("The commands were sent to the clipboard.", markup=False)


def plan_text(plan: Plan) -> Text:
    """Return the plan as text without markup."""
    text = Text()
    for each in plan.changes:
        if each.already:
            text.append(f"✔ {each.change.what}\n", style="green").append("  It is so already.\n", style="dim")
            continue
        text.append(f"→ {each.change.what}\n", style="bold")
        if each.change.command:
            text.append(f"  {each.change.command}\n", style="cyan")
        text.append_text(difference_text(each.change.difference))
    if plan.problem:
        text.append(f"\n✘ {plan.problem}\n", style="bold red")
        if plan.remedy:
            text.append(f"  {plan.remedy}\n", style="italic")
    if plan.reset:
        text.append("\nThe way back (reset): ", style="bold").append(f"{plan.reset}\n")
    for undo in plan.undo:
        text.append(f"  ↶ {undo.change.what}\n")
        if undo.change.command:
            text.append(f"    {undo.change.command}\n", style="dim")
    text.rstrip()
    return text
