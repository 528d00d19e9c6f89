"""The request log: what checks and tests read to know how somebody proved who they are."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from workshop_tui.practice.audit import KEPT, Audit, Caller, note_caller
from workshop_tui.practice.context import Clock
from workshop_tui.practice.store import Store

if TYPE_CHECKING:
    from pathlib import Path

    import pytest
    from practice_world import SignedIn


def read(learner: SignedIn, **query: Any) -> list[dict[str, Any]]:
    headers = {"Authorization": f"Bearer {learner.token()}"}
    answer = learner.http.get(f"{learner.cloud.arm}/practice/audit", params=query, headers=headers)
    found: list[dict[str, Any]] = answer.raise_for_status().json()["value"]
    return found


def last_id(learner: SignedIn) -> int:
    return max((int(each["id"]) for each in read(learner)), default=0)


def test_it_needs_a_token(learner: SignedIn) -> None:
    assert learner.http.get(f"{learner.cloud.arm}/practice/audit").status_code == 401


def test_a_call_with_a_token_and_one_with_a_key(learner: SignedIn) -> None:
    key = learner.call("POST", f"{learner.account}/listKeys").json()["key1"]
    token = learner.token("https://cognitiveservices.azure.com")
    before = last_id(learner)
    url = f"{learner.cloud['openai']}/openai/deployments/gpt-35-turbo/chat/completions?api-version=2024-06-01"
    for headers in ({"api-key": key}, {"Authorization": f"Bearer {token}"}, {}):
        learner.http.post(url, json={"messages": [{"role": "user", "content": "x"}]}, headers=headers)
    entries = read(learner, after=before, service="openai")
    sign_in = learner.cloud["sign_in"]
    assert [each["caller"]["method"] for each in entries] == ["key", "token", "none"]
    assert entries[1]["caller"]["object_id"] == sign_in["object_id"]
    assert entries[1]["caller"]["client_id"] == sign_in["client_id"]
    assert entries[0]["path"].endswith("/chat/completions"), "no query"
    assert entries[0]["user_agent"].startswith("python-httpx/")
    assert key not in str(entries)
    assert token not in str(entries)


def test_sign_ins_say_by_which_proof(learner: SignedIn) -> None:
    before = last_id(learner)
    learner.token_answer()
    learner.token_answer(client_secret="wrong")
    entries = read(learner, after=before, service="entra")
    assert [(each["status"], each["caller"]["method"]) for each in entries] == [
        (200, "secret"),
        (401, "none"),
    ]


def test_since_a_moment(learner: SignedIn) -> None:
    learner.call("GET", learner.group)
    latest = read(learner)[-1]
    assert read(learner, since=latest["time"])[0]["id"] == latest["id"]
    assert read(learner, since="9999") == []


def test_health_is_not_recorded(learner: SignedIn) -> None:
    before = last_id(learner)
    learner.http.get(f"{learner.cloud.arm}/practice/health")
    assert all(each["path"] != "/practice/health" for each in read(learner, after=before))


def test_the_log_tells_what_was_changed_and_what_was_refused(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    store = Store(tmp_path / "store.sqlite")
    audit = Audit(store, Clock())
    ask: dict[str, Any] = scope("/read")
    with caplog.at_level("INFO", logger="workshop_tui.practice.audit"):
        audit.record(ask, "arm", 200, "now")
        audit.record(ask, "arm", 404, "now")
        audit.record(scope("/secret\nfake line"), "arm", 403, "now")
        changing = {**scope("/things/a"), "method": "PUT"}
        note_caller(changing, Caller("token", "object", "client"))
        audit.record(changing, "arm", 201, "now")
    assert [record.getMessage() for record in caplog.records] == [
        "arm GET /secret\\nfake line: 403",
        "arm PUT /things/a: 201, token of client",
    ]
    store.close()


def scope(path: str, **headers: str) -> dict[str, Any]:
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    return {"type": "http", "method": "GET", "path": path, "headers": pairs}


def test_it_survives_a_restart_and_is_bounded(tmp_path: Path) -> None:
    store = Store(tmp_path / "store.sqlite")
    audit = Audit(store, Clock())
    with store.transaction():
        for number in range(KEPT + 5):
            audit.record(scope(f"/{number}"), "arm", 200, audit.now())
        one = scope("/x")
        note_caller(one, Caller("token", "oid", "appid"))
        audit.record(one, "openai", 401, audit.now())
    store.close()

    store = Store(tmp_path / "store.sqlite")
    audit = Audit(store, Clock())
    entries = audit.entries(service="arm")
    assert (len(entries), entries[0]["path"]) == (KEPT, "/5")
    audit.record(scope("/later"), "arm", 200, audit.now())
    assert audit.entries()[-1]["id"] == KEPT + 7
    assert audit.entries(service="openai")[0]["caller"] == {
        "method": "token",
        "object_id": "oid",
        "client_id": "appid",
    }
    store.close()
