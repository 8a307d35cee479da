import asyncio
import os
import signal

import duckdb
import pytest

from commaok.audit.history import History
from commaok.audit.truth import TruthIncomplete, TruthRecorder
from commaok.lab.etcd import EtcdServer
from commaok.lab.tasks import alongside
from commaok.watch.etcd import Delete, EtcdClient, Put
from commaok.watch.events import Revision


async def test_every_event_is_recorded_with_its_position(etcd: EtcdServer) -> None:
    history = History()
    async with EtcdClient(etcd.endpoint) as client:
        start = Revision((await client.status()).revision + 1)
        recorder = TruthRecorder(client, history, start=start)
        async with alongside(recorder.run()):
            await client.put(b"a", b"1")
            head = await client.txn([Put(b"c", b""), Delete(b"a"), Put(b"b", b"")])
            async with asyncio.timeout(10):
                await recorder.reached(head)
    with duckdb.connect() as database:
        history.load(database)
        rows = database.sql("SELECT main, sub, key, kind FROM event").fetchall()
    assert rows == [
        (start, 0, b"a", 0),
        (start + 1, 0, b"c", 0),
        (start + 1, 1, b"a", 1),
        (start + 1, 2, b"b", 0),
    ]


async def test_a_start_that_is_compacted_convicts_the_recorder(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        await client.put(b"a", b"1")
        head = await client.put(b"a", b"2")
        await client.compact(head)
        with pytest.raises(TruthIncomplete, match="cancelled its watch"):
            await TruthRecorder(client, History(), start=Revision(1)).run()


async def test_a_missing_revision_convicts_the_recorder(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        recorder = TruthRecorder(client, History(), start=Revision(2))
        assert recorder._sub_of(Revision(2)) == 0
        with pytest.raises(TruthIncomplete, match="revision 2 was followed by 4"):
            recorder._sub_of(Revision(4))


async def test_the_end_of_the_server_convicts_the_recorder(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        running = asyncio.ensure_future(TruthRecorder(client, History(), start=Revision(1)).run())
        await asyncio.sleep(0.2)
        os.kill(etcd.pid, signal.SIGKILL)
        with pytest.raises(TruthIncomplete, match="its stream ended"):
            async with asyncio.timeout(20):
                await running
