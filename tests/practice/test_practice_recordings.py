"""Recorded exchanges of operations the practice cloud serves, replayed: same status, code, keys, types."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from practice_world import OPENAI_USER, SignedIn, signed_in
from recordings import FOLDER, TRANSCRIBED, Exchange, Replay, compare, recorded, recordings
from recordings_differences import ALLOWED

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(
    not FOLDER.is_dir(), reason="no recordings beside this checkout: NOTHING is compared with real Azure"
)


@pytest.fixture(scope="module")
def own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SignedIn]:
    with signed_in(tmp_path_factory.mktemp("recordings")) as opened:
        yield opened


def test_recorded_exchanges_are_answered_alike(own: SignedIn, tmp_path: Path) -> None:
    unlike: list[str] = []
    used: set[int] = set()
    compared = 0

    def replay(learner: SignedIn, file: Path) -> None:
        nonlocal compared
        for exchange, differences in Replay(learner).run(recorded(file)):
            compared += 1
            for each in differences:
                found = next((n for n, some in enumerate(ALLOWED) if some.covers(exchange, each)), None)
                if found is None:
                    unlike.append(f"{exchange.file} #{exchange.number} {each.route}: {each.what}")
                else:
                    used.add(found)

    for file in recordings():
        if "AKS" in file.name:  # these change the one cluster, and expect it as it is made
            with signed_in(tmp_path / file.stem) as fresh:
                replay(fresh, file)
        else:
            replay(own, file)
    assert not unlike, "\n".join(unlike)
    assert [each.why for n, each in enumerate(ALLOWED) if n not in used] == [], "no longer needed"
    assert compared > 100


KNOWN = {
    "cognitiveservices.deployments_list_200": {
        "we lack .value[].systemData",  # as above: no client of the workshop reads it
        "they lack .value[].properties.raiPolicyName",  # there since 2025
    },
    "tenants.list_example": set(),
    "subscriptions.list_example": {"they lack .count"},  # not in the example, but real ARM sends it
}


def test_transcribed_answers_have_our_keys(own: SignedIn) -> None:
    answers = json.loads((FOLDER / "azcli_transcribed.json").read_text("utf-8"))
    places = {
        "identity": own.identity_path("transcribed"),
        "subscription": own.subscription,
        "account": own.account,
    }
    principal = ""
    for name, (method, template) in TRANSCRIBED.items():
        path = template.format(**places)
        query = {"$filter": f"principalId eq '{principal}'"} if "principalId" in name else {}
        body = {"location": "eastus"} if method == "PUT" else None
        answer = own.call(method, path, body, **query)
        theirs: dict[str, Any] = answers[name]
        exchange = Exchange(
            "azcli_transcribed.json", 0, method, path, None, theirs.get("status", 200), theirs["body"]
        )
        unlike = {each.what for each in compare(exchange, answer)}
        assert unlike == KNOWN.get(name, set()), name
        if name == "identity.create_201":
            principal = answer.json()["properties"]["principalId"]
            own.trust("transcribed", "https://issuer.example/", "someone")
            own.assign(own.account, principal, OPENAI_USER).raise_for_status()
