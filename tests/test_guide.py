"""The guide on a tiny workshop: findings as they land, the gate, actions, resets, and what it remembers."""

from __future__ import annotations

import asyncio
from contextlib import aclosing
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from tiny_workshop import LOOK, MAKE_IDENTITY, TinyWorld, write_workshop

from workshop_tui import guide as guide_module
from workshop_tui.authoring import ActionError, Applied, Planned
from workshop_tui.events import (
    ActionEnded,
    ActionProgressed,
    CheckStarted,
    Event,
    Found,
    GateState,
    StepJudged,
    Undone,
)
from workshop_tui.findings import Scope, Verdict, pending
from workshop_tui.guide import Guide
from workshop_tui.journal import Journal
from workshop_tui.model import (
    Absent,
    FederatedCredential,
    FederatedCredentials,
    LocalRun,
    ManagedCluster,
    ManagedIdentity,
    Names,
    OpenAIAccount,
    ResourceGroup,
    Unreadable,
)
from workshop_tui.read_failure import ReadFailure
from workshop_tui.workshop import load_workshop

if TYPE_CHECKING:
    from collections.abc import AsyncGenerator
    from pathlib import Path


@pytest.fixture
def world() -> TinyWorld:
    return TinyWorld()


@pytest.fixture
def journal(tmp_path: Path) -> Journal:
    return Journal(tmp_path / "home", "tiny/practice")


@pytest.fixture
def guide(tmp_path: Path, world: TinyWorld, journal: Journal) -> Guide:
    return Guide(load_workshop(write_workshop(tmp_path / "workshop")), world.services, journal)


async def gather(stream: AsyncGenerator[Event, None]) -> list[Event]:
    async with aclosing(stream) as events:
        return [event async for event in events]


def verdicts(events: list[Event]) -> dict[str, Verdict]:
    return {event.step: event.verdict for event in events if isinstance(event, StepJudged)}


async def test_a_pass_tells_each_check_and_each_step(guide: Guide) -> None:
    events = await gather(guide.check(guide.workshop.steps))
    assert verdicts(events) == {
        "look": Verdict.PASSED,
        "make-identity": Verdict.FAILED,
        "extra": Verdict.PENDING,
    }
    assert sum(isinstance(event, CheckStarted) for event in events) == 4
    absent = next(
        event for event in events if isinstance(event, Found) and event.check.id == "identity-exists"
    )
    assert absent.finding.observed == "Not there: the identity mine."
    assert absent.finding.command == "az identity create"


async def test_scopes_choose_the_checks(guide: Guide) -> None:
    events = await gather(guide.check(guide.workshop.steps, scopes={Scope.WORKSTATION}))
    assert [event.check.id for event in events if isinstance(event, Found)] == ["client-id"]
    assert verdicts(events) == {"make-identity": Verdict.FAILED}


async def test_what_could_not_be_read_is_unknown(guide: Guide, world: TinyWorld) -> None:
    world.facts[ResourceGroup] = Unreadable("the resource group", "no route", "reading.unreachable")
    events = await gather(guide.check([guide.workshop.step("look")]))
    assert verdicts(events) == {"look": Verdict.UNKNOWN}


@pytest.mark.parametrize(
    "code",
    [
        LOOK.replace("passed(group.name)", "passed(group.nothing)"),
        LOOK.replace("passed(group.name)", "True"),
        LOOK.replace("passed(group.name)", 'failed("no.such-cause", "x")'),
    ],
)
async def test_a_faulty_check_never_passes(
    tmp_path: Path, world: TinyWorld, journal: Journal, code: str
) -> None:
    workshop = load_workshop(write_workshop(tmp_path / "faulty", look_code=code))
    events = await gather(Guide(workshop, world.services, journal).check(workshop.steps))
    assert verdicts(events)["look"] is Verdict.UNKNOWN
    assert verdicts(events)["make-identity"] is Verdict.FAILED, "the others are judged all the same"


async def test_text_from_outside_is_harmless_in_a_finding(guide: Guide, world: TinyWorld) -> None:
    world.facts[ResourceGroup] = ResourceGroup("/g", "\x1b]52;c;eA==\x07api-key: 0123456789abcdef", "here")
    events = await gather(guide.check([guide.workshop.step("look")]))
    (found,) = (event for event in events if isinstance(event, Found))
    assert found.finding.observed == "api-key: [hidden]"


@pytest.mark.parametrize(
    ("judged", "command"),
    [
        ('failed("identity.missing", "none")', "az identity create --resource-group 'my group' --name mine"),
        ('failed("identity.missing", "none", command="a better one")', "a better one"),
        ('failed("cluster.unreachable", "?")', "az aks start --resource-group 'my group' --name $AKS_NAME"),
        ('unknown("reading.not-signed-in", "nobody")', "az login"),
        ('pending("pod.rolling", "soon", until=None)', ""),
        ('failed("lock.identity-refused", "no")', ""),
    ],
)
async def test_where_a_check_knows_no_command_the_catalogue_does(
    tmp_path: Path, world: TinyWorld, journal: Journal, judged: str, command: str
) -> None:
    world.facts[Names] = Names(subscription_id="s", resource_group="my group", identity="mine")
    world.facts[ManagedCluster] = Absent("cluster", "cluster.missing")
    world.facts[ManagedIdentity] = Absent("identity", "identity.missing")
    code = LOOK.replace("passed(group.name)", judged)
    workshop = load_workshop(write_workshop(tmp_path / "wordless", look_code=code))
    events = await gather(Guide(workshop, world.services, journal).check(workshop.steps[:1]))
    (found,) = (event for event in events if isinstance(event, Found))
    assert found.finding.command == command


async def test_the_door_opens_on_facts_read_now(guide: Guide, world: TinyWorld) -> None:
    look, make, extra = guide.workshop.steps
    assert (await guide.gate(look)).state is GateState.OPEN
    assert (await guide.gate(make)).state is GateState.OPEN
    gate = await guide.gate(extra)
    assert (gate.state, gate.missing) == (GateState.SHUT, ("make-identity",))
    assert gate.sentence == (
        "“Extra” opens when 2 · Make identity has passed."
        " Root cause: The answer could not be understood (step 2)."
    )
    await world.put_identity("mine")
    assert (await guide.gate(extra)).state is GateState.OPEN
    await world.delete_identity("/i")
    assert (await guide.gate(extra)).state is GateState.SHUT


async def test_a_door_that_cannot_be_asked_says_what_is_in_the_way(guide: Guide, world: TinyWorld) -> None:
    assert (await guide.gate(guide.workshop.step("extra"))).verdict is Verdict.FAILED
    world.facts[ResourceGroup] = Unreadable("the group", "nothing listens", "reading.unreachable")
    gate = await guide.gate(guide.workshop.step("make-identity"))
    assert (gate.state, gate.verdict) == (GateState.SHUT, Verdict.UNKNOWN)
    assert "That cannot be told now: the group: nothing listens. Check the network" in gate.sentence


async def test_solving_announces_makes_and_checks(guide: Guide, journal: Journal) -> None:
    events = await gather(guide.solve(guide.workshop.step("make-identity")))
    progress = [event.progress for event in events if isinstance(event, ActionProgressed)]
    assert [type(item) for item in progress] == [Planned, Applied]
    assert [event.done for event in events if isinstance(event, ActionEnded)] == [True]
    assert verdicts(events) == {"make-identity": Verdict.PASSED}
    for kind in ("action-started", "change-planned", "change-made", "action-done"):
        assert [entry.step for entry in journal.entries(kind)] == ["make-identity"], kind


async def test_a_step_that_only_looks_is_checked(guide: Guide) -> None:
    events = await gather(guide.solve(guide.workshop.step("look")))
    assert verdicts(events) == {"look": Verdict.PASSED}


@pytest.mark.parametrize(
    ("trouble", "problem", "remedy"),
    [
        (ActionError("No quota.", "Ask for more."), "No quota.", "Ask for more."),
        (ReadFailure(Unreadable("the group", "no route")), "the group: no route", "Check the network"),
        (RuntimeError("with a secret"), "RuntimeError: the log file", "Try again"),
        (TimeoutError(), "did not answer in time", "Try again"),
    ],
)
async def test_an_action_that_fails_says_why(
    guide: Guide, world: TinyWorld, trouble: Exception, problem: str, remedy: str
) -> None:
    world.trouble = trouble
    events = await gather(guide.solve(guide.workshop.step("make-identity")))
    ended = events[-1]
    assert isinstance(ended, ActionEnded)
    assert problem in ended.problem
    assert remedy in ended.remedy


async def test_a_failed_action_is_kept(guide: Guide, world: TinyWorld, journal: Journal) -> None:
    world.trouble = ActionError("No quota.")
    await gather(guide.solve(guide.workshop.step("make-identity")))
    assert next(iter(journal.entries("action-failed"))).body["problem"] == "No quota."


async def test_an_action_whose_needs_are_not_there_says_so(guide: Guide, world: TinyWorld) -> None:
    world.facts[Names] = Absent("the names", "reading.unexpected")
    (ended,) = await gather(guide.solve(guide.workshop.step("make-identity")))
    assert isinstance(ended, ActionEnded)
    assert ended.problem == "Not there: the names."


async def test_one_tool_acts_at_a_time(guide: Guide, tmp_path: Path) -> None:
    other = Journal(tmp_path / "home", "tiny/practice")
    make = guide.workshop.step("make-identity")
    with other.acting("solving look"):
        (ended,) = await gather(guide.solve(make))
        assert isinstance(ended, ActionEnded)
        assert "at work here: solving look" in ended.problem
    assert verdicts(await gather(guide.solve(make))) == {"make-identity": Verdict.PASSED}


async def test_leaving_an_action_stops_it_and_frees_the_place(
    tmp_path: Path, world: TinyWorld, journal: Journal
) -> None:
    code = MAKE_IDENTITY.replace(
        "await azure.put_identity(NAME)",
        "await azure.take_for_ever()",
    )
    workshop = load_workshop(write_workshop(tmp_path / "slow", make_identity_code=code))
    guide = Guide(workshop, world.services, journal)

    async def solve() -> None:
        await gather(guide.solve(workshop.step("make-identity")))

    solving = asyncio.create_task(solve())
    await world.reached.wait()
    solving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await solving
    assert world.left
    assert list(journal.entries("action-stopped"))
    with journal.acting("solving look"):
        pass


async def test_what_is_pending_is_waited_for(
    tmp_path: Path, world: TinyWorld, journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(guide_module, "FIRST_PAUSE", 0.001)
    code = MAKE_IDENTITY.replace(
        "    def identity_exists(identity: ManagedIdentity) -> Finding:",
        "    def identity_exists(identity: ManagedIdentity) -> Finding:\n"
        "        looks.append(1)\n"
        "        if len(looks) < 4:\n"
        '            return pending("reading.throttled", "soon", until=None)',
    ).replace("from ._names", "looks = []\n    from ._names")
    workshop = load_workshop(write_workshop(tmp_path / "young", make_identity_code=code))
    events = await gather(Guide(workshop, world.services, journal).solve(workshop.step("make-identity")))
    told = [event.verdict for event in events if isinstance(event, StepJudged)]
    assert told == [Verdict.PENDING] * 3 + [Verdict.PASSED]


async def test_waiting_for_what_is_pending_ends(guide: Guide, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guide_module, "PENDING_SECONDS", 0.0)
    monkeypatch.setattr(guide_module, "FIRST_PAUSE", 0.001)
    events = await gather(guide.solve(guide.workshop.step("extra")))
    assert verdicts(events) == {"extra": Verdict.PENDING}


async def test_a_reset_is_listed_first_and_then_done(
    guide: Guide, world: TinyWorld, journal: Journal
) -> None:
    steps = guide.workshop.steps
    assert await gather(guide.reset(steps)) == [], "nothing was made, nothing is undone"
    await gather(guide.solve(guide.workshop.step("make-identity")))
    (listed,) = await gather(guide.reset(steps, dry_run=True))
    assert isinstance(listed, Undone)
    assert listed.undo.change.what == "Delete the identity"
    assert isinstance(world.facts[ManagedIdentity], ManagedIdentity), "a dry run touches nothing"
    assert not list(journal.entries("undone"))
    (undone,) = await gather(guide.reset(steps))
    assert isinstance(undone, Undone)
    assert undone.problem == ""
    assert isinstance(world.facts[ManagedIdentity], Absent)
    assert [entry.body["what"] for entry in journal.entries("undone")] == ["Delete the identity"]


async def test_what_cannot_be_undone_says_why(guide: Guide, world: TinyWorld) -> None:
    await gather(guide.solve(guide.workshop.step("make-identity")))
    world.trouble = ActionError("It is locked.", "Remove the lock.")
    (undone,) = await gather(guide.reset(guide.workshop.steps))
    assert isinstance(undone, Undone)
    assert undone.problem == "It is locked. Remove the lock."
    world.facts[ManagedIdentity] = Unreadable("the identity", "no route")
    (unread,) = await gather(guide.reset(guide.workshop.steps))
    assert isinstance(unread, Undone)
    assert unread.problem.startswith("the identity: no route")


async def test_it_remembers_what_the_world_will_not_tell_again(
    tmp_path: Path, world: TinyWorld, journal: Journal
) -> None:
    credential = FederatedCredential("c", "issuer", "subject", ("audience",))
    run = LocalRun(
        live=True,
        at=datetime.now(UTC),
        healthy=True,
        description="Tasty.",
        problem="",
        key_in_environment=False,
        account_saw="token",
        fingerprint="abc",
    )

    async def credentials() -> FederatedCredentials:
        return FederatedCredentials("i", (credential,))

    async def local_run() -> LocalRun:
        return run

    code = LOOK.replace(
        "(group: ResourceGroup)", "(group: ResourceGroup, run: LocalRun, all: FederatedCredentials)"
    )
    workshop = load_workshop(write_workshop(tmp_path / "seen", look_code=code))
    resolvers: dict[type, Any] = {FederatedCredentials: credentials, LocalRun: local_run}
    await gather(Guide(workshop, world.services, journal, resolvers).check(workshop.steps[:1]))
    assert credential.sighting in journal.sightings().first_seen
    kept = journal.latest("local-run")
    assert kept is not None
    assert kept.data["key_in_environment"] == "no"


@pytest.mark.parametrize("open_to_keys", [True, False])
async def test_since_when_keys_are_off_is_noted(
    *, open_to_keys: bool, tmp_path: Path, world: TinyWorld, journal: Journal
) -> None:
    seen = OpenAIAccount("/a", "a", "OpenAI", "here", "https://a/", "a", key_sign_in=open_to_keys, etag="1")

    async def account() -> OpenAIAccount:
        return seen

    code = LOOK.replace("(group: ResourceGroup)", "(group: ResourceGroup, account: OpenAIAccount)")
    workshop = load_workshop(write_workshop(tmp_path / "keys", look_code=code))
    resolvers: dict[type, Any] = {OpenAIAccount: account}
    await gather(Guide(workshop, world.services, journal, resolvers).check(workshop.steps[:1]))
    assert (seen.sighting in journal.sightings().first_seen) is not open_to_keys


async def test_variables_are_what_is_known_now(guide: Guide, world: TinyWorld) -> None:
    variables = await guide.variables()
    assert variables["RG_NAME"] == "myResourceGroup"
    assert "MANAGED_IDENTITY_CLIENT_ID" not in variables
    await world.put_identity("mine")
    assert (await guide.variables())["MANAGED_IDENTITY_CLIENT_ID"] == "client"


def test_skipping_a_gate_is_noted(guide: Guide, journal: Journal) -> None:
    guide.skip_gate(guide.workshop.step("extra"))
    assert [entry.step for entry in journal.entries("gate-skipped")] == ["extra"]


async def test_what_is_at_the_root_of_a_finding_may_lie_in_a_step_before(guide: Guide) -> None:
    found = {("extra", "later"): pending("role.propagating", "young", until=None)}
    causes = await guide.root_causes(found)
    assert [(root.step, root.cause) for root in causes.told] == [("make-identity", "reading.unexpected")]
