"""`workshop-tui run --plain`: the same guide, line by line, for screen readers and simple terminals.

One question at a time on standard input; everything that is said is said once, in order, without colours,
boxes or cursor movements.
"""

from __future__ import annotations

import os
import re
import sys
from contextlib import aclosing
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING

import click

from workshop_tui.cli.narrate import Narrator
from workshop_tui.daemon_thread import in_daemon_thread
from workshop_tui.events import ActionEnded, Found, GateState, StepJudged
from workshop_tui.exit_codes import ExitCode
from workshop_tui.findings import Verdict, summarise
from workshop_tui.pages import render
from workshop_tui.report import follows_words
from workshop_tui.report_text import finding_lines, root_lines
from workshop_tui.root_causes import RootCauses

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from workshop_tui.findings import Finding
    from workshop_tui.session import Session
    from workshop_tui.workshop import Step

COMMANDS = {
    "check": "look at this step now",
    "do": "say what this step's action would do, then do it when you say yes",
    "next": "open the next step, when its gate is open",
    "back": "read the step before",
    "hint": "one hint more",
    "explain": "why the first problem matters, and the way out",
    "read": "this step's page again",
    "steps": "all steps and how they stand",
    "go NUMBER": "open another step",
    "chain": "the trust chain, link by link",
    "shell": "your own shell, every setting exported; exit brings you back",
    "names": "work under other names: subscription, group, cluster, account, model",
    "quit": "leave; you come back to the same place",
}
_WORDS = tuple(name.partition(" ")[0] for name in COMMANDS)


@dataclass
class Plain:
    """One learner with a session, on standard input and output."""

    session: Session
    step: Step = field(init=False)
    other_names: bool = False
    """Whether the learner left to choose other names."""
    _hints: int = 0
    _verdicts: dict[str, Verdict] = field(default_factory=dict)
    _values: Mapping[str, str] = field(default_factory=dict)
    _causes: RootCauses = field(default_factory=RootCauses)

    async def run(self, first_step: str = "") -> ExitCode:
        """Guide until the learner leaves."""
        workshop = self.session.workshop
        click.echo(f"{workshop.title}. {len(workshop.steps)} steps. Type help for the commands.")
        self._values = await self.session.guide.variables()
        wanted = first_step or self.session.journal.last_step()
        await self._open(workshop.by_id.get(wanted, workshop.steps[0]))
        while True:
            words = (await _ask("> ")).split()
            if not words:
                continue
            if words[0] in {"quit", "exit", "q"}:
                click.echo("You come back to the same place with workshop-tui run --plain.")
                return ExitCode.PASSED
            await self._obey(words)
            if self.other_names:
                return ExitCode.PASSED

    async def _obey(self, words: list[str]) -> None:
        matches = [name for name in _WORDS if name.startswith(words[0].lower())]
        name = matches[0] if len(matches) == 1 else words[0]
        numbered = int(words[1]) if len(words) > 1 and words[1].isdecimal() else 0
        doings: Mapping[str, Callable[[], Awaitable[None] | None]] = {
            "check": self._check,
            "do": self._do,
            "next": partial(self._go, self.step.number + 1),
            "back": partial(self._go, self.step.number - 1),
            "go": partial(self._go, numbered),
            "hint": self._hint,
            "explain": self._explain,
            "read": self._read,
            "steps": self._list,
            "chain": self._chain,
            "shell": self._shell,
            "names": self._choose_names,
        }
        done = doings.get(name, _help)()
        if done is not None:
            await done

    async def _open(self, step: Step) -> None:
        self.step, self._hints, self._causes = step, 0, RootCauses()
        self.session.journal.write("opened", step.id)
        self._read()
        await self._check()

    def _read(self) -> None:
        click.echo()
        click.echo(f"Step {self.step.number} of {len(self.session.workshop.steps)}: {self.step.title}.")
        click.echo(as_plain(render(self.step.page, self._values)))

    async def _check(self) -> None:
        click.echo("Looking …")
        found: dict[tuple[str, str], Finding] = {}
        async with aclosing(self.session.guide.check([self.step])) as events:
            async for event in events:
                if isinstance(event, Found):
                    found[event.step, event.check.id] = event.finding
        await self._tell(found)

    async def _tell(self, found: Mapping[tuple[str, str], Finding]) -> None:
        """Tell what was found of this step: the roots of what is wrong first, and what follows from them."""
        verdict = summarise(finding.verdict for finding in found.values())
        self._causes = RootCauses()
        if verdict is not Verdict.PASSED:
            await self._tell_roots(found)
        click.echo("Checks:")
        numbers = {step.id: step.number for step in self.session.workshop.steps}
        for check in self.step.checks:
            finding = found.get((self.step.id, check.id))
            if finding is not None:
                follows = follows_words(self._causes, self.step.id, check.id, numbers)
                click.echo("\n".join(finding_lines(check, finding, follows=follows)))
        self._say(verdict)

    async def _tell_roots(self, found: Mapping[tuple[str, str], Finding]) -> None:
        """Tell what is at the root of what was found: it may lie in a step before this one."""
        self._causes = await self.session.guide.root_causes(found)
        titles = {step.id: f"step {step.number}" for step in self.session.workshop.steps}
        for line in root_lines(self._causes, titles):
            click.echo(line)

    def _say(self, verdict: Verdict) -> None:
        self._verdicts[self.step.id] = verdict
        last = self.step.number == len(self.session.workshop.steps)
        ahead = "this was the last step" if last else "next opens the next step"
        click.echo(f"This step: {verdict.value}" + (f"; {ahead}." if verdict is Verdict.PASSED else "."))

    async def _do(self) -> None:
        if self.step.action is None:
            click.echo("This step has nothing to do, only to look at.")
            return
        plan = await self.session.guide.plan(self.step)
        click.echo("It would do this:")
        for each in plan.changes:
            click.echo(f"  {each.change.what}." + (" It is so already." if each.already else ""))
            if each.change.command and not each.already:
                click.echo("    " + each.change.command.replace("\n", "\n    "))
        if plan.problem:
            click.echo(f"  But: {plan.problem} {plan.remedy}")
        if not (await _ask("Do it? yes or no: ")).strip().lower().startswith("y"):
            click.echo("Nothing was changed.")
            return
        narrator = Narrator(colour=False)
        found: dict[tuple[str, str], Finding] = {}
        async with aclosing(self.session.guide.solve(self.step)) as events:
            async for event in events:
                narrator.tell(event)
                if isinstance(event, ActionEnded) and event.done:
                    click.echo("Done. Checks:")
                elif isinstance(event, Found):
                    found[event.step, event.check.id] = event.finding
                elif isinstance(event, StepJudged):
                    self._say(event.verdict)
        if self._verdicts.get(self.step.id) is Verdict.FAILED:
            await self._tell_roots(found)
        self._values = await self.session.guide.variables()

    async def _go(self, number: int) -> None:
        steps = self.session.workshop.steps
        if not 1 <= number <= len(steps):
            click.echo(f"The steps have the numbers 1 to {len(steps)}; this is {self.step.number}.")
            return
        step = steps[number - 1]
        if number > self.step.number and self._verdicts.get(step.id) is not Verdict.PASSED:
            gate = await self.session.guide.gate(step)
            if gate.state is not GateState.OPEN:
                click.echo(f"The gate is shut. {gate.sentence}")
                return
        await self._open(step)

    def _hint(self) -> None:
        if self._hints < len(self.step.hints):
            self._hints += 1
            click.echo(f"Hint {self._hints} of {len(self.step.hints)}: {self.step.hints[self._hints - 1]}")
        else:
            click.echo("There are no more hints for this step.")

    def _explain(self) -> None:
        from workshop_tui.causes import CATALOGUE  # noqa: PLC0415 - only where it is asked for

        root = next(iter(self._causes.told), None)
        if root is None:
            click.echo(self.step.why)
            return
        step, cause = self.session.workshop.step(root.step), CATALOGUE[root.cause]
        title = next(check.title for check in step.checks if check.id == root.check)
        click.echo(f"Step {step.number}, {title}. {cause.title}. {cause.why}")
        click.echo(f"The way out: {root.finding.remedy}")
        for line in (root.finding.command, cause.link):
            if line:
                click.echo(f"  {line}")

    def _choose_names(self) -> None:
        self.other_names = self.session.target.kind == "azure"
        if not self.other_names:
            click.echo("The names of the practice cloud are its own; there is nothing to choose.")

    def _list(self) -> None:
        for step in self.session.workshop.steps:
            verdict = self._verdicts.get(step.id)
            here = ", open now" if step is self.step else ""
            click.echo(f"{step.number}: {step.title}: {verdict.value if verdict else 'not looked at'}{here}")

    async def _chain(self) -> None:
        for link in (await self.session.guide.outlook()).chain:
            click.echo(f"{link.title}: {link.state.value}. {link.says}")
            for row in link.evidence:
                other = f"; wanted {row.there}" if row.there and row.there != row.here else ""
                click.echo(f"  {row.what}: {row.here or 'none'}{other}")

    async def _shell(self) -> None:
        from workshop_tui.own_shell import run_own_shell  # noqa: PLC0415 - only where it is asked for
        from workshop_tui.session import shell_environment  # noqa: PLC0415 - only where it is asked for

        environment = {**os.environ, **shell_environment(self.session, await self.session.guide.variables())}
        # The learner has the terminal meanwhile: there is nothing else to do.
        run_own_shell(environment)
        await self._check()


def _help() -> None:
    for name, told in COMMANDS.items():
        click.echo(f"{name}: {told}")


async def _ask(question: str) -> str:
    """Ask on standard output, and return the line that comes; the end of the input is `quit`."""
    click.echo(question, nl=False)
    line = await in_daemon_thread(partial(sys.stdin.readline))
    return line or "quit"


def _heading(found: re.Match[str]) -> str:
    return found[1] + (found[2] or ".")


def as_plain(markdown: str) -> str:
    """Return a page without the marks that only a screen needs; commands stay as they are, indented."""
    parts = re.split(r"^```(\w*)\n(.*?)^```$", markdown, flags=re.MULTILINE | re.DOTALL)
    lines = []
    for index, part in enumerate(parts):
        if index % 3 == 0:
            text = re.sub(r"!?\[([^\]]+)\]\(([^)]+)\)", r"\1 (\2)", part)
            text = re.sub(r"(\*\*|`)", "", text)
            lines.append(re.sub(r"^#+ +(.*?)([.?!]?)$", _heading, text, flags=re.MULTILINE).strip("\n"))
        elif index % 3 == 1:
            lines.append(f"Type this ({part}):" if part == "bash" else f"Text ({part or 'plain'}):")
        else:
            lines.append("".join(f"    {line}" for line in part.splitlines(keepends=True)).rstrip("\n"))
    return "\n".join(line for line in lines if line)
