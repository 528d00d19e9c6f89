"""What each check of the learner's source says of a finished workshop that was changed for just that."""

from __future__ import annotations

from dataclasses import replace

from steps_world import (
    SCENARIOS,
    Case,
    but,
    scenario,
)

from workshop_tui.authoring import (
    Absent,
    Checkout,
    KubeconfigContext,
    ProbedService,
    Requirements,
    SourceBehaviour,
)
from workshop_tui.findings import Verdict

CODE = (
    Case(
        "exposed-key/kubectl-ready",
        "cluster.no-kubeconfig",
        {KubeconfigContext: Absent("context", "cluster.no-kubeconfig", "az aks get-credentials")},
    ),
    Case(
        "exposed-key/kubectl-ready",
        None,
        but(KubeconfigContext, current=False),
        Verdict.PASSED,
        says="not the current one",
    ),
    Case("get-code/checkout", "source.missing", {Checkout: Absent("checkout", "source.missing")}),
    Case(
        "get-code/commit",
        "source.wrong-commit",
        but(Checkout, commit="7ce10c5"),
        command="git -C /home/learner/aks-store-demo checkout e858d8b",
    ),
    Case("get-code/commit", None, but(Checkout, commit="1", is_starter=True), Verdict.PASSED, "starter"),
    Case(
        "get-code/commit", None, but(Checkout, commit="7ce10c5", own_commits=True), Verdict.PASSED, "your own"
    ),
    Case(
        "get-code/service-complete", "source.incomplete", but(Checkout, missing=("main.py",)), says="main.py"
    ),
    Case(
        "edit-code/compiles",
        "code.syntax-error",
        but(SourceBehaviour, compile_error="line 3: ("),
        says="line 3",
    ),
    Case(
        "edit-code/identity-required",
        "code.identity-not-required",
        {Requirements: Requirements({"fastapi": ""})},
        command="echo azure.identity==1.14.0 >> ",
    ),
    Case(
        "edit-code/identity-required",
        "code.identity-too-old",
        {Requirements: Requirements({"azure-identity": "==1.5.0"})},
    ),
    Case(
        "edit-code/credential-imported",
        "code.credential-not-imported",
        but(
            SourceBehaviour,
            scenarios={
                **SCENARIOS,
                "token-without-key": replace(SCENARIOS["token-without-key"], credentials=()),
                "token-with-key": replace(SCENARIOS["token-with-key"], credentials=()),
            },
        ),
    ),
    Case(
        "edit-code/credential-imported",
        "code.credential-unsuitable",
        but(
            SourceBehaviour,
            scenarios={
                **SCENARIOS,
                "token-without-key": replace(
                    SCENARIOS["token-without-key"], credentials=("AzureCliCredential",)
                ),
                "token-with-key": replace(SCENARIOS["token-with-key"], credentials=("AzureCliCredential",)),
            },
        ),
        says="AzureCliCredential",
    ),
    Case(
        "edit-code/directory-switch-read",
        "code.switch-not-read",
        scenario("token-with-key", services=SCENARIOS["key"].services, credentials=(), scopes=()),
    ),
    Case(
        "edit-code/key-demanded",
        "code.key-not-demanded",
        scenario("ad-false-no-key", error="", services=SCENARIOS["key"].services),
        says="starts without a key: USE_AZURE_AD=False",
    ),
    Case(
        "edit-code/key-demanded",
        "code.key-not-demanded",
        scenario("ad-false-no-key", error="ValueError: The Azure API key cannot be `None` or empty"),
        says="stumbles over that later: USE_AZURE_AD=False",
    ),
    Case("edit-code/key-demanded", "code.key-not-demanded", scenario("nothing", error="")),
    Case("edit-code/key-demanded", "code.key-not-demanded", scenario("ad-empty-no-key", error="")),
    Case(
        "edit-code/token-reaches-service",
        "code.key-still-demanded",
        scenario("token-without-key", error="OPENAI_API_KEY environment variable must be set", services=()),
    ),
    Case(
        "edit-code/token-reaches-service",
        "code.token-not-passed",
        scenario("token-without-key", error="NameError: credential", services=()),
    ),
    Case(
        "edit-code/token-reaches-service",
        "code.token-not-passed",
        scenario("token-without-key", services=()),
        says="no AzureChatCompletion",
    ),
    Case(
        "edit-code/token-reaches-service",
        "code.token-not-passed",
        scenario("token-with-key", services=(ProbedService("azure", "key", as_token=False),)),
        says="with a key, too: AzureChatCompletion gets the key",
    ),
    Case(
        "edit-code/token-reaches-service",
        "code.token-not-marked",
        scenario("token-without-key", services=(ProbedService("azure", "token", as_token=False),)),
    ),
    Case(
        "edit-code/token-reaches-service", "code.wrong-token-scope", scenario("token-without-key", scopes=())
    ),
    Case("edit-code/key-branch-works", "code.key-branch-broken", scenario("key", error="NameError: x")),
    Case(
        "edit-code/key-branch-works",
        "code.key-branch-broken",
        scenario("key-ad-false", services=(ProbedService("azure", "token", as_token=True),)),
        says="USE_AZURE_AD=False: it gets a token",
    ),
    Case("edit-code/key-branch-works", "code.key-branch-broken", scenario("key", services=())),
    Case("edit-code/direct-branch-works", "code.direct-branch-broken", scenario("direct", error="TypeError")),
    Case("edit-code/direct-branch-works", "code.direct-branch-broken", scenario("direct", services=())),
    Case("edit-code/direct-branch-works", "code.direct-branch-broken", scenario("direct-no-org", error="")),
    Case("edit-code/direct-branch-works", "code.key-not-demanded", scenario("direct-no-key", error="")),
    *(
        Case(
            f"edit-code/{check}",
            "code.syntax-error",
            but(SourceBehaviour, compile_error="line 3", scenarios={}),
        )
        for check in (
            *("credential-imported", "directory-switch-read", "key-demanded", "token-reaches-service"),
            *("key-branch-works", "direct-branch-works"),
        )
    ),
    Case("edit-code/key-demanded", "reading.unexpected", but(SourceBehaviour, scenarios={}), Verdict.UNKNOWN),
)

CASES = CODE
