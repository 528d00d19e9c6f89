"""Differences in words, commands to paste, refusals and their meaning, and the time that things take."""

from __future__ import annotations

import shlex
from datetime import UTC, datetime, timedelta

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.authoring import (
    TOKEN_AUDIENCE,
    Answer,
    FederatedCredential,
    FederatedCredentials,
    Names,
    Sightings,
    best_credential,
    command,
    credential_fits,
    difference,
    is_guid,
    kubectl,
    refusal_in,
    refusal_of,
    resource_group_of,
    same_endpoint,
    told,
    visible,
)
from workshop_tui.causes import CATALOGUE
from workshop_tui.judgement.chain import credential_settles
from workshop_tui.judgement.commands import kubectl_apply, to_yaml
from workshop_tui.judgement.pods import telling_line

NOW = datetime(2026, 1, 1, tzinfo=UTC)
ISSUER, SUBJECT = "https://issuer/1/", "system:serviceaccount:default:ai-service-account"
WANTED = {"issuer": ISSUER, "subject": SUBJECT, "audience": TOKEN_AUDIENCE}


@pytest.mark.parametrize(
    ("observed", "expected", "words"),
    [
        ("a", "a", ""),
        ("a", "a/", "The slash at its end is missing."),
        ("a/", "a", "It has a slash at its end that does not belong there."),
        ("aBc", "abc", "They differ in upper and lower case only, at character 2."),
        (" a", "a", "They differ in blanks at an end only."),
        ("a", "a\n", "They differ in blanks at an end only."),
        ("abX", "abY", "From character 3 on it reads “X” where “Y” belongs."),
        ("ab", "abc", "From character 3 on it reads nothing where “c” belongs."),
        ("x" * 24, "y", f"From character 1 on it reads “{'x' * 24}” where “y” belongs."),
        ("x" * 25, "y", f"From character 1 on it reads “{'x' * 24}…” where “y” belongs."),
    ],
)
def test_a_difference_is_named(observed: str, expected: str, words: str) -> None:
    assert difference(observed, expected) == words


@given(st.text(max_size=80), st.text(max_size=80))
def test_any_difference_has_words(observed: str, expected: str) -> None:
    assert bool(difference(observed, expected)) == (observed != expected)


def test_blanks_are_made_visible() -> None:
    assert [visible(text) for text in ("a", "a ", "")] == ["a", "“a ”", "“”"]


@given(st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"])), min_size=1))
def test_commands_are_quoted_for_the_shell(words: list[str]) -> None:
    assert shlex.split(command(*words)) == words


def test_kubectl_names_namespace_and_the_chosen_context() -> None:
    assert kubectl(Names("s"), "get", "pods") == "kubectl --namespace default get pods"
    assert "--context 'my cluster'" in kubectl(Names("s", context="my cluster"), "get", "pods")


_SCALARS = (
    st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20) | st.integers() | st.booleans()
)
_MANIFESTS = st.dictionaries(
    st.text("abc./-", min_size=1, max_size=8),
    st.recursive(
        _SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.text("abcyn./-", min_size=1, max_size=8), inner, max_size=3)
        ),
        max_leaves=12,
    ),
    max_size=4,
)


def _no_lists_in_lists(value: object) -> bool:
    if isinstance(value, dict):
        return all(_no_lists_in_lists(item) for item in value.values())
    if isinstance(value, list):
        return all(not isinstance(item, list) and _no_lists_in_lists(item) for item in value)
    return True


@given(_MANIFESTS.filter(_no_lists_in_lists))
def test_manifests_mean_the_same_as_yaml(manifest: dict[str, object]) -> None:
    assert (yaml.safe_load(to_yaml(manifest)) or {}) == manifest


@pytest.mark.parametrize("word", ["true", "false", "yes", "no", "on", "off", "null", "y", "n"])
def test_texts_that_yaml_reads_as_something_else_are_quoted(word: str) -> None:
    for written in (word, word.upper(), word.title()):
        assert to_yaml({"value": written}) == f'value: "{written}"\n'
        assert to_yaml({written: ["x"]}) == f'"{written}":\n  - x\n'


def test_manifests_are_written_as_people_write_them() -> None:
    manifest = {
        "kind": "ServiceAccount",
        "metadata": {"name": "a", "labels": {}},
        "items": [{"one": 1, "two": [True]}, {}, "x y"],
        "none": [],
    }
    assert to_yaml(manifest) == (
        "kind: ServiceAccount\nmetadata:\n  name: a\n  labels: {}\n"
        'items:\n  - one: 1\n    two:\n      - true\n  - {}\n  - "x y"\nnone: []\n'
    )
    assert kubectl_apply(Names("s"), {"kind": "Pod"}) == (
        "kubectl --namespace default apply -f - <<'EOF'\nkind: Pod\nEOF"
    )


@pytest.mark.parametrize(
    ("text", "cause"),
    [
        ("AADSTS700213: No matching federated identity record found", "live.token-exchange-refused"),
        ("AADSTS99999: something new", "live.token-exchange-refused"),
        ("Principal does not have access to API/Operation.", "live.permission-denied"),
        ("Access denied due to invalid subscription key or wrong API endpoint.", "live.key-refused"),
        ("(AuthenticationTypeDisabled)", "live.key-refused"),
        ("Please provide a custom subdomain for token authentication", "live.no-subdomain"),
        (
            "DefaultAzureCredential failed to retrieve a token from the included credentials.",
            "live.no-credential",
        ),
        ("all is well", None),
    ],
)
def test_refusals_are_understood(text: str, cause: str | None) -> None:
    refusal = refusal_in(text)
    assert (refusal.cause if refusal else None) == cause
    assert cause is None or cause in CATALOGUE


def test_a_good_answer_refuses_nothing_whatever_it_says() -> None:
    assert refusal_of(Answer(200, "", "a rope against AADSTS700213", "POST x")) is None
    assert told(Answer(0, "", "connection refused", "POST x")) == "POST x: no answer connection refused"


def test_the_telling_line_of_a_log() -> None:
    log = "starting\nTraceback\nValueError: AADSTS700016: no application\nthe end\n"
    assert telling_line(log) == "ValueError: AADSTS700016: no application"
    assert telling_line("starting\nKeyError: 'x'\nstopping") == "KeyError: 'x'"
    wrapped = (
        "DefaultAzureCredential failed to retrieve a token from the included credentials.\nAADSTS700016: x"
    )
    assert telling_line(wrapped) == "AADSTS700016: x"
    assert telling_line("starting\nstopping") == "stopping"
    assert telling_line("") == ""


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("https://a.openai.azure.com/", "https://a.openai.azure.com", True),
        ("https://a.openai.azure.com/", "https://A.cognitiveservices.azure.com/", True),
        ("https://localhost:8443/", "https://localhost:8443", True),
        ("https://localhost:8443/", "https://localhost:8444", False),
        ("http://a.openai.azure.com/", "https://a.openai.azure.com", False),
        ("", "", False),
        ("https://my-openai.openai.azure.com:443/", "https://my-openai.openai.azure.com/", True),
        ("https://my-openai/", "https://my-openai.openai.azure.com/", False),
        ("https://my-openai.openai.azure.com/\n", "https://my-openai.openai.azure.com/", False),
        ("https://[my-openai", "https://my-openai.openai.azure.com/", False),
    ],
)
def test_endpoints_of_one_account(one: str, other: str, same: bool) -> None:  # noqa: FBT001 - a table's column
    assert same_endpoint(one, other) is same


def test_small_readings_of_ids() -> None:
    assert resource_group_of("/subscriptions/s/resourcegroups/My-RG/providers/x") == "My-RG"
    assert resource_group_of("/subscriptions/s") == ""
    assert resource_group_of("/subscriptions/s/resourceGroups") == ""
    assert resource_group_of("/subscriptions/s/resourceGroups/last") == "last"
    assert is_guid("22222222-2222-4222-8222-222222222222")
    assert not is_guid("22222222222242228222222222222222")
    assert is_guid("ABCDEFAB-2222-4222-8222-222222222222")
    assert is_guid("") is False
    assert is_guid("{22222222-2222-4222-8222-222222222222}") is False


_PIECES = st.sampled_from([ISSUER, ISSUER.rstrip("/"), "https://other/"])
_CREDENTIALS = st.builds(
    FederatedCredential,
    st.sampled_from(["one", "two", "mine"]),
    _PIECES,
    st.sampled_from([SUBJECT, SUBJECT.upper(), "system:serviceaccount:a:b"]),
    st.sampled_from([(TOKEN_AUDIENCE,), (), ("api://other",)]),
)


@given(st.lists(_CREDENTIALS, max_size=6))
def test_a_fitting_credential_is_always_found(items: list[FederatedCredential]) -> None:
    best = best_credential(FederatedCredentials("i", tuple(items)), **WANTED, name="mine")
    assert (best is None) == (not items)
    if best is not None:
        fits = any(credential_fits(item, **WANTED) for item in items)
        assert credential_fits(best, **WANTED) == fits


def test_a_credential_is_young_for_two_minutes_from_its_first_sighting() -> None:
    credential = FederatedCredential("one", ISSUER, SUBJECT, (TOKEN_AUDIENCE,))

    def seen(ago: timedelta) -> datetime | None:
        return credential_settles(credential, Sightings({credential.sighting: NOW - ago}), NOW)

    assert seen(timedelta(seconds=30)) == NOW + timedelta(seconds=90)
    assert seen(timedelta(minutes=2)) is None
    assert credential_settles(credential, Sightings(), NOW) == NOW + timedelta(minutes=2)
