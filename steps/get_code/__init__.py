"""Get the shop's source at the commit that the workshop is written for."""

from __future__ import annotations

from workshop_tui.authoring import (
    PINNED_COMMIT,
    Absent,
    Applied,
    AsyncIterator,
    Change,
    Checkout,
    Finding,
    Names,
    Planned,
    Progress,
    Scope,
    Sequence,
    SourceChanges,
    Undo,
    Unreadable,
    Working,
    action,
    check,
    command,
    failed,
    passed,
    reset,
)

_REPOSITORY = "https://github.com/Azure-Samples/aks-store-demo.git"
_SERVICE = "src/ai-service"


@check("The source is on this machine", scope=Scope.WORKSTATION)
def checkout(source: Checkout) -> Finding:
    """Judge that there is a checkout; its absence is told with its own cause."""
    return passed(f"{source.path} ({'our starter' if source.is_starter else 'a git clone'})")


@check("It is at the workshop's commit", scope=Scope.WORKSTATION)
def commit(source: Checkout) -> Finding:
    """Judge the commit; the starter is made for this commit's service and has none of its own."""
    if source.is_starter:
        return passed(f"our starter {source.commit}".strip())
    if source.own_commits:
        return passed(f"{source.commit[:12]}: your own commits on top of {PINNED_COMMIT[:12]}")
    if source.commit != PINNED_COMMIT:
        return failed(
            "source.wrong-commit",
            source.commit or "no commit",
            expected=PINNED_COMMIT,
            command=command("git", "-C", source.path, "checkout", PINNED_COMMIT),
        )
    return passed(source.commit)


@check("The service is complete", scope=Scope.WORKSTATION)
def service_complete(source: Checkout) -> Finding:
    """Judge that no file of the service is missing."""
    if source.missing:
        return failed(
            "source.incomplete",
            f"missing: {', '.join(source.missing)}",
            expected=f"every file of {_SERVICE}",
            command=command("git", "-C", source.path, "checkout", "--", _SERVICE),
        )
    return passed(f"every file of {_SERVICE}")


@action
async def fetch(
    names: Names, source: Checkout | Absent | Unreadable, changes: SourceChanges
) -> AsyncIterator[Progress]:
    """Clone the pinned commit, or unpack the starter where GitHub does not answer."""
    change = Change(f"Bring the shop's source to {names.source}", _by_hand(names.source))
    if isinstance(source, Checkout) and _good(source):
        yield Applied(change, already=True)
        return
    yield Planned(change)
    async for line in changes.fetch():
        yield Working(line)
    yield Applied(change)


@reset
def remove(source: Checkout | Absent, changes: SourceChanges) -> Sequence[Undo]:
    """Delete the checkout, if this tool fetched it; any other folder is left alone."""
    if isinstance(source, Absent):
        return ()
    change = Change(f"Delete the checkout {source.path}", command("rm", "-r", source.path))
    return (Undo(change, changes.remove),)


def _good(source: Checkout) -> bool:
    return not source.missing and (source.is_starter or source.own_commits or source.commit == PINNED_COMMIT)


def _by_hand(path: str) -> str:
    clone = command("git", "clone", _REPOSITORY, path)
    return f"{clone} && {command('git', '-C', path, 'checkout', PINNED_COMMIT)}"
