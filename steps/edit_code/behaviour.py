"""Judging the service's code by what it did when it was probed, never by its text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from workshop_tui.authoring import TOKEN_SCOPE, failed, passed, unknown

if TYPE_CHECKING:
    from workshop_tui.authoring import Finding, SourceBehaviour, SourceScenario

FOR_PODS = frozenset(
    {
        "DefaultAzureCredential",
        "WorkloadIdentityCredential",
        "ManagedIdentityCredential",
        "ChainedTokenCredential",
    }
)
"""The credentials of azure-identity that can find a pod's Workload Identity."""

_WITHOUT = {
    "nothing": "USE_AZURE_AD not set",
    "ad-false-no-key": "USE_AZURE_AD=False",
    "ad-empty-no-key": "USE_AZURE_AD empty",
}
_STUMBLES = ("cannot be `None` or empty", "NoneType")
"""How libraries complain of a key that is not there: the app itself has let it through then."""


def not_runnable(behaviour: SourceBehaviour, *needed: str) -> Finding | None:
    """Return the finding for code that could not be probed as needed, or None."""
    if behaviour.compile_error:
        return failed(
            "code.syntax-error",
            f"can't be told before it compiles: {behaviour.compile_error}",
            expected="a file that compiles",
        )
    missing = [name for name in needed if name not in behaviour.scenarios]
    if missing:
        return unknown("reading.unexpected", f"the code was not tried with {', '.join(missing)}")
    return None


def imported(behaviour: SourceBehaviour) -> Finding:
    """Judge that a credential is made when the identity is chosen, and one that works in a pod."""
    names = ("token-without-key", "token-with-key")
    fault = not_runnable(behaviour, *names)
    if fault is not None:
        return fault
    made = [name for scenario in names for name in behaviour.scenarios[scenario].credentials]
    expected = "DefaultAzureCredential of azure.identity is used"
    if not made:
        return failed("code.credential-not-imported", "no credential is used", expected=expected)
    if not FOR_PODS.intersection(made):
        return failed("code.credential-unsuitable", f"{made[0]} is used", expected=expected)
    return passed(f"{next(name for name in made if name in FOR_PODS)} of azure.identity is used")


def switched(behaviour: SourceBehaviour) -> Finding:
    """Judge that USE_AZURE_AD makes a difference, all else being equal."""
    fault = not_runnable(behaviour, "token-with-key", "key")
    if fault is not None:
        return fault
    if _signs_in(behaviour.scenarios["token-with-key"]) == _signs_in(behaviour.scenarios["key"]):
        return failed(
            "code.switch-not-read",
            "the same with USE_AZURE_AD=True as without it",
            expected="another way to sign in with USE_AZURE_AD=True",
        )
    return passed("with USE_AZURE_AD=True another way to sign in than without it")


def demanded(behaviour: SourceBehaviour) -> Finding:
    """Judge that the app refuses to start with neither identity nor key."""
    fault = not_runnable(behaviour, *_WITHOUT)
    if fault is not None:
        return fault
    errors = {words: behaviour.scenarios[name].error for name, words in _WITHOUT.items()}
    started = [words for words, error in errors.items() if not error]
    stumbled = [
        f"{words}: {error}" for words, error in errors.items() if any(sign in error for sign in _STUMBLES)
    ]
    expected = f"demands a key: {', '.join(errors)}"
    if started:
        observed = f"starts without a key: {', '.join(started)}"
        return failed("code.key-not-demanded", observed, expected=expected)
    if stumbled:
        observed = f"demands none, and stumbles over that later: {stumbled[0]}"
        return failed("code.key-not-demanded", observed, expected=expected)
    return passed(expected)


def token_passed(behaviour: SourceBehaviour) -> Finding:
    """Judge that with USE_AZURE_AD=True the chat service gets a token, as a token, with and without a key."""
    fault = not_runnable(behaviour, "token-without-key", "token-with-key")
    if fault is not None:
        return fault
    for name, words in (("token-without-key", "without a key"), ("token-with-key", "with a key, too")):
        finding = _token_fault(behaviour.scenarios[name], words)
        if finding is not None:
            return finding
    return passed("AzureChatCompletion gets the token, and is told that it is one")


def _token_fault(scenario: SourceScenario, words: str) -> Finding | None:
    expected = "with USE_AZURE_AD=True AzureChatCompletion gets the token, and ad_auth=True"
    if scenario.error:
        cause = "code.key-still-demanded" if "OPENAI_API_KEY" in scenario.error else "code.token-not-passed"
        return failed(cause, f"{words}: {scenario.error}", expected=expected)
    service = next((item for item in scenario.services if item.kind == "azure"), None)
    if service is None:
        return failed("code.token-not-passed", f"{words}: no AzureChatCompletion", expected=expected)
    if service.sign_in not in {"token", "provider"}:
        given = {"key": "the key", "none": "nothing"}.get(service.sign_in, "something else")
        return failed(
            "code.token-not-passed", f"{words}: AzureChatCompletion gets {given}", expected=expected
        )
    if not service.as_token:
        return failed(
            "code.token-not-marked",
            f"{words}: AzureChatCompletion gets the token as if it were a key",
            expected=expected,
        )
    if TOKEN_SCOPE not in scenario.scopes:
        asked = ", ".join(scenario.scopes) or "none"
        return failed("code.wrong-token-scope", f"scope {asked}", expected=f"scope {TOKEN_SCOPE}")
    return None


def key_works(behaviour: SourceBehaviour) -> Finding:
    """Judge that without USE_AZURE_AD, or with it False, the key reaches the chat service as before."""
    names = {"key": "USE_AZURE_AD not set", "key-ad-false": "USE_AZURE_AD=False"}
    fault = not_runnable(behaviour, *names)
    if fault is not None:
        return fault
    expected = "without USE_AZURE_AD, or with it False, AzureChatCompletion gets the key"
    for name, words in names.items():
        scenario = behaviour.scenarios[name]
        service = next((item for item in scenario.services if item.kind == "azure"), None)
        if scenario.error or service is None or service.sign_in != "key" or service.as_token:
            seen = scenario.error or _given(service.sign_in if service else "no AzureChatCompletion")
            return failed("code.key-branch-broken", f"{words}: {seen}", expected=expected)
    return passed(expected)


def direct_works(behaviour: SourceBehaviour) -> Finding:
    """Judge that OpenAI without Azure works as before: with key and organisation, and not without."""
    fault = not_runnable(behaviour, "direct", "direct-no-org", "direct-no-key")
    if fault is not None:
        return fault
    expected = "with USE_AZURE_OPENAI=False OpenAIChatCompletion gets key and organisation"
    scenario = behaviour.scenarios["direct"]
    service = next((item for item in scenario.services if item.kind == "openai"), None)
    if scenario.error or service is None or service.sign_in != "key":
        seen = scenario.error or _given(service.sign_in if service else "no OpenAIChatCompletion")
        return failed("code.direct-branch-broken", seen, expected=expected)
    undemanded = (
        ("direct-no-key", "OPENAI_API_KEY", "code.key-not-demanded"),
        ("direct-no-org", "OPENAI_ORG_ID", "code.direct-branch-broken"),
    )
    for name, words, cause in undemanded:
        if not behaviour.scenarios[name].error:
            return failed(cause, f"starts without {words}", expected=expected)
    return passed(expected)


def right(behaviour: SourceBehaviour) -> bool:
    """Say whether every judgement of the code passes."""
    judges = (imported, switched, demanded, token_passed, key_works, direct_works)
    return all(judge(behaviour).cause is None for judge in judges)


def _signs_in(scenario: SourceScenario) -> tuple[object, ...]:
    services = tuple((item.kind, item.sign_in, item.as_token) for item in scenario.services)
    return (bool(scenario.error), services, bool(scenario.credentials))


def _given(sign_in: str) -> str:
    words = {"token": "it gets a token", "provider": "it gets a token", "none": "it gets nothing"}
    return words.get(sign_in, "it gets something else" if sign_in == "other" else sign_in)
