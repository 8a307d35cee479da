"""The hub on the sources that exist: a store in memory and a real etcd."""

import asyncio
import random
from collections.abc import Callable

import pytest

from commaok.lab.etcd import EtcdServer
from commaok.watch.backoff import Backoff
from commaok.watch.errors import Compacted, Expired, Rewound
from commaok.watch.etcd import EtcdClient, EtcdSource, Put
from commaok.watch.events import Position
from commaok.watch.hub import Hub, Watcher
from commaok.watch.matching import Prefix
from commaok.watch.memory import MemorySource, MemoryStore

QUICK = Backoff(base=0.001, cap=0.01)


async def take(watcher: Watcher, count: int) -> list[tuple[int, bytes]]:
    got: list[tuple[int, bytes]] = []
    async with asyncio.timeout(20):
        while len(got) < count:
            events = (await anext(watcher)).events
            got += [(event.mod_revision, event.key) for event in events]
    return got


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(10):
        while not condition():
            await asyncio.sleep(0.002)


async def test_transactions_arrive_whole_through_resets_ends_and_half_frames() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    chance = random.Random(3)
    expected: list[tuple[int, bytes]] = []
    async with Hub(source, window=500, backlog=500, backoff=QUICK, stall=0.1) as hub:
        watcher = await hub.watch("all")
        few = await hub.watch("few", Prefix(b"k/1"))
        for round_ in range(60):
            keys = [b"k/%d" % one for one in sorted(chance.sample(range(20), 3))]
            revision = store.txn([Put(key, b"%d" % round_) for key in keys])
            expected += [(revision, key) for key in keys]
            match round_ % 15:
                case 3:
                    source.server.reset()
                case 7:
                    source.server.finish()
                case 11:
                    source.server.stall()
                    await asyncio.sleep(0.15)
            await asyncio.sleep(0.002)
        assert await take(watcher, len(expected)) == expected
        wanted = [one for one in expected if one[1].startswith(b"k/1")]
        assert await take(few, len(wanted)) == wanted
        assert hub.statistics().reconnects >= 8
        assert hub.statistics().rebuilds == 0


async def test_a_restored_backup_is_told_and_the_hub_goes_on() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    backup = store.backup()
    async with Hub(source, window=500, backlog=500, backoff=QUICK, stall=0.1) as hub:
        watcher = await hub.watch("a")
        for _ in range(5):
            store.put(b"k", b"")
        assert len(await take(watcher, 5)) == 5
        store.restore(backup)
        source.server.reset()
        with pytest.raises((Rewound, Compacted, Expired)) as lost:
            async with asyncio.timeout(10):
                await anext(watcher)
        assert isinstance(lost.value.position, Position)
        await until(lambda: hub.generation == 2)
        again = await hub.watch("a")
        await until(lambda: hub.statistics().connected or hub.statistics().reconnects > 0)
        store.put(b"k", b"after")
        assert len(await take(again, 1)) == 1


async def test_on_a_real_etcd_every_event_arrives_and_a_late_watcher_replays(
    etcd: EtcdServer,
) -> None:
    source = EtcdSource(etcd.endpoint, prefix=b"k/", bound=10_000)
    async with (
        EtcdClient(etcd.endpoint) as client,
        Hub(source, window=1000, backlog=1000) as hub,
    ):
        first = await hub.watch("first")
        start = hub.position
        expected: list[tuple[int, bytes]] = []
        for number in range(30):
            keys = [b"k/%d/%d" % (number, one) for one in range(3)]
            revision = await client.txn([Put(key, b"v") for key in keys])
            expected += [(revision, key) for key in keys]
        assert await take(first, 90) == expected
        late = await hub.watch("late", Prefix(b"k/1"), after=start)
        wanted = [one for one in expected if one[1].startswith(b"k/1")]
        assert await take(late, len(wanted)) == wanted
    await source.close()
