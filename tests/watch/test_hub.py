"""The hub and its upstream: resuming, losing, beginning anew."""

import asyncio
import random
from collections.abc import AsyncGenerator, Callable
from typing import Any

import pytest

from commaok.watch.backoff import Backoff
from commaok.watch.errors import (
    Compacted,
    Disconnected,
    Expired,
    Malformed,
    Rewound,
    SlowConsumer,
    Unavailable,
    WatchError,
)
from commaok.watch.events import Event, EventKind, Position, Revision
from commaok.watch.hub import Hub, Watcher
from commaok.watch.matching import Prefix
from commaok.watch.source import Batch, Page, through


def put(revision: int, key: bytes = b"k") -> Event:
    one = Revision(revision)
    return Event(EventKind.PUT, key, b"", one, one, 1, 0, None)


def at(revision: int) -> Position:
    return through(Revision(revision))


class Store:
    """A source whose every stream can be cut, silenced or answered with an error."""

    def __init__(self) -> None:
        self.history: list[Event] = []
        self.revision = 1
        self.compacted = 0
        self.streams: list[Stream] = []
        self.refuses: list[WatchError] = []
        self.heads_fail = 0
        self.progress = True

    def put(self, *keys: bytes) -> None:
        self.revision += 1
        self.history += [put(self.revision, key) for key in keys]
        for stream in self.streams:
            stream.changed.set()

    def fail(self, error: WatchError) -> None:
        for stream in self.streams:
            stream.error = error
            stream.changed.set()

    async def head(self) -> Revision:
        if self.heads_fail:
            self.heads_fail -= 1
            raise Unavailable("the store", "down")
        return Revision(self.revision)

    def watch(self, after: Position) -> "Stream":
        stream = Stream(self, after)
        if self.refuses:
            stream.error = self.refuses.pop(0)
        elif after.main < self.compacted:
            stream.error = Compacted(after, Revision(self.compacted))
        self.streams = [stream]
        return stream

    async def pages(self) -> AsyncGenerator[Page, None]:
        raise NotImplementedError
        yield

    async def close(self) -> None:
        pass


class Stream:
    def __init__(self, store: Store, after: Position) -> None:
        self.store = store
        self.after = after
        self.error: WatchError | None = None
        self.changed = asyncio.Event()
        self.silent = False
        self.asked = 0
        self.closed = False

    async def read(self) -> Batch:
        while True:
            if self.error is not None:
                raise self.error
            events = tuple(one for one in self.store.history if one.mod_revision > self.after.main)
            if not self.silent and (events or self.asked):
                self.asked = 0
                self.after = at(self.store.revision)
                return Batch(events, self.after)
            self.changed.clear()
            await self.changed.wait()

    def request_progress(self) -> None:
        self.asked += 1
        self.changed.set()

    async def close(self) -> None:
        self.closed = True


def hub_of(store: Store, **options: Any) -> Hub:
    settings: dict[str, Any] = {
        "window": 100,
        "backlog": 50,
        "pause": 0.0,
        "backoff": Backoff(base=0.001, cap=0.005),
        "chance": random.Random(1),
    }
    return Hub(store, **(settings | options))


async def take(watcher: Watcher, count: int) -> list[int]:
    revisions: list[int] = []
    async with asyncio.timeout(5):
        while len(revisions) < count:
            revisions += [event.mod_revision for event in (await anext(watcher)).events]
    return revisions


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


@pytest.mark.parametrize("clean", [True, False])
async def test_an_upstream_that_ends_is_resumed_and_no_watcher_notices(clean: bool) -> None:
    store = Store()
    async with hub_of(store) as hub:
        watcher = await hub.watch("a")
        expected = []
        for _ in range(20):
            store.put(b"x", b"y")
            expected += [store.revision] * 2
            if store.revision % 3 == 0:
                store.fail(Disconnected("cut", clean=clean))
            await asyncio.sleep(0.003)
        assert await take(watcher, 40) == expected
        statistics = hub.statistics()
        assert statistics.reconnects > 3
        assert statistics.rebuilds == 0
        assert statistics.trouble == "The watch stream ended (cut)."


async def test_a_half_open_upstream_is_found_and_opened_anew() -> None:
    store = Store()
    async with hub_of(store, stall=0.06) as hub:
        watcher = await hub.watch("a")
        await until(lambda: bool(store.streams))
        silent = store.streams[0]
        silent.silent = True
        store.put(b"a")
        assert await take(watcher, 1) == [2]
        assert silent.asked >= 1
        assert silent.closed


async def test_an_upstream_that_answers_progress_is_left_alone() -> None:
    store = Store()
    async with hub_of(store, stall=0.03) as hub:
        await hub.watch("a")
        await asyncio.sleep(0.2)
        assert hub.statistics().troubles == 0


async def test_what_the_upstream_lost_is_told_to_every_watcher_behind_what_it_had() -> None:
    store = Store()
    async with hub_of(store) as hub:
        quick = await hub.watch("quick", Prefix(b"a"))
        late = await hub.watch("late")
        store.put(b"a")
        assert await take(quick, 1) == [2]
        store.streams[0].silent = True
        store.put(b"lost")
        store.put(b"lost")
        store.compacted = 4
        store.fail(Disconnected("cut", clean=False))
        with pytest.raises(Compacted) as lost:
            await anext(quick)
        assert lost.value.position == at(2)
        assert await take(late, 1) == [2]
        with pytest.raises(Compacted):
            await anext(late)
        with pytest.raises(Compacted):
            await anext(late)
        assert "quick" not in hub
        assert hub.generation == 2
        with pytest.raises(Expired):
            await hub.watch("quick", after=lost.value.position)
        again = await hub.watch("quick", after=at(4))
        store.put(b"a")
        assert await take(again, 1) == [5]


async def test_a_restored_store_is_told_as_rewound() -> None:
    store = Store()
    for _ in range(9):
        store.put(b"a")
    async with hub_of(store) as hub:
        watcher = await hub.watch("a")
        await until(lambda: bool(store.streams))
        store.history, store.revision = [], 3
        store.fail(Rewound(at(10), Revision(3)))
        with pytest.raises(Rewound) as rewound:
            await anext(watcher)
        assert (rewound.value.position, rewound.value.now) == (at(10), 3)
        again = await hub.watch("a")
        store.put(b"a")
        assert await take(again, 1) == [4]


async def test_a_registration_that_waited_through_a_rebuild_is_refused() -> None:
    """The event it waits for was of another history (kubernetes#116122)."""
    store = Store()
    async with hub_of(store) as hub:
        await hub.watch("a")
        waiting = asyncio.create_task(hub.watch("b", after=at(5)))
        await until(lambda: len(hub._arrivals) == 1)
        store.history, store.revision = [], 20
        store.fail(Rewound(at(1), Revision(20)))
        with pytest.raises(Expired):
            await waiting
        assert "b" not in hub
        with pytest.raises(Expired):
            await hub.watch("b", after=at(20), generation=1)
        await hub.watch("b", after=at(20), generation=hub.generation)


async def test_a_registration_during_reconnecting_misses_nothing() -> None:
    store = Store()
    async with hub_of(store) as hub:
        first = await hub.watch("first")
        store.put(b"a")
        assert await take(first, 1) == [2]
        store.fail(Disconnected("cut", clean=False))
        store.refuses = [Disconnected("refused", clean=False)] * 5
        store.put(b"b")
        second = await hub.watch("second", after=at(2))
        assert await take(second, 1) == [3]


async def test_a_position_still_to_come_is_waited_for_but_not_for_ever() -> None:
    store = Store()
    async with hub_of(store) as hub:
        waiting = asyncio.create_task(hub.watch("a", after=at(2)))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        store.put(b"a")
        watcher = await waiting
        assert watcher.position == at(2)
        with pytest.raises(Unavailable, match="revision 99"):
            await hub.watch("b", after=at(99), patience=0.01)
        assert not hub._arrivals


async def test_an_upstream_that_is_not_there_yet_is_waited_for() -> None:
    store = Store()
    store.heads_fail = 3
    told: list[WatchError] = []
    async with hub_of(store, on_trouble=told.append) as hub:
        with pytest.raises(Unavailable, match="upstream"):
            await hub.watch("a", patience=0.0)
        watcher = await hub.watch("a")
        store.put(b"a")
        assert await take(watcher, 1) == [2]
    assert [type(one) for one in told] == [Unavailable] * 3


async def test_events_out_of_order_are_refused_and_read_again() -> None:
    store = Store()
    async with hub_of(store) as hub:
        watcher = await hub.watch("a")
        store.put(b"a")
        assert await take(watcher, 1) == [2]
        store.history += [put(4), put(3)]
        store.revision = 4
        store.streams[0].changed.set()
        await until(lambda: hub.statistics().troubles > 0)
        store.history = [put(3), put(4)]
        assert await take(watcher, 2) == [3, 4]
        assert "came late" in str(hub.statistics().trouble)


async def test_a_catch_up_larger_than_the_window_reaches_who_reads() -> None:
    store = Store()
    async with hub_of(store, window=100, backlog=50) as hub:
        everything = await hub.watch("everything")
        prefix = await hub.watch("prefix", Prefix(b"k"))
        stuck = await hub.watch("stuck")
        taking = [asyncio.create_task(take(one, 5000)) for one in (everything, prefix)]
        await asyncio.sleep(0.01)
        for _ in range(2500):
            store.revision += 1
            store.history += [put(store.revision, b"k/1"), put(store.revision, b"k/2")]
        store.streams[0].changed.set()
        for revisions in await asyncio.gather(*taking):
            assert revisions == [one for one in range(2, 2502) for _ in range(2)]
        with pytest.raises(SlowConsumer):
            await anext(stuck)


async def test_stopping_hands_out_what_was_published_and_says_it_is_no_end() -> None:
    store = Store()
    hub = hub_of(store)
    async with hub:
        watcher = await hub.watch("a")
        store.put(b"a")
        await until(lambda: hub.position == at(2))
    await hub.stop()
    assert await take(watcher, 1) == [2]
    with pytest.raises(Disconnected) as stopped:
        await anext(watcher)
    assert stopped.value.clean
    assert watcher.position == at(2)
    with pytest.raises(Disconnected):
        await hub.watch("b")
    assert not hub.forget("a")


async def test_idle_watchers_get_bookmarks_when_the_hub_sends_them() -> None:
    store = Store()
    async with hub_of(store, bookmarks=0.01) as hub:
        watcher = await hub.watch("a", Prefix(b"a"))
        store.put(b"b")
        async with asyncio.timeout(5):
            assert await anext(watcher) == Batch((), at(2))


class Consumer:
    """Comes back after each ending; ``seen`` is what it processed, or read in a list."""

    def __init__(self, slow: random.Random | None) -> None:
        self.slow = slow
        self.seen: list[int] = []
        self.after = at(1)

    async def consume(self, hub: Hub) -> None:
        while True:
            try:
                await self.read(await hub.watch(id(self), after=self.after))
            except SlowConsumer as slow:
                self.after = min(self.after, slow.resume_from)
                self.seen = [one for one in self.seen if one <= self.after.main]
            except (Expired, Compacted):
                assert hub.position is not None
                self.seen += range(self.after.main + 1, hub.position.main + 1)
                self.after = hub.position

    async def read(self, watcher: Watcher) -> None:
        async for batch in watcher:
            assert batch.position > self.after
            self.seen += [event.mod_revision for event in batch.events]
            self.after = batch.position
            if self.slow is not None:
                await asyncio.sleep(self.slow.random() * 0.01)


@pytest.mark.parametrize("seed", range(10))
async def test_whatever_fails_nothing_is_lost_that_nobody_reported(seed: int) -> None:
    chance = random.Random(seed)
    store = Store()
    consumers = [Consumer(None), Consumer(None), Consumer(chance)]
    async with hub_of(store, window=20, backlog=10, start=at(1)) as hub:
        tasks = [asyncio.create_task(one.consume(hub)) for one in consumers]
        for _ in range(150):
            store.put(b"k")
            roll = chance.random()
            if roll < 0.03:
                store.compacted = store.revision
            if roll < 0.1:
                store.fail(Disconnected("cut", clean=roll < 0.05))
            if chance.random() < 0.3:
                await asyncio.sleep(chance.random() * 0.003)
        expected = list(range(2, 152))
        await until(lambda: all(one.seen == expected for one in consumers))
        assert hub.statistics().reconnects > 0
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


async def test_malformed_input_is_told_and_not_skipped() -> None:
    store = Store()
    told: list[WatchError] = []
    async with hub_of(store, on_trouble=told.append) as hub:
        watcher = await hub.watch("a")
        await until(lambda: bool(store.streams))
        store.put(b"a")
        store.fail(Malformed("half a frame"))
        assert await take(watcher, 1) == [2]
    assert any(isinstance(one, Malformed) for one in told)
