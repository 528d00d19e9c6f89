"""What has been found in all steps so far, and what in it follows from what."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.findings import Verdict
from workshop_tui.report import follows_words
from workshop_tui.root_causes import RootCauses, find_roots

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from workshop_tui.events import Found
    from workshop_tui.findings import Finding
    from workshop_tui.root_causes import Root
    from workshop_tui.workshop import Check, Step, Workshop


class KnownFindings:
    """The newest finding of every check that was looked at."""

    def __init__(self, workshop: Workshop) -> None:
        """Take the workshop: its order is the findings' order."""
        self._workshop = workshop
        self._findings: dict[tuple[str, str], Finding] = {}
        self._causes: RootCauses | None = None

    def take(self, event: Found) -> None:
        """Hear of a finding.

        What is right here now was seen wrong elsewhere before: that is forgotten until somebody looks there
        again, or a step that nobody looks at would be named as the root.
        """
        key = (event.step, event.check.id)
        before = self._findings.get(key)
        if before == event.finding:
            return
        if before is not None and event.finding.verdict is Verdict.PASSED:
            self._findings = {
                (step, check): finding
                for (step, check), finding in self._findings.items()
                if step == event.step or finding.cause is None or finding.cause != before.cause
            }
        self._findings[key] = event.finding
        self._causes = None

    @property
    def causes(self) -> RootCauses:
        """The root causes of all that is known to be wrong; found anew only when something has changed."""
        if self._causes is not None:
            return self._causes
        ordered = (
            (step.id, check.id, finding)
            for step in self._workshop.steps
            for check in step.checks
            if (finding := self._findings.get((step.id, check.id))) is not None
        )
        self._causes = find_roots(ordered)
        return self._causes

    def follows_words(self, step: Step) -> Mapping[str, str]:
        """Return by check what its finding follows from, in words; nothing of what shows a root itself."""
        causes = self.causes
        numbers = {each.id: each.number for each in self._workshop.steps}
        words = {check.id: follows_words(causes, step.id, check.id, numbers) for check in step.checks}
        return {check: said for check, said in words.items() if said}

    def roots_behind(self, step: Step, check: str) -> list[tuple[Step, Check, Finding]]:
        """Return the roots that a check's finding follows from, each with where it shows."""
        return [
            (shown, shows, root.finding)
            for root in self.causes.roots_behind(step.id, check)
            for shown in (self._workshop.step(root.step),)
            for shows in shown.checks
            if shows.id == root.check
        ]

    def roots_elsewhere(self, step: Step) -> list[tuple[Step, Finding]]:
        """Return the roots of this step's findings that show in other steps only, as the chain has them."""
        here = {finding.cause for (found, _), finding in self._findings.items() if found == step.id}
        return [
            (self._workshop.step(root.step), root.finding)
            for root in self._roots_of(step)
            if root.cause not in here
        ]

    def steps_behind(self, step: Step) -> list[Step]:
        """Return the other steps that show what this step's findings follow from."""
        shown_in = {root.step for root in self._roots_of(step)} - {step.id}
        return [other for other in self._workshop.steps if other.id in shown_in]

    def roots_of(self, steps: Sequence[Step]) -> list[Root]:
        """Return the roots of what failed in these steps, wherever they show."""
        causes = self.causes
        behind = {root.cause for step in steps for root in self._roots_of(step)}
        ids = {step.id for step in steps}
        shown = {finding.cause for (found, _), finding in self._findings.items() if found in ids}
        return [root for root in causes.told if root.cause in behind | shown]

    def _roots_of(self, step: Step) -> list[Root]:
        causes = self.causes
        behind = {root.cause for check in step.checks for root in causes.roots_behind(step.id, check.id)}
        return [root for root in causes.roots if root.cause in behind]
