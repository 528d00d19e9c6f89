"""Facts: read once a pass, concurrently, with every failure told as what it is."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

import pytest

from workshop_tui.facts import engine
from workshop_tui.facts.engine import Facts, find_cycle, needs_of
from workshop_tui.model import Absent, ManagedCluster, ManagedIdentity, ResourceGroup, Unreadable
from workshop_tui.read_failure import ReadFailure

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

GROUP = ResourceGroup("/g", "group", "here")


async def test_a_fact_is_read_once_however_many_ask() -> None:
    reads = 0

    async def group() -> ResourceGroup:
        nonlocal reads
        reads += 1
        await asyncio.sleep(0)
        return GROUP

    async with Facts({}, {ResourceGroup: group}) as facts:
        assert facts.already_read(ResourceGroup) is None
        assert await asyncio.gather(*(facts.read(ResourceGroup) for _ in range(5))) == [GROUP] * 5
        assert facts.already_read(ResourceGroup) == GROUP
    assert reads == 1


async def test_facts_that_do_not_need_each_other_are_read_at_the_same_time() -> None:
    meeting = asyncio.Barrier(2)

    async def group() -> ResourceGroup:
        await meeting.wait()
        return GROUP

    async def identity() -> Absent:
        await meeting.wait()
        return Absent("identity", "identity.missing")

    def check(group: ResourceGroup, identity: ManagedIdentity | Absent) -> None: ...

    async with asyncio.timeout(5), Facts({}, {ResourceGroup: group, ManagedIdentity: identity}) as facts:
        arguments = await facts.arguments(check)
    assert arguments == {"group": GROUP, "identity": Absent("identity", "identity.missing")}


async def test_what_cannot_be_judged_without_stands_for_what_needs_it() -> None:
    async def group() -> Absent:
        return Absent("group", "azure.resource-group-missing")

    async def identity(group: ResourceGroup) -> ManagedIdentity:
        raise AssertionError(group)

    async def cluster() -> ManagedCluster:
        raise ReadFailure(Unreadable("cluster", "no route"))

    def wants_all(identity: ManagedIdentity, cluster: ManagedCluster) -> None: ...
    def takes_absent(identity: ManagedIdentity | Absent, cluster: ManagedCluster) -> None: ...

    resolvers: dict[type, Callable[..., Awaitable[object]]] = {
        ResourceGroup: group,
        ManagedIdentity: identity,
        ManagedCluster: cluster,
    }
    async with Facts({}, resolvers) as facts:
        # Certain absence comes before what could not be read.
        assert await facts.arguments(wants_all) == Absent("group", "azure.resource-group-missing")
        assert await facts.arguments(takes_absent) == Unreadable("cluster", "no route")


@pytest.mark.parametrize("error", [RuntimeError("secret detail"), KeyError("x")])
async def test_a_resolvers_own_fault_reads_as_could_not_look(error: Exception) -> None:
    async def group() -> ResourceGroup:
        raise error

    async with Facts({}, {ResourceGroup: group}) as facts:
        reading = await facts.read(ResourceGroup)
        unheard_of = await facts.read(ManagedIdentity)
    assert isinstance(reading, Unreadable)
    assert reading.cause == "reading.unexpected"
    assert "secret" not in reading.reason
    assert isinstance(unheard_of, Unreadable)


async def test_a_fact_that_does_not_come_is_given_up(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine, "FACT_SECONDS", 0.01)

    async def group() -> ResourceGroup:
        await asyncio.Event().wait()
        raise AssertionError

    async with Facts({}, {ResourceGroup: group}) as facts:
        reading = await facts.read(ResourceGroup)
    assert isinstance(reading, Unreadable)
    assert "no answer within" in reading.reason


async def test_one_who_leaves_does_not_take_the_fact_from_others() -> None:
    answer = asyncio.Event()

    async def group() -> ResourceGroup:
        await answer.wait()
        return GROUP

    async with Facts({}, {ResourceGroup: group}) as facts:
        leaving = asyncio.create_task(facts.read(ResourceGroup))
        staying = asyncio.create_task(facts.read(ResourceGroup))
        await asyncio.sleep(0)
        leaving.cancel()
        answer.set()
        assert await staying == GROUP


async def test_leaving_a_pass_stops_its_reading() -> None:
    stopped = False

    async def group() -> ResourceGroup:
        nonlocal stopped
        try:
            await asyncio.Event().wait()
        finally:
            stopped = True
        raise AssertionError

    async with Facts({}, {ResourceGroup: group}) as facts:
        waiting = asyncio.create_task(facts.read(ResourceGroup))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
    assert stopped
    with pytest.raises(asyncio.CancelledError):
        await waiting


def test_a_parameter_names_one_kind() -> None:
    def two(thing: ResourceGroup | ManagedIdentity) -> None: ...

    def none(thing) -> None: ...  # type: ignore[no-untyped-def]  # noqa: ANN001

    for function in (two, none):
        with pytest.raises(TypeError, match="parameter thing must name one kind"):
            needs_of(function)


def test_resolvers_that_wait_for_each_other_are_found() -> None:
    async def group(identity: ManagedIdentity) -> ResourceGroup:
        raise AssertionError(identity)

    async def identity(group: ResourceGroup) -> ManagedIdentity:
        raise AssertionError(group)

    assert set(find_cycle({ResourceGroup: group, ManagedIdentity: identity})) == {
        ResourceGroup,
        ManagedIdentity,
    }
    assert find_cycle({ManagedIdentity: identity}) == ()


async def test_the_target_knows_better_what_to_do_about_what_cannot_be_read() -> None:
    async def unreachable() -> ResourceGroup | Unreadable:
        return Unreadable("the group", "nothing listens", "reading.unreachable")

    resolvers: dict[type, Callable[..., Awaitable[object]]] = {ResourceGroup: unreachable}
    async with Facts({}, resolvers, {"reading.unreachable": "Start it again."}) as facts:
        reading = await facts.read(ResourceGroup)
    assert reading == Unreadable("the group", "nothing listens", "reading.unreachable", "Start it again.")
