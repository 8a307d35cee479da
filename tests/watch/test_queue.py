import asyncio
import heapq
import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from commaok.watch.backoff import Backoff
from commaok.watch.queue import BASE_SECONDS, CAP_SECONDS, QueueShutDown, RateLimitedQueue, Timer


class _Call:
    def __init__(self, callback: Callable[[], object]) -> None:
        self.callback: Callable[[], object] | None = callback

    def cancel(self) -> None:
        self.callback = None


class FakeClock:
    """Stands still until it is told to go on."""

    def __init__(self) -> None:
        self.now = 0.0
        self._calls: list[tuple[float, int, _Call]] = []

    def time(self) -> float:
        return self.now

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer:
        call = _Call(callback)
        heapq.heappush(self._calls, (when, len(self._calls), call))
        return call

    def go_on(self, seconds: float) -> None:
        end = self.now + seconds
        while self._calls and self._calls[0][0] <= end:
            when, _, call = heapq.heappop(self._calls)
            self.now = max(self.now, when)
            if call.callback is not None:
                call.callback()
        self.now = end


def queue_and_clock(jitter: float = 0.0) -> tuple[RateLimitedQueue[str], FakeClock]:
    clock = FakeClock()
    backoff = Backoff(BASE_SECONDS, CAP_SECONDS, jitter=jitter)
    return RateLimitedQueue(backoff, clock=clock, chance=random.Random(1)), clock


async def ready(queue: RateLimitedQueue[str]) -> str | None:
    """The next key, or None if there is none at once."""
    if queue.statistics().ready == 0:
        return None
    return await queue.get()


async def test_keys_come_in_the_order_they_were_added_and_each_once() -> None:
    queue, _ = queue_and_clock()
    for key in ("b", "a", "b", "c", "a"):
        queue.add(key)
    assert [await queue.get() for _ in range(3)] == ["b", "a", "c"]
    assert await ready(queue) is None
    assert queue.statistics().merged == 2


async def test_a_key_added_while_it_is_worked_on_runs_again_afterwards_and_once() -> None:
    queue, _ = queue_and_clock()
    queue.add("a")
    assert await queue.get() == "a"
    queue.add("a")
    queue.add("a")
    assert await ready(queue) is None
    queue.done("a")
    assert await queue.get() == "a"
    queue.done("a")
    assert await ready(queue) is None


async def test_retries_wait_from_5_ms_doubling_to_1000_ms_and_forget_begins_anew() -> None:
    queue, _ = queue_and_clock()
    delays = [queue.add_rate_limited("a") for _ in range(10)]
    assert delays == [0.005, 0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.0, 1.0]
    assert queue.failures("a") == 10
    queue.forget("a")
    queue.forget("a")
    assert queue.add_rate_limited("a") == 0.005


@given(st.integers(1, 10_000), st.integers(0), st.floats(0, 1))
def test_a_back_off_never_leaves_its_bounds(failures: int, seed: int, jitter: float) -> None:
    backoff = Backoff(base=0.01, cap=30.0, jitter=jitter)
    assert 0.01 <= backoff.seconds(failures, random.Random(seed)) <= 30.0


def test_keys_that_failed_together_do_not_return_together() -> None:
    chance = random.Random(3)
    delays = [Backoff(BASE_SECONDS, CAP_SECONDS).seconds(20, chance) for _ in range(100)]
    assert max(delays) - min(delays) > 0.4


@pytest.mark.parametrize("wrong", [(0.0, 1.0, 0.5), (2.0, 1.0, 0.5), (0.1, 1.0, 1.5)])
def test_a_back_off_that_makes_no_sense_is_refused(wrong: tuple[float, float, float]) -> None:
    with pytest.raises(ValueError, match="back-off|jitter"):
        Backoff(*wrong)


async def test_of_two_delays_the_earlier_holds() -> None:
    queue, clock = queue_and_clock()
    queue.add_after("a", 5.0)
    queue.add_after("a", 1.0)
    queue.add_after("a", 3.0)
    clock.go_on(1.0)
    assert await queue.get() == "a"
    queue.done("a")
    clock.go_on(10.0)
    assert await ready(queue) is None


async def test_a_worker_that_was_cancelled_while_waiting_takes_no_key_with_it() -> None:
    queue, _ = queue_and_clock()
    first = asyncio.create_task(queue.get())
    second = asyncio.create_task(queue.get())
    await asyncio.sleep(0)
    queue.add("a")
    first.cancel()  # in the same turn in which it was woken
    assert await second == "a"
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_shutting_down_drains_what_is_ready_and_names_what_is_left() -> None:
    queue, _ = queue_and_clock()
    queue.add("working")
    assert await queue.get() == "working"
    queue.add("ready")
    queue.add("working")
    queue.add_rate_limited("failed")
    ended = asyncio.create_task(queue.shut_down())
    await asyncio.sleep(0)
    assert not queue.add("late")
    queue.done("working")
    worked = []
    async for key in queue:
        worked.append(key)
        if key == "ready":
            assert queue.add_rate_limited(key) is None
        queue.done(key)
    assert worked == ["ready", "working"]
    assert sorted(await ended) == ["failed", "late", "ready"]
    with pytest.raises(QueueShutDown):
        await queue.get()


async def test_shutting_down_without_draining_waits_only_for_what_is_worked_on() -> None:
    queue, _ = queue_and_clock()
    queue.add("working")
    await queue.get()
    queue.add("ready")
    idle_worker = asyncio.create_task(queue.get())
    draining = asyncio.create_task(queue.shut_down())
    await asyncio.sleep(0)
    assert await idle_worker == "ready"
    queue.add("never")
    ended = asyncio.create_task(queue.shut_down(drain=False))
    await asyncio.sleep(0)
    queue.done("working")
    queue.done("ready")
    assert await ended == await draining == ("never",)


async def test_done_without_work_is_a_mistake() -> None:
    queue, _ = queue_and_clock()
    with pytest.raises(ValueError, match="not being processed"):
        queue.done("a")


async def test_by_itself_it_keeps_the_time_of_the_running_loop() -> None:
    queue: RateLimitedQueue[str] = RateLimitedQueue()
    queue.add_after("a", 0.01)
    queue.add_after("b", 0.0)
    async with asyncio.timeout(5):
        assert [await queue.get(), await queue.get()] == ["b", "a"]


KEYS = st.sampled_from("abcd")


class QueueMachine(RuleBasedStateMachine):
    """The queue beside the plainest model of it: what is due, worked on, and when what comes."""

    def __init__(self) -> None:
        super().__init__()
        self.clock = FakeClock()
        self.queue: RateLimitedQueue[str] = RateLimitedQueue(
            Backoff(BASE_SECONDS, CAP_SECONDS, jitter=0.0), clock=self.clock
        )
        self.order: list[str] = []
        self.again: set[str] = set()
        self.working: set[str] = set()
        self.delayed: dict[str, float] = {}
        self.failed: dict[str, int] = {}

    def added(self, key: str) -> None:
        if key in self.working:
            self.again.add(key)
        elif key not in self.order:
            self.order.append(key)

    @rule(key=KEYS)
    def add(self, key: str) -> None:
        assert self.queue.add(key)
        self.added(key)

    @rule(key=KEYS, seconds=st.sampled_from([0.0, 0.5, 1.0, 2.0]))
    def add_after(self, key: str, seconds: float) -> None:
        self.queue.add_after(key, seconds)
        if seconds == 0.0:
            self.added(key)
        else:
            when = self.clock.now + seconds
            self.delayed[key] = min(when, self.delayed.get(key, when))

    @rule(key=KEYS)
    def add_rate_limited(self, key: str) -> None:
        self.failed[key] = self.failed.get(key, 0) + 1
        seconds = min(1.0, 0.005 * 2 ** (self.failed[key] - 1))
        assert self.queue.add_rate_limited(key) == seconds
        when = self.clock.now + seconds
        self.delayed[key] = min(when, self.delayed.get(key, when))

    @rule(key=KEYS)
    def forget(self, key: str) -> None:
        self.queue.forget(key)
        self.failed.pop(key, None)

    @rule(seconds=st.sampled_from([0.005, 0.3, 1.0]))
    def time_passes(self, seconds: float) -> None:
        self.clock.go_on(seconds)
        come = [key for key, when in self.delayed.items() if when <= self.clock.now]
        for key in sorted(come, key=lambda one: self.delayed[one]):
            del self.delayed[key]
            if key not in self.order and key not in self.working:
                # Keys of one moment come in the order of asking; the model takes the queue's word.
                self.order.append(key)
            elif key in self.working:
                self.again.add(key)
        real = list(self.queue._ready)
        assert sorted(real) == sorted(self.order)
        self.order = real

    @precondition(lambda self: self.order)
    @rule()
    def get(self) -> None:
        getting = self.queue.get()
        with pytest.raises(StopIteration) as returned:
            getting.send(None)
        key = self.order.pop(0)
        assert returned.value.value == key
        assert key not in self.working
        self.working.add(key)

    @precondition(lambda self: self.working)
    @rule(data=st.data())
    def done(self, data: st.DataObject) -> None:
        key = data.draw(st.sampled_from(sorted(self.working)))
        self.queue.done(key)
        self.working.remove(key)
        if key in self.again:
            self.again.remove(key)
            self.order.append(key)

    @invariant()
    def both_agree(self) -> None:
        statistics = self.queue.statistics()
        assert statistics.ready == len(self.order)
        assert statistics.processing == len(self.working)
        assert statistics.again == len(self.again)
        assert statistics.delayed == len(self.delayed)
        assert statistics.failing == len(self.failed)


TestQueueMachine = QueueMachine.TestCase
TestQueueMachine.settings = settings(max_examples=100, stateful_step_count=40, deadline=None)
