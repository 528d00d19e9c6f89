"""Which findings are the roots of what is wrong, and which only follow from them.

One fault lights up many checks: without a ServiceAccount there is no pod, no rollout, no answer. A finding is
a consequence where its cause is among those that another finding's cause brings about (`brings` in the
catalogue, through as many steps as it takes). What is left are the roots, in the catalogue's order, which is
that of the chain of trust: workstation and account, cluster and issuer, identity, role, credential,
ServiceAccount, pods, answers. Only what surely failed explains a failure: `unknown` and `pending` never hide
one, and come after it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache
from typing import TYPE_CHECKING

from workshop_tui.causes import CATALOGUE
from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from workshop_tui.findings import Finding

_CERTAINTY = (Verdict.FAILED, Verdict.UNKNOWN, Verdict.PENDING)
"""How sure it is that something is wrong: of the same cause at several checks, the surest counts."""


@dataclass(frozen=True, slots=True)
class Root:
    """One thing that is wrong by itself.

    Attributes:
        cause: its code.
        step: the id of the step, and
        check: the id of the check that shows it best: the surest, and of these the first.
        finding: what that check found.

    """

    cause: str
    step: str
    check: str
    finding: Finding


@dataclass(frozen=True, slots=True)
class RootCauses:
    """What is wrong by itself, and what follows from it.

    Attributes:
        roots: all that is wrong by itself; what failed before what is unknown before what is pending, each in
            the order of the chain of trust.
        follows_from: by step and check, the codes of the roots that a finding is a consequence of. Findings
            that passed, or that show a root themselves, are not in it.

    """

    roots: tuple[Root, ...] = ()
    follows_from: Mapping[tuple[str, str], tuple[str, ...]] = field(default_factory=dict)

    @property
    def codes(self) -> tuple[str, ...]:
        """The root causes to be told, in order: of what failed; where nothing did, all the others."""
        failed = tuple(root.cause for root in self.roots if root.finding.verdict is Verdict.FAILED)
        return failed or tuple(root.cause for root in self.roots)

    @property
    def told(self) -> tuple[Root, ...]:
        """The roots of `codes`."""
        return self.roots[: len(self.codes)]

    def behind(self, step: str, check: str) -> tuple[str, ...]:
        """Return the codes of the roots that a check's finding follows from, if it follows from any."""
        return self.follows_from.get((step, check), ())

    def roots_behind(self, step: str, check: str) -> tuple[Root, ...]:
        """Return the roots that a check's finding follows from, if it follows from any."""
        behind = self.behind(step, check)
        return tuple(root for root in self.roots if root.cause in behind)


def find_roots(findings: Iterable[tuple[str, str, Finding]]) -> RootCauses:
    """Find the roots among the findings, each with the ids of its step and its check, in the steps' order."""
    wrong = [(step, check, item.cause, item) for step, check, item in findings if item.cause is not None]
    surest: dict[str, Root] = {}
    for step, check, cause, finding in wrong:
        known = surest.get(cause)
        if known is None or _certainty(finding) < _certainty(known.finding):
            surest[cause] = Root(cause, step, check, finding)
    explained = {
        cause: tuple(other for other in surest.values() if _explains(other, cause, root.finding))
        for cause, root in surest.items()
    }
    roots = sorted((root for cause, root in surest.items() if not explained[cause]), key=_rank)
    codes = {root.cause for root in roots}
    follows: dict[tuple[str, str], tuple[str, ...]] = {}
    for step, check, cause, _ in wrong:
        if cause not in codes:
            shown = surest[cause].finding
            follows[step, check] = tuple(root.cause for root in roots if _explains(root, cause, shown))
    return RootCauses(tuple(roots), follows)


def title_of(cause: str | None) -> str:
    """Return a cause's title; of one that the catalogue does not know, its code."""
    known = CATALOGUE.get(cause or "")
    return known.title if known is not None else cause or ""


def brought_about(cause: str) -> frozenset[str]:
    """Return the codes of all that a cause brings about, through as many steps as it takes."""
    return _brought_about(cause) if cause in CATALOGUE else frozenset()


@cache
def _brought_about(cause: str) -> frozenset[str]:
    brings = CATALOGUE[cause].brings
    return frozenset(brings).union(*map(_brought_about, brings))


def _explains(other: Root, cause: str, finding: Finding) -> bool:
    sure_enough = other.finding.verdict is Verdict.FAILED or finding.verdict is not Verdict.FAILED
    return sure_enough and cause in brought_about(other.cause)


def _certainty(finding: Finding) -> int:
    return _CERTAINTY.index(finding.verdict)


def _rank(root: Root) -> tuple[int, int]:
    places = _places()
    return _certainty(root.finding), places.get(root.cause, len(places))


@cache
def _places() -> Mapping[str, int]:
    """Return the causes' places in the chain of trust."""
    return {code: place for place, code in enumerate(CATALOGUE)}
