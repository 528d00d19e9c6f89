"""Each route and refusal of the practice cloud has a proof, or is on the list of the unproven.

That list is printed at the end of the test run (tests/conftest.py). That the named tests reach their routes
is seen in the request log while they run (`claims` in conftest.py).
"""

from __future__ import annotations

import ast
import json
import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from proofs import Client, Ours, Recording, RefusalProof, Unproven
from proofs_refusals import REFUSALS
from proofs_routes import ROUTES
from recordings import FOLDER, TRANSCRIBED, recorded
from refusals_in_code import Refusal, refusals_in_code
from routes_in_code import route_of, routes_in_code

if TYPE_CHECKING:
    from collections.abc import Callable

    from proofs import Proof, RouteProof

HERE = Path(__file__).parent
needs_recordings = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no recordings beside this checkout: the named ones are NOT looked into"
)


def proof_of(refusal: Refusal) -> RefusalProof | None:
    """Return the row that speaks of a refusal: the one with the most of its words."""
    rows = [
        row
        for row in REFUSALS
        if (row.service, row.status, row.code) == (refusal.service, refusal.status, refusal.code)
        and row.words in refusal.text
    ]
    return max(rows, key=lambda row: len(row.words), default=None)


def rows_of(route: str) -> list[RouteProof]:
    return [row for row in ROUTES if row.covers(route)]


def test_every_route_is_in_the_table_once() -> None:
    rows = {route: rows_of(route) for route in routes_in_code()}
    assert [route for route, found in rows.items() if len(found) != 1] == []
    used = [found[0] for found in rows.values()]
    assert [row.routes for row in ROUTES if row not in used] == [], "routes that are gone"


def test_every_refusal_is_in_the_table() -> None:
    rows = {refusal: proof_of(refusal) for refusal in refusals_in_code()}
    assert [str(refusal) for refusal, row in rows.items() if row is None] == []
    used = list(rows.values())
    assert [row for row in REFUSALS if row not in used] == [], "refusals that are gone"


def proofs() -> list[tuple[str, Proof]]:
    """Return each route and refusal with its proof."""
    routes = [(route, rows_of(route)[0].proof) for route in routes_in_code()]
    refusals = [(str(each), row.proof) for each in refusals_in_code() if (row := proof_of(each))]
    return [*routes, *refusals]


def test_named_tests_exist() -> None:
    named = {proof.test for _, proof in proofs() if isinstance(proof, Client)}
    assert [each for each in sorted(named) if not exists(each)] == []


def exists(name: str) -> bool:
    file, *path = name.split("::")
    found: ast.AST | None = tree_of(file)
    for part in path:
        found = next((each for each in getattr(found, "body", []) if getattr(each, "name", "") == part), None)
    return found is not None


@cache
def tree_of(file: str) -> ast.Module:
    (path,) = HERE.rglob(file)
    return ast.parse(path.read_text("utf-8"))


@needs_recordings
def test_named_recordings_hold_the_routes() -> None:
    wrong = []
    for route in routes_in_code():
        proof = rows_of(route)[0].proof
        if isinstance(proof, Recording) and route not in routes_in(proof):
            wrong.append(f"{route}: not in {proof.file} {proof.entry}")
    assert wrong == []


def routes_in(recording: Recording) -> set[str | None]:
    """Return the routes a recording was compared with."""
    if not recording.entry:
        return {each.route for each in recorded(FOLDER / recording.file)}
    method, path = TRANSCRIBED[recording.entry]
    identity = "/resourceGroups/g/providers/Microsoft.ManagedIdentity/userAssignedIdentities/i"
    account = "/resourceGroups/g/providers/Microsoft.CognitiveServices/accounts/a"
    places = {"subscription": "/subscriptions/s"}
    places |= {"identity": f"/subscriptions/s{identity}", "account": f"/subscriptions/s{account}"}
    return {route_of("arm", method, path.format(**places))}


@needs_recordings
def test_recorded_refusals_have_our_status_and_words() -> None:
    wrong = []
    for refusal in refusals_in_code():
        row = proof_of(refusal)
        if row and isinstance(row.proof, Recording):
            found = list(told_in(row.proof, refusal))
            if not any(is_like(refusal, *each) for each in found):
                wrong.append((str(refusal), refusal.text, found))
    assert wrong == []


def is_like(refusal: Refusal, status: int, message: str) -> bool:
    """Say whether a recorded message is ours, whatever is filled in and wherever its links lead."""
    ours, theirs = plain(refusal.text), plain(message)
    if theirs.endswith("..."):  # what was recorded breaks off
        begun = re.sub(r"\{[^}]*\}", "{}", theirs).removesuffix("...").rstrip()
        return status == refusal.status and ours.startswith(begun)
    pattern = ".*?".join(re.escape(part) for part in ours.split("{}"))
    return status == refusal.status and re.match(pattern, theirs) is not None


def plain(text: str) -> str:
    return " ".join(re.sub(r"https?://[^\s']+", "", text).split())


def told_in(recording: Recording, refusal: Refusal) -> list[tuple[int, str]]:
    """Return the statuses and messages a recording has for a refusal's code."""
    if not recording.entry:
        told = [message_of(each.status, each.body) for each in recorded(FOLDER / recording.file)]
        return [(status, message) for status, message, code in told if code == refusal.code]
    found: Any = json.loads((FOLDER / recording.file).read_text("utf-8"))
    for part in recording.entry.split("."):
        found = found[part]
    if "body" not in found:
        return [(refusal.status, each) for each in found[str(refusal.status)]]
    status, message, _ = message_of(int(str(found["status"])[:3]), found["body"])
    return [(status, message)]


def message_of(status: int, body: Any) -> tuple[int, str, str]:
    """Return status, message and code of a refusal, from whichever service."""
    inner = body.get("error", body) if isinstance(body, dict) else {}
    if isinstance(inner, str):
        return status, re.sub(r"^AADSTS\d+: ", "", body["error_description"]), str(body["error_codes"][0])
    return status, inner.get("message", ""), str(inner.get("code", ""))


def test_the_unproven_are_listed(record_property: Callable[[str, object], None]) -> None:
    found = proofs()
    unproven = [f"{name}  ({proof.why})" for name, proof in found if isinstance(proof, Unproven)]
    ours = [name for name, proof in found if isinstance(proof, Ours)]
    record_property("proofs", len(found))
    record_property("of the practice cloud alone", len(ours))
    for each in unproven:
        record_property("unproven", each)
