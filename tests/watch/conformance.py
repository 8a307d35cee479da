"""What every etcd-like source does, written once: the subclasses say what it runs on."""

import asyncio
from collections.abc import Sequence
from typing import Protocol

import pytest

from commaok.watch.errors import Compacted
from commaok.watch.etcd import Delete, EtcdSource, Put
from commaok.watch.events import Event, EventKind, KeyValue, Position, Revision
from commaok.watch.source import END, EventStream, through


class Writer(Protocol):
    async def put(self, key: bytes, value: bytes) -> Revision: ...
    async def delete(self, key: bytes, range_end: bytes = b"") -> tuple[Revision, int]: ...
    async def txn(self, operations: Sequence[Put | Delete]) -> Revision: ...
    async def compact(self, revision: Revision) -> None: ...


async def listed(source: EtcdSource) -> tuple[list[KeyValue], Position]:
    pages = [page async for page in source.pages()]
    assert len({page.position for page in pages}) == 1
    return [one for page in pages for one in page.objects], pages[0].position


async def events(stream: EventStream, count: int) -> list[Event]:
    got: list[Event] = []
    async with asyncio.timeout(20):
        while len(got) < count:
            batch = await stream.read()
            got += batch.events
            assert not batch.events or batch.position == through(batch.events[-1].mod_revision)
    return got


class Conformance:
    """``source`` looks at ``k/``, with ``prev_kv``; ``writer`` writes to its store."""

    @pytest.fixture
    def source(self) -> EtcdSource:
        raise NotImplementedError

    @pytest.fixture
    def writer(self) -> Writer:
        raise NotImplementedError

    async def test_an_empty_range_is_one_page_at_the_heads_position(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        head = await writer.put(b"elsewhere", b"")
        assert await listed(source) == ([], through(head))
        assert await source.head() == head

    async def test_a_list_has_the_keys_in_order_with_their_revisions(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        second = await writer.put(b"k/2", b"b")
        first = await writer.put(b"k/1", b"a")
        last = await writer.put(b"k/2", b"c")
        objects, position = await listed(source)
        assert position == through(last)
        assert objects == [
            KeyValue(b"k/1", b"a", first, first, 1, 0),
            KeyValue(b"k/2", b"c", second, last, 2, 0),
        ]

    async def test_all_pages_of_a_list_are_at_one_revision(
        self, source: EtcdSource, writer: Writer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("commaok.watch.etcd.source.FIRST_PAGE", 2)
        for number in range(6):
            await writer.put(b"k/%d" % number, b"")
        last = await writer.put(b"k/6", b"")
        seen = []
        async for page in source.pages():
            assert page.position == through(last)
            seen += [one.key for one in page.objects]
            await writer.delete(b"k/6")
        assert seen == [b"k/%d" % number for number in range(7)]

    async def test_a_list_whose_revision_is_compacted_before_its_last_page_says_so(
        self, source: EtcdSource, writer: Writer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("commaok.watch.etcd.source.FIRST_PAGE", 2)
        for number in range(5):
            await writer.put(b"k/%d" % number, b"")
        pages = source.pages()
        await anext(pages)
        await writer.compact(await writer.put(b"k/0", b"1"))
        with pytest.raises(Compacted):
            await anext(pages)

    async def test_a_watch_behind_a_list_has_every_event_once_in_order(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        await writer.put(b"k/a", b"0")
        _, position = await listed(source)
        main = await writer.txn([Put(b"k/b", b"1"), Put(b"other", b""), Put(b"k/a", b"2")])
        stream = source.watch(position)
        got = await events(stream, 2)
        deleted, _ = await writer.delete(b"k/a")
        got += await events(stream, 1)
        await stream.close()
        assert [(one.kind, one.key, one.mod_revision) for one in got] == [
            (EventKind.PUT, b"k/b", main),
            (EventKind.PUT, b"k/a", main),
            (EventKind.DELETE, b"k/a", deleted),
        ]
        assert [one.prev and one.prev.value for one in got] == [None, b"0", b"2"]

    async def test_a_watch_from_inside_a_revision_goes_on_with_the_rest_of_it(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        main = await writer.txn([Put(b"k/a", b""), Put(b"k/b", b""), Put(b"k/c", b"")])
        await writer.put(b"k/d", b"")
        for sub, rest in ((0, [b"k/b", b"k/c", b"k/d"]), (1, [b"k/c", b"k/d"]), (END, [b"k/d"])):
            stream = source.watch(Position(main, sub))
            assert [one.key for one in await events(stream, len(rest))] == rest
            await stream.close()

    async def test_a_delete_of_a_range_is_one_revision(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        start = await writer.txn([Put(b"k/a", b"1"), Put(b"k/b", b"2")])
        main, gone = await writer.delete(b"k/", b"k0")
        assert (main, gone) == (start + 1, 2)
        stream = source.watch(through(start))
        got = await events(stream, 2)
        await stream.close()
        assert [(one.key, one.mod_revision, one.version) for one in got] == [
            (b"k/a", main, 0),
            (b"k/b", main, 0),
        ]

    async def test_a_recreated_key_is_another_incarnation(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        start = await writer.put(b"k/a", b"1")
        await writer.delete(b"k/a")
        again = await writer.put(b"k/a", b"1")
        stream = source.watch(through(start))
        _, put = await events(stream, 2)
        await stream.close()
        assert (put.create_revision, put.version) == (again, 1)

    async def test_deleting_nothing_takes_no_revision(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        head = await writer.put(b"k/a", b"")
        assert await writer.delete(b"k/none") == (head, 0)

    async def test_a_watch_from_before_the_compaction_says_where_history_begins(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        first = await writer.put(b"k/a", b"1")
        await writer.put(b"k/a", b"2")
        last = await writer.put(b"k/a", b"3")
        await writer.compact(last)
        stream = source.watch(through(first))
        with pytest.raises(Compacted) as refused:
            await events(stream, 1)
        await stream.close()
        assert refused.value.compacted_at == last
        assert refused.value.position == through(first)

    async def test_a_delete_at_the_compaction_is_seen_or_the_watch_is_refused(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        start = await writer.put(b"k/a", b"1")
        gone, _ = await writer.delete(b"k/a")
        await writer.compact(gone)
        stream = source.watch(through(start))
        await writer.put(b"k/b", b"2")
        try:
            first, *_ = await events(stream, 2)
        except Compacted:
            return
        finally:
            await stream.close()
        assert first.kind is EventKind.DELETE

    async def test_a_state_before_the_compaction_is_left_out(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        await writer.put(b"k/a", b"1")
        last = await writer.put(b"k/a", b"2")
        await writer.put(b"k/a", b"3")
        await writer.compact(last)
        stream = source.watch(Position(last, -1))
        second, third = await events(stream, 2)
        await stream.close()
        assert second.prev is None
        assert third.prev is not None
        assert third.prev.value == b"2"

    async def test_a_bookmark_comes_when_asked_for_and_claims_no_more_than_was_delivered(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        start = await writer.put(b"k/a", b"")
        stream = source.watch(through(start))
        await stream.read()
        head = await writer.put(b"elsewhere", b"")
        async with asyncio.timeout(20):
            stream.request_progress()
            bookmark = await stream.read()
        await stream.close()
        assert not bookmark.events
        assert through(start) <= bookmark.position <= through(head)

    async def test_cancelling_a_read_loses_nothing(
        self, source: EtcdSource, writer: Writer
    ) -> None:
        stream = source.watch(through(await source.head()))
        revisions = []
        seen: list[Revision] = []
        for number in range(10):
            revisions.append(await writer.put(b"k/a", b"%d" % number))
            reading = asyncio.ensure_future(stream.read())
            await asyncio.sleep(0.001 * number)
            if reading.cancel():
                await asyncio.wait([reading])
            if not reading.cancelled():
                seen += [one.mod_revision for one in reading.result().events]
        seen += [one.mod_revision for one in await events(stream, len(revisions) - len(seen))]
        await stream.close()
        assert seen == revisions
