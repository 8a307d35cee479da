import asyncio
import contextlib
import os
import signal
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from commaok.lab.etcd import EtcdServer
from commaok.watch.etcd import (
    EtcdClient,
    Put,
    StreamEnded,
    WatchRequest,
    WatchResponse,
    WatchStream,
)
from commaok.watch.etcd.stream import NO_WATCH
from commaok.watch.events import EventKind, Revision, WatchId


@asynccontextmanager
async def opened(server: EtcdServer, bound: int = 1000) -> AsyncIterator[WatchStream]:
    stream = WatchStream(server.endpoint, bound=bound)
    try:
        yield stream
    finally:
        await stream.close()


async def read_until(
    stream: WatchStream, enough: Callable[[list[WatchResponse]], bool]
) -> list[WatchResponse]:
    responses: list[WatchResponse] = []
    async with asyncio.timeout(20):
        while not enough(responses):
            responses += await stream.read()
    return responses


def events_of(responses: list[WatchResponse]) -> int:
    return sum(len(response.events) for response in responses)


def created(count: int = 1) -> Callable[[list[WatchResponse]], bool]:
    return lambda responses: sum(response.created for response in responses) >= count


async def test_a_transaction_arrives_whole_in_one_response_in_order(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest.prefix(b"k/"))
        await read_until(stream, created())
        main = await client.txn([Put(b"k/b", b"1"), Put(b"other", b""), Put(b"k/a", b"2")])
        responses = await read_until(stream, lambda got: events_of(got) == 2)
        assert len(responses) == 1
        assert responses[0].revision == main
        assert [event.key for event in responses[0].events] == [b"k/b", b"k/a"]


async def test_a_put_and_a_delete_carry_what_etcd_sends(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest(key=b"k", prev_kv=True))
        await read_until(stream, created())
        put = await client.put(b"k", b"v")
        delete, _ = await client.delete(b"k")
        responses = await read_until(stream, lambda got: events_of(got) == 2)
        first, second = [event for response in responses for event in response.events]
        assert (first.kind, first.value, first.create_revision, first.version, first.prev) == (
            EventKind.PUT,
            b"v",
            put,
            1,
            None,
        )
        assert (second.kind, second.mod_revision, second.value) == (EventKind.DELETE, delete, b"")
        assert second.prev is not None
        assert (second.prev.value, second.prev.mod_revision) == (b"v", put)


async def test_filters_keep_puts_or_deletes_away(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest(key=b"k", no_put=True, watch_id=WatchId(1)))
        stream.create(WatchRequest(key=b"k", no_delete=True, watch_id=WatchId(2)))
        await read_until(stream, created(2))
        await client.put(b"k", b"v")
        await client.delete(b"k")
        responses = await read_until(stream, lambda got: events_of(got) == 2)
        kinds = {response.watch_id: response.events[0].kind for response in responses}
        assert kinds == {1: EventKind.DELETE, 2: EventKind.PUT}


async def test_a_second_create_of_an_id_is_refused_in_the_order_of_the_creates(
    etcd: EtcdServer,
) -> None:
    async with opened(etcd) as stream:
        for watch_id in (7, 7, 8):
            stream.create(WatchRequest.prefix(b"k/", watch_id=WatchId(watch_id)))
        first, second, third = await read_until(stream, created(3))
        assert (first.watch_id, third.watch_id) == (7, 8)
        assert second.canceled
        assert second.watch_id == NO_WATCH
        assert "duplicate watch ID" in second.cancel_reason


async def test_a_bookmark_comes_when_asked_for(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest(key=b"quiet"))
        await read_until(stream, created())
        head = await client.put(b"elsewhere", b"")
        stream.request_progress()
        (bookmark,) = await read_until(stream, bool)
        assert bookmark.is_progress
        assert bookmark.revision == head


async def test_a_start_below_the_compaction_is_cancelled_with_its_revision(
    etcd: EtcdServer,
) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        first = await client.put(b"k", b"1")
        last = await client.put(b"k", b"2")
        await client.compact(last)
        stream.create(WatchRequest(key=b"k", start_revision=first))
        responses = await read_until(stream, lambda got: any(one.canceled for one in got))
        assert responses[-1].compact_revision == last


async def test_a_response_larger_than_grpcs_default_limit_arrives(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd, bound=10) as stream:
        for number in range(6):
            await client.put(b"k/%d" % number, b"x" * 1_000_000)
        stream.create(WatchRequest.prefix(b"k/", start=Revision(1)))
        responses = await read_until(stream, lambda got: events_of(got) == 6)
        assert sum(len(event.value) for one in responses for event in one.events) == 6_000_000


async def test_a_slow_reader_gets_everything_in_order(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd, bound=2) as stream:
        stream.create(WatchRequest.prefix(b"k/"))
        await read_until(stream, created())
        revisions = [await client.put(b"k/%d" % number, b"") for number in range(60)]
        got: list[Revision] = []
        while len(got) < len(revisions):
            await asyncio.sleep(0.002)
            batch = await stream.read()
            assert events_of(batch) <= 2
            got += [event.mod_revision for response in batch for event in response.events]
        assert got == revisions


async def test_cancelling_a_read_loses_nothing(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest.prefix(b"k/"))
        await read_until(stream, created())

        async def put_all() -> list[Revision]:
            return [await client.put(b"k/%d" % number, b"") for number in range(200)]

        writing = asyncio.ensure_future(put_all())
        got: list[Revision] = []
        while len(got) < 200:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.0005):
                    batch = await stream.read()
                    got += [event.mod_revision for one in batch for event in one.events]
        assert got == await writing


async def test_the_end_of_the_server_ends_the_stream_after_what_had_arrived(
    etcd: EtcdServer,
) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd) as stream:
        stream.create(WatchRequest(key=b"k"))
        await read_until(stream, created())
        await client.put(b"k", b"v")
        await asyncio.sleep(0.2)
        os.kill(etcd.pid, signal.SIGKILL)
        assert events_of(await read_until(stream, lambda got: events_of(got) == 1)) == 1
        with pytest.raises(StreamEnded, match="unavailable") as ended:
            async with asyncio.timeout(20):
                await stream.read()
        assert not ended.value.clean


async def test_a_server_that_is_not_there_ends_the_stream() -> None:
    stream = WatchStream("127.0.0.1:1", bound=1)
    stream.create(WatchRequest(key=b"k"))
    with pytest.raises(StreamEnded):
        async with asyncio.timeout(20):
            await stream.read()
    await stream.close()


async def test_closing_frees_a_reader_thread_that_waits_for_room(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client, opened(etcd, bound=1) as stream:
        stream.create(WatchRequest.prefix(b"k/"))
        await read_until(stream, created())
        await client.put(b"k/1", b"")
        await client.put(b"k/2", b"")
        await asyncio.sleep(0.2)
    assert not stream._thread.is_alive()


async def test_etcd_hands_a_cancelled_watchs_events_to_the_next_of_its_id(
    etcd: EtcdServer,
) -> None:
    """Why an id is not used twice on a stream: its successor gets what it never asked for.

    Events that wait at the server for a slow reader keep only their watch's id.
    """
    async with EtcdClient(etcd.endpoint) as client, opened(etcd, bound=1) as stream:
        stream.create(WatchRequest.prefix(b"old/", watch_id=WatchId(1)))
        await read_until(stream, created())
        for number in range(40):
            await client.put(b"old/%d" % number, b"x" * 1_000_000)
        stream.cancel(WatchId(1))
        stream.create(WatchRequest.prefix(b"new/", watch_id=WatchId(1)))
        await asyncio.sleep(0.2)
        await client.put(b"new/1", b"")
        responses = await read_until(
            stream, lambda got: any(event.key == b"new/1" for one in got for event in one.events)
        )
        second_life = responses[[one.created for one in responses].index(True) :]
        keys = [event.key for response in second_life for event in response.events]
        assert keys[-1] == b"new/1"
        assert any(key.startswith(b"old/") for key in keys[:-1])
