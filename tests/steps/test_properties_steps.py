"""The steps' checks in generated worlds: what holds whatever the world is like."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from generated_worlds import SIDECAR, World, worlds
from hypothesis import given
from hypothesis import strategies as st
from steps_world import CHECKS, CLIENT_ID, FINISHED, KEY, NOW, judge_in

from workshop_tui.authoring import (
    INJECTED_VARIABLES,
    TOKEN_AUDIENCE,
    Condition,
    Deployment,
    FederatedCredential,
    FederatedCredentials,
    IdentityAnswer,
    IdentityRoles,
    LearnerRoles,
    ManagedCluster,
    ManagedIdentity,
    Pod,
    Pods,
    PodSpec,
    exposed_keys,
)
from workshop_tui.causes import CATALOGUE
from workshop_tui.findings import Finding, Verdict

if TYPE_CHECKING:
    from collections.abc import Mapping
    from random import Random


def judged(world: Mapping[type, object], *steps: str) -> dict[str, Finding]:
    """Return what every check says, or those of some steps."""

    async def judge_all() -> dict[str, Finding]:
        return {
            name: await judge_in(name, world)
            for name in CHECKS
            if not steps or name.partition("/")[0] in steps
        }

    return asyncio.run(judge_all())


def passes(findings: Mapping[str, Finding]) -> bool:
    return all(finding.verdict is Verdict.PASSED for finding in findings.values())


@given(worlds())
def test_every_finding_is_whole(world: World) -> None:
    for name, finding in judged(world).items():
        assert "at fault" not in finding.observed, name
        assert KEY not in repr(finding)
        assert (finding.cause is None) is (finding.verdict is Verdict.PASSED)
        if finding.cause is not None:
            assert finding.cause in CATALOGUE
            assert finding.observed
            assert finding.remedy
        if finding.verdict is Verdict.PENDING:
            assert finding.until is None or finding.until > NOW
        else:
            assert finding.until is None


def right(pod: Pod) -> bool:
    """Say it again: a pod that serves, is of the newest kind, and carries the identity."""
    container = next((item for item in pod.spec.containers if item.name == "ai-service"), None)
    if container is None:
        ordinary = [item for item in pod.spec.containers if not item.init]
        container = ordinary[0] if len(ordinary) == 1 else None
    if container is None or pod.deleting or not pod.ready or not pod.current:
        return False
    values = {item.name: item.value.reveal() for item in container.environment}
    injected = all(values.get(name) for name in INJECTED_VARIABLES)
    return (
        injected and values["AZURE_CLIENT_ID"].casefold() == CLIENT_ID and pod.phase in {"Running", "Pending"}
    )


@given(worlds())
def test_a_redeployment_is_right_only_if_a_ready_pod_of_the_newest_kind_is(world: World) -> None:
    if passes(judged(world, "redeploy")):
        pods = cast("Pods", world[Pods])
        assert any(right(pod) for pod in pods.items)
        deployment = cast("Deployment", world[Deployment])
        assert deployment.rolled_out
        assert not exposed_keys(deployment.template)


@given(worlds())
def test_the_last_looks_pass_only_without_a_key_in_any_pod(world: World) -> None:
    pods = world[Pods]
    exposed = isinstance(pods, Pods) and any(exposed_keys(pod.spec) for pod in pods.running)
    if passes(judged(world, "verify")):
        assert isinstance(pods, Pods)
        assert not exposed
        assert any(pod.current for pod in pods.running)
    answer = cast("IdentityAnswer", world[IdentityAnswer])
    if judged(world, "lock-the-door")["lock-the-door/identity-works"].verdict is Verdict.PASSED:
        assert answer.authentication == "token" or (isinstance(pods, Pods) and not exposed)
        assert answer.authentication != "key"


@given(worlds())
def test_the_credential_passes_only_to_the_letter(world: World) -> None:
    credentials = cast("FederatedCredentials", world[FederatedCredentials])
    cluster = cast("ManagedCluster", world[ManagedCluster])
    fits = any(
        item.issuer == cluster.issuer_url
        and item.subject == "system:serviceaccount:default:ai-service-account"
        and TOKEN_AUDIENCE in item.audiences
        for item in credentials.items
    )
    if isinstance(world[ManagedIdentity], ManagedIdentity) and passes(judged(world, "federate")):
        assert fits
        assert cluster.issuer_url


@given(worlds(), st.randoms(use_true_random=False))
def test_order_does_not_count(world: World, random: Random) -> None:
    before = judged(world)
    after = judged(shuffled(world, random))
    for name, finding in before.items():
        assert finding.verdict is after[name].verdict, (name, finding, after[name])


def shuffled(world: World, random: Random) -> World:
    """Return the same world with its lists in another order."""

    def mixed(items: tuple[Any, ...]) -> tuple[Any, ...]:
        return tuple(random.sample(items, len(items)))

    def mixed_spec(spec: PodSpec) -> PodSpec:
        return replace(
            spec,
            containers=mixed(
                tuple(replace(item, environment=mixed(item.environment)) for item in spec.containers)
            ),
        )

    changed = dict(world)
    pods, deployment = world[Pods], cast("Deployment", world[Deployment])
    if isinstance(pods, Pods):
        items = tuple(
            replace(pod, spec=mixed_spec(pod.spec), statuses=mixed(pod.statuses)) for pod in pods.items
        )
        changed[Pods] = replace(pods, items=mixed(items), warnings=mixed(pods.warnings))
    changed[Deployment] = replace(
        deployment, template=mixed_spec(deployment.template), conditions=mixed(deployment.conditions)
    )
    credentials = cast("FederatedCredentials", world[FederatedCredentials])
    changed[FederatedCredentials] = replace(credentials, items=mixed(credentials.items))
    for kind in (IdentityRoles, LearnerRoles):
        roles = cast("Any", world[kind])
        changed[kind] = replace(roles, grants=mixed(roles.grants))
    return changed


HARMLESS = (
    "sidecar",
    "init",
    "ended pod",
    "annotation",
    "setting",
    "credential",
    "role",
    "replica",
    "condition",
)


def with_harmless(world: World, *what: str) -> World:
    """Return the world with things that a learner may have, too, and that change nothing."""
    changed = dict(world)
    for item in what:
        _add(changed, item)
    return changed


def _add(world: World, what: str) -> None:
    pods, deployment = world[Pods], cast("Deployment", world[Deployment])
    changes = {
        "sidecar": lambda spec: replace(spec, containers=(*spec.containers, SIDECAR)),
        "init": lambda spec: replace(
            spec, containers=(replace(SIDECAR, name="i", init=True), *spec.containers)
        ),
        "annotation": lambda spec: replace(spec, annotations={**spec.annotations, "checksum/config": KEY}),
        "setting": lambda spec: replace(
            spec,
            containers=tuple(
                replace(
                    item, environment=(*item.environment, replace(SIDECAR.environment[0], name="LOG_LEVEL"))
                )
                for item in spec.containers
            ),
        ),
    }
    if what in changes:
        world[Deployment] = replace(deployment, template=changes[what](deployment.template))
        if isinstance(pods, Pods):
            world[Pods] = replace(
                pods, items=tuple(replace(pod, spec=changes[what](pod.spec)) for pod in pods.items)
            )
    if what == "ended pod" and isinstance(pods, Pods):
        ended = replace(
            cast("Pods", FINISHED[Pods]).items[0], name="ended", phase="Failed", ready=False, current=False
        )
        world[Pods] = replace(pods, items=(ended, *pods.items))
    if what == "credential":
        credentials = cast("FederatedCredentials", world[FederatedCredentials])
        other = FederatedCredential(
            "github", "https://token.actions.githubusercontent.com", "repo:a", (TOKEN_AUDIENCE,)
        )
        world[FederatedCredentials] = replace(credentials, items=(other, *credentials.items))
    if what == "role":
        for kind in (IdentityRoles, LearnerRoles):
            roles = cast("Any", world[kind])
            reader = replace(cast("Any", FINISHED[kind]).grants[0], role_name="Reader", permissions=())
            world[kind] = replace(roles, grants=(reader, *roles.grants))
    if what == "replica" and isinstance(pods, Pods) and pods.items:
        counts = {
            name: getattr(deployment, name) + 1 for name in ("wanted", "replicas", "updated", "available")
        }
        world[Deployment] = replace(deployment, **counts)
        world[Pods] = replace(pods, items=(*pods.items, replace(pods.items[0], name="another")))
    if what == "condition":
        available = Condition("Available", "True", "MinimumReplicasAvailable")
        world[Deployment] = replace(deployment, conditions=(available, *deployment.conditions))


@given(st.lists(st.sampled_from(HARMLESS), max_size=5))
def test_what_is_harmless_keeps_a_finished_workshop_green(what: list[str]) -> None:
    for name, finding in judged(with_harmless(dict(FINISHED), *what)).items():
        assert finding.verdict is Verdict.PASSED, (name, finding)


@given(worlds(), st.lists(st.sampled_from(HARMLESS), min_size=1, max_size=3))
def test_what_is_harmless_turns_no_pass_into_a_fault(world: World, what: list[str]) -> None:
    before, after = judged(world), judged(with_harmless(world, *what))
    for name, finding in before.items():
        if finding.verdict is Verdict.PASSED:
            assert after[name].verdict is Verdict.PASSED, (name, after[name])
