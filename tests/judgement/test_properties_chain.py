"""Issuer, subject and audience in generated worlds: nothing but an exact match passes, as Entra ID has it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from hypothesis import assume, example, given
from hypothesis import strategies as st

from workshop_tui.authoring import (
    CREDENTIAL_PROPAGATION,
    TOKEN_AUDIENCE,
    FederatedCredential,
    FederatedCredentials,
    Sightings,
    best_credential,
    credential_fits,
    credential_settles,
    difference,
    fitting_settles,
    same_endpoint,
    visible,
)

if TYPE_CHECKING:
    from random import Random

NOW = datetime(2026, 3, 1, 12, 0, tzinfo=UTC)
TENANT = "44444444-4444-4444-8444-444444444444"
ISSUER = f"https://westeurope.oic.prod-aks.azure.com/{TENANT}/5555/"
SUBJECT = "system:serviceaccount:default:ai-service-account"
WANTED = {"issuer": ISSUER, "subject": SUBJECT, "audience": TOKEN_AUDIENCE}


def nearly(text: str) -> st.SearchStrategy[str]:
    """Make a text that is the right one, or looks like it: slashes, case, blanks, an end cut off, another."""
    return st.sampled_from(
        [
            *(text, text, text, text.rstrip("/"), f"{text}/", text.upper(), text.lower(), text.title()),
            *(f" {text}", f"{text} ", f"{text}\n", f"\t{text}", f"{text}\u200b", text[:-2], text[1:], ""),
            *(text.replace("default", "pets"), text.replace("azure", "azur\u0435"), text.replace("5", "6")),
            *(text.replace("ai-service-account", "default"), text.replace(":", "/"), "*", text[:20] + "*"),
        ]
    )


@st.composite
def credentials(draw: st.DrawFn) -> FederatedCredential:
    audiences = draw(st.lists(nearly(TOKEN_AUDIENCE), min_size=0, max_size=3))
    return FederatedCredential(
        draw(st.uuids()).hex, draw(nearly(ISSUER)), draw(nearly(SUBJECT)), tuple(audiences)
    )


def fits(credential: FederatedCredential) -> bool:
    """Say the rule again, letter by letter."""
    same = list(credential.issuer) == list(ISSUER) and list(credential.subject) == list(SUBJECT)
    return same and any(list(item) == list(TOKEN_AUDIENCE) for item in credential.audiences)


@given(credentials())
def test_only_an_exact_match_fits(credential: FederatedCredential) -> None:
    assert credential_fits(credential, **WANTED) is fits(credential)


@given(st.lists(credentials(), max_size=5), st.randoms(use_true_random=False), st.text(max_size=3))
def test_the_best_is_one_that_fits_whatever_the_order(
    items: list[FederatedCredential], random: Random, name: str
) -> None:
    mixed = list(items)
    random.shuffle(mixed)
    best = best_credential(FederatedCredentials("me", tuple(items)), **WANTED, name=name)
    again = best_credential(FederatedCredentials("me", tuple(mixed)), **WANTED, name=name)
    assert best == again
    assert (best is not None) is bool(items)
    if any(map(fits, items)):
        assert best is not None
        assert fits(best)


@given(st.lists(credentials(), max_size=4), st.integers(-300, 300), credentials())
def test_more_credentials_never_hide_the_one_that_fits(
    items: list[FederatedCredential], seconds: int, more: FederatedCredential
) -> None:
    sightings = Sightings({item.sighting: NOW - timedelta(seconds=seconds) for item in items})
    until = fitting_settles(FederatedCredentials("me", tuple(items)), WANTED, sightings, NOW)
    if not any(map(fits, items)):
        assert until is None
    else:
        expected = NOW - timedelta(seconds=seconds) + CREDENTIAL_PROPAGATION
        assert until == (expected if expected > NOW else None)
        both = best_credential(FederatedCredentials("me", (more, *items)), **WANTED)
        assert both is not None
        assert fits(both)


@given(credentials(), credentials(), st.integers(0, 10_000))
def test_a_changed_credential_is_young_again(
    one: FederatedCredential, other: FederatedCredential, seconds: int
) -> None:
    seen = Sightings({one.sighting: NOW - timedelta(seconds=seconds)})
    assume(one != other)
    assert credential_settles(other, seen, NOW) == NOW + CREDENTIAL_PROPAGATION
    assert (credential_settles(one, seen, NOW) is None) is (seconds >= CREDENTIAL_PROPAGATION.seconds)


@given(
    st.sampled_from([ISSUER, SUBJECT, TOKEN_AUDIENCE, "ß", ""]).flatmap(
        lambda t: st.tuples(nearly(t), st.just(t))
    )
)
@example(("ss", "ß"))
@example(("a ", "a/"))
def test_a_difference_is_told_exactly_where_there_is_one(pair: tuple[str, str]) -> None:
    observed, expected = pair
    said = difference(observed, expected)
    assert bool(said) is (observed != expected)
    if "From character" in said:
        place = int(said.split()[2]) - 1
        assert observed[:place] == expected[:place]
        assert observed[place : place + 1] != expected[place : place + 1]


@given(st.text(max_size=8))
def test_what_cannot_be_seen_is_put_in_quotes(text: str) -> None:
    shown = visible(text)
    assert text in shown
    assert (shown == text) is (bool(text) and text == text.strip())


HOSTS = (
    "my-openai.openai.azure.com",
    "my-openai.cognitiveservices.azure.com",
    "my-openai.services.ai.azure.com",
)
OTHER_HOSTS = (
    *("other.openai.azure.com", "my-openai", "my-openai.azure.com", "my-openai.openai.azure.com.example.org"),
    *("openai.azure.com", "my-openai.openai.azure.us", "westeurope.api.cognitive.microsoft.com", "", "[::1"),
)


@given(
    st.sampled_from(HOSTS),
    st.sampled_from([(host, True) for host in HOSTS] + [(host, False) for host in OTHER_HOSTS]),
    st.sampled_from(
        [("https://", True), ("HTTPS://", True), ("http://", False), ("", False), (" https://", False)]
    ),
    st.sampled_from(
        [
            ("", True),
            ("/", True),
            (":443/", True),
            (":443", True),
            ("/openai", False),
            (":8443/", False),
            ("/?a=b", False),
            ("\n", False),
        ]
    ),
    st.sampled_from([str, str.upper, str.title]),
)
def test_an_endpoint_is_the_accounts_under_each_of_its_names(
    own: str, host: tuple[str, bool], scheme: tuple[str, bool], tail: tuple[str, bool], case: object
) -> None:
    assert callable(case)
    written = f"{scheme[0]}{case(host[0])}{tail[0]}"
    expected = host[1] and scheme[1] and tail[1]
    assert same_endpoint(written, f"https://{own}/") is expected
    assert same_endpoint(f"https://{own}/", written) is expected


@given(st.text(max_size=12), st.text("htps:/[]@.?#% \n", max_size=20))
def test_any_text_may_stand_where_an_endpoint_should(one: str, other: str) -> None:
    assert same_endpoint(one, other) is same_endpoint(other, one)
    assert not same_endpoint(f"https://{one}", "https://my-openai.openai.azure.com/")
