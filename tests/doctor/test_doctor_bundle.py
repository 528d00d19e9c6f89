"""The help bundle: everything that helps, and nothing that is secret."""

from __future__ import annotations

import json
import os
import re
import stat
import zipfile
from typing import TYPE_CHECKING

import pytest

from workshop_tui.doctor import make_bundle
from workshop_tui.doctor.masking import Mask
from workshop_tui.findings import failed
from workshop_tui.journal import Journal
from workshop_tui.saved_settings import save
from workshop_tui.settings import load_settings

if TYPE_CHECKING:
    from pathlib import Path

    from machines import Machine

    from workshop_tui.settings import Settings

KEY = "0123456789abcdef0123456789abcdef"
NEW_KEY = "Ab3" * 28
PASSWORD = "correct-horse-battery"
BEARER = "Zm9vYmFyYmF6cXV4.c29tZXRoaW5n"
WEB_TOKEN = "eyJhbGciOiJSUzI1NiIsImtpZCI6ImEifQ.eyJzdWIiOiJhZGEifQ.c2lnbmF0dXJlLW9mLWFkYQ"
PEM = f"-----BEGIN PRIVATE KEY-----\n{'MIIEvQIBADANBgkqhkiG9w0BAQEFAASC' * 2}\n-----END PRIVATE KEY-----"
CONNECTION = f"DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={'q7' * 43}==;EndpointSuffix=core"
PROXY = "http://ada:tr0ub4dor@proxy.example.org:3128"
HUNTED = [
    *(KEY, NEW_KEY, PASSWORD, BEARER, WEB_TOKEN, "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "q7q7q7", "tr0ub4dor"),
    *("ada.lovelace", "/home/ada"),
]
PLANTED = "\n".join(
    [
        f"OPENAI_API_KEY={KEY}",
        f'{{"key1": "{NEW_KEY}", "api-key": "{KEY}"}}',
        f"Authorization: Bearer {BEARER}",
        f"got {WEB_TOKEN} for ada.lovelace@example.org",
        PEM,
        CONNECTION,
        f"the password is {PASSWORD}, as the environment has it",
        f"HTTPS_PROXY={PROXY}",
        "/home/ada/.kube/config and /home/ada: not there",
        "\x1b]0;owned\x07\x1b[31mred\x1b[0m",
    ]
)


def plant(machine: Machine) -> Settings:
    """Put secrets wherever the bundle looks."""
    machine.monkeypatch.setenv("HOME", "/home/ada")
    machine.monkeypatch.setenv("SHOP_PASSWORD", PASSWORD)
    machine.monkeypatch.setenv("OPENAI_API_KEY", KEY)
    machine.monkeypatch.setenv("HTTPS_PROXY", PROXY)
    machine.monkeypatch.setenv("AZURE_CLIENT_SECRET", "abc8Q~" + "x1Y" * 11)
    settings = machine.settings()
    save(settings.home, {"image_repository": "b7e0a3f4-0000-4000-8000-5ec3e7"}, "practice")
    for name in ("log/workshop-tui.log", "practice/log/practice.log"):
        log = settings.home / name
        log.parent.mkdir(parents=True)
        log.write_text(f"2026-01-01 the first line\n{PLANTED}\n")
    journal = Journal(settings.home, "tiny/practice-1")
    journal.write("opened", "federate")
    journal.write_finding("federate", "subject", failed("federation.subject-mismatch", PLANTED))
    journal.write("note", "federate", said=PLANTED)
    journal.close()
    return load_settings(
        target="practice", flags={"account": f"api-key={KEY}", "source": "/home/ada/shop"}, context=WEB_TOKEN
    )


def texts_of(path: Path) -> dict[str, str]:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name).decode() for name in archive.namelist()}


async def test_no_secret_is_in_it_wherever_it_was(
    machine: Machine, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workshop_tui.settings._validate", lambda *_: None)
    written = await make_bundle(plant(machine), tmp_path / "help.zip")
    texts = texts_of(written)
    for name, text in texts.items():
        for secret in [*HUNTED, "abc8Q~", "b7e0a3f4-0000-4000-8000-5ec3e7", "\x1b"]:
            assert secret not in text, f"{secret} is in {name}"
    for name in ("log/workshop-tui.log", "practice/practice.log"):
        assert "the first line" in texts[name]
        assert "[hidden]" in texts[name]
        assert "[e-mail address]" in texts[name]
        assert "~/.kube/config and ~: not there" in texts[name]
        assert "red" in texts[name]
    assert "AccountName=shop" in texts["log/workshop-tui.log"]
    assert "federation.subject-mismatch" in texts["findings.txt"]
    assert "The step that was open last: federate" in texts["findings.txt"]
    assert "note federate" in texts["journal.txt"]
    assert "AZURE_CLIENT_SECRET is set" in texts["environment.txt"]
    assert "source = ~/shop" in texts["settings.txt"]


async def test_it_is_private_and_says_what_is_inside(machine: Machine, tmp_path: Path) -> None:
    heard: list[str] = []
    place = tmp_path / "help.zip"
    place.write_text("an older one")
    written = await make_bundle(machine.settings(), place, told=heard.append)
    assert written == place
    assert stat.S_IMODE(place.stat().st_mode) == 0o600
    texts = texts_of(place)
    manifest = texts.pop("MANIFEST.txt")
    assert set(re.findall(r"^- (\S+):", manifest, re.MULTILINE)) == set(texts)
    assert "masked" in manifest
    assert "No practice cloud is running here." in texts["check.txt"]
    assert "problem" in json.loads(texts["check.json"])
    assert "Practice: no subscription" in texts["doctor.txt"]
    assert heard
    assert os.listdir(tmp_path).count("help.zip") == 1  # noqa: PTH208 - as below
    assert not [name for name in os.listdir(tmp_path) if name.startswith(".help")], "no draft is left"  # noqa: PTH208


async def test_with_a_target_that_answers_it_has_a_fresh_check(
    practice_settings: Settings, tmp_path: Path
) -> None:
    texts = texts_of(await make_bundle(practice_settings, tmp_path / "help.zip"))
    document = json.loads(texts["check.json"])
    assert document["target"]["kind"] == "practice"
    assert len(document["steps"]) > 10
    assert texts["check.txt"].startswith("Root cause 1 of "), "what is wrong comes first"
    assert "lock-the-door" not in texts["check.json"], "a bonus to come is no root of what is wrong before"
    assert "Begin with check.txt" in texts["MANIFEST.txt"]
    assert "kubectl" in texts["doctor.txt"]
    assert "started: workshop-tui" in texts["practice/practice.log"]


async def test_a_journal_that_is_none_spares_the_rest(machine: Machine, tmp_path: Path) -> None:
    settings = machine.settings()
    (settings.home / "journal.sqlite").write_text("no journal at all, but long enough to be looked at" * 30)
    texts = texts_of(await make_bundle(settings, tmp_path / "help.zip"))
    assert "cannot be read" in texts["journal.txt"]
    assert "doctor.txt" in texts


async def test_a_place_that_cannot_be_written_is_told(machine: Machine, tmp_path: Path) -> None:
    with pytest.raises(OSError, match="No such file"):
        await make_bundle(machine.settings(), tmp_path / "nowhere" / "help.zip")


def test_masking_twice_changes_nothing_more(machine: Machine) -> None:
    kinds = {"TOKEN_KIND": "practice", "TOKEN_FILE": "/run/the/token"}
    mask = Mask.of(machine.settings(), {"HOME": "/home/ada", "A_TOKEN": "tok-123456", **kinds})
    assert mask.text("practice /run/the/token") == "practice /run/the/token"
    once = mask.text(f"{PLANTED}\ntok-123456")
    assert mask.text(once) == once
    assert "tok-123456" not in once
    assert mask.value({"/home/ada/x": [{"a": "tok-123456"}, 5, None]}) == {
        "~/x": [{"a": "[hidden]"}, 5, None]
    }
