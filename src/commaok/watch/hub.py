"""One upstream watch for thousands of watchers: the watch manager and the cache behind it.

    async with Hub(source, window=16_384, backlog=4_096) as hub:
        async with await hub.watch("mine", Prefix(b"/registry/pods/")) as watcher:
            async for batch in watcher:
                for event in batch.events: ...

A watcher is registered under an id of its own; whether an id is held is membership. It gets every
event it wants exactly once, in order and in whole revisions, or it is ended with an error that says
what it has processed. What is not guaranteed: a hub is of one process and one event loop, not
thread-safe, and no server on a network. ``hub_fanout`` is its synchronous core, ``hub_watcher``
what a watcher is; ``docs/decisions/021-hub.md`` says why they are so.
"""

import asyncio
import random
from collections.abc import Callable, Hashable
from types import TracebackType
from typing import Final, Self

import msgspec

from commaok.watch.backoff import Backoff
from commaok.watch.errors import (
    Compacted,
    Disconnected,
    EventLoss,
    Expired,
    Malformed,
    Rewound,
    Stalled,
    Unavailable,
    WatchError,
)
from commaok.watch.events import Position, Revision
from commaok.watch.hub_fanout import PAGE, Fanout, FanoutStatistics, WatchIdInUse
from commaok.watch.hub_waking import PAUSE_SECONDS
from commaok.watch.hub_watcher import Ending, Watcher
from commaok.watch.matching import EVERYTHING, Predicate, Selector
from commaok.watch.source import Batch, EventStream, Source, through

__all__ = ["Hub", "HubStatistics", "WatchIdInUse", "Watcher"]

STALL_SECONDS: Final = 3.0
"""How long the upstream may carry nothing, asked for progress twice, before it is opened anew."""

PATIENCE_SECONDS: Final = 3.0
"""How long a registration waits for a position that is still to come; the API server's as well."""

GRACE_SECONDS: Final = 0.1
"""How long one upstream response may wait for watchers that are about to fall out of the window."""

BACKOFF: Final = Backoff(base=0.05, cap=2.0)
"""Between tries to reach the upstream: a rebuild takes seconds at most once the server is back."""


class HubStatistics(msgspec.Struct, frozen=True):
    """A hub at one moment, and what happened since it was made.

    ``reconnects`` are upstream streams opened anew with nothing lost, ``rebuilds`` those with a
    loss, ``troubles`` everything that went wrong upstream, ``trouble`` the last of it.
    """

    position: Position | None
    floor: Position | None
    connected: bool
    reconnects: int
    rebuilds: int
    troubles: int
    trouble: str | None
    registry: FanoutStatistics | None


class Hub:
    """Watches a source once and hands its events to any number of watchers.

    ``window`` is how many events stay for watchers that resume, ``backlog`` how many may wait for a
    watcher of less than everything. ``start`` is the position to begin behind, by default the
    source's present. ``bookmarks`` is how often, in seconds, idle watchers get an empty batch; 0 is
    never. ``on_trouble`` is told of everything that goes wrong upstream. ``chance`` is for jitter.
    """

    def __init__(
        self,
        source: Source,
        *,
        window: int,
        backlog: int,
        start: Position | None = None,
        bookmarks: float = 0.0,
        stall: float = STALL_SECONDS,
        backoff: Backoff = BACKOFF,
        pause: float = PAUSE_SECONDS,
        on_trouble: Callable[[WatchError], None] | None = None,
        chance: random.Random | None = None,
    ) -> None:
        self._source = source
        self._window = window
        self._backlog = backlog
        # A watcher must be able to take a chunk before the next one pushes it out.
        self._chunk = max(1, min(PAGE, window // 4, backlog // 2))
        self._start = start
        self._bookmarks = bookmarks
        self._stall = stall
        self._backoff = backoff
        self._pause = pause
        self._on_trouble = on_trouble
        self._chance = chance or random.Random()
        self._fanout: Fanout | None = None
        self._task: asyncio.Task[None] | None = None
        self._failures = 0
        self._connected = False
        self._heard = 0.0
        self._arrivals: list[asyncio.Future[None]] = []
        self._stopped = False
        self._reconnects = self._rebuilds = self._troubles = 0
        self._trouble: str | None = None

    async def __aenter__(self) -> Self:
        self._task = asyncio.create_task(self._run(), name="commaok-hub")
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.stop()

    async def stop(self) -> None:
        """Stop watching; watchers get what was published, then Disconnected. Twice is fine.

        Raises what a defect in here or in the source raised. The source is not closed.
        """
        self._stopped = True
        if self._task is not None:
            task, self._task = self._task, None
            task.cancel()
            await asyncio.wait([task])
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error

    # Registering.

    @property
    def generation(self) -> int:
        """How often the hub began anew, from 1; positions of two generations do not compare."""
        return 1 if self._fanout is None else self._fanout.generation

    @property
    def position(self) -> Position | None:
        """Everything up to here is published; None before the upstream was reached."""
        return None if self._fanout is None else self._fanout.position

    async def watch(
        self,
        watch_id: Hashable,
        selector: Selector = EVERYTHING,
        *,
        where: Predicate | None = None,
        after: Position | None = None,
        generation: int | None = None,
        patience: float = PATIENCE_SECONDS,
    ) -> Watcher:
        """Register a watcher of everything behind ``after``, by default behind the present.

        Waits up to ``patience`` seconds for the upstream and for a position that is still to come.
        A hub that begins anew meanwhile (or since ``generation``, where ``after`` was read) may
        have lost what follows ``after``, or count another store's revisions: that raises Expired,
        as does a position the window has passed. Relist then. Raises WatchIdInUse, Unavailable when
        patience ends and Disconnected when the hub is stopped. ``where`` narrows the selector.
        """
        begun = self.generation if generation is None else generation
        try:
            async with asyncio.timeout(patience):
                fanout = await self._reached(after, begun)
        except TimeoutError:
            wanted = "its upstream" if self._fanout is None else f"revision {after and after.main}"
            raise Unavailable("The hub", f"waited {patience:g} s for {wanted}") from None
        # No await from here to the registration: a rebuild comes before both or after both.
        if after is not None and fanout.generation != begun:
            raise Expired(after, fanout.floor)
        return fanout.register(watch_id, selector, where=where, after=after)

    def forget(self, watch_id: Hashable) -> bool:
        """Take a watcher away; False, and nothing else, if there is none under the id."""
        return self._fanout is not None and self._fanout.forget(watch_id)

    def __contains__(self, watch_id: object) -> bool:
        return self._fanout is not None and watch_id in self._fanout

    async def _reached(self, after: Position | None, generation: int) -> Fanout:
        while True:
            if self._stopped:
                raise Disconnected("the hub is stopped", clean=True)
            fanout = self._fanout
            if fanout is not None and (
                after is None or after <= fanout.position or fanout.generation != generation
            ):
                return fanout
            arrival: asyncio.Future[None] = asyncio.get_running_loop().create_future()
            self._arrivals.append(arrival)
            try:
                await arrival
            finally:
                if arrival in self._arrivals:
                    self._arrivals.remove(arrival)

    def _arrived(self) -> None:
        arrivals, self._arrivals = self._arrivals, []
        for arrival in arrivals:
            if not arrival.done():
                arrival.set_result(None)

    def statistics(self) -> HubStatistics:
        """A record of the present; looks at every watcher."""
        fanout = self._fanout
        return HubStatistics(
            position=self.position,
            floor=None if fanout is None else fanout.floor,
            connected=self._connected,
            reconnects=self._reconnects,
            rebuilds=self._rebuilds,
            troubles=self._troubles,
            trouble=self._trouble,
            registry=None if fanout is None else fanout.statistics(),
        )

    # Upstream.

    async def _run(self) -> None:
        try:
            while True:
                try:
                    await self._follow()
                except WatchError as trouble:
                    await self._recover(trouble)
        finally:
            self._connected = False
            self._stopped = True
            if self._fanout is not None:
                stopped = Disconnected("the hub stopped", clean=True)
                self._fanout.rebuild(self._fanout.position, lambda _: stopped)
            self._arrived()

    async def _follow(self) -> None:
        """Watch the upstream behind what is published until something goes wrong."""
        fanout = await self._begin()
        stream = self._source.watch(fanout.position)
        bookmarks = asyncio.get_running_loop().create_task(self._send_bookmarks(fanout))
        try:
            await self._read(fanout, stream)
        finally:
            self._connected = False
            bookmarks.cancel()
            await stream.close()

    async def _begin(self) -> Fanout:
        if self._fanout is None:
            start = self._start
            if start is None:
                start = through(await self._source.head())
            self._fanout = Fanout(
                start, window=self._window, backlog=self._backlog, pause=self._pause
            )
            self._arrived()
        return self._fanout

    async def _read(self, fanout: Fanout, stream: EventStream) -> None:
        loop = asyncio.get_running_loop()
        self._heard = loop.time()
        try:
            async with asyncio.timeout(None) as deadline:
                watchdog = loop.create_task(self._watch_silence(stream, deadline))
                try:
                    while True:
                        batch = await stream.read()
                        self._connected = True
                        self._failures = 0
                        await self._deliver(fanout, batch)
                        self._heard = loop.time()
                finally:
                    watchdog.cancel()
        except TimeoutError:
            raise Stalled(fanout.position, self._stall) from None

    async def _watch_silence(self, stream: EventStream, deadline: asyncio.Timeout) -> None:
        """A half-open connection carries nothing, and no error either: ask, then give up."""
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(self._stall / 3)
            silent = loop.time() - self._heard
            if silent >= self._stall:
                deadline.reschedule(loop.time())
                return
            if silent >= self._stall / 3:
                stream.request_progress()

    async def _send_bookmarks(self, fanout: Fanout) -> None:
        while self._bookmarks:
            await asyncio.sleep(self._bookmarks)
            fanout.bookmark()

    async def _deliver(self, fanout: Fanout, batch: Batch) -> None:
        """Publish, a big catch-up response in chunks that end with a revision.

        Cancelled between chunks, the hub goes on behind the last one.
        """
        events = batch.events
        start = 0
        grace = GRACE_SECONDS
        while len(events) - start > self._chunk:
            end = start + self._chunk
            while end < len(events) and events[end].mod_revision == events[end - 1].mod_revision:
                end += 1
            if end == len(events):
                break
            reached = through(events[end - 1].mod_revision)
            fanout.publish(Batch(events[start:end], reached))
            start = end
            self._arrived()
            grace = await self._let_watchers_read(fanout, grace)
        fanout.publish(Batch(events[start:], batch.position) if start else batch)
        if self._arrivals:
            self._arrived()

    async def _let_watchers_read(self, fanout: Fanout, grace: float) -> float:
        """Wait for watchers that are half out already, all in all ``grace`` seconds; the rest."""
        loop = asyncio.get_running_loop()
        await asyncio.sleep(0)
        begun = loop.time()
        while fanout.most_behind() >= 0.5 and loop.time() - begun < grace:
            await asyncio.sleep(min(grace, 0.001))
        return max(0.0, grace - (loop.time() - begun))

    async def _recover(self, trouble: WatchError) -> None:
        """Wait, and begin anew where the upstream cannot go on from what is published."""
        self._note(trouble)
        await asyncio.sleep(self._backoff.seconds(self._failures, self._chance))
        if not isinstance(trouble, EventLoss) or isinstance(trouble, Stalled):
            self._reconnects += 1
        elif self._fanout is not None:
            await self._rebuild(self._fanout, trouble)

    def _note(self, trouble: WatchError) -> None:
        self._troubles += 1
        self._failures += 1
        self._trouble = trouble.cause
        if self._on_trouble is not None:
            self._on_trouble(trouble)

    async def _rebuild(self, fanout: Fanout, loss: EventLoss) -> None:
        start: Position | None = None
        while start is None:
            try:
                start = through(await self._source.head())
            except (Unavailable, Malformed) as trouble:
                self._note(trouble)
                await asyncio.sleep(self._backoff.seconds(self._failures, self._chance))
        self._rebuilds += 1
        fanout.rebuild(start, _ending(loss, start))
        self._arrived()


def _ending(loss: EventLoss, start: Position) -> Ending:
    """What a watcher is told of its hub's loss, at the watcher's own position."""

    def ending(position: Position) -> WatchError:
        match loss:
            case Compacted(compacted_at=compacted_at):
                return Compacted(position, compacted_at)
            case Rewound():
                return Rewound(position, Revision(start.main))
            case _:
                return Expired(position, start)

    return ending
