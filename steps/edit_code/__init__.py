"""Teach the service to sign in with an identity, and keep the key as the other way."""

from __future__ import annotations

from difflib import unified_diff
from typing import TYPE_CHECKING

from workshop_tui.authoring import (
    Absent,
    ActionError,
    Applied,
    AsyncIterator,
    Change,
    Checkout,
    Finding,
    Planned,
    Progress,
    Requirements,
    Scope,
    Sequence,
    SourceBehaviour,
    SourceChanges,
    Undo,
    Unreadable,
    action,
    check,
    command,
    failed,
    passed,
    reset,
)

from . import behaviour as judging
from .requirements import IDENTITY, PINNED, require_identity, too_old

if TYPE_CHECKING:
    from collections.abc import Callable

REQUIREMENTS = "src/ai-service/requirements.txt"
GENERATOR = "src/ai-service/routers/description_generator.py"
_ANEW = "workshop-tui reset edit-code --yes && workshop-tui solve edit-code"
"""Puts both files back as they were fetched, and edits them again."""


@check("The file compiles", scope=Scope.WORKSTATION)
def compiles(behaviour: SourceBehaviour) -> Finding:
    """Judge that Python can read the file at all."""
    if behaviour.compile_error:
        look = command("python3", "-m", "py_compile", behaviour.path)
        return failed(
            "code.syntax-error",
            behaviour.compile_error,
            expected="a file that compiles",
            command=f"{look}\n{_ANEW}",
        )
    return passed(f"{GENERATOR} is valid Python")


@check("azure-identity is required", scope=Scope.WORKSTATION)
def identity_required(requirements: Requirements, source: Checkout) -> Finding:
    """Judge that the image will have the library, in a version that knows Workload Identity."""
    append = f"echo {PINNED} >> {command(f'{source.path}/{REQUIREMENTS}')}"
    specifier = requirements.entries.get(IDENTITY)
    if specifier is None:
        return failed(
            "code.identity-not-required", f"no {IDENTITY}", expected=f"{IDENTITY}==1.14.0", command=append
        )
    if too_old(specifier):
        return failed("code.identity-too-old", f"{IDENTITY}{specifier}", expected=f"{IDENTITY}==1.14.0")
    return passed(f"{IDENTITY}{specifier}")


@check("A credential takes the key's place", scope=Scope.WORKSTATION)
def credential_imported(behaviour: SourceBehaviour) -> Finding:
    """Judge that a credential of azure-identity is made, and one that works in a pod."""
    return judging.imported(behaviour)


@check("USE_AZURE_AD chooses", scope=Scope.WORKSTATION)
def directory_switch_read(behaviour: SourceBehaviour) -> Finding:
    """Judge that USE_AZURE_AD makes a difference."""
    return judging.switched(behaviour)


@check("A key is demanded where it is needed", scope=Scope.WORKSTATION)
def key_demanded(behaviour: SourceBehaviour) -> Finding:
    """Judge that the app does not start with neither identity nor key."""
    return judging.demanded(behaviour)


@check("The token reaches the chat service", scope=Scope.WORKSTATION)
def token_reaches_service(behaviour: SourceBehaviour) -> Finding:
    """Judge that AzureChatCompletion gets the token, and knows that it is one."""
    return judging.token_passed(behaviour)


@check("The key still works", scope=Scope.WORKSTATION)
def key_branch_works(behaviour: SourceBehaviour) -> Finding:
    """Judge that the old way of signing in is still there."""
    return judging.key_works(behaviour)


@check("OpenAI without Azure still works", scope=Scope.WORKSTATION)
def direct_branch_works(behaviour: SourceBehaviour) -> Finding:
    """Judge that USE_AZURE_OPENAI=False does what it did."""
    return judging.direct_works(behaviour)


@action
async def edit(
    source: Checkout, behaviour: SourceBehaviour | Absent | Unreadable, changes: SourceChanges
) -> AsyncIterator[Progress]:
    """Edit both files, each whole or not at all; code that is right already is left as it is."""
    right = (
        isinstance(behaviour, SourceBehaviour) and not behaviour.compile_error and judging.right(behaviour)
    )
    edits: tuple[tuple[str, str, Callable[[str], str]], ...] = (
        (REQUIREMENTS, "Require azure-identity", require_identity),
        (GENERATOR, "Sign in with an identity when USE_AZURE_AD is true", _keep if right else _edited),
    )
    for path, what, transform in edits:
        before = await changes.read(path)
        after = transform(before)
        by_hand = f'"${{EDITOR:-nano}}" {command(f"{source.path}/{path}")}'
        change = Change(f"{what} ({path})", by_hand, _difference(path, before, after))
        if after == before:
            yield Applied(change, already=True)
            continue
        yield Planned(change)
        await changes.write(path, after)
        yield Applied(change)


@reset
def restore(source: Checkout, changes: SourceChanges) -> Sequence[Undo]:
    """Put both files back as they were fetched."""
    return tuple(
        Undo(
            Change(f"Put back {path} as it was", command("git", "-C", source.path, "checkout", "--", path)),
            lambda path=path: changes.restore(path),  # type: ignore[misc] # its type is the call's, not the default's
        )
        for path in (GENERATOR, REQUIREMENTS)
    )


def _keep(text: str) -> str:
    return text


def _edited(text: str) -> str:
    from .transform import UneditableError, sign_in_with_identity  # noqa: PLC0415 - LibCST is slow to load

    try:
        return sign_in_with_identity(text)
    except UneditableError as error:
        anew = f"Or begin anew, which drops your edits: {_ANEW}"
        raise ActionError(
            f"{GENERATOR} can't be edited safely: {error}", f"{error.by_hand} {anew}"
        ) from error


def _difference(path: str, before: str, after: str) -> tuple[str, ...]:
    lines = unified_diff(before.splitlines(), after.splitlines(), f"a/{path}", f"b/{path}", lineterm="", n=2)
    return tuple(lines)
