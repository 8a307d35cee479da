"""The synchronous core of a hub: who is registered, and how events get to them.

Nothing in here waits. Everything happens between two awaits of one event loop, which is the lock
that a registration and a publication exclude each other by.
"""

import asyncio
from collections.abc import Hashable, Iterator
from typing import Final

import msgspec

from commaok.watch.errors import Expired, Malformed
from commaok.watch.events import Event, Position, Revision
from commaok.watch.hub_waking import PAUSE_SECONDS, Waking
from commaok.watch.hub_watcher import (
    LIVE,
    Cursor,
    Ending,
    History,
    Log,
    Watcher,
    predicate_failed,
)
from commaok.watch.matching import EVERYTHING, Matcher, Predicate, Selector
from commaok.watch.source import END, Batch, through

PAGE: Final = 1024
"""About how many events a batch holds at most; a revision is never split."""


class WatchIdInUse(ValueError):
    """Another watcher is registered under the id."""


class FanoutStatistics(msgspec.Struct, frozen=True):
    """The registry at one moment, and what happened since it was made; events unless said.

    ``logs`` are distinct selectors, ``history`` is what the window holds, ``slow`` counts watchers
    that were ended with SlowConsumer, ``failed`` those whose predicate raised.
    """

    watchers: int
    waiting: int
    replaying: int
    logs: int
    history: int
    generation: int
    published: int
    delivered: int
    slow: int
    failed: int


class Fanout:
    """Registers watchers and gives each the events it wants, as whole revisions, in order.

    ``window`` is how many events stay for watchers that resume, and how far one of everything may
    fall behind; ``backlog`` is how many wait for a watcher of less. Both may be exceeded by one
    publication and, until the next trimming, by half (window) or by as much again (backlog).
    A revision is never split, whatever the bounds. ``pause`` is in seconds.
    """

    def __init__(
        self,
        start: Position,
        *,
        window: int,
        backlog: int,
        page: int = PAGE,
        pause: float = PAUSE_SECONDS,
    ) -> None:
        if min(window, backlog, page) < 1:
            raise ValueError("window, backlog and page must be at least 1")
        self.window = window
        self.backlog = backlog
        self.page = min(page, window)
        self.generation = 1
        self._waking = Waking(pause)
        self._watchers: dict[Hashable, Watcher] = {}
        self._replaying: dict[Cursor, None] = {}
        self._loop = asyncio.get_running_loop()
        self._begin(start)
        self._dispatching = False
        self._deferred: list[Cursor] = []
        self._publication = 0
        self._published = self._delivered = self._slow = self._failed = 0

    def _begin(self, start: Position) -> None:
        self._history = History(start, self._loop)
        self._logs: Matcher[Log] = Matcher()
        self._replaying.clear()

    @property
    def position(self) -> Position:
        """Everything up to here is published."""
        return self._history.position

    @property
    def floor(self) -> Position:
        """The first position that a watcher can resume after."""
        return self._history.floor

    def __contains__(self, watch_id: object) -> bool:
        return watch_id in self._watchers

    # Registering.

    def register(
        self,
        watch_id: Hashable,
        selector: Selector = EVERYTHING,
        *,
        where: Predicate | None = None,
        after: Position | None = None,
    ) -> Watcher:
        """Register a watcher of everything behind ``after``, by default behind the present.

        Raises WatchIdInUse, Expired if the window has passed ``after``, and ValueError for a
        position that is still to come.
        """
        if self._dispatching:
            raise RuntimeError("a predicate must not register watchers")
        if watch_id in self._watchers:
            raise WatchIdInUse(f"watch id {watch_id!r} is in use")
        history = self._history
        if after is not None and after < history.floor:
            raise Expired(after, history.floor)
        if after is not None and after > history.position:
            raise ValueError(f"{after} is still to come; the present is {history.position}")
        log = self._log(selector, where)
        watcher = Watcher(watch_id, log, history, self.page, self._forget)
        if after is not None and after < history.position:
            watcher.processed = watcher.told = after
            try:
                begin = history.after(after, log)
            except BaseException:
                self._release(log)
                raise
            if log is history:
                watcher.at = begin
            else:
                watcher.replays_at = begin
                self._replaying[watcher] = None
        log.readers[watcher] = None
        self._watchers[watch_id] = watcher
        return watcher

    def forget(self, watch_id: Hashable) -> bool:
        """Take a watcher away: its reading stops. False, and nothing else, if there is none.

        Whether an id is held is membership in the registry, whatever state its watcher is in.
        """
        if watch_id not in self._watchers or self._watchers[watch_id].leaving:
            return False
        self._forget(self._watchers[watch_id])
        return True

    def _forget(self, cursor: Cursor) -> None:
        cursor.forgotten = True
        cursor.wake()
        self._retire(cursor)

    def _retire(self, cursor: Cursor) -> None:
        """Take a watcher out of the registry, once; during a dispatch, at its end."""
        if cursor.leaving:
            return
        cursor.leaving = True
        if self._dispatching:
            self._deferred.append(cursor)
        else:
            self._remove(cursor)

    def _remove(self, cursor: Cursor) -> None:
        del self._watchers[cursor.watch_id]
        self._replaying.pop(cursor, None)
        self._delivered += cursor.delivered
        del cursor.log.readers[cursor]
        self._release(cursor.log)

    def _log(self, selector: Selector, where: Predicate | None) -> Log:
        """The log of a selector, made where there is none."""
        log: Log | None
        if selector == EVERYTHING:
            log = self._history
        else:
            log = self._logs.get(selector)
            if log is None:
                log = Log(selector)
                self._logs.add(selector, log)
        if where is None:
            return log
        if log.filtered is None:
            log.filtered = {}
        part = log.filtered.get(where)
        if part is None:
            part = log.filtered[where] = Log(selector, where)
        return part

    def _release(self, log: Log) -> None:
        """Drop a log that nobody reads, and the one it is a part of if that was there for it."""
        if log is self._history or log.readers or log.filtered:
            return
        assert log.selector is not None
        if log.where is None:
            self._logs.remove(log.selector)
            return
        whole = self._log(log.selector, None)
        assert whole.filtered is not None
        del whole.filtered[log.where]
        if not whole.filtered:
            whole.filtered = None
        self._release(whole)

    # Publishing.

    def publish(self, batch: Batch) -> None:
        """Put a batch of whole revisions, in order, behind all that was published; never waits.

        Raises Malformed for anything else, with nothing published. A bookmark that is behind the
        present says nothing.
        """
        if self._dispatching:
            raise RuntimeError("a predicate must not publish")
        if not batch.events:
            self._history.position = max(self._history.position, batch.position)
            return
        self._check(batch)
        self._publication += 1
        self._make_room()
        self._dispatching = True
        self._put(batch.events)
        self._history.position = batch.position
        self._published += len(batch.events)
        self._dispatching = False
        deferred, self._deferred = self._deferred, []
        for cursor in deferred:
            self._remove(cursor)

    def _check(self, batch: Batch) -> None:
        position = self._history.position
        # What is inside a revision may go on with the rest of it.
        last = position.main + (position.sub >= END)
        for event in batch.events:
            revision = event.mod_revision
            if revision < last:
                raise Malformed(f"revision {revision} came late", position=position)
            last = revision
        if batch.position.main < last:
            raise Malformed(f"a batch up to {batch.position} has revision {last}")

    def _make_room(self) -> None:
        """Let history pass the window before there is more, so that nobody loses what is new."""
        history = self._history
        if len(history.events) <= self.window + (self.window >> 1):
            return
        for cursor in history.forget_beyond(self.window):
            self._end_slow(cursor)
        for cursor in list(self._replaying):
            if cursor.replays_at == LIVE:
                del self._replaying[cursor]
            elif cursor.replays_at < history.base:
                self._end_slow(cursor)

    def _put(self, events: tuple[Event, ...]) -> None:
        history = self._history
        history.events += events
        history.head += len(events)
        if history.waiting:
            self._waking.mark(history)
        if history.filtered is not None:
            for event in events:
                self._put_filtered(history, event)
        if not len(self._logs):
            return
        find = self._logs.find
        publication = self._publication
        for event in events:
            for log in find(event.key):
                if log.touched != publication:
                    self._touch(log)
                if log.readers:
                    log.events.append(event)
                    log.head += 1
                if log.filtered is not None:
                    self._put_filtered(log, event)

    def _put_filtered(self, whole: Log, event: Event) -> None:
        assert whole.filtered is not None
        for where, log in whole.filtered.items():
            if log.touched != self._publication:
                self._touch(log)
            if log.failed:
                continue
            try:
                wanted = where(event)
            except Exception as error:  # noqa: BLE001 # the user's predicate, told to its watchers
                self._fail(log, event, error)
                continue
            if wanted:
                log.events.append(event)
                log.head += 1

    def _touch(self, log: Log) -> None:
        """The first event for a log in a publication: make room, and see that its readers wake."""
        log.touched = self._publication
        if len(log.events) >= 2 * self.backlog:
            for cursor in log.keep(self.backlog):
                self._end_slow(cursor)
        if log.waiting:
            self._waking.mark(log)

    def _fail(self, log: Log, event: Event, error: Exception) -> None:
        """A predicate raised: take the torn revision back and end its watchers."""
        log.failed = True
        while log.events and log.events[-1].mod_revision == event.mod_revision:
            log.events.pop()
            log.head -= 1
        failed = predicate_failed(log, event, error)
        reached = max(self._history.position, through(Revision(event.mod_revision - 1)))
        for cursor in log.readers:
            if not cursor.leaving:
                self._failed += 1
                cursor.end_at(reached, lambda _: failed)
                self._retire(cursor)

    def _end_slow(self, cursor: Cursor) -> None:
        self._slow += 1
        cursor.end_slow()
        self._retire(cursor)

    def bookmark(self) -> None:
        """Give every waiting watcher an empty batch, if it has reached more than it was told."""
        for watcher in self._watchers.values():
            if watcher.waiting is not None:
                watcher.bookmark_due = True
                watcher.wake()

    # Ending.

    def rebuild(self, start: Position, ending: Ending) -> None:
        """Begin anew behind ``start``, since what lies between cannot be known.

        Every watcher is handed what it was put, then ends with what ``ending`` makes of its
        position, and nobody is registered any more. Registrations under way notice by the
        ``generation``.
        """
        if self._dispatching:
            raise RuntimeError("a predicate must not rebuild its hub")
        self.generation += 1
        for watcher in self._watchers.values():
            watcher.leaving = True
            self._delivered += watcher.delivered
            watcher.end_at(self.position, ending)
        self._watchers.clear()
        self._begin(start)

    def most_behind(self) -> float:
        """How much of its bound the slowest watcher has used up; from 1 on it may be ended.

        Looks at every watcher of everything and at every log that is half full.
        """
        behind = self._history.behind() / self.window
        for log in self._all_logs():
            if len(log.events) > self.backlog:
                behind = max(behind, log.behind() / self.backlog)
        return behind

    def _all_logs(self) -> Iterator[Log]:
        for log in (self._history, *self._logs.values()):
            if log is not self._history:
                yield log
            if log.filtered is not None:
                yield from log.filtered.values()

    def statistics(self) -> FanoutStatistics:
        """A record of the present; looks at every watcher."""
        watchers = self._watchers.values()
        return FanoutStatistics(
            watchers=len(watchers),
            waiting=sum(one.waiting is not None for one in watchers),
            replaying=sum(one.replays_at != LIVE for one in watchers),
            logs=sum(1 for _ in self._all_logs()),
            history=len(self._history.events),
            generation=self.generation,
            published=self._published,
            delivered=self._delivered + sum(one.delivered for one in watchers),
            slow=self._slow,
            failed=self._failed,
        )
