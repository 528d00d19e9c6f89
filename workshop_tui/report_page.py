"""A report as one page of HTML: for the learner to keep, and for an instructor to read in a browser."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from workshop_tui.report import ROOT_WORDS, SIGNS, follows_words, tally
from workshop_tui.root_causes import title_of

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.findings import Finding
    from workshop_tui.report import Report, StepReport
    from workshop_tui.root_causes import Root, RootCauses
    from workshop_tui.workshop import Check

_STYLE = """
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
h2 { margin: 2rem 0 .5rem; font-size: 1.1rem; }
li { list-style: none; margin: .4rem 0; }
ul { padding: 0; }
.what { color: GrayText; display: block; margin-left: 1.4rem; overflow-wrap: anywhere; }
.root { margin: 1rem 0; padding: .5rem 1rem; border-left: .3rem solid currentColor; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; margin: .4rem 0 0 1.4rem; }
.passed b { color: #1a7f37; } .failed b { color: #cf222e; }
.pending b { color: #9a6700; } .unknown b { color: #8250df; }
@media (prefers-color-scheme: dark) { :root { color-scheme: dark; }
  .passed b { color: #3fb950; } .failed b { color: #f85149; }
  .pending b { color: #d29922; } .unknown b { color: #a371f7; } }
"""


def as_html(report: Report) -> str:
    """Return the report as a page that needs nothing else: no script, no request."""
    causes = report.root_causes
    roots = "\n".join(_root(root) for root in causes.told)
    steps = "\n".join(_step(item, causes, report.numbers) for item in report.steps if item.findings)
    return f"""<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{escape(report.workshop)}: {report.verdict.value}</title>
<style>{_STYLE}</style>
</head>
<body>
<h1>{escape(report.workshop)}: {report.verdict.value}</h1>
<p>{report.started:%Y-%m-%d %H:%M} UTC, {escape(report.place)}: {tally(report)}</p>
{roots}
{steps}
</body>
</html>
"""


def _root(root: Root) -> str:
    word, title = ROOT_WORDS[root.finding.verdict], title_of(root.cause)
    command = f"<pre>{escape(root.finding.command)}</pre>" if root.finding.command else ""
    return (
        f'<div class="root {root.finding.verdict.value}"><b>{word}: {escape(title)}</b>'
        f'<span class="what">{escape(root.finding.remedy)}</span>{command}</div>'
    )


def _step(item: StepReport, causes: RootCauses, numbers: Mapping[str, int]) -> str:
    checks = "\n".join(
        _check(check, finding, follows_words(causes, item.step.id, check.id, numbers))
        for check, finding in item.findings
    )
    title = f"{item.step.number} · {item.step.title}"
    return f"<h2>{escape(title)}: {item.verdict.value}</h2>\n<ul>\n{checks}\n</ul>"


def _check(check: Check, finding: Finding, follows: str) -> str:
    sign = SIGNS[finding.verdict]
    lines = filter(None, (finding.observed, follows or finding.remedy))
    what = "".join(f'<span class="what">{escape(line)}</span>' for line in lines)
    return (
        f'<li class="{finding.verdict.value}"><b>{sign} {finding.verdict.value}</b> {escape(check.title)}'
        f"{what}</li>"
    )
