"""What Entra ID says of a token that it refuses: what was presented, and when."""

from __future__ import annotations

from datetime import timedelta

import pytest

from workshop_tui.authoring import TOKEN_AUDIENCE, Absent, FederatedCredential, FederatedCredentials
from workshop_tui.judgement.answers import refusal_in
from workshop_tui.judgement.chain import outdated_sign_in
from workshop_tui.judgement.clocks import skew_words
from workshop_tui.judgement.exchange import out_of_time, presented

ISSUER, SUBJECT = "https://issuer/1/", "system:serviceaccount:default:ai-service-account"
WANTED = {"issuer": ISSUER, "subject": SUBJECT, "audience": TOKEN_AUDIENCE}
RIGHT = FederatedCredentials("i", (FederatedCredential("one", ISSUER, SUBJECT, (TOKEN_AUDIENCE,)),))
NO_RECORD = "No matching federated identity record found for presented assertion"


def ranged(
    current: str, start: str = "2026-03-01T12:00:00.0000000Z", end: str = "2026-03-01T13:00:00Z"
) -> str:
    return (
        "AADSTS700024: Client assertion is not within its valid time range."
        f" Current time: {current}, assertion valid from {start}, expiry time of assertion {end}."
    )


@pytest.mark.parametrize(
    ("text", "when"),
    [
        (ranged("2026-03-01T11:59:59.9999999Z"), "early"),
        (ranged("2026-03-01T12:00:00.0000000Z"), ""),
        (ranged("2026-03-01T12:30:00.1234567Z"), ""),
        (ranged("2026-03-01T13:00:00.0000000Z"), ""),
        (ranged("2026-03-01T13:00:00.0000010Z"), "late"),
        (ranged("2026-03-01T13:00:01Z") + " Trace ID: 1", "late"),
        (ranged("yesterday"), ""),
        (ranged("2026-03-01T14:00:00Z", start="yesterday"), ""),
        (ranged("2026-03-01T11:00:00Z", end="tomorrow"), ""),
        ("AADSTS700024: Client assertion is not within its valid time range.", ""),
    ],
)
def test_a_token_is_early_or_late_or_there_is_nothing_to_tell(text: str, when: str) -> None:
    assert out_of_time(text) == when


@pytest.mark.parametrize(
    ("current", "cause"),
    [
        ("2026-03-01T11:00:00Z", "cluster.clock-skew"),
        ("2026-03-01T14:00:00Z", "live.assertion-expired"),
        ("2026-03-01T12:30:00Z", "live.token-exchange-refused"),
    ],
)
def test_time_makes_it_another_cause(current: str, cause: str) -> None:
    refusal = refusal_in(ranged(current))
    assert refusal is not None
    assert refusal.cause == cause


def test_what_was_presented_is_read_by_its_name() -> None:
    text = f"AADSTS700213: {NO_RECORD} subject '{SUBJECT}'. AADSTS700211: {NO_RECORD} issuer '{ISSUER}'."
    assert presented(text, "subject") == SUBJECT
    assert presented(text, "issuer") == ISSUER
    assert presented(text, "audience") == ""


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (f"AADSTS700211: {NO_RECORD} issuer 'https://issuer/before/'", "pod.outdated-issuer"),
        (f"AADSTS700211: {NO_RECORD} issuer '{ISSUER}'", "pod.outdated-sign-in"),
        (f"AADSTS700213: {NO_RECORD} subject '{SUBJECT}'", "pod.outdated-sign-in"),
        (f"AADSTS700213: {NO_RECORD} subject 'system:serviceaccount:default:default'", ""),
        ("AADSTS70021: No matching federated identity record found.", "pod.outdated-sign-in"),
        ("AADSTS700016: Application was not found in the directory.", ""),
        ("openai.error.APIError", ""),
    ],
)
def test_a_refusal_of_before_is_known_where_all_is_right_now(words: str, cause: str) -> None:
    assert outdated_sign_in(words, WANTED, RIGHT) == cause


def test_nothing_is_of_before_where_nothing_is_right_now() -> None:
    words = f"AADSTS700213: {NO_RECORD} subject '{SUBJECT}'"
    other = FederatedCredentials("i", (FederatedCredential("one", ISSUER, "repo:a", (TOKEN_AUDIENCE,)),))
    assert outdated_sign_in(words, WANTED, other) == ""
    assert outdated_sign_in(words, WANTED, Absent("the credentials", "federation.missing")) == ""
    issuer = f"AADSTS700211: {NO_RECORD} issuer 'https://issuer/before/'"
    assert outdated_sign_in(issuer, {**WANTED, "issuer": ""}, other) == ""


def test_clocks_are_apart_by_more_than_five_minutes() -> None:
    minutes = timedelta(minutes=1)
    assert skew_words(None, "its", "Azure's") == ""
    assert skew_words(5 * minutes, "its", "Azure's") == ""
    assert skew_words(-5 * minutes, "its", "Azure's") == ""
    assert skew_words(6 * minutes, "its", "Azure's") == "its clock is 6 minutes ahead of Azure's"
    assert skew_words(-6 * minutes, "its", "Azure's") == "its clock is 6 minutes behind Azure's"
