"""Refusals of Entra ID and Azure OpenAI, word for word, and what is read from them."""

from __future__ import annotations

import pytest

from workshop_tui.authoring import Answer, refusal_in, refusal_of, told
from workshop_tui.judgement.answers import entra_code, is_throttled, may_be_propagating

ASK = "POST https://my-openai.openai.azure.com/"


@pytest.mark.parametrize(
    ("code", "about"),
    [
        ("AADSTS700211", "issuer"),
        ("AADSTS700213", "subject"),
        ("AADSTS7002138", "upper and lower case"),
        ("AADSTS700212", "audience"),
        ("AADSTS70025", "no federated credential"),
        ("AADSTS70021", "no credential matches"),
        ("AADSTS700016", "client id"),
        ("AADSTS70023", "another token than the one for the exchange"),
        ("AADSTS700222", "a token of Entra ID's own"),
        ("AADSTS90002", "tenant"),
        ("AADSTS90061", "could not reach the cluster's issuer"),
        ("AADSTS700024", "not valid at this time"),
    ],
)
def test_entras_code_is_told_with_its_meaning(code: str, about: str) -> None:
    refusal = refusal_in(
        f"azure.core.exceptions.ClientAuthenticationError: {code}: (some words). Trace ID: 1"
    )
    assert refusal is not None
    assert refusal.meaning.startswith(f"{code}: ")
    assert about in refusal.meaning


def test_a_new_code_of_entras_is_a_refused_sign_in_too() -> None:
    refusal = refusal_in("AADSTS999999: something new")
    assert refusal is not None
    assert refusal.cause == "live.token-exchange-refused"
    assert refusal.meaning == "AADSTS999999: Entra ID refuses the sign-in"


@pytest.mark.parametrize(
    "code", ["AADSTS700211", "AADSTS700213", "AADSTS700212", "AADSTS70025", "AADSTS70021"]
)
def test_what_a_young_credential_may_explain(code: str) -> None:
    assert may_be_propagating(entra_code(f"the sign-in failed: {code}: no matching record"))


@pytest.mark.parametrize("code", ["", "AADSTS700016", "AADSTS7002138", "AADSTS90002", "AADSTS700024"])
def test_what_no_waiting_mends(code: str) -> None:
    assert not may_be_propagating(code)


@pytest.mark.parametrize(
    ("words", "cause"),
    [
        (
            "The principal lacks the required data action `…/chat/completions/action`",
            "live.permission-denied",
        ),
        ("Principal does not have access to API/Operation.", "live.permission-denied"),
        ("(PermissionDenied) no", "live.permission-denied"),
        ("code: AuthorizationFailed", "live.permission-denied"),
        ("(AuthenticationTypeDisabled)", "live.key-refused"),
        ("Key based authentication is disabled for this resource.", "live.key-refused"),
        ("Access denied due to invalid subscription key or wrong API endpoint.", "live.key-refused"),
        ("Incorrect API key provided: 0123", "live.key-refused"),
        ("Please provide a custom subdomain for token authentication", "live.no-subdomain"),
        ("DeploymentNotFound: The API deployment does not exist.", "live.deployment-unknown"),
        ("Unauthorized. Access token is missing, invalid, audience is incorrect.", "live.token-expired"),
        ("the token may have been for another service or have expired", "live.token-expired"),
        (
            "DefaultAzureCredential failed to retrieve a token from the included credentials.",
            "live.no-credential",
        ),
        (
            "WorkloadIdentityCredential: workload identity options are not fully configured",
            "live.no-credential",
        ),
    ],
)
@pytest.mark.parametrize("shout", [False, True])
def test_azure_openais_words_point_to_a_cause(words: str, cause: str, shout: bool) -> None:  # noqa: FBT001 - a table's column
    refusal = refusal_of(Answer(401, "", words.upper() if shout else words, ASK))
    assert refusal is not None
    assert refusal.cause == cause


def test_the_code_of_an_answer_is_read_like_its_words() -> None:
    refusal = refusal_of(Answer(403, "AuthenticationTypeDisabled", "", ASK))
    assert refusal is not None
    assert refusal.cause == "live.key-refused"


def test_throttling_is_known_by_its_status_and_by_what_the_apps_library_raises() -> None:
    raised = "openai.error.RateLimitError: Requests have exceeded the limit"
    assert is_throttled(Answer(429, "429", "slow down", ASK))
    assert is_throttled(Answer(500, "", raised, ASK))
    assert not is_throttled(Answer(500, "", "openai.error.APIError", ASK))
    assert not is_throttled(Answer(200, "", f"A rope that survives every {raised}", ASK))


def test_an_answer_is_told_in_one_line() -> None:
    assert told(Answer(401, "401", "No.", ASK)) == f"{ASK}: 401 No."
    assert told(Answer(403, "Forbidden", "No.", ASK)) == f"{ASK}: 403 Forbidden No."
    assert told(Answer(500, "", "", ASK)) == f"{ASK}: 500"
