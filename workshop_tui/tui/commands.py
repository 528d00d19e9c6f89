"""What the command palette finds: every step, everything that can be done from the desk, every setting.

The desk's own come first: what is under the cursor when the palette opens must do no harm.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from textual.command import DiscoveryHit, Hit, Hits, Provider

from workshop_tui.tui.keys import MESSAGES
from workshop_tui.tui.messages import OtherNamesWanted
from workshop_tui.tui.screens.closer_looks import CloserLooks

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    Command = tuple[str, Callable[[], object], str]


class Commands(Provider):
    """The commands of the desk, where that is in front; then the tool's own."""

    def _commands(self) -> Iterator[Command]:
        if isinstance(self.screen, CloserLooks):
            yield from self._of_desk(self.screen)
        else:
            yield "Messages", partial(self.app.run_action, "messages"), f"{MESSAGES.tooltip}"
        for command in self.app.get_system_commands(self.screen):
            yield command.title, command.callback, command.help

    def _of_desk(self, desk: CloserLooks) -> Iterator[Command]:
        yield from self._doings(desk)
        for step in desk.session.workshop.steps:
            yield f"Step {step.number}: {step.title}", partial(desk.go_to, step), step.summary
        if desk.session.target.kind == "azure":
            yield (
                "Choose other names",
                partial(desk.app.post_message, OtherNamesWanted()),
                "Another subscription, resource group, cluster, account or model",
            )
        yield "Clean up", desk.action_clean_up, "List all that the workshop made, to remove it"
        following = desk.session.workshop.steps[desk.open_step.number :]
        if following:
            step = following[0]
            yield (
                "Skip the gate",
                partial(desk.skip_gate, step),
                f"Open “{step.title}” though its gate is shut; the journal notes it (for instructors)",
            )

    def _doings(self, desk: CloserLooks) -> Iterator[Command]:
        """Yield what has a key: said as the key's own words."""
        for active in desk.active_bindings.values():
            binding = active.binding
            if not binding.description or binding.action in {"commands", "turn", "turn_back"}:
                continue  # what only moves about needs no palette
            if binding.tooltip and active.node is desk:
                yield (
                    f"{binding.description} ({self.app.get_key_display(binding)})",
                    partial(desk.run_action, binding.action),
                    binding.tooltip,
                )

    async def discover(self) -> Hits:
        """Offer everything before anything is typed."""
        for name, run, told in self._commands():
            yield DiscoveryHit(_escaped(name), run, text=name, help=_escaped(told))

    async def search(self, query: str) -> Hits:
        """Offer what fits."""
        matcher = self.matcher(query)
        for name, run, told in self._commands():
            score = matcher.match(name)
            if score > 0:
                # The palette takes what it shows for markup; titles of steps are a workshop's own text.
                yield Hit(score, matcher.highlight(_escaped(name)), run, text=name, help=_escaped(told))


def _escaped(text: str) -> str:
    r"""Return the text as markup that shows it; Textual's own `escape` leaves a tag that is not closed."""
    return text.replace("[", r"\[")
