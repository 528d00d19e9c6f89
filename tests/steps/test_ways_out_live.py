"""What live answers that are not good are mended with, as printed, and what is quoted of them."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from steps_world import CONTAINER, FINISHED, NOW, TEMPLATE, answer, but, judge_in

from workshop_tui.authoring import (
    Absent,
    AppLog,
    AppService,
    ClusterDescription,
    Deployment,
    IdentityAnswer,
    KeyAnswer,
    OpenAIAccount,
    ServicePort,
    ShopDescription,
    Sightings,
    Unreadable,
)
from workshop_tui.findings import Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping

    from workshop_tui.findings import Finding

KUBECTL = "kubectl --namespace default"
UNREAD = Unreadable("the thing", "403 Forbidden", "reading.no-permission")


async def mended(service: AppService | Absent, deployment: Deployment | Absent | None = None) -> str:
    world = {
        **answer(ClusterDescription, 503, "", 'no endpoints available for service "ai-service"'),
        AppService: service,
        Deployment: FINISHED[Deployment] if deployment is None else deployment,
    }
    finding = await judge_in("verify/answers-in-cluster", {**FINISHED, **world})
    assert finding.verdict is Verdict.FAILED
    return finding.command


async def test_a_service_is_given_the_pods_labels_or_their_port() -> None:
    service: AppService = FINISHED[AppService]
    lost = replace(service, selector={"app": "x"})
    both = replace(FINISHED[Deployment], selector={"tier": "back", "app": "ai-service"})
    assert await mended(lost) == f"{KUBECTL} set selector service ai-service app=ai-service"
    assert await mended(lost, both) == f"{KUBECTL} set selector service ai-service app=ai-service,tier=back"
    half = replace(service, selector={"tier": "front", "app": "ai-service"})
    assert await mended(half, both) == f"{KUBECTL} set selector service ai-service app=ai-service,tier=back"
    gone = Absent("Service ai-service", "app.service-missing", command="kubectl expose …")
    assert await mended(gone) == "kubectl expose …"
    nothing = Absent("Deployment ai-service", "app.not-deployed")
    assert await mended(lost, nothing) == ""
    wrong = replace(service, ports=(ServicePort(5001, "8080"),))
    assert '"targetPort": 5001' in await mended(wrong)


async def test_a_good_answer_counts_where_the_app_alone_is_asked() -> None:
    service: AppService = FINISHED[AppService]

    async def told(**changes: object) -> Finding:
        return await inside({AppService: replace(service, **changes)})  # type: ignore[arg-type]

    assert (await told()).verdict is Verdict.PASSED
    assert (await inside({AppService: Absent("it", "app.service-missing")})).verdict is Verdict.PASSED
    both = await told(strangers=(("old-ai-1-x", "old-ai"), ("old-ai-1-y", "old-ai"), ("loose", "")))
    assert (both.verdict, both.cause) == (Verdict.FAILED, "app.service-mismatch")
    assert "sends to others, too: loose, old-ai-1-x, old-ai-1-y, not of the Deployment" in both.observed
    assert both.command == (f"{KUBECTL} scale deployment/old-ai --replicas 0 && {KUBECTL} delete pod loose")
    one = await told(strangers=(("loose", ""),))
    assert one.command == f"{KUBECTL} delete pod loose"
    away = await told(strangers=(("v2-1-x", "v2"),), selector={"app": "v2"})
    assert away.command == f"{KUBECTL} set selector service ai-service app=ai-service"
    unread = await inside({AppService: replace(service, strangers=(("loose", ""),)), Deployment: UNREAD})
    assert (unread.cause, unread.command) == ("app.service-mismatch", "")
    by_hand = await told(selector={})
    assert "endpoints made by hand" in by_hand.observed
    assert by_hand.command == away.command


async def inside(*world: Mapping[type, object]) -> Finding:
    merged = {kind: fact for facts in (FINISHED, *world) for kind, fact in facts.items()}
    return await judge_in("verify/answers-in-cluster", merged)


async def test_an_app_without_the_memory_that_it_takes_is_given_it() -> None:
    silent = answer(ClusterDescription, 503)
    little = but(
        Deployment, template=replace(TEMPLATE, containers=(replace(CONTAINER, memory_limit="50Mi"),))
    )
    finding = await inside(silent, little)
    assert finding.cause == "pod.memory-low"
    assert finding.command == f"{KUBECTL} set resources deployment/ai-service --limits memory=128Mi"
    assert (
        await inside(silent, but(Deployment, template=replace(TEMPLATE, containers=())))
    ).cause == "live.no-answer"


async def test_the_apps_log_is_quoted_where_its_answer_tells_nothing() -> None:
    fault = answer(ClusterDescription, 500, "", "Internal Server Error")
    for line in ("ValueError: x", "SomeException: y", "(PermissionDenied) of some kind"):
        assert f"; its log: {line}" in (await inside(fault, {AppLog: AppLog(f"starting\n{line}")})).observed
    assert "its log" not in (await inside(fault, {AppLog: AppLog("starting\nall is well")})).observed
    good = await inside({AppLog: AppLog("ValueError: x")})
    assert good.observed == FINISHED[ClusterDescription].answer.text


@pytest.mark.parametrize(
    ("closed_by", "command"),
    [
        ("publicNetworkAccess=Disabled", "--set properties.publicNetworkAccess=Enabled"),
        ("networkAcls.defaultAction=Deny", "--set properties.networkAcls.defaultAction=Allow"),
        ("", "az cognitiveservices account show --ids "),
    ],
)
async def test_what_the_network_refuses_the_accounts_own_setting_mends(closed_by: str, command: str) -> None:
    words = (403, "", "Public access is disabled. Please configure private endpoint.")
    closed = but(OpenAIAccount, closed_by=closed_by)
    finding = await inside(answer(ClusterDescription, *words), closed)
    assert (finding.cause, command in finding.command) == ("live.network-refused", True)
    for check, kind in (
        ("verify/answers-through-shop", ShopDescription),
        ("lock-the-door/identity-works", IdentityAnswer),
    ):
        found = await judge_in(check, {**FINISHED, **answer(kind, *words), **closed})
        assert (found.cause, found.command) == (finding.cause, finding.command), check


async def test_no_setting_of_the_account_is_printed_where_it_is_not_known_or_not_at_fault() -> None:
    closed = (403, "", "Public access is disabled. Please configure private endpoint.")
    for check, kind in (
        ("verify/answers-through-shop", ShopDescription),
        ("lock-the-door/identity-works", IdentityAnswer),
    ):
        unknown = await judge_in(check, {**FINISHED, **answer(kind, *closed), OpenAIAccount: UNREAD})
        assert (unknown.cause, unknown.command) == ("live.network-refused", ""), check
    other = await judge_in("lock-the-door/identity-works", {**FINISHED, **answer(IdentityAnswer, 500)})
    assert (other.cause, other.command) == ("lock.identity-refused", "")


async def test_a_key_that_is_looked_at_though_keys_are_off() -> None:
    account: OpenAIAccount = FINISHED[OpenAIAccount]
    long_ago = Sightings({account.sighting: NOW - timedelta(days=1)})

    async def said(code: str, text: str, *, on: bool = False) -> Finding:
        world = {**FINISHED, **answer(KeyAnswer, 401, code, text), Sightings: long_ago}
        return await judge_in("lock-the-door/key-refused", {**world, **but(OpenAIAccount, key_sign_in=on)})

    wrong = "Access denied due to invalid subscription key or wrong API endpoint."
    for on in (True, False):
        finding = await said("401", wrong, on=on)
        assert (finding.verdict, finding.cause) == (Verdict.FAILED, "lock.key-accepted")
        assert (
            finding.command == f"az resource update --ids {account.id} --set properties.disableLocalAuth=true"
        )
    for code, text in (
        ("401", "something else"),
        ("DeploymentNotFound", "The API deployment does not exist."),
    ):
        strange = await said(code, text)
        assert (strange.verdict, strange.cause) == (Verdict.UNKNOWN, "reading.unexpected")
        assert text in strange.observed
