"""A watcher of a hub, and the logs it reads: a cursor in a list that others read as well.

Each distinct selector has one log that is only ever appended to; a watcher is an index into it and,
while it waits, one future. Events are put once for any number of watchers, and all that stand at
the same place are handed the same batch.
"""

import asyncio
import itertools
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Final, Self

from commaok.watch.errors import HandlerFailed, SlowConsumer, WatchError
from commaok.watch.events import Event, Position, Revision
from commaok.watch.matching import Predicate, Selector
from commaok.watch.source import END, Batch, through

LIVE: Final = -1
"""Where a watcher replays that does not."""

Ending = Callable[[Position], WatchError]
"""Makes the error that ends a watcher, once it is known what the watcher has processed."""


class Log:
    """The events that one selector wants, in order; indices are absolute and ``base`` is gone.

    ``filtered`` are the logs of predicates that want a part of this one. A log that nobody reads
    itself is there for these only and stays empty.
    """

    __slots__ = (
        "base",
        "dirty",
        "events",
        "failed",
        "filtered",
        "head",
        "readers",
        "selector",
        "shared",
        "touched",
        "waiting",
        "where",
    )

    def __init__(self, selector: Selector | None, where: Predicate | None = None) -> None:
        self.selector = selector
        self.where = where
        self.events: list[Event] = []
        self.base = self.head = 0
        # A dict for its order: who is woken first must not depend on addresses.
        self.readers: dict[Cursor, None] = {}
        self.filtered: dict[Predicate, Log] | None = None
        self.shared: tuple[int, int, Batch] | None = None
        self.waiting = 0
        self.touched = 0
        self.dirty = self.failed = False

    def wants(self, event: Event) -> bool:
        """Whether an event belongs here; raises what the predicate raises."""
        if self.selector is not None and not self.selector.wants(event.key):
            return False
        return self.where is None or self.where(event)

    def keep(self, most: int) -> list["Cursor"]:
        """Forget what all readers have taken, and anything but the last ``most`` events.

        Returns the readers that had not taken all that is forgotten. One that replays reads
        elsewhere and needs nothing here.
        """
        limit = self.head - most
        live = [one for one in self.readers if one.replays_at == LIVE]
        lowest = min((one.at for one in live), default=self.head)
        self.drop(max(lowest, limit))
        return [one for one in live if one.at < limit]

    def behind(self) -> int:
        """How many events the slowest reader has not taken."""
        return max(
            (self.head - one.at for one in self.readers if one.replays_at == LIVE), default=0
        )

    def drop(self, below: int) -> None:
        """Forget the events below an index."""
        if below > self.base:
            del self.events[: below - self.base]
            self.base = below
            self.shared = None

    def whole(self, start: int, most: int) -> int:
        """The index behind about ``most`` events from ``start`` on: revisions are never cut."""
        end = start + most
        if end >= self.head:
            return self.head
        events = self.events
        last = events[end - self.base - 1].mod_revision
        while end < self.head and events[end - self.base].mod_revision == last:
            end += 1
        return end


class History(Log):
    """The log of everything: the window from which watchers resume.

    ``floor`` is the first position that can be resumed after, ``position`` the last published.
    """

    __slots__ = ("floor", "loop", "position")

    def __init__(self, start: Position, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(None)
        self.floor = self.position = start
        self.loop = loop

    def forget_beyond(self, window: int) -> list["Cursor"]:
        """Forget all but the last ``window`` events, whole revisions only; returns who needed it.

        Without readers, too: the window is for those who come back.
        """
        cut = len(self.events) - window
        if cut <= 0:
            return []
        cut = bisect_left(self.events, self.events[cut].mod_revision, key=_revision)
        if cut == 0:
            return []  # one revision larger than the window: it stays until there is a next one
        end = self.base + cut
        self.floor = through(self.events[end - self.base - 1].mod_revision)
        self.drop(end)
        return [one for one in self.readers if one.at < end]

    def after(self, position: Position, log: Log) -> int:
        """Where replay starts for a reader of ``log`` that has everything up to ``position``.

        Inside a revision ``sub`` counts the events that the reader wants.
        """
        revision = position.main
        if position.sub >= END:
            return self.base + bisect_right(self.events, revision, key=_revision)
        index = bisect_left(self.events, revision, key=_revision)
        wanted = -1
        while wanted < position.sub and index < len(self.events):
            if self.events[index].mod_revision != revision:
                break
            wanted += log.wants(self.events[index])
            index += 1
        return self.base + index


def _revision(event: Event) -> Revision:
    return event.mod_revision


class Cursor:
    """What the hub knows of a watcher: where it reads, what it has, how it ends.

    ``at`` is behind all that was handed out, ``processed`` what was acknowledged. ``replays_at``
    is an index of the history, or ``LIVE``.
    """

    __slots__ = (
        "at",
        "bookmark_due",
        "delivered",
        "ended",
        "ending",
        "ends_at",
        "forgotten",
        "handed",
        "history",
        "leaving",
        "log",
        "page",
        "processed",
        "replays_at",
        "told",
        "waiting",
        "watch_id",
    )

    def __init__(self, watch_id: Hashable, log: Log, history: History, page: int) -> None:
        self.watch_id = watch_id
        self.log = log
        self.history = history
        self.page = page
        self.at = log.head
        self.replays_at = LIVE
        self.processed = self.told = history.position
        self.handed: Position | None = None
        self.waiting: asyncio.Future[None] | None = None
        self.ending: Ending | None = None
        self.ended: WatchError | None = None
        self.ends_at = history.position
        # Out of the registry, or on the way; forgotten is by its owner's wish.
        self.leaving = self.forgotten = False
        self.bookmark_due = False
        self.delivered = 0

    def end_at(self, position: Position, ending: Ending) -> None:
        """Let it have what it was put, up to ``position``, then raise; the first ending holds."""
        if self.ending is None:
            self.ends_at = position
            self.ending = ending
            self.wake()

    def end_slow(self) -> None:
        """End it at once: what it would have to be handed next is gone."""
        if self.ended is None:
            self.ended = SlowConsumer(self.processed)
            self.wake()

    def wake(self) -> None:
        """Let it look again."""
        if self.waiting is not None and not self.waiting.done():
            self.waiting.set_result(None)


class Watcher(Cursor):
    """The events due to one watcher, batch by batch: ``async for batch in watcher``.

    A batch holds whole revisions. Asking for the next one says that the last one is processed:
    only then does ``position`` advance. A batch without events is a bookmark.

    Ends by ``StopAsyncIteration`` only when it was forgotten. Otherwise it raises, and from then on
    at every call: SlowConsumer when it fell behind, Compacted, Expired or Rewound when its hub
    lost events, HandlerFailed when its predicate raised, Disconnected when its hub stopped. One
    task at a time may wait; cancelling it changes nothing.
    """

    __slots__ = ("forget",)

    def __init__(
        self,
        watch_id: Hashable,
        log: Log,
        history: History,
        page: int,
        forget: Callable[[Cursor], object],
    ) -> None:
        super().__init__(watch_id, log, history, page)
        self.forget = forget

    @property
    def position(self) -> Position:
        """Everything that is due up to here is processed; register again ``after`` it to go on.

        Moves on while nothing wanted happens: a bookmark for free.
        """
        idle = self.handed is None and self.at == self.log.head and self.replays_at == LIVE
        if idle and self.ending is None and self.ended is None and not self.forgotten:
            return max(self.processed, self.history.position)
        return self.processed

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.forget(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Batch:
        if self.waiting is not None:
            raise RuntimeError(f"two tasks read watcher {self.watch_id!r}")
        if self.handed is not None:
            self.processed = self.handed
            self.handed = None
        while True:
            replaying = self.replays_at != LIVE
            shared = self.log.shared
            if (
                shared is not None
                and shared[0] == self.at
                and shared[1] == self.log.head
                and not (replaying or self.leaving)
            ):
                # Most deliveries: somebody at the same place was handed the same before.
                self.at = shared[1]
                return self._hand(shared[2])
            batch = self._next()
            if batch is not None:
                return self._hand(batch)
            if replaying:
                await asyncio.sleep(0)  # a long stretch of others' events; let others run
                continue
            # A future of its own: of one that is shared, one cancellation would cancel all. Waited
            # for here and not in a method, which would cost every waiting watcher a coroutine more.
            self.waiting = self.history.loop.create_future()
            self.log.waiting += 1
            try:
                await self.waiting
            finally:
                self.waiting = None
                self.log.waiting -= 1

    def _next(self) -> Batch | None:
        """What can be handed out now; raises if it is over."""
        if self.ended is not None:
            raise self.ended
        if self.forgotten:
            raise StopAsyncIteration
        if self.replays_at != LIVE:
            return self._replay()
        if self.at != self.log.head:
            return self._take()
        if self.ending is not None:
            self.processed = max(self.processed, self.ends_at)
            self.ended = self.ending(self.processed)
            raise self.ended
        if self.bookmark_due:
            self.bookmark_due = False
            if self.told < self.history.position:
                return Batch((), self.history.position)
        return None

    def _hand(self, batch: Batch) -> Batch:
        self.handed = self.told = batch.position
        self.delivered += len(batch.events)
        return batch

    def _take(self) -> Batch:
        log = self.log
        start, end = self.at, log.head
        assert start >= log.base, "the log passed a watcher without ending it"
        if end - start > self.page:
            end = log.whole(start, self.page)
        shared = log.shared
        if shared is not None and shared[0] == start and shared[1] == end:
            self.at = end
            return shared[2]
        events = tuple(log.events[start - log.base : end - log.base])
        if end < log.head:
            reached = through(events[-1].mod_revision)
        elif self.ending is None:
            reached = self.history.position
        else:
            reached = max(self.ends_at, through(events[-1].mod_revision))
        batch = Batch(events, reached)
        self.at = end
        if len(log.readers) > 1:
            log.shared = (start, end, batch)
        elif log is not self.history and self.ending is None:
            log.drop(end)  # nobody else will ask
        return batch

    def _replay(self) -> Batch | None:
        """The next page of history, None where it has nothing of ours."""
        history, log = self.history, self.log
        start = self.replays_at
        end = history.whole(start, self.page)
        events: list[Event] = []
        for event in itertools.islice(history.events, start - history.base, end - history.base):
            try:
                wanted = log.wants(event)
            except Exception as error:  # noqa: BLE001 # the user's predicate, reported to the user
                return self._predicate_failed(events, event, error)
            if wanted:
                events.append(event)
        if end == history.head:
            # Nothing can be published between here and the switch.
            self.replays_at = LIVE
            self.at = log.head
            if len(log.readers) == 1:
                log.drop(log.head)
            reached = history.position
        else:
            self.replays_at = end
            reached = through(history.events[end - history.base - 1].mod_revision)
        if events:
            return Batch(tuple(events), reached)
        self.processed = reached
        return None

    def _predicate_failed(
        self, events: list[Event], event: Event, error: Exception
    ) -> Batch | None:
        """Hand out the revisions before the one it failed in, then end."""
        whole = tuple(one for one in events if one.mod_revision != event.mod_revision)
        self.ended = predicate_failed(self.log, event, error)
        self.forget(self)
        return Batch(whole, through(whole[-1].mod_revision)) if whole else None


def predicate_failed(log: Log, event: Event, error: Exception) -> HandlerFailed:
    """What ends the watchers of a predicate that raised."""
    name = getattr(log.where, "__qualname__", repr(log.where))
    failed = HandlerFailed(name, Position(event.mod_revision, 0))
    failed.__cause__ = error
    return failed
