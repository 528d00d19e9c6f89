from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.cloud.text import HIDDEN, clean, tail

JWT = "eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiJzeXN0ZW06c2VydmljZWFjY291bnQifQ.c2lnbmF0dXJl"
KEY_OF_32 = "0123456789abcdef" * 2
KEY_OF_84 = "aB3dE6gH9jK2" * 7


@pytest.mark.parametrize(
    ("given_text", "seen"),
    [
        ("\x1b[31mred\x1b[0m", "red"),
        ("\x1b]0;a new title\x07after", "after"),
        ("\x1b]8;;https://evil.example\x1b\\click\x1b]8;;\x1b\\", "click"),
        ("\x9b2Jgone", "gone"),
        ("\x1bPdevice control\x1b\\kept", "kept"),
        ("user\u202egnp.exe", "usergnp.exe"),
        ("zero\u200bwidth\ufeff", "zerowidth"),
        ("bell\x07 and\x00 nothing", "bell and nothing"),
        ("two\r\nlines", "two lines"),
        ("tab\there", "tab here"),
        ("grüße 你好 👩‍💻", "grüße 你好 👩‍💻"),
    ],
)
def test_a_terminal_gets_nothing_but_letters(given_text: str, seen: str) -> None:
    assert clean(given_text) == seen


@pytest.mark.parametrize(
    "secret",
    [
        JWT,
        JWT[:40],
        f"Authorization: Bearer {JWT}",
        "Authorization: bearer abcdefghijklmnop",
        f"api-key: {KEY_OF_32}",
        f"OPENAI_API_KEY={KEY_OF_84}",
        f'{{"client_secret": "{KEY_OF_32}xx"}}',
        "AccountKey=" + "A" * 86 + "==",
        KEY_OF_32,
        KEY_OF_84,
        "password: hunter2hunter2",
        f"-----BEGIN RSA PRIVATE KEY-----\n{KEY_OF_84}\n-----END RSA PRIVATE KEY-----",
        "abc8Q~" + "x" * 34,
        "a\u200bpi-key: " + KEY_OF_32,
    ],
)
def test_secrets_are_hidden(secret: str) -> None:
    seen = clean(f"before {secret} after", limit=2000)
    assert HIDDEN in seen
    assert seen.startswith("before")
    assert seen.endswith("after")
    longest = max(re.findall(r"[A-Za-z0-9+/=_~-]{6,}", secret), key=len)
    assert longest not in seen


@pytest.mark.parametrize(
    "plain",
    [
        "ttl.sh/7d6e7c3a-1f58-4f0e-9b64-8f3c5e2f7a41:1h",
        "ttl.sh/0123456789abcdef0123456789abcdef:1h",
        "ghcr.io/a/b@sha256:" + "ab" * 32,
        (
            "https://eastus.oic.prod-aks.azure.com/7d6e7c3a-1f58-4f0e-9b64-8f3c5e2f7a41/1f585f0e-0000-4444-8888-"
            "8f3c5e2f7a41/"
        ),
        "system:serviceaccount:default:ai-service-account",
        (
            "/subscriptions/7d6e7c3a-1f58-4f0e-9b64-8f3c5e2f7a41/resourceGroups/myResourceGroup/providers/"
            "Microsoft.ManagedIdentity/userAssignedIdentities/myIdentity"
        ),
        "AZURE_FEDERATED_TOKEN_FILE=/var/run/secrets/azure/tokens/azure-identity-token",
        "Access token is missing, invalid, audience is incorrect",
        "AADSTS700213: No matching federated identity record found for presented assertion subject",
        "secret ai-service-secret/OPENAI_API_KEY",
        "OPENAI_API_KEY environment variable must be set",
        '+api_key = os.environ.get("OPENAI_API_KEY")',
        "access_token = credential.get_token('https://cognitiveservices.azure.com/.default')",
        'api_key = os.environ["OPENAI_API_KEY"]',
        "token = DefaultAzureCredential().get_token(scope).token",
    ],
)
def test_what_a_learner_compares_stays_as_it_is(plain: str) -> None:
    assert clean(plain) == plain


def test_it_is_cut() -> None:
    assert clean("x" * 1000, limit=10) == "xxxxxxxxx…"


def test_lines_are_kept_where_they_are_asked_for() -> None:
    assert clean("\x1b[1mone\r\ntwo\n", lines=True) == "one\ntwo"


def test_the_tail_of_a_log_is_its_end() -> None:
    log = "\n".join(f"line {number}" for number in range(100))
    assert tail(log, lines=2) == "line 98\nline 99"


@given(st.text(max_size=400))
def test_nothing_that_steers_a_terminal_survives(text: str) -> None:
    seen = clean(text, lines=True)
    assert all(unicodedata.category(sign) not in {"Cc", "Cs"} or sign == "\n" for sign in seen)
    assert not set(seen) & set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\u200e\u200f")


@given(st.text(alphabet="abc \x1b[]\x07\x9b;mJ0123\n\\:=", max_size=200))
def test_cleaning_twice_changes_nothing_more(text: str) -> None:
    assert clean(clean(text)) == clean(text)


@given(st.text(max_size=100), st.text(max_size=100))
def test_a_token_never_survives_its_surroundings(before: str, after: str) -> None:
    assert JWT not in clean(f"{before} {JWT} {after}", limit=5000)
