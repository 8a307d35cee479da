import asyncio
import random
from collections.abc import AsyncIterator, Callable

import msgspec
import pytest

from commaok.watch.backoff import Backoff
from commaok.watch.changes import Added, Bookmark, Deleted, Modified
from commaok.watch.controller import Controller, RequeueAfter, controller_keys
from commaok.watch.errors import Compacted
from commaok.watch.events import KeyValue, Revision
from commaok.watch.owners import Kind, OrphanReason, Owned, OwnerIndex, OwnerReference, Uid
from commaok.watch.queue import RateLimitedQueue
from commaok.watch.source import through

QUICK = Backoff(base=0.001, cap=0.004)


def quick_queue() -> RateLimitedQueue[bytes]:
    return RateLimitedQueue(QUICK)


class Notice(msgspec.Struct):
    key: bytes


class Feed:
    """An informer as a controller sees it; ``taken`` counts what it was told is processed."""

    def __init__(self, *keys: bytes) -> None:
        self.notices: asyncio.Queue[object] = asyncio.Queue()
        self.taken = 0
        for key in keys:
            self.add(key)

    def add(self, key: bytes) -> None:
        self.notices.put_nowait(Notice(key))

    async def __aiter__(self) -> AsyncIterator[object]:
        while True:
            notice = await self.notices.get()
            if isinstance(notice, Exception):
                raise notice
            yield notice
            self.taken += 1


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(5):
        while not condition():
            await asyncio.sleep(0.001)


async def test_every_key_that_changed_is_reconciled() -> None:
    done: list[bytes] = []

    async def reconcile(key: bytes) -> None:
        done.append(key)

    feed = Feed(b"a", b"b", b"a")
    feed.notices.put_nowait(Bookmark(through(Revision(1))))
    controller = Controller(reconcile, concurrency=2)
    controller.follow(feed)
    running = asyncio.create_task(controller.run())
    await until(lambda: feed.taken == 4 and set(done) == {b"a", b"b"})
    controller.stop()
    assert (await running).left == ()


async def test_a_key_is_never_worked_on_twice_at_once_and_the_last_change_is_seen() -> None:
    working: set[bytes] = set()
    most = 0
    seen: dict[bytes, int] = {}
    state: dict[bytes, int] = {}
    chance = random.Random(5)

    async def reconcile(key: bytes) -> None:
        nonlocal most
        assert key not in working
        working.add(key)
        most = max(most, len(working))
        value = state[key]
        await asyncio.sleep(chance.random() * 0.004)
        working.remove(key)
        if chance.random() < 0.3:
            raise OSError("try again")
        seen[key] = value

    feed = Feed()
    controller = Controller(reconcile, concurrency=3, queue=quick_queue())
    controller.follow(feed)
    running = asyncio.create_task(controller.run())
    for number in range(300):
        key = b"%d" % chance.randrange(8)
        state[key] = number
        feed.add(key)
        if number % 10 == 0:
            await asyncio.sleep(0.001)
    await until(lambda: seen == state)
    controller.stop()
    await running
    assert most == 3
    assert controller.statistics().failed > 0
    assert controller.statistics().queue.failing == 0


async def test_failures_are_told_backed_off_and_forgotten_on_success() -> None:
    told: list[tuple[bytes, str, int]] = []
    attempts = 0

    async def reconcile(key: bytes) -> None:
        nonlocal attempts
        attempts += 1
        if attempts < 4:
            raise LookupError(str(attempts))

    controller = Controller(
        reconcile,
        concurrency=1,
        queue=quick_queue(),
        on_error=lambda key, error, failures: told.append((key, str(error), failures)),
    )
    controller.follow(Feed(b"a"))
    running = asyncio.create_task(controller.run())
    await until(lambda: controller.statistics().succeeded == 1)
    assert told == [(b"a", "1", 1), (b"a", "2", 2), (b"a", "3", 3)]
    assert controller.queue.failures(b"a") == 0
    controller.stop()
    await running


async def test_a_key_comes_again_when_it_asked_to() -> None:
    times = 0

    async def reconcile(key: bytes) -> RequeueAfter | None:
        nonlocal times
        times += 1
        return RequeueAfter(0.001) if times < 3 else None

    controller = Controller(reconcile, concurrency=1)
    controller.follow(Feed(b"a"))
    running = asyncio.create_task(controller.run())
    await until(lambda: times == 3)
    controller.stop()
    assert (await running).left == ()


@pytest.mark.parametrize("by", ["stop", "cancel", "error"])
async def test_however_it_ends_nothing_is_left_half_done(by: str) -> None:
    begun: list[bytes] = []
    ended: list[bytes] = []

    async def reconcile(key: bytes) -> None:
        begun.append(key)
        await asyncio.sleep(0.02)
        ended.append(key)

    feed = Feed(b"a", b"b", b"c", b"d")
    controller = Controller(reconcile, concurrency=2)
    controller.follow(feed)
    running = asyncio.create_task(controller.run())
    await until(lambda: len(begun) == 2 and feed.taken == 4)
    match by:
        case "stop":
            controller.stop()
            assert (await running).left == ()
        case "cancel":
            running.cancel()
            with pytest.raises(asyncio.CancelledError):
                await running
        case _:
            feed.notices.put_nowait(Compacted(None, Revision(7)))
            with pytest.raises(Compacted):
                await running
    assert sorted(ended) == sorted(begun) == [b"a", b"b", b"c", b"d"]


async def test_stopping_without_draining_finishes_what_runs_and_names_the_rest() -> None:
    ended: list[bytes] = []

    async def reconcile(key: bytes) -> None:
        await asyncio.sleep(0.01)
        ended.append(key)
        raise OSError("again")

    feed = Feed(b"a", b"b", b"c")
    controller = Controller(reconcile, concurrency=1)
    controller.follow(feed)
    running = asyncio.create_task(controller.run())
    await until(lambda: feed.taken == 3)
    controller.stop(drain=False)
    assert (await running).left == (b"b", b"c", b"a")
    assert ended == [b"a"]


async def test_a_second_cancellation_cuts_short() -> None:
    began = asyncio.Event()

    async def reconcile(key: bytes) -> None:
        began.set()
        await asyncio.sleep(60)

    controller = Controller(reconcile, concurrency=1)
    controller.follow(Feed(b"a"))
    running = asyncio.create_task(controller.run())
    await began.wait()
    running.cancel()
    await asyncio.sleep(0.005)
    assert not running.done()
    running.cancel()
    with pytest.raises(asyncio.CancelledError):
        await running
    assert await controller.queue.shut_down(drain=False) == (b"a",)


async def test_something_cancelled_inside_is_a_failure_like_any_other() -> None:
    attempts = 0

    async def reconcile(key: bytes) -> None:
        nonlocal attempts
        attempts += 1
        if attempts == 1:
            raise asyncio.CancelledError

    controller = Controller(reconcile, concurrency=1, queue=quick_queue())
    controller.follow(Feed(b"a"))
    running = asyncio.create_task(controller.run())
    await until(lambda: controller.statistics().succeeded == 1)
    controller.stop()
    await running


async def test_what_tells_of_failures_must_not_fail() -> None:
    async def reconcile(key: bytes) -> None:
        raise OSError

    def on_error(key: bytes, error: BaseException, failures: int) -> None:
        raise ZeroDivisionError

    controller = Controller(reconcile, concurrency=2, on_error=on_error)
    controller.follow(Feed(b"a"))
    with pytest.raises(ZeroDivisionError):
        await controller.run()


POD = Kind("", "Pod")


def pod(uid: str, owner: str | None, controller: bool | None = True) -> KeyValue:
    """A pod's state; who owns it stands in its value as JSON."""
    references = (
        ()
        if owner is None
        else (OwnerReference("apps/v1", "ReplicaSet", owner, Uid(owner), controller),)
    )
    value = msgspec.json.encode(Owned(Uid(uid), POD, references))
    return KeyValue(b"/pods/p", value, Revision(1), Revision(1), 1, 0)


def parse(state: KeyValue) -> Owned:
    return msgspec.json.decode(state.value, type=Owned)


def test_a_change_of_an_object_names_all_that_control_it_or_did() -> None:
    index = OwnerIndex()
    keys = controller_keys(index, parse)
    one = Revision(1)
    owned, adopted, orphan = pod("p", "r1"), pod("p", "r2"), pod("p", "r2", None)
    assert keys(Bookmark(through(one))) == ()
    assert keys(Added(one, 0, None, owned)) == ("r1",)
    assert keys(Modified(one, 0, owned, adopted)) == ("r1", "r2")
    assert keys(Modified(one, 0, adopted, orphan)) == ("r2",)
    assert index.reason(Uid("p")) is OrphanReason.CONTROLLER_ABSENT
    assert keys(Modified(one, 0, orphan, adopted)) == ("r2",)
    assert keys(Deleted(one, 0, adopted, None)) == ("r2",)
    assert Uid("p") not in index
