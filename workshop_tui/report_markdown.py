"""A report as Markdown: for a summary page, an issue, a pull request."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.report import ROOT_WORDS, follows_words, tally
from workshop_tui.root_causes import title_of

if TYPE_CHECKING:
    from workshop_tui.report import Report


def as_markdown(report: Report) -> str:
    """Return the report as Markdown: the root causes, and a table a step."""
    causes = report.root_causes
    lines = [
        f"# {report.workshop}",
        "",
        f"{report.started:%Y-%m-%d %H:%M} UTC, {report.place}: **{report.verdict.value}** ({tally(report)})",
    ]
    for root in causes.told:
        head = f"**{ROOT_WORDS[root.finding.verdict]}: {title_of(root.cause)}** (`{root.cause}`)."
        lines += ["", f"{head} {root.finding.remedy}"]
        lines += ["", "```sh", root.finding.command, "```"] if root.finding.command else []
    for item in report.steps:
        if not item.findings:
            continue
        lines += ["", f"## {item.step.number} · {item.step.title}: {item.verdict.value}", ""]
        lines += ["| verdict | check | observed | way out |", "| --- | --- | --- | --- |"]
        lines += [
            "| "
            + " | ".join(
                cell.replace("|", "\\|").replace("\n", " ")
                for cell in (
                    finding.verdict.value,
                    check.title,
                    finding.observed,
                    follows_words(causes, item.step.id, check.id, report.numbers) or finding.remedy,
                )
            )
            + " |"
            for check, finding in item.findings
        ]
    return "\n".join(lines) + "\n"
