import asyncio
import random
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgspec
import pytest

from commaok.watch.backoff import Backoff
from commaok.watch.changes import Added, Bookmark, Deleted, Modified, Notice, Resynced
from commaok.watch.consumer import Consumer
from commaok.watch.errors import (
    Compacted,
    Expired,
    HandlerFailed,
    Missed,
    Rewound,
    SlowConsumer,
    Stalled,
    WatchError,
)
from commaok.watch.etcd import Put
from commaok.watch.events import KeyValue, Revision
from commaok.watch.informer import ONCE, Informer, Retry
from commaok.watch.memory import MemorySource, MemoryStore
from commaok.watch.simulation import SimulatedLoop, run
from commaok.watch.source import through

QUICK = Backoff(base=0.001, cap=0.01)


@asynccontextmanager
async def following(store: MemoryStore, **options: Any) -> AsyncIterator[tuple[Informer, Consumer]]:
    source = MemorySource(store, prefix=b"k/")
    options = {"bound": 100, "backoff": QUICK, **options}
    async with (
        asyncio.timeout(20),
        Informer(source, **options) as informer,
        informer.consumer() as consumer,
    ):
        await informer.synced()
        yield informer, consumer


async def take(consumer: Consumer, count: int) -> list[Notice]:
    return [await anext(consumer) for _ in range(count)]


def words(notices: list[Notice]) -> list[str]:
    return [
        type(one).__name__ if isinstance(one, Resynced | Bookmark)
        else f"{type(one).__name__} {one.key.decode()}"
        for one in notices
    ]  # fmt: skip


async def test_the_list_comes_first_in_the_order_of_commits_then_what_changes() -> None:
    store = MemoryStore()
    store.put(b"k/b", b"1")
    store.put(b"k/a", b"1")
    async with following(store) as (informer, consumer):
        assert words(await take(consumer, 3)) == ["Resynced", "Added k/b", "Added k/a"]
        store.put(b"k/a", b"2")
        store.delete(b"k/b")
        store.put(b"k/c", b"")
        modified, deleted, added = await take(consumer, 3)
        assert isinstance(modified, Modified)
        assert (modified.old.value, modified.new.value) == (b"1", b"2")
        assert isinstance(deleted, Deleted)
        assert deleted.old.key == b"k/b"
        assert isinstance(added, Added)
        assert set(informer.objects) == {b"k/a", b"k/c"}
        assert informer.get(b"k/b") is None


async def test_an_empty_value_is_an_object() -> None:
    store = MemoryStore()
    store.put(b"k/", b"")
    async with following(store) as (informer, _):
        assert informer.get(b"k/") is not None


async def test_a_position_moves_only_when_the_next_notice_is_asked_for() -> None:
    store = MemoryStore()
    async with following(store) as (_, consumer):
        main = store.txn([Put(b"k/a", b""), Put(b"k/b", b"")])
        await take(consumer, 1)
        await anext(consumer)
        assert consumer.position is not None
        assert consumer.position < (main, 0)
        await anext(consumer)
        assert consumer.position == (main, 0)


async def test_consumers_have_positions_of_their_own_and_a_late_one_begins_with_a_list() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"")
    async with following(store) as (informer, first):
        assert words(await take(first, 2)) == ["Resynced", "Added k/a"]
        second = informer.consumer()
        store.put(b"k/b", b"")
        assert words(await take(second, 3)) == ["Resynced", "Added k/a", "Added k/b"]
        assert words(await take(first, 1)) == ["Added k/b"]


async def test_delete_and_recreate_in_a_gap_are_two_changes() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"same")
    async with following(store) as (informer, consumer):
        await take(consumer, 2)
        source: Any = informer._source
        source.server.refusing = True
        source.server.reset()
        store.delete(b"k/a")
        store.compact(store.put(b"k/a", b"same"))
        source.server.refusing = False
        resynced, deleted, added = await take(consumer, 3)
        assert isinstance(resynced, Resynced)
        assert isinstance(resynced.reason, Compacted)
        assert resynced.synthesised == 2
        assert words([deleted, added]) == ["Deleted k/a", "Added k/a"]


async def test_a_rewind_is_reported_and_the_state_rebuilt() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"1")
    async with following(store) as (informer, consumer):
        await take(consumer, 2)
        backup = store.backup()
        store.put(b"k/a", b"2")
        store.put(b"k/b", b"")
        await take(consumer, 2)
        store.restore(backup)
        source: Any = informer._source
        source.server.reset()
        resynced, *changes = await take(consumer, 3)
        assert isinstance(resynced, Resynced)
        assert isinstance(resynced.reason, Rewound)
        assert resynced.to < (resynced.since or through(Revision(0)))
        assert words(changes) == ["Deleted k/b", "Modified k/a"]
        assert informer.get(b"k/a") == store.range(b"k/a")[0]


async def test_a_list_from_a_lagging_replica_is_read_again() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"1")
    async with following(store) as (informer, consumer):
        await take(consumer, 2)
        replica = store.copy()
        store.put(b"k/a", b"2")
        await take(consumer, 1)
        source: Any = informer._source
        source.server.replica = replica
        source.server.reset()
        store.put(b"k/a", b"3")
        store.compact(store.put(b"k/a", b"4"))
        while not informer.statistics().reflector.stale_lists:
            await asyncio.sleep(0.001)
        source.server.replica = None
        _, change = await take(consumer, 2)
        assert isinstance(change, Modified)
        assert (change.old.value, change.new.value) == (b"2", b"4")


async def test_an_event_that_does_not_follow_from_the_state_is_a_reported_loss() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"1")
    async with following(store) as (_, consumer):
        await take(consumer, 2)
        silently = store.on_commit.pop()
        store.put(b"k/a", b"2")
        store._log.pop()  # a server that loses an event
        store.on_commit.append(silently)
        store.put(b"k/a", b"3")
        resynced, change = await take(consumer, 2)
        assert isinstance(resynced, Resynced)
        assert isinstance(resynced.reason, Missed)
        assert isinstance(change, Modified)
        assert change.new.value == b"3"


def test_a_half_open_connection_is_found_and_replaced_within_five_seconds() -> None:
    async def story(loop: SimulatedLoop) -> float:
        store, troubles = MemoryStore(), list[WatchError]()
        source = MemorySource(store, prefix=b"k/")
        dice = random.Random(0)
        async with Informer(source, bound=10, dice=dice, observer=troubles.append) as informer:
            await informer.synced()
            await asyncio.sleep(10)
            consumer = informer.consumer()
            await take(consumer, 1)
            source.server.stall()
            began = loop.time()
            store.put(b"k/a", b"")
            assert words(await take(consumer, 1)) == ["Added k/a"]
            assert [type(one) for one in troubles] == [Stalled]
            return loop.time() - began

    assert run(story, 0) < 5


async def test_a_handler_that_raises_gets_the_same_notice_again() -> None:
    store = MemoryStore()
    seen: list[Notice] = []
    async with following(store) as (informer, _):

        @informer.on_change(retry=Retry(backoff=QUICK))
        async def flaky(notice: Notice) -> None:
            seen.append(notice)
            if len(seen) in {1, 3}:
                raise OSError

        store.put(b"k/a", b"")
        while len(seen) < 4:
            await asyncio.sleep(0.001)
        assert words(seen) == ["Resynced", "Resynced", "Added k/a", "Added k/a"]
        assert informer.statistics().handler_failures == 2


async def test_a_handler_that_may_not_be_retried_ends_the_informer_by_name() -> None:
    store = MemoryStore()
    async with following(store) as (informer, consumer):

        @informer.on_change(retry=ONCE)
        def broken(notice: Notice) -> None:
            raise OSError("disk full")

        with pytest.raises(HandlerFailed, match="broken") as failed:
            await informer.run()
        assert isinstance(failed.value.__cause__, OSError)
        with pytest.raises(HandlerFailed):
            await take(consumer, 2)


async def test_what_is_not_consumed_stays_at_the_server() -> None:
    store = MemoryStore()
    async with following(store, bound=5, history=0) as (informer, consumer):
        for number in range(100):
            store.put(b"k/%d" % number, b"")
        await asyncio.sleep(0.05)
        assert informer.statistics().buffered <= 10
        assert len(informer.objects) <= 10
        assert len(await take(consumer, 101)) == 101


async def test_a_dropped_consumer_holds_nobody_up() -> None:
    store = MemoryStore()
    async with following(store, bound=2) as (informer, consumer):
        async for _ in informer:
            break
        for number in range(20):
            store.put(b"k/%d" % number, b"")
        assert len(await take(consumer, 21)) == 21


async def test_with_patience_the_slow_consumer_is_ended_and_resumes_where_it_was() -> None:
    store = MemoryStore()
    async with following(store, bound=4, patience=0.02) as (informer, slow):
        await take(slow, 1)
        quick = informer.consumer()
        await take(quick, 1)
        for number in range(6):
            store.put(b"k/%d" % number, b"")
        got = words(await take(quick, 3))
        with pytest.raises(SlowConsumer) as ended:
            await asyncio.sleep(0.1)
            await take(slow, 2)
        resumed = informer.consumer(after=ended.value.resume_from)
        assert words(await take(resumed, 3)) == got
        assert informer.statistics().slow_consumers >= 1


async def test_a_position_that_is_no_longer_kept_is_expired() -> None:
    store = MemoryStore()
    async with following(store, bound=2, history=2) as (informer, consumer):
        for number in range(9):
            store.put(b"k/%d" % number, b"")
        await take(consumer, 10)
        with pytest.raises(Expired):
            informer.consumer(after=through(Revision(2)))


async def test_an_index_follows_every_change() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"red")
    indexes = {"colour": lambda one: [one.value]}
    async with following(store, indexes=indexes) as (informer, consumer):
        store.put(b"k/b", b"red")
        store.put(b"k/a", b"blue")
        store.delete(b"k/b")
        await take(consumer, 5)
        assert [one.key for one in informer.by_index("colour", b"blue")] == [b"k/a"]
        assert not list(informer.by_index("colour", b"red"))


async def test_a_transform_says_what_is_kept() -> None:
    def first_letter(one: KeyValue) -> KeyValue:
        return msgspec.structs.replace(one, value=one.value[:1])

    store = MemoryStore()
    store.put(b"k/a", b"long")
    async with following(store, transform=first_letter) as (informer, _):
        kept = informer.get(b"k/a")
        assert kept is not None
        assert kept.value == b"l"


async def test_a_transform_that_raises_ends_the_informer_and_skips_nothing() -> None:
    def picky(one: KeyValue) -> KeyValue:
        if one.value == b"bad":
            raise ValueError("bad")
        return one

    store = MemoryStore()
    async with following(store, transform=picky) as (_, consumer):
        store.txn([Put(b"k/a", b"good"), Put(b"k/b", b"bad"), Put(b"k/c", b"good")])
        assert words(await take(consumer, 2)) == ["Resynced", "Added k/a"]
        with pytest.raises(ValueError, match="bad"):
            await anext(consumer)


async def test_a_resync_hands_every_object_out_again() -> None:
    store = MemoryStore()
    store.put(b"k/a", b"")
    async with following(store, resync_every=0.02) as (_, consumer):
        await take(consumer, 2)
        again = await anext(consumer)
        assert isinstance(again, Modified)
        assert again.old is again.new
        assert again.synthesised


async def test_leaving_the_informer_ends_its_consumers() -> None:
    async with Informer(MemorySource(MemoryStore()), bound=1) as informer:
        consumer = informer.consumer()
        await anext(consumer)
    assert [notice async for notice in consumer] == []


def test_a_buffer_without_room_is_refused() -> None:
    with pytest.raises(ValueError, match="bound"):
        Informer(MemorySource(MemoryStore()), bound=0)
