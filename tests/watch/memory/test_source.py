import asyncio
from collections.abc import Sequence

import pytest

from commaok.watch.errors import Compacted, Disconnected, Malformed, Rewound
from commaok.watch.etcd import Delete, Put, StreamEnded, WatchRequest
from commaok.watch.events import Event, Revision, WatchId
from commaok.watch.memory import MemoryServer, MemorySource, MemoryStore
from commaok.watch.source import through
from tests.watch.conformance import Conformance, Writer, events


class MemoryWriter:
    def __init__(self, store: MemoryStore) -> None:
        self._store = store

    async def put(self, key: bytes, value: bytes) -> Revision:
        return self._store.put(key, value)

    async def delete(self, key: bytes, range_end: bytes = b"") -> tuple[Revision, int]:
        return self._store.delete(key, range_end)

    async def txn(self, operations: Sequence[Put | Delete]) -> Revision:
        return self._store.txn(operations)

    async def compact(self, revision: Revision) -> None:
        self._store.compact(revision)


class TestMemorySource(Conformance):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore()

    @pytest.fixture
    def source(self, store: MemoryStore) -> MemorySource:
        return MemorySource(store, prefix=b"k/", prev_kv=True)

    @pytest.fixture
    def writer(self, store: MemoryStore) -> Writer:
        return MemoryWriter(store)


class TestMemorySourceAsAnOldEtcd(TestMemorySource):
    @pytest.fixture
    def store(self) -> MemoryStore:
        return MemoryStore(keeps_tombstones=False)

    @pytest.fixture
    def source(self, store: MemoryStore) -> MemorySource:
        server = MemoryServer(store, version="3.5.1")
        server.eager_progress = True
        return MemorySource(server, prefix=b"k/", prev_kv=True)


async def test_watches_of_one_stream_are_told_apart_by_their_ids_and_filtered() -> None:
    store = MemoryStore()
    stream = MemoryServer(store).connect("").watch_stream(bound=10)
    stream.create(WatchRequest(key=b"k", no_put=True, watch_id=WatchId(1)))
    stream.create(WatchRequest(key=b"k", no_delete=True, watch_id=WatchId(2)))
    stream.create(WatchRequest(key=b"k", watch_id=WatchId(2)))
    assert [one.watch_id for one in await stream.read()] == [1, 2, -1]
    store.put(b"k", b"")
    store.delete(b"k")
    got = {one.watch_id: [event.kind for event in one.events] for one in await stream.read()}
    assert got == {1: [1], 2: [0]}
    stream.cancel(WatchId(1))
    (answer,) = await stream.read()
    assert (answer.watch_id, answer.canceled) == (1, True)


async def test_a_transaction_split_over_responses_is_one_batch() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    source.server.fragment = 1
    stream = source.watch(through(Revision(1)))
    store.txn([Put(b"a", b""), Put(b"b", b""), Put(b"c", b"")])
    assert len((await stream.read()).events) == 0
    assert len((await stream.read()).events) == 3


async def test_a_transaction_cut_between_its_responses_comes_whole_after_the_resume() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    source.server.fragment, source.server.delay = 1, 0.02
    stream = source.watch(through(Revision(1)))
    await stream.read()
    store.txn([Put(b"a", b""), Put(b"b", b"")])
    reading = asyncio.ensure_future(stream.read())
    await asyncio.sleep(0.03)
    source.server.reset()
    with pytest.raises(Disconnected):
        await reading
    assert len(await events(source.watch(through(Revision(1))), 2)) == 2


@pytest.mark.parametrize(
    ("fault", "error"),
    [("reset", Disconnected), ("finish", Disconnected), ("garble", Malformed)],
)
async def test_a_fault_ends_the_stream_with_its_error(fault: str, error: type[Exception]) -> None:
    source = MemorySource(MemoryStore())
    stream = source.watch(through(Revision(1)))
    await stream.read()
    getattr(source.server, fault)()
    with pytest.raises(error):
        await stream.read()


async def test_a_stream_cut_after_some_events_delivers_those() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    stream = source.watch(through(Revision(1)))
    await stream.read()
    source.server.cut_after(2, StreamEnded("cut", clean=True))
    revisions = [store.put(b"k", b"") for _ in range(3)]
    got: list[Event] = []
    with pytest.raises(Disconnected):
        while True:
            got += (await stream.read()).events
    assert [one.mod_revision for one in got] == revisions[:2]


async def test_a_store_restored_from_a_backup_is_a_rewind() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    backup = store.backup()
    seen = through(store.put(b"k", b""))
    store.restore(backup)
    with pytest.raises(Rewound) as rewound:
        await source.watch(seen).read()
    assert (rewound.value.position, rewound.value.now) == (seen, 1)


async def test_another_store_at_the_same_revision_is_a_rewind() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    position = through(store.put(b"k", b""))
    _ = [page async for page in source.pages()]
    store.restore(store.backup(), cluster_id=2)
    with pytest.raises(Rewound):
        await source.watch(position).read()


async def test_a_watch_that_falls_behind_a_compaction_while_open_is_refused() -> None:
    store = MemoryStore()
    stream = MemorySource(store).watch(through(Revision(1)))
    await stream.read()
    store.put(b"k", b"1")
    store.compact(store.put(b"k", b"2"))
    with pytest.raises(Compacted):
        await stream.read()


async def test_events_that_nobody_wants_do_not_hold_up_those_behind_them() -> None:
    store = MemoryStore()
    stream = MemorySource(store, prefix=b"k/", bound=1).watch(through(Revision(1)))
    for _ in range(5):
        store.put(b"elsewhere", b"")
    store.put(b"k/a", b"")
    assert [one.key for one in await events(stream, 1)] == [b"k/a"]


async def test_a_stream_that_was_cut_sends_no_bookmark_over_what_it_kept_back() -> None:
    store = MemoryStore()
    source = MemorySource(store)
    stream = source.watch(through(Revision(1)))
    await stream.read()
    source.server.cut_after(1, StreamEnded("cut", clean=True))
    first = store.put(b"k", b"")
    store.put(b"k", b"")
    stream.request_progress()
    positions = []
    with pytest.raises(Disconnected):
        while True:
            positions.append((await stream.read()).position)
    assert positions == [through(first)]
