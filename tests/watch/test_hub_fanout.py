"""The synchronous core: registration, matching, acknowledgement, bounds."""

import asyncio

import pytest

from commaok.watch.errors import Expired, HandlerFailed, Malformed, SlowConsumer
from commaok.watch.events import Event, EventKind, Position, Revision
from commaok.watch.hub_fanout import Fanout, WatchIdInUse
from commaok.watch.hub_watcher import Watcher
from commaok.watch.matching import Key, Prefix, Range
from commaok.watch.source import Batch, through


def put(revision: int, key: bytes = b"k") -> Event:
    one = Revision(revision)
    return Event(EventKind.PUT, key, b"", one, one, 1, 0, None)


def batch(*events: Event) -> Batch:
    return Batch(events, through(events[-1].mod_revision))


def at(revision: int) -> Position:
    return through(Revision(revision))


@pytest.fixture
async def fanout() -> Fanout:
    return Fanout(at(1), window=16, backlog=4, pause=0.0)


async def taken(watcher: Watcher) -> list[tuple[int, bytes]]:
    """All that is there now, acknowledged."""
    events: list[Event] = []
    try:
        async with asyncio.timeout(0.002):
            async for one in watcher:
                events.extend(one.events)
    except TimeoutError:
        pass
    return [(event.mod_revision, event.key) for event in events]


async def test_watchers_get_what_they_want_in_order_and_nothing_else(fanout: Fanout) -> None:
    everything = fanout.register("everything")
    key = fanout.register("key", Key(b"a/1"))
    prefix = fanout.register("prefix", Prefix(b"a/"))
    some = fanout.register("range", Range(b"a/2", b"b"))
    odd = fanout.register("odd", where=lambda event: event.mod_revision % 2 == 1)
    odd_a = fanout.register("odd a", Prefix(b"a/"), where=lambda event: event.mod_revision % 2 == 1)
    events = [put(2, b"a/1"), put(3, b"a/2"), put(4, b"b/1"), put(5, b"a/1"), put(6, b"c")]
    fanout.publish(batch(*events))
    assert [rev for rev, _ in await taken(everything)] == [2, 3, 4, 5, 6]
    assert [rev for rev, _ in await taken(key)] == [2, 5]
    assert [rev for rev, _ in await taken(prefix)] == [2, 3, 5]
    assert [rev for rev, _ in await taken(some)] == [3]
    assert [rev for rev, _ in await taken(odd)] == [3, 5]
    assert [rev for rev, _ in await taken(odd_a)] == [3, 5]


async def test_an_id_is_held_by_membership_whatever_its_watcher_is(fanout: Fanout) -> None:
    for watch_id in (0, "", None):
        assert watch_id not in fanout
        fanout.register(watch_id)
        assert watch_id in fanout
        with pytest.raises(WatchIdInUse):
            fanout.register(watch_id)
    assert fanout.forget(0)
    assert 0 not in fanout
    assert "" in fanout


async def test_forgetting_twice_is_forgetting_once(fanout: Fanout) -> None:
    watcher = fanout.register("a", Prefix(b"a"))
    assert fanout.forget("a")
    assert not fanout.forget("a")
    with pytest.raises(StopAsyncIteration):
        await anext(watcher)
    successor = fanout.register("a", Prefix(b"a"))
    async with watcher:
        pass  # the predecessor leaving must not take its successor away
    assert "a" in fanout
    fanout.publish(batch(put(2, b"a")))
    assert await taken(successor) == [(2, b"a")]


async def test_a_position_moves_only_when_the_next_batch_is_asked_for(fanout: Fanout) -> None:
    watcher = fanout.register("a")
    fanout.publish(batch(put(2)))
    assert watcher.position == at(1)
    await anext(watcher)
    assert watcher.position == at(1)
    again = fanout.register("b", after=watcher.position)
    assert await taken(again) == [(2, b"k")]
    assert await taken(watcher) == []
    assert watcher.position == at(2)


async def test_the_position_of_an_idle_watcher_follows_the_hub_for_free(fanout: Fanout) -> None:
    watcher = fanout.register("a", Prefix(b"a/"))
    fanout.publish(batch(put(2, b"b"), put(3, b"c")))
    assert watcher.position == at(3)
    fanout.publish(Batch((), at(9)))
    assert watcher.position == at(9)


async def test_a_watcher_resumes_inside_a_transaction(fanout: Fanout) -> None:
    fanout.publish(batch(put(2, b"a"), put(3, b"a"), put(3, b"b"), put(3, b"c"), put(4, b"a")))
    rest = fanout.register("rest", after=Position(Revision(3), 0))
    assert await taken(rest) == [(3, b"b"), (3, b"c"), (4, b"a")]
    # The index counts what the watcher wants, as a watch on the server would.
    own = fanout.register("own", Range(b"b", b"d"), after=Position(Revision(3), 0))
    assert await taken(own) == [(3, b"c")]


async def test_batches_never_cut_a_revision() -> None:
    fanout = Fanout(at(1), window=100, backlog=100, page=2, pause=0.0)
    watcher = fanout.register("a")
    fanout.publish(batch(put(2), put(3, b"a"), put(3, b"b"), put(3, b"c"), put(4)))
    replaying = fanout.register("b", Range(b""), after=at(1))
    for one in (watcher, replaying):
        sizes = [len((await anext(one)).events) for _ in range(2)]
        assert sizes == [4, 1]


async def test_a_slow_watcher_is_ended_with_where_to_resume_and_blocks_nobody(
    fanout: Fanout,
) -> None:
    slow = fanout.register("slow", Prefix(b"k"))
    quick = fanout.register("quick", Prefix(b"k"))
    everything = fanout.register("everything")
    fanout.publish(batch(put(2)))
    await anext(slow)
    for revision in range(3, 14):
        fanout.publish(batch(put(revision)))
        if revision % 3 == 0:
            await taken(quick)
    with pytest.raises(SlowConsumer) as ended:
        await anext(slow)
    assert ended.value.resume_from == at(1)  # the batch in hand was never acknowledged
    assert "slow" not in fanout
    assert "quick" in fanout
    resumed = fanout.register("slow", Prefix(b"k"), after=ended.value.resume_from)
    assert [rev for rev, _ in await taken(resumed)] == list(range(2, 14))
    assert [rev for rev, _ in await taken(everything)] == list(range(2, 14))
    assert fanout.statistics().slow == 1


@pytest.mark.parametrize("selector", [Prefix(b"k"), Prefix(b"")])
@pytest.mark.parametrize("read", range(30))
async def test_however_far_a_watcher_has_read_it_gets_the_rest_or_is_ended(
    selector: Prefix, read: int
) -> None:
    fanout = Fanout(at(0), window=8, backlog=6, page=1, pause=0.0)
    watcher = fanout.register("a", selector)
    quick = fanout.register("quick", selector)
    got: list[int] = []
    resume_from = None
    for revision in range(1, 31):
        fanout.publish(batch(put(revision)))
        await taken(quick)
        if revision <= read:
            got += [event.mod_revision for event in (await anext(watcher)).events]
    try:
        while got[-1:] != [30]:
            got += [event.mod_revision for event in (await anext(watcher)).events]
    except SlowConsumer as slow:
        resume_from = slow.resume_from
    if got[-1:] == [30]:
        assert 30 - read <= 14
    else:
        assert 30 - read > 6
        assert resume_from == at(max(0, read - 1))
    assert got == list(range(1, len(got) + 1))


async def test_replay_is_exempt_from_the_backlog_but_not_from_the_window() -> None:
    fanout = Fanout(at(0), window=40, backlog=4, page=5, pause=0.0)
    fanout.publish(batch(*[put(revision) for revision in range(1, 41)]))
    watcher = fanout.register("a", Prefix(b"k"), after=at(0))
    for revision in range(41, 51):  # more than the backlog, while it replays
        await anext(watcher)
        fanout.publish(batch(put(revision)))
    got = await taken(watcher)
    assert got[-1][0] == 50
    slow = fanout.register("slow", Prefix(b"k"), after=fanout.floor)
    await anext(slow)
    for revision in range(51, 151):
        fanout.publish(batch(put(revision)))
    with pytest.raises(SlowConsumer):
        await taken(slow)
    with pytest.raises(Expired) as expired:
        fanout.register("slow", after=slow.position)
    assert expired.value.oldest == fanout.floor


async def test_the_window_is_cut_between_revisions() -> None:
    fanout = Fanout(at(1), window=4, backlog=4, pause=0.0)
    for revision in range(2, 20):
        fanout.publish(batch(put(revision, b"a"), put(revision, b"b"), put(revision, b"c")))
        resumed = fanout.register("a", after=fanout.floor)
        revisions = [rev for rev, _ in await taken(resumed)]
        assert revisions == sorted([*range(fanout.floor.main + 1, revision + 1)] * 3)
        fanout.forget("a")
    assert fanout.statistics().history <= 9


async def test_an_empty_history_resumes_from_its_start_and_from_nowhere_before(
    fanout: Fanout,
) -> None:
    assert await taken(fanout.register("a", after=at(1))) == []
    with pytest.raises(Expired):
        fanout.register("b", after=at(0))
    with pytest.raises(ValueError, match="still to come"):
        fanout.register("c", after=at(2))


@pytest.mark.parametrize("revisions", [[1], [2, 4, 3], [0]])
async def test_a_watcher_never_goes_back_in_time(fanout: Fanout, revisions: list[int]) -> None:
    watcher = fanout.register("a")
    with pytest.raises(Malformed):
        fanout.publish(batch(*[put(revision) for revision in revisions]))
    fanout.publish(Batch((), at(0)))
    assert fanout.position == at(1)
    assert await taken(watcher) == []


async def test_a_stop_during_dispatch_waits_for_its_end(fanout: Fanout) -> None:
    def stops_everybody(event: Event) -> bool:
        assert fanout.forget("other") == (event.mod_revision == 2)
        fanout.forget("self")
        with pytest.raises(RuntimeError):
            fanout.register("new")
        return True

    fanout.register("self", Prefix(b"k"), where=stops_everybody)
    other = fanout.register("other", Prefix(b"k"))
    neighbour = fanout.register("neighbour", Prefix(b"k"))
    fanout.publish(batch(put(2), put(3)))
    assert "self" not in fanout
    assert "other" not in fanout
    assert await taken(other) == []
    assert await taken(neighbour) == [(2, b"k"), (3, b"k")]


async def test_a_predicate_that_raises_ends_its_watchers_before_the_revision(
    fanout: Fanout,
) -> None:
    def picky(event: Event) -> bool:
        if event.key == b"k/bad":
            raise LookupError("no such thing")
        return True

    one = fanout.register("one", Prefix(b"k"), where=picky)
    two = fanout.register("two", Prefix(b"k"), where=picky)
    other = fanout.register("other", Prefix(b"k"))
    fanout.publish(batch(put(2, b"k"), put(3, b"k/good"), put(3, b"k/bad"), put(4, b"k")))
    for watcher in (one, two):
        assert [event.mod_revision for event in (await anext(watcher)).events] == [2]
        with pytest.raises(HandlerFailed) as failed:
            await anext(watcher)
        assert isinstance(failed.value.__cause__, LookupError)
        assert watcher.position == at(2)
    assert len(await taken(other)) == 4
    assert fanout.statistics().failed == 2
    replaying = fanout.register("replaying", Prefix(b"k"), where=picky, after=at(1))
    assert [event.mod_revision for event in (await anext(replaying)).events] == [2]
    with pytest.raises(HandlerFailed):
        await anext(replaying)
    assert "replaying" not in fanout


async def test_a_cancelled_wait_changes_nothing_and_leaves_nothing_behind(fanout: Fanout) -> None:
    watcher = fanout.register("a", Prefix(b"k"))
    for _ in range(3):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.001):
                await anext(watcher)
    assert fanout.statistics().waiting == 0
    fanout.publish(batch(put(2)))
    assert await taken(watcher) == [(2, b"k")]


async def test_two_tasks_cannot_read_one_watcher(fanout: Fanout) -> None:
    watcher = fanout.register("a")
    waiting = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0)
    with pytest.raises(RuntimeError, match="two tasks"):
        await anext(watcher)
    fanout.forget("a")
    with pytest.raises(StopAsyncIteration):
        await waiting


async def test_a_bookmark_says_what_has_been_reached_and_never_overtakes(fanout: Fanout) -> None:
    watcher = fanout.register("a", Prefix(b"a/"))
    waiting = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0)
    fanout.publish(batch(put(2, b"b")))
    fanout.bookmark()
    assert await waiting == Batch((), at(2))
    waiting = asyncio.ensure_future(anext(watcher))
    await asyncio.sleep(0)
    fanout.bookmark()  # nothing new to say
    fanout.publish(batch(put(3, b"a/1")))
    fanout.bookmark()
    assert (await waiting).events[0].mod_revision == 3


async def test_bookmarks_beside_a_stop_do_no_harm(fanout: Fanout) -> None:
    watchers = [fanout.register(number, Prefix(b"a")) for number in range(10)]
    waiting = [asyncio.ensure_future(anext(watcher)) for watcher in watchers]
    await asyncio.sleep(0)
    fanout.publish(Batch((), at(5)))
    fanout.bookmark()
    for number in range(0, 10, 2):
        fanout.forget(number)
    fanout.bookmark()
    results = await asyncio.gather(*waiting, return_exceptions=True)
    assert [isinstance(result, Batch) for result in results] == [False, True] * 5


async def test_many_watchers_leave_nothing_behind(fanout: Fanout) -> None:
    waiting = []
    for number in range(300):
        where = (lambda event: True) if number % 3 == 0 else None
        watcher = fanout.register(number, Range(b"%03d" % number), where=where)
        waiting.append(asyncio.ensure_future(anext(watcher)))
    await asyncio.sleep(0)
    fanout.publish(batch(put(2, b"150")))
    for number in range(300):
        fanout.forget(number)
    await asyncio.gather(*waiting, return_exceptions=True)
    statistics = fanout.statistics()
    assert (statistics.watchers, statistics.logs, statistics.waiting) == (0, 0, 0)
    assert not fanout._logs.find(b"150")
