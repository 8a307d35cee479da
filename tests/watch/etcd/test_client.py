import asyncio

import pytest

from commaok.lab.etcd import EtcdServer
from commaok.watch.etcd import Delete, EtcdClient, EtcdUnavailable, Put
from commaok.watch.events import Revision


async def test_every_write_takes_one_revision_and_a_delete_of_nothing_none(
    etcd: EtcdServer,
) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        first = await client.put(b"a", b"1")
        both = await client.txn([Put(b"b", b"2"), Delete(b"a")])
        after, gone = await client.delete(b"nothing")
        assert (both, after, gone) == (first + 1, first + 1, 0)


async def test_a_range_shows_the_state_at_a_past_revision(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        old = await client.put(b"k", b"old")
        await client.put(b"k", b"new")
        found = await client.range(b"k", revision=old)
        assert [(kv.value, kv.mod_revision, kv.version) for kv in found.kvs] == [(b"old", old, 1)]


async def test_a_limited_range_still_counts_every_key(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        await client.txn([Put(b"p/%d" % number, b"") for number in range(5)])
        found = await client.range(b"p/", b"p0", limit=2)
        assert (len(found.kvs), found.count) == (2, 5)


async def test_reading_below_a_compaction_says_so(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        await client.put(b"k", b"1")
        last = await client.put(b"k", b"2")
        await client.compact(last, physical=True)
        with pytest.raises(EtcdUnavailable, match="compacted"):
            await client.range(b"k", revision=Revision(last - 1))


async def test_an_endpoint_that_is_not_there_is_named_with_a_remedy() -> None:
    async with EtcdClient("127.0.0.1:1", timeout=2) as client:
        with pytest.raises(EtcdUnavailable, match=r"127\.0\.0\.1:1 .*Is it running") as failure:
            await client.status()
        assert failure.value.code == "unavailable"


async def test_the_status_names_version_and_leader(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        status = await client.status()
        assert status.version == etcd.binary.version
        assert status.leader == status.member_id


async def test_a_cancelled_call_leaves_the_client_usable(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        call = asyncio.ensure_future(client.put(b"a", b"1"))
        await asyncio.sleep(0)
        call.cancel()
        with pytest.raises(asyncio.CancelledError):
            await call
        assert await client.put(b"b", b"2") > 0
