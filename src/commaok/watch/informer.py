"""Follow the objects of a source, and tell any number of consumers what changes.

::

    source = EtcdSource("127.0.0.1:2379", prefix=b"jobs/", bound=1000)
    async with Informer(source, bound=1000) as jobs:
        async for notice in jobs:
            ...

or, with handlers, each a consumer of its own::

    @jobs.on_change
    async def changed(notice: Notice) -> None: ...

    await jobs.run()
"""

import asyncio
import contextlib
import inspect
import random
import weakref
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator, Mapping, Sequence
from types import TracebackType
from typing import Final, Self, overload

import msgspec

from commaok.watch.backoff import GENTLE, Backoff
from commaok.watch.cache import Cache, IndexBy, Transform
from commaok.watch.changes import Modified, Notice, Resynced
from commaok.watch.consumer import Consumer
from commaok.watch.errors import Expired, HandlerFailed, Rewound, WatchError
from commaok.watch.events import KeyValue, Position
from commaok.watch.reflector import CHUNK, Reflector
from commaok.watch.reflector import Statistics as ReflectorStatistics
from commaok.watch.source import Source

Handler = Callable[[Notice], Awaitable[None] | None]


class Retry(msgspec.Struct, frozen=True):
    """What is done when a handler raises: ``attempts`` in all (None: until it succeeds)."""

    attempts: int | None = None
    backoff: Backoff = GENTLE


UNTIL_DONE: Final = Retry()
"""A handler that raises is called again until it returns."""

ONCE: Final = Retry(attempts=1)
"""A handler that raises ends the informer."""


class Statistics(msgspec.Struct, frozen=True):
    """An informer now, and counts since it was made; ``buffered`` is in notices."""

    reflector: ReflectorStatistics
    consumers: int
    buffered: int
    delivered: int
    slow_consumers: int
    handler_failures: int


class Informer:
    """Keeps a copy of ``source``'s objects and hands every change to every consumer.

    ``bound`` is how many notices a consumer may be behind. Then nothing more is read, and the
    server keeps what comes; the slowest consumer sets the pace. With ``patience`` a consumer that
    has held the others up for so many seconds is ended with SlowConsumer instead (a handler never
    is: nobody is there to resume it). It can resume while its position is among the last
    ``history`` notices (four times the bound unless given).

    ``transform`` says what is kept of an object, ``indexes`` how else than by key it is found.
    With ``resync_every``, every object is handed out again so often (in seconds), as a
    synthesised ``Modified`` to itself. The other parameters are ``Reflector``'s.

    A handler, a transform or an index that raises never costs a change: a handler is retried or
    ends the informer, as its ``Retry`` says; the others end it.
    """

    def __init__(
        self,
        source: Source,
        *,
        bound: int,
        patience: float | None = None,
        history: int | None = None,
        transform: Transform | None = None,
        indexes: Mapping[str, IndexBy] | None = None,
        resync_every: float | None = None,
        progress_every: float = 1.0,
        stalled_after: float = 3.0,
        backoff: Backoff = GENTLE,
        dice: random.Random | None = None,
        observer: Callable[[WatchError], None] | None = None,
    ) -> None:
        if bound < 1:
            raise ValueError("a bound is at least 1")
        self._dice = dice or random.Random()
        self._cache = Cache(indexes=indexes, transform=transform)
        self._reflector = Reflector(
            source,
            self._cache,
            progress_every=progress_every,
            stalled_after=stalled_after,
            backoff=backoff,
            dice=self._dice,
            observer=observer,
            chunk=min(bound, CHUNK),
        )
        self._source = source
        self._bound = bound
        self._history = 4 * bound if history is None else history
        self._patience = patience
        self._resync_every = resync_every
        self._log: list[Notice] = []
        self._first = 0
        self._rewound = False
        self._forgotten: Position | None = None
        self._listed_at: Position | None = None
        self._head: Position | None = None
        self._repeats: list[bytes] = []
        self._repeat_due = 0.0
        self._consumers: weakref.WeakSet[Consumer] = weakref.WeakSet()
        self._arrival = asyncio.Event()
        self._room = asyncio.Event()
        self._handlers: list[tuple[Handler, Retry, Consumer]] = []
        self._tasks: set[asyncio.Task[None]] = set()
        self._started = False
        self._ended: Exception | None = None
        self._slow = self._failures = self._delivered = 0

    # What it knows.

    @property
    def objects(self) -> Mapping[bytes, KeyValue]:
        """Every object, as of ``position``; a live view."""
        return self._cache.objects

    def get(self, key: bytes) -> KeyValue | None:
        """The object under ``key``, or None when there is none (a stored object is never None)."""
        return self._cache.objects.get(key)

    def by_index(self, index: str, value: Hashable) -> Iterator[KeyValue]:
        """The objects that ``index`` has under ``value``."""
        return self._cache.found(index, value)

    @property
    def position(self) -> Position | None:
        """What ``objects`` stand at; None before the first list is complete."""
        return self._head

    def statistics(self) -> Statistics:
        """What it is doing and has been through."""
        return Statistics(
            self._reflector.statistics(),
            len(self._consumers),
            len(self._log),
            self._delivered,
            self._slow,
            self._failures,
        )

    async def synced(self) -> None:
        """Wait until the first list is complete; raises what ended the informer before."""
        while self._head is None:
            await self._pulse()

    # Who is told.

    def consumer(self, *, after: Position | None = None) -> Consumer:
        """A reader of its own: first of all there is, as from a list, and then of what comes.

        With ``after``, a position that another reader has processed, of what comes behind that.
        Raises Expired when that is not among the last ``history`` notices any more, or a rewind has
        made positions ambiguous.
        """
        if after is not None:
            consumer = Consumer(self, self._number_behind(after), after)
        else:
            consumer = Consumer(self, self._end, None)
            if self._listed_at is not None:
                to_come = self._reflector.to_come
                at = self._listed_at if to_come or self._head is None else self._head
                consumer.begin_with(tuple(self.objects.values()), at, to_come=to_come)
        self._consumers.add(consumer)
        weakref.finalize(consumer, self._room.set)  # one that is dropped holds nobody up
        return consumer

    def __aiter__(self) -> Consumer:
        return self.consumer()

    @overload
    def on_change(self, handler: Handler) -> Handler: ...

    @overload
    def on_change(self, handler: None = None, *, retry: Retry) -> Callable[[Handler], Handler]: ...

    def on_change(
        self, handler: Handler | None = None, *, retry: Retry = UNTIL_DONE
    ) -> Handler | Callable[[Handler], Handler]:
        """Call ``handler`` with every notice, one at a time, as a consumer of its own.

        A notice has been processed when the handler returns. When it raises, it is called again
        with the same notice; ``retry`` says how often before HandlerFailed ends the informer.
        """

        def register(one: Handler) -> Handler:
            self._handlers.append((one, retry, self.consumer()))
            if self._started:
                self._start(self._drive(*self._handlers[-1]))
            return one

        return register if handler is None else register(handler)

    # How long it lives.

    async def __aenter__(self) -> Self:
        self._started = True
        if self._resync_every is not None:
            self._repeat_due = asyncio.get_running_loop().time() + self._resync_every
        self._start(self._pump())
        for handler in self._handlers:
            self._start(self._drive(*handler))
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._finish(StopAsyncIteration())
        tasks = list(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await self._reflector.close()
        await self._source.close()

    async def run(self) -> None:
        """Run, if it does not yet, until cancelled; raises what ends the informer before."""
        if not self._started:
            async with self:
                await self.run()
        while True:
            await self._pulse()

    # What a consumer reads from (``NoticeLog``).

    def since(self, number: int, limit: int) -> Sequence[Notice]:
        """The notices from ``number`` on."""
        at = number - self._first
        return self._log[at : at + limit]

    def taken(self) -> None:
        """A consumer has moved on: there may be room."""
        self._room.set()

    def forget(self, consumer: Consumer) -> None:
        """The consumer is gone; idempotent."""
        self._consumers.discard(consumer)
        self._room.set()

    async def more(self, number: int) -> None:
        """Wait for notice ``number``; raises what ended the informer."""
        while self._end <= number:
            await self._pulse()

    # Inside.

    @property
    def _end(self) -> int:
        return self._first + len(self._log)

    async def _pulse(self) -> None:
        """Wait until something happens."""
        if self._ended is not None:
            raise self._ended
        await self._arrival.wait()

    def _happened(self) -> None:
        # Whoever waits now is woken; whoever waits next waits for the next time.
        self._arrival.set()
        self._arrival.clear()

    def _finish(self, ended: Exception) -> None:
        self._ended = self._ended or ended
        self._happened()

    def _start(self, work: Coroutine[None, None, None]) -> None:
        task = asyncio.ensure_future(self._guarded(work))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _guarded(self, work: Coroutine[None, None, None]) -> None:
        try:
            await work
        except StopAsyncIteration:
            pass
        except Exception as error:  # noqa: BLE001 # handed to every consumer
            self._finish(error)

    async def _pump(self) -> None:
        while self._ended is None:
            await self._wait_for_room()
            notices = self._repeated() or await self._next()
            self._log += notices
            self._delivered += len(notices)
            self._head = self._reflector.position
            for notice in notices[:1]:  # a list is announced alone
                if isinstance(notice, Resynced):
                    self._listed_at = notice.to
                    self._rewound |= isinstance(notice.reason, Rewound)
            self._trim()
            self._happened()

    async def _next(self) -> Sequence[Notice]:
        if self._resync_every is None or self._head is None:
            return await self._reflector.next()
        try:
            async with asyncio.timeout_at(self._repeat_due):
                return await self._reflector.next()
        except TimeoutError:
            self._repeat_due = asyncio.get_running_loop().time() + self._resync_every
            self._repeats = list(self.objects)
            return ()

    def _repeated(self) -> Sequence[Notice]:
        """The next of the objects that a resync hands out again."""
        now, self._repeats = self._repeats[: self._bound], self._repeats[self._bound :]
        states = [one for key in now if (one := self.get(key)) is not None]
        head = self._head
        if head is None:
            return ()
        return [Modified(head.main, head.sub, one, one, synthesised=True) for one in states]

    async def _wait_for_room(self) -> None:
        while self._end - self._lowest() >= self._bound:
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(self._patience):
                    while self._end - self._lowest() >= self._bound:
                        self._room.clear()
                        await self._room.wait()
                return
            self._end_slowest()

    def _end_slowest(self) -> None:
        lowest = self._lowest()
        handlers = {consumer for _, _, consumer in self._handlers}
        for consumer in set(self._consumers) - handlers:
            if consumer.processed == lowest:
                self._slow += 1
                consumer.end()
                self.forget(consumer)

    def _lowest(self) -> int:
        return min((one.processed for one in self._consumers), default=self._end)

    def _trim(self) -> None:
        """Forget what all have processed, but for the history to resume in."""
        done = min(self._lowest(), self._end - self._history) - self._first
        if done > 0:
            self._forgotten = self._log[done - 1].position
            del self._log[:done]
            self._first += done

    def _number_behind(self, after: Position) -> int:
        # After a rewind the same positions come again: nobody can tell which are meant.
        if not self._rewound:
            for number in range(self._end - 1, self._first - 1, -1):
                if self._log[number - self._first].position <= after:
                    return number + 1
            if self._forgotten is not None and self._forgotten <= after:
                return self._first
        raise Expired(after, self._forgotten)

    async def _drive(self, handler: Handler, retry: Retry, consumer: Consumer) -> None:
        async for notice in consumer:
            attempt = 1
            while not await self._handled(handler, notice, last=attempt == retry.attempts):
                await asyncio.sleep(retry.backoff.seconds(attempt, self._dice))
                attempt += 1

    async def _handled(self, handler: Handler, notice: Notice, *, last: bool) -> bool:
        try:
            result = handler(notice)
            if inspect.isawaitable(result):
                await result
        except Exception as error:
            self._failures += 1
            if last:
                name = getattr(handler, "__qualname__", repr(handler))
                raise HandlerFailed(name, notice.position) from error
            return False
        return True
