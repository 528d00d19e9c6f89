"""Where the judgements of the learner's source turn: just on this side, and just on the other."""

from __future__ import annotations

from steps_world import Case, scenario

from workshop_tui.authoring import ProbedService, Requirements
from workshop_tui.findings import Verdict

GREEN = Verdict.PASSED


def _direct(sign_in: str) -> dict[type, object]:
    return scenario("direct", services=(ProbedService("openai", sign_in, as_token=False),))


def _key(sign_in: str, *, as_token: bool = False) -> dict[type, object]:
    return scenario("key", services=(ProbedService("azure", sign_in, as_token=as_token),))


CASES = (
    *(
        Case("edit-code/direct-branch-works", "code.direct-branch-broken", _direct(sign_in), says=f"{words} ")
        for sign_in, words in (
            ("token", "it gets a token"),
            ("provider", "it gets a token"),
            ("none", "it gets nothing"),
            ("other", "it gets something else"),
        )
    ),
    *(
        Case("edit-code/key-branch-works", "code.key-branch-broken", _key(sign_in), says=f"not set: {words} ")
        for sign_in, words in (
            ("provider", "it gets a token"),
            ("none", "it gets nothing"),
            ("other", "it gets something else"),
        )
    ),
    Case("edit-code/key-branch-works", "code.key-branch-broken", _key("key", as_token=True)),
    Case(
        "edit-code/key-branch-works",
        "code.key-branch-broken",
        scenario("key", error="KeyError: 'x'"),
        says="KeyError",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.direct-branch-broken",
        scenario("direct", error="KeyError: 'x'"),
        says="KeyError",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.key-not-demanded",
        scenario("direct-no-key", error=""),
        says="starts without OPENAI_API_KEY ",
    ),
    Case(
        "edit-code/direct-branch-works",
        "code.direct-branch-broken",
        scenario("direct-no-org", error=""),
        says="starts without OPENAI_ORG_ID ",
    ),
    *(
        Case(
            "edit-code/token-reaches-service",
            "code.token-not-passed",
            scenario("token-without-key", services=(ProbedService("azure", sign_in, as_token=False),)),
            says=f"without a key: AzureChatCompletion gets {words} ",
        )
        for sign_in, words in (("key", "the key"), ("none", "nothing"), ("other", "something else"))
    ),
    Case(
        "edit-code/token-reaches-service",
        None,
        scenario("token-without-key", services=(ProbedService("azure", "provider", as_token=True),)),
        GREEN,
    ),
    *(
        Case(
            "edit-code/identity-required",
            cause,
            {Requirements: Requirements({"azure-identity": version})},
            verdict,
        )
        for version, cause, verdict in (
            ("==1.12.0", "code.identity-too-old", Verdict.FAILED),
            ("<= 1.12", "code.identity-too-old", Verdict.FAILED),
            ("~=1.12.0", "code.identity-too-old", Verdict.FAILED),
            ("==0.99.0", "code.identity-too-old", Verdict.FAILED),
            ("==1.13.0", None, GREEN),
            ("==2.0.0", None, GREEN),
            (">=1.5.0", None, GREEN),
            ("", None, GREEN),
        )
    ),
    *(
        Case(
            "edit-code/token-reaches-service",
            "code.wrong-token-scope",
            scenario("token-without-key", scopes=scopes),
            says=f"scope {shown} scope https://cognitiveservices.azure.com/.default",
        )
        for scopes, shown in (((), "none"), (("https://a", "https://b"), "https://a, https://b"))
    ),
)
