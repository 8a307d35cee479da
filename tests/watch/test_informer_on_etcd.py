"""The informer on a real etcd, through the faults that a stock binary allows."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

from commaok.lab.etcd import EtcdBinary, EtcdServer, running_etcd
from commaok.lab.proxy import Link
from commaok.watch.changes import Change, Resynced
from commaok.watch.consumer import Consumer
from commaok.watch.errors import Compacted, WatchError
from commaok.watch.etcd import EtcdClient, EtcdSource
from commaok.watch.informer import Informer

PREFIX = b"k/"


class Followed:
    def __init__(self, informer: Informer, consumer: Consumer, link: Link) -> None:
        self.informer = informer
        self.link = link
        self.resyncs: list[Resynced] = []
        self.changes: list[Change] = []
        self.troubles: list[WatchError] = []
        self._consumer = consumer

    async def until(self, value: bytes, key: bytes = b"k/end") -> float:
        """Read on until ``key`` is ``value``; the seconds that took."""
        began = time.monotonic()
        async with asyncio.timeout(30):
            while True:
                notice = await anext(self._consumer)
                if isinstance(notice, Resynced):
                    self.resyncs.append(notice)
                elif isinstance(notice, Change):
                    self.changes.append(notice)
                    if notice.new is not None and (notice.key, notice.new.value) == (key, value):
                        return time.monotonic() - began


@asynccontextmanager
async def followed(server: EtcdServer) -> AsyncIterator[Followed]:
    link = await Link.open(server.address)
    source = EtcdSource(link.endpoint, prefix=PREFIX, bound=100, timeout=2.0)
    troubles: list[WatchError] = []
    async with (
        Informer(source, bound=100, observer=troubles.append) as informer,
        informer.consumer() as consumer,
    ):
        await informer.synced()
        subject = Followed(informer, consumer, link)
        subject.troubles = troubles
        yield subject
    await link.close()


async def agrees(subject: Followed, client: EtcdClient) -> bool:
    found = await client.range(PREFIX, b"k0")
    return dict(subject.informer.objects) == {one.key: one for one in found.kvs}


async def test_every_change_comes_once_in_order_through_resets(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        revisions = []
        for number in range(60):
            revisions.append(await client.put(b"k/%d" % (number % 7), b"%d" % number))
            if number % 15 == 7:
                subject.link.reset()
        revisions.append(await client.put(b"k/end", b"1"))
        await subject.until(b"1")
        assert [change.revision for change in subject.changes] == revisions
        assert len(subject.resyncs) == 1
        assert await agrees(subject, client)


async def test_a_half_open_connection_costs_nothing_and_less_than_five_seconds(
    etcd: EtcdServer,
) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        await client.put(b"k/end", b"0")
        await subject.until(b"0")
        subject.link.stall()
        began = time.monotonic()
        await client.put(b"k/a", b"")
        await client.delete(b"k/a")
        await client.put(b"k/end", b"1")
        await subject.until(b"1")
        assert time.monotonic() - began < 5
        assert len(subject.changes) == 4
        assert len(subject.resyncs) == 1


async def test_a_compaction_in_the_gap_is_named_and_its_deletes_made_up(
    etcd: EtcdServer,
) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        await client.put(b"k/gone", b"")
        await client.put(b"k/again", b"")
        await client.put(b"k/end", b"0")
        await subject.until(b"0")
        subject.link.refuse()
        await client.delete(b"k/gone")
        await client.delete(b"k/again")
        await client.put(b"k/again", b"")
        await client.compact(await client.put(b"k/end", b"1"))
        subject.link.accept()
        await subject.until(b"1")
        resynced = subject.resyncs[-1]
        assert isinstance(resynced.reason, Compacted)
        made_up = [(type(one).__name__, one.key) for one in subject.changes[3:]]
        assert sorted(made_up[:2]) == [("Deleted", b"k/again"), ("Deleted", b"k/gone")]
        assert made_up[2:] == [("Added", b"k/again"), ("Modified", b"k/end")]
        assert await agrees(subject, client)


async def test_a_compaction_exactly_at_a_delete_loses_nothing_silently(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        await client.put(b"k/gone", b"")
        await client.put(b"k/end", b"0")
        await subject.until(b"0")
        subject.link.refuse()
        revision, _ = await client.delete(b"k/gone")
        await client.compact(revision, physical=True)
        subject.link.accept()
        await client.put(b"k/end", b"1")
        await subject.until(b"1")
        assert await agrees(subject, client)


async def test_a_stopped_server_costs_nothing_once_it_goes_on(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        await client.put(b"k/end", b"0")
        await subject.until(b"0")
        os.kill(etcd.pid, signal.SIGSTOP)
        await asyncio.sleep(4)
        os.kill(etcd.pid, signal.SIGCONT)
        revision = await client.put(b"k/end", b"1")
        await subject.until(b"1")
        assert subject.changes[-1].revision == revision
        assert "Stalled" in {type(one).__name__ for one in subject.troubles}


async def test_a_killed_server_that_comes_back_is_followed_on(
    etcd_binary: EtcdBinary, tmp_path: Path
) -> None:
    async with running_etcd(etcd_binary, tmp_path) as first, followed(first) as subject:
        async with EtcdClient(first.endpoint) as client:
            await client.put(b"k/end", b"0")
            await subject.until(b"0")
            written = [await client.put(b"k/a", b"%d" % number) for number in range(20)]
        os.kill(first.pid, signal.SIGKILL)
        async with running_etcd(etcd_binary, tmp_path) as second:
            subject.link._upstream = second.address
            subject.link.reset()
            async with EtcdClient(second.endpoint) as client:
                written.append(await client.put(b"k/end", b"1"))
                await subject.until(b"1")
                assert [one.revision for one in subject.changes[1:]] == written
                assert await agrees(subject, client)


async def test_a_slow_consumer_gets_everything(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, followed(etcd) as subject:
        written = [await client.put(b"k/a", b"%d" % number) for number in range(300)]
        await asyncio.sleep(0.5)
        assert subject.informer.statistics().buffered <= 200
        written.append(await client.put(b"k/end", b"1"))
        await subject.until(b"1")
        assert [one.revision for one in subject.changes] == written


async def test_members_that_do_not_answer_are_left_for_the_next(etcd: EtcdServer) -> None:
    source = EtcdSource("127.0.0.1:1", etcd.endpoint, prefix=PREFIX, bound=10, timeout=1.0)
    async with asyncio.timeout(20), Informer(source, bound=10) as informer:
        await informer.synced()
        async with EtcdClient(etcd.endpoint) as client:
            await client.put(b"k/a", b"")
        while not informer.objects:
            await asyncio.sleep(0.01)
