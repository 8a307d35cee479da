"""A work queue of keys with per-key back-off, after client-go's ``util/workqueue``.

A key stands in the queue at most once and is worked on by at most one worker at a time. A key that
is added while it is worked on runs once more afterwards: what the worker read may be older than
what the adding was about. Time and chance are injected, so that every path runs in simulation.

How many keys may wait has no bound of its own: since a key is held once, however often it is
added, that number is at most the number of distinct keys.
"""

import asyncio
import enum
import heapq
import random
from collections import deque
from collections.abc import Callable, Hashable
from typing import Final, Generic, Protocol, Self, TypeVar

import msgspec

from commaok.watch.backoff import Backoff

KeyT = TypeVar("KeyT", bound=Hashable)

BASE_SECONDS: Final = 0.005
"""The first back-off; client-go's as well."""

CAP_SECONDS: Final = 1.0
"""The longest back-off. client-go's is 1000 s, after which a mended cause goes unnoticed for a
quarter of an hour; what a retry a second costs can be afforded."""


class QueueShutDown(Exception):
    """The queue is shut down and has nothing left to hand out."""


class Timer(Protocol):
    """A call that was asked for and can be taken back."""

    def cancel(self) -> None:
        """Take it back; a call that was made already stays made."""


class Clock(Protocol):
    """Time, and calls in the future: every asyncio event loop is one, and so is a fake."""

    def time(self) -> float:
        """Seconds since any fixed moment."""

    def call_at(self, when: float, callback: Callable[[], object], /) -> Timer:
        """Call back when the clock shows ``when``."""


class QueueStatistics(msgspec.Struct, frozen=True):
    """The queue at one moment, and what happened since it was made.

    ``ready`` wait for a worker, ``delayed`` for their time, ``processing`` are worked on,
    ``again`` of these run once more afterwards. ``refused`` were added after shutdown.
    """

    ready: int
    delayed: int
    processing: int
    again: int
    failing: int
    added: int
    merged: int
    retried: int
    refused: int
    done: int


class _Phase(enum.Enum):
    OPEN = enum.auto()
    DRAINING = enum.auto()
    CLOSED = enum.auto()


class RateLimitedQueue(Generic[KeyT]):
    """Keys to work on, each once, each by one worker at a time, with back-off for those that fail.

    ``clock`` is the running event loop unless another is given. A worker does::

        key = await queue.get()
        try:
            await reconcile(key)
        except Exception:
            queue.add_rate_limited(key)
        else:
            queue.forget(key)
        finally:
            queue.done(key)

    Not thread-safe: all of it belongs to one event loop.
    """

    def __init__(
        self,
        backoff: Backoff | None = None,
        *,
        clock: Clock | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._backoff = backoff or Backoff(BASE_SECONDS, CAP_SECONDS)
        self._given_clock = clock
        self._chance = chance or random.Random()
        self._ready: deque[KeyT] = deque()
        # Everything that is to run: what is in _ready, and what runs again after its worker. A dict
        # for its order: what comes out must not depend on the hash seed.
        self._due: dict[KeyT, None] = {}
        self._processing: set[KeyT] = set()
        self._failures: dict[KeyT, int] = {}
        self._when: dict[KeyT, float] = {}
        self._refused_keys: dict[KeyT, None] = {}
        self._heap: list[tuple[float, int, KeyT]] = []
        self._serial = 0
        self._timer: Timer | None = None
        self._timer_at = 0.0
        self._getters: deque[asyncio.Future[None]] = deque()
        self._idle: list[asyncio.Future[None]] = []
        self._phase = _Phase.OPEN
        self._added = self._merged = self._retried = self._refused = self._done = 0

    @property
    def _clock(self) -> Clock:
        return self._given_clock or asyncio.get_running_loop()

    # Adding.

    def add(self, key: KeyT) -> bool:
        """Have ``key`` worked on; False if the queue is shut down and will not.

        A key that waits already is not added twice; one that is worked on runs again afterwards.
        """
        if self._phase is not _Phase.OPEN:
            self._refuse(key)
            return False
        self._add(key)
        return True

    def _refuse(self, key: KeyT) -> None:
        self._refused += 1
        self._refused_keys[key] = None

    def _add(self, key: KeyT) -> None:
        self._added += 1
        if key in self._due:
            self._merged += 1
            return
        self._due[key] = None
        if key not in self._processing:
            self._make_ready(key)

    def add_after(self, key: KeyT, seconds: float) -> bool:
        """Add ``key`` once ``seconds`` have passed; of several such wishes the earliest holds.

        False if the queue is shut down.
        """
        if seconds <= 0:
            return self.add(key)
        if self._phase is not _Phase.OPEN:
            self._refuse(key)
            return False
        when = self._clock.time() + seconds
        if key not in self._when or when < self._when[key]:
            self._when[key] = when
            self._serial += 1  # ties run in the order of adding, and keys need no order
            heapq.heappush(self._heap, (when, self._serial, key))
            self._set_timer()
        return True

    def add_rate_limited(self, key: KeyT) -> float | None:
        """Count a failure of ``key`` and add it after its back-off.

        Returns the seconds that will take, or None if the queue is shut down.
        """
        if self._phase is not _Phase.OPEN:
            self._refuse(key)
            return None
        failures = self._failures.get(key, 0) + 1
        self._failures[key] = failures
        self._retried += 1
        seconds = self._backoff.seconds(failures, self._chance)
        self.add_after(key, seconds)
        return seconds

    def forget(self, key: KeyT) -> None:
        """Begin ``key``'s back-off anew: it succeeded, or is given up. Forgetting twice is fine.

        Where it waits it goes on waiting.
        """
        self._failures.pop(key, None)

    def failures(self, key: KeyT) -> int:
        """How often ``key`` failed since it was last forgotten."""
        return self._failures.get(key, 0)

    # Working.

    async def get(self) -> KeyT:
        """Wait for the next key; from then on it is worked on until ``done``.

        Keys come in the order they became ready. Raises QueueShutDown when the queue is shut down
        and nothing is left that could become ready. Cancelling takes no key.
        """
        while not self._ready:
            if self._phase is _Phase.CLOSED or (self._draining and not self._due):
                raise QueueShutDown
            waiting: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._getters.append(waiting)
            try:
                await waiting
            except BaseException:
                if waiting in self._getters:
                    self._getters.remove(waiting)
                elif self._ready:
                    self._wake_one()  # it was woken for a key that another may take now
                raise
        key = self._ready.popleft()
        del self._due[key]
        self._processing.add(key)
        return key

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> KeyT:
        try:
            return await self.get()
        except QueueShutDown:
            raise StopAsyncIteration from None

    def done(self, key: KeyT) -> None:
        """The work on ``key`` is over, well or not; if it was added meanwhile it runs again.

        Raises ValueError if it was not worked on.
        """
        if key not in self._processing:
            raise ValueError(f"{key!r} is not being processed")
        self._processing.remove(key)
        self._done += 1
        if key in self._due:
            self._make_ready(key)
        if self._draining and not self._due:
            self._wake_all()
        self._tell_idle()

    # Ending.

    @property
    def _draining(self) -> bool:
        return self._phase is _Phase.DRAINING

    async def shut_down(self, *, drain: bool = True) -> tuple[KeyT, ...]:
        """Take nothing more, wait until nothing is worked on, and return the keys left undone.

        With ``drain`` what is ready, and what was added while it was worked on, still runs. Delayed
        keys are not waited for: they failed, or were asked for later, and are returned, as are
        keys that were refused since. Cancelling leaves the queue shut down; a second call waits
        on, and one without ``drain`` cuts the first short.
        """
        if self._phase is _Phase.OPEN:
            self._phase = _Phase.DRAINING
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None
        if not drain:
            self._phase = _Phase.CLOSED
            self._ready.clear()
        if not self._due or not drain:
            self._wake_all()
        self._tell_idle()
        while self._processing or (self._draining and self._due):
            idle: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._idle.append(idle)
            try:
                await idle
            finally:
                if idle in self._idle:
                    self._idle.remove(idle)
        # A failing key can wait for its retry and be due as well.
        return tuple(dict.fromkeys((*self._due, *self._when, *self._refused_keys)))

    def statistics(self) -> QueueStatistics:
        """A record of the present; cheap."""
        return QueueStatistics(
            ready=len(self._ready),
            delayed=len(self._when),
            processing=len(self._processing),
            again=sum(key in self._due for key in self._processing),
            failing=len(self._failures),
            added=self._added,
            merged=self._merged,
            retried=self._retried,
            refused=self._refused,
            done=self._done,
        )

    # Waking.

    def _make_ready(self, key: KeyT) -> None:
        if self._phase is _Phase.CLOSED:
            return
        self._ready.append(key)
        self._wake_one()

    def _wake_one(self) -> None:
        while self._getters:
            waiting = self._getters.popleft()
            if not waiting.done():
                waiting.set_result(None)
                return

    def _wake_all(self) -> None:
        while self._getters:
            self._wake_one()

    def _tell_idle(self) -> None:
        for idle in self._idle:
            if not idle.done():
                idle.set_result(None)

    # Time.

    def _set_timer(self) -> None:
        when = self._heap[0][0]
        if self._timer is not None:
            if self._timer_at <= when:
                return
            self._timer.cancel()
        self._timer_at = when
        self._timer = self._clock.call_at(when, self._ring)

    def _ring(self) -> None:
        self._timer = None
        now = max(self._clock.time(), self._timer_at)  # a loop may call a clock tick early
        while self._heap and self._heap[0][0] <= now:
            when, _, key = heapq.heappop(self._heap)
            # An entry that a later, earlier wish has replaced stays in the heap until its time.
            if self._when.get(key) == when:
                del self._when[key]
                self._add(key)
        if self._heap:
            self._set_timer()
