"""The manager of the story on a real etcd: who refuses whom, and who comes back."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from commaok.audit.history import History, Subject
from commaok.hazards.ok101_value_as_existence.manager import WatchManager
from commaok.hazards.ok101_value_as_existence.variants import (
    BeforeTheFix,
    CommaOk,
    CommaOkAndResume,
)
from commaok.lab.etcd import EtcdServer
from commaok.lab.experiment import Journal, Site, Subscription
from commaok.lab.proxy import Link
from commaok.lab.tasks import alongside
from commaok.watch.etcd import EtcdClient, Put
from commaok.watch.events import Event, WatchId

ONE, TWO = WatchId(1), WatchId(2)
EVERY_VARIANT = pytest.mark.parametrize("variant", [BeforeTheFix, CommaOk, CommaOkAndResume])
FIXED = pytest.mark.parametrize("variant", [CommaOk, CommaOkAndResume])


class Notebook(Journal):
    """A journal that can be read."""

    def __init__(self) -> None:
        super().__init__(Subject("test"), History())
        self.keys: dict[WatchId, list[bytes]] = {ONE: [], TWO: []}

    def delivered(self, watch_id: WatchId, event: Event) -> None:
        self.keys[watch_id].append(event.key)


class Bench:
    """A manager of two watchers, on one link each, with a writer beside it."""

    def __init__(
        self, manager: WatchManager, links: list[Link], client: EtcdClient, notes: Notebook
    ) -> None:
        self.manager = manager
        self.links = links
        self.client = client
        self.keys = notes.keys

    async def put(self, key: bytes) -> None:
        await self.client.put(key, b"")

    async def until(self, true: Callable[[], bool]) -> None:
        async with asyncio.timeout(10):
            while not true():
                await asyncio.sleep(0.01)

    async def quiet(self) -> None:
        """Long enough for a watcher to come back if it can."""
        await asyncio.sleep(1.0)


@asynccontextmanager
async def bench(server: EtcdServer, variant: type[WatchManager]) -> AsyncIterator[Bench]:
    links = [await Link.open(server.address) for _ in range(2)]
    notes = Notebook()
    site = Site(
        tuple(link.endpoint for link in links),
        (Subscription(ONE, b"one/"), Subscription(TWO, b"two/")),
        notes,
    )
    manager = variant(site)
    async with EtcdClient(server.endpoint) as client:
        await manager.start()
        try:
            async with alongside(manager.run()):
                yield Bench(manager, links, client, notes)
        finally:
            await manager.stop()
            for link in links:
                await link.close()


@EVERY_VARIANT
async def test_each_watcher_gets_the_events_under_its_prefix(
    etcd: EtcdServer, variant: type[WatchManager]
) -> None:
    async with bench(etcd, variant) as lab:
        await lab.client.txn([Put(b"one/b", b""), Put(b"two/a", b""), Put(b"one/a", b"")])
        await lab.until(lambda: len(lab.keys[ONE]) == 2 and len(lab.keys[TWO]) == 1)
        assert lab.keys == {ONE: [b"one/b", b"one/a"], TWO: [b"two/a"]}


async def test_before_the_fix_a_failed_consumers_id_is_refused_by_etcd_itself(
    etcd: EtcdServer,
) -> None:
    async with bench(etcd, BeforeTheFix) as lab:
        lab.manager.fail_consumer(ONE)
        await lab.put(b"one/1")
        await lab.until(lambda: lab.manager.counts().get("refused by etcd", 0) > 2)
        await lab.put(b"one/2")
        await lab.quiet()
        assert lab.keys[ONE] == []
        assert lab.manager.running() == [TWO]
        assert lab.manager.watchers[ONE] is None
        assert "refused by registry" not in lab.manager.counts()


async def test_before_the_fix_a_dead_streams_id_is_refused_by_the_registry(
    etcd: EtcdServer,
) -> None:
    async with bench(etcd, BeforeTheFix) as lab:
        lab.links[lab.manager.placed[ONE].link].reset()
        await lab.until(lambda: lab.manager.counts().get("refused by registry", 0) > 2)
        await lab.put(b"one/1")
        await lab.quiet()
        assert lab.keys[ONE] == []
        assert "refused by etcd" not in lab.manager.counts()


async def test_before_the_fix_a_restart_by_hand_brings_the_watcher_back(etcd: EtcdServer) -> None:
    async with bench(etcd, BeforeTheFix) as lab:
        lab.links[lab.manager.placed[ONE].link].reset()
        await lab.until(lambda: ONE not in lab.manager.running())
        await lab.manager.restart()
        await lab.put(b"one/1")
        await lab.until(lambda: lab.keys[ONE] == [b"one/1"])


@FIXED
@pytest.mark.parametrize("fault", ["reset", "stall"])
async def test_with_comma_ok_a_watcher_comes_back_from_a_broken_stream(
    etcd: EtcdServer, variant: type[WatchManager], fault: str
) -> None:
    async with bench(etcd, variant) as lab:
        getattr(lab.links[lab.manager.placed[ONE].link], fault)()
        await lab.until(lambda: lab.manager.counts().get("streams lost", 0) == 1)
        await lab.until(lambda: len(lab.manager.running()) == 2)
        await lab.put(b"one/1")
        await lab.until(lambda: lab.keys[ONE] == [b"one/1"])


@pytest.mark.parametrize(
    ("variant", "expected"),
    [(CommaOk, [b"one/after"]), (CommaOkAndResume, [b"one/gap", b"one/after"])],
)
async def test_what_happens_in_the_gap_is_lost_unless_the_watcher_resumes(
    etcd: EtcdServer, variant: type[WatchManager], expected: list[bytes]
) -> None:
    async with bench(etcd, variant) as lab:
        for link in lab.links:
            link.refuse()
        await lab.until(lambda: not lab.manager.running())
        await lab.put(b"one/gap")
        for link in lab.links:
            link.accept()
        await lab.until(lambda: len(lab.manager.running()) == 2)
        await lab.put(b"one/after")
        await lab.until(lambda: bool(lab.keys[ONE]) and lab.keys[ONE][-1] == b"one/after")
        assert lab.keys[ONE] == expected


async def test_a_consumer_that_fails_inside_a_transaction_gets_the_rest_of_it_once(
    etcd: EtcdServer,
) -> None:
    async with bench(etcd, CommaOkAndResume) as lab:
        client = lab.manager._clients[ONE]
        taken = client.consume

        def fails_at_the_second(event: Event) -> None:
            if event.key == b"one/2" and not client.fails_next:
                lab.manager.fail_consumer(ONE)
                client.consume = taken  # type: ignore[method-assign]
            taken(event)

        client.consume = fails_at_the_second  # type: ignore[method-assign]
        await lab.client.txn([Put(b"one/%d" % number, b"") for number in (1, 2, 3)])
        await lab.until(lambda: len(lab.keys[ONE]) == 3)
        await lab.quiet()
        assert lab.keys[ONE] == [b"one/1", b"one/2", b"one/3"]


@FIXED
async def test_an_id_whose_consumer_failed_moves_to_a_stream_where_it_is_not_spent(
    etcd: EtcdServer, variant: type[WatchManager]
) -> None:
    async with bench(etcd, variant) as lab:
        homes = [lab.manager.placed[ONE]]
        for number in range(4):
            lab.manager.fail_consumer(ONE)
            await lab.put(b"one/%d" % number)
            await lab.until(lambda: lab.manager.counts().get("consumers failed") == len(homes))
            await lab.until(lambda: len(lab.manager.running()) == 2)
            homes.append(lab.manager.placed[ONE])
        assert len(set(homes)) == 5


@EVERY_VARIANT
async def test_stopping_in_the_middle_of_repairs_leaves_nothing_running(
    etcd: EtcdServer, variant: type[WatchManager]
) -> None:
    async with bench(etcd, variant) as lab:
        for link in lab.links:
            link.refuse()
        await asyncio.sleep(0.1)
    assert lab.manager._tasks == lab.manager._closing == set()
