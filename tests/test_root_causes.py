"""One fault has one root, whatever it lights up; two faults have two, in the order of the chain of trust."""

from __future__ import annotations

from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workshop_tui.causes import CATALOGUE
from workshop_tui.findings import Finding, Verdict, failed, passed, pending, unknown
from workshop_tui.root_causes import RootCauses, brought_about, find_roots, title_of

Found = tuple[str, str, Finding]


def red(step: str, check: str, cause: str) -> Found:
    return step, check, failed(cause, f"what {check} saw")


def dark(step: str, check: str, cause: str) -> Found:
    return step, check, unknown(cause, f"why {check} could not look")


def young(step: str, check: str, cause: str) -> Found:
    return step, check, pending(cause, f"what {check} saw", until=None)


def green(step: str, check: str) -> Found:
    return step, check, passed("as it should be")


def every(step: str, cause: str, *checks: str) -> tuple[Found, ...]:
    return tuple(red(step, check, cause) for check in checks)


NO_ANSWER = (
    *every("verify", "live.no-answer", "answers-in-cluster", "answers-through-shop"),
    red("lock-the-door", "identity-works", "lock.identity-refused"),
)
NO_PODS = (
    red("redeploy", "injected", "app.no-pods"),
    *every("verify", "app.no-pods", "no-key-in-pods", "identity-in-pods"),
    *NO_ANSWER,
)
REFUSED = (
    red("redeploy", "rolled-out", "live.token-exchange-refused"),
    *every("verify", "live.token-exchange-refused", "answers-in-cluster", "answers-through-shop"),
    red("lock-the-door", "identity-works", "live.token-exchange-refused"),
)
DENIED = (
    *every("verify", "live.permission-denied", "answers-in-cluster", "answers-through-shop"),
    red("lock-the-door", "identity-works", "live.permission-denied"),
)
NOT_INJECTED = (
    red("redeploy", "rolled-out", "live.no-credential"),
    red("redeploy", "injected", "pod.not-injected"),
    red("verify", "identity-in-pods", "pod.not-injected"),
    *NO_ANSWER,
)
FEDERATION = ("credential-exists", "issuer-matches", "subject-matches", "audience-matches")

ONE_FAULT: dict[str, tuple[Found, ...]] = {
    "app.scaled-to-zero": (
        red("exposed-key", "app-deployed", "app.scaled-to-zero"),
        red("exposed-key", "key-in-sight", "app.no-pods"),
        red("redeploy", "rolled-out", "app.scaled-to-zero"),
        *NO_PODS,
    ),
    "service-account.missing": (
        red("exposed-key", "key-in-sight", "app.no-pods"),
        *every("service-account", "service-account.missing", "exists", "client-id-matches"),
        *every("redeploy", "service-account.missing", "service-account-used", "rolled-out"),
        *NO_PODS,
    ),
    "federation.missing": (*every("federate", "federation.missing", *FEDERATION), *REFUSED, *NO_ANSWER),
    "federation.issuer-mismatch": (
        red("federate", "issuer-matches", "federation.issuer-mismatch"),
        *REFUSED,
    ),
    "federation.subject-mismatch": (
        red("federate", "subject-matches", "federation.subject-mismatch"),
        *REFUSED,
    ),
    "federation.audience-mismatch": (
        red("federate", "audience-matches", "federation.audience-mismatch"),
        *REFUSED,
    ),
    "identity.role-missing": (red("managed-identity", "role", "identity.role-missing"), *DENIED),
    "identity.control-plane-only": (red("managed-identity", "role", "identity.control-plane-only"), *DENIED),
    "identity.missing": (
        *every("managed-identity", "identity.missing", "identity-exists", "ids-known", "role"),
        *every("federate", "identity.missing", *FEDERATION),
        *REFUSED,
    ),
    "issuer.disabled": (
        *every("enable-workload-identity", "issuer.disabled", "issuer-enabled", "issuer-serves"),
        red("federate", "issuer-matches", "federation.issuer-mismatch"),
        *REFUSED,
    ),
    "workload-identity.disabled": (
        red("enable-workload-identity", "workload-identity-enabled", "workload-identity.disabled"),
        *NOT_INJECTED,
    ),
    "pod.label-missing": (red("redeploy", "workload-label", "pod.label-missing"), *NOT_INJECTED),
    "pod.label-wrong-value": (red("redeploy", "workload-label", "pod.label-wrong-value"), *NOT_INJECTED),
    "service-account.no-client-id": (
        red("service-account", "client-id-matches", "service-account.no-client-id"),
        red("redeploy", "injected", "pod.outdated-identity"),
        red("redeploy", "rolled-out", "live.no-credential"),
        *NO_ANSWER,
    ),
    "service-account.wrong-client-id": (
        red("service-account", "client-id-matches", "service-account.wrong-client-id"),
        red("redeploy", "injected", "pod.outdated-identity"),
        *REFUSED,
    ),
    "pod.wrong-service-account": (
        red("redeploy", "service-account-used", "pod.wrong-service-account"),
        red("redeploy", "injected", "pod.outdated-identity"),
        *REFUSED,
    ),
    "pod.wrong-image": (
        red("redeploy", "image", "pod.wrong-image"),
        red("redeploy", "rolled-out", "pod.image-pull"),
        *NO_PODS,
    ),
    "pod.out-of-memory": (red("redeploy", "rolled-out", "pod.out-of-memory"), *NO_ANSWER),
    "pod.settings-wrong": (
        red("redeploy", "settings", "pod.settings-wrong"),
        *every("verify", "live.deployment-unknown", "answers-in-cluster", "answers-through-shop"),
    ),
    "deployment.model-missing": (
        red("exposed-key", "chat-deployment", "deployment.model-missing"),
        *every("verify", "live.deployment-unknown", "answers-in-cluster", "answers-through-shop"),
    ),
    "pod.old-template": (
        red("redeploy", "only-its-container", "pod.leftover-container"),
        red("redeploy", "image", "pod.old-template"),
        red("redeploy", "workload-label", "pod.label-missing"),
        red("redeploy", "service-account-used", "pod.wrong-service-account"),
        red("redeploy", "settings", "pod.settings-wrong"),
        red("redeploy", "no-key", "pod.key-exposed"),
        red("redeploy", "injected", "pod.not-injected"),
        *every("verify", "live.key-refused", "answers-in-cluster", "answers-through-shop"),
    ),
    "pod.outdated-identity": (red("redeploy", "injected", "pod.outdated-identity"), *REFUSED),
    "role.control-plane-only": (
        red("grant-yourself", "role", "role.control-plane-only"),
        red("grant-yourself", "token-accepted", "role.missing"),
        red("run-locally", "describes", "local.no-description"),
    ),
    "code.switch-not-read": (
        red("edit-code", "credential-imported", "code.credential-not-imported"),
        red("edit-code", "directory-switch-read", "code.switch-not-read"),
        red("edit-code", "token-reaches-service", "code.key-still-demanded"),
    ),
    "lock.key-sign-in-on": (
        red("lock-the-door", "key-sign-in-off", "lock.key-sign-in-on"),
        red("lock-the-door", "key-refused", "lock.key-accepted"),
    ),
    "live.shop-unreachable": (red("verify", "answers-through-shop", "live.shop-unreachable"),),
}

TWO_FAULTS = [
    ("identity.role-missing", "federation.issuer-mismatch"),
    ("federation.missing", "pod.wrong-image"),
    ("identity.role-missing", "federation.missing"),
    ("federation.subject-mismatch", "federation.audience-mismatch"),
    ("federation.issuer-mismatch", "service-account.wrong-client-id"),
    ("service-account.missing", "pod.label-missing"),
    ("workload-identity.disabled", "pod.label-missing"),
    ("pod.wrong-image", "pod.label-missing"),
    ("pod.label-missing", "pod.settings-wrong"),
    ("deployment.model-missing", "pod.settings-wrong"),
    ("deployment.model-missing", "identity.role-missing"),
    ("role.control-plane-only", "identity.control-plane-only"),
    ("issuer.disabled", "workload-identity.disabled"),
    ("app.scaled-to-zero", "pod.label-missing"),
    ("identity.missing", "app.scaled-to-zero"),
    ("live.shop-unreachable", "lock.key-sign-in-on"),
    ("service-account.no-client-id", "pod.wrong-service-account"),
]


@pytest.mark.parametrize("root", ONE_FAULT)
def test_one_fault_has_one_root_and_the_rest_follows_from_it(root: str) -> None:
    findings = ONE_FAULT[root]
    causes = find_roots(findings)
    assert causes.codes == (root,)
    others = {(step, check) for step, check, finding in findings if finding.cause != root}
    assert causes.follows_from.keys() == others
    assert all(follows == (root,) for follows in causes.follows_from.values())


@pytest.mark.parametrize(("first", "second"), TWO_FAULTS)
def test_two_faults_have_two_roots_in_the_order_of_the_chain(first: str, second: str) -> None:
    for one, other in permutations((ONE_FAULT[first], ONE_FAULT[second])):
        assert find_roots((*one, *other)).codes == (first, second)


def test_what_follows_from_two_faults_says_so() -> None:
    findings = (*ONE_FAULT["federation.issuer-mismatch"], *ONE_FAULT["service-account.wrong-client-id"])
    follows = find_roots(findings).follows_from
    assert follows["redeploy", "rolled-out"] == (
        "federation.issuer-mismatch",
        "service-account.wrong-client-id",
    )
    assert follows["redeploy", "injected"] == ("service-account.wrong-client-id",)


def test_the_same_cause_at_several_checks_is_one_root_shown_by_the_first() -> None:
    (root,) = find_roots(every("federate", "federation.missing", *FEDERATION)).roots
    assert (root.cause, root.step, root.check) == ("federation.missing", "federate", "credential-exists")


def test_of_the_same_cause_the_surest_finding_counts() -> None:
    findings = (
        dark("redeploy", "image", "image.registry-down"),
        red("build-push", "image-available", "image.registry-down"),
    )
    (root,) = find_roots(findings).roots
    assert (root.check, root.finding.verdict) == ("image-available", Verdict.FAILED)


def test_nothing_wrong_has_no_roots() -> None:
    assert find_roots((green("verify", "answers-in-cluster"),)) == RootCauses((), {})
    assert find_roots(()).codes == ()


def test_what_is_pending_never_hides_a_failure() -> None:
    findings = (
        young("federate", "credential-exists", "federation.propagating"),
        red("redeploy", "rolled-out", "live.token-exchange-refused"),
    )
    causes = find_roots(findings)
    assert "live.token-exchange-refused" in brought_about("federation.propagating")
    assert causes.codes == ("live.token-exchange-refused",)
    assert [root.cause for root in causes.roots] == ["live.token-exchange-refused", "federation.propagating"]
    assert causes.follows_from == {}


def test_what_is_unknown_never_hides_a_failure_but_may_follow_from_one() -> None:
    fault = red("grant-yourself", "signed-in", "sign-in.missing")
    consequence = dark("managed-identity", "role", "reading.not-signed-in")
    causes = find_roots((consequence, fault))
    assert causes.codes == ("sign-in.missing",)
    assert causes.follows_from == {("managed-identity", "role"): ("sign-in.missing",)}
    other = dark("exposed-key", "resource-group", "sign-in.missing")
    assert find_roots((other, red("x", "y", "token.refused"))).codes == ("token.refused",)


def test_what_is_not_certain_may_follow_from_what_is_not_certain_either() -> None:
    findings = (
        young("federate", "credential-exists", "federation.propagating"),
        dark("redeploy", "rolled-out", "live.token-exchange-refused"),
    )
    causes = find_roots(findings)
    assert causes.codes == ("federation.propagating",)
    assert causes.behind("redeploy", "rolled-out") == ("federation.propagating",)


def test_a_failure_follows_from_failures_alone() -> None:
    findings = (
        red("service-account", "exists", "service-account.missing"),
        young("verify", "answers-through-shop", "pod.starting"),
        *NO_PODS,
    )
    causes = find_roots(findings)
    assert causes.codes == ("service-account.missing",)
    assert causes.follows_from["verify", "answers-in-cluster"] == ("service-account.missing",)


def test_where_nothing_failed_what_is_unknown_comes_before_what_is_pending() -> None:
    findings = (
        young("grant-yourself", "token-accepted", "role.propagating"),
        dark("verify", "answers-in-cluster", "reading.throttled"),
    )
    assert find_roots(findings).codes == ("reading.throttled", "role.propagating")


def test_a_cause_that_the_catalogue_does_not_know_is_a_root_and_comes_last() -> None:
    strange = Finding(Verdict.FAILED, "strange", cause="another.workshop")
    findings = (("a", "b", strange), red("verify", "answers-in-cluster", "live.no-answer"))
    assert find_roots(findings).codes == ("live.no-answer", "another.workshop")


@pytest.mark.parametrize("cause", CATALOGUE)
def test_what_is_brought_about_stands_further_down_the_chain(cause: str) -> None:
    order = list(CATALOGUE)
    before = [code for code in brought_about(cause) if order.index(code) < order.index(cause)]
    assert set(before) <= {"reading.not-signed-in", "reading.unreachable"}, (
        "the catalogue's order is the chain's order"
    )


@given(
    st.lists(
        st.tuples(
            st.sampled_from(["a", "b", "c"]),
            st.sampled_from(["d", "e", "f"]),
            st.builds(
                lambda verdict, cause: Finding(verdict, "seen", cause=cause),
                st.sampled_from([Verdict.FAILED, Verdict.UNKNOWN, Verdict.PENDING]),
                st.sampled_from(list(CATALOGUE)),
            ),
        ),
        unique_by=lambda item: item[:2],
    )
)
def test_every_finding_shows_a_root_or_follows_from_one(findings: list[Found]) -> None:
    causes = find_roots(findings)
    roots = {root.cause: root for root in causes.roots}
    assert bool(roots) == bool(findings)
    for step, check, finding in findings:
        follows = causes.follows_from.get((step, check), ())
        assert (finding.cause in roots) != bool(follows)
        for code in follows:
            assert finding.cause in brought_about(code)
            assert finding.verdict is not Verdict.FAILED or roots[code].finding.verdict is Verdict.FAILED
    told = {root.finding.verdict for root in causes.told}
    if any(finding.verdict is Verdict.FAILED for *_, finding in findings):
        assert told == {Verdict.FAILED}


def test_what_a_check_follows_from_is_told_by_its_name() -> None:
    causes = find_roots((red("service-account", "exists", "service-account.missing"), *NO_PODS))
    assert causes.behind("verify", "answers-in-cluster") == ("service-account.missing",)
    assert causes.roots_behind("verify", "answers-in-cluster") == causes.roots
    assert causes.behind("service-account", "exists") == ()
    assert causes.roots_behind("no", "such check") == ()
    two = (
        red("a", "b", "live.shop-unreachable"),
        red("service-account", "exists", "service-account.missing"),
    )
    (behind,) = find_roots((*two, *NO_PODS)).roots_behind("redeploy", "injected")
    assert behind.cause == "service-account.missing"


def test_a_cause_is_called_by_its_title_or_else_by_its_code() -> None:
    assert title_of("service-account.missing") == CATALOGUE["service-account.missing"].title
    assert title_of("another.workshop") == "another.workshop"
    assert title_of(None) == ""
