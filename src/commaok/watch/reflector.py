"""A copy of a source's objects that follows it through every fault, or says what it missed.

The states and what leads from one to the next::

    Listing ──────────> Applying ──────────> Connecting ──────────> Watching
       ^  listed           all handed over       ^                      │
       │                                         ├─ disconnected, stalled, malformed ─┤
       └── compacted, expired, rewound, missed, malformed again ────────┘

A wait between tries is ``Waiting``, which carries the state that follows it.
"""

import asyncio
import random
from collections.abc import Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass, replace
from typing import assert_never

import msgspec

from commaok.watch.backoff import GENTLE, Backoff
from commaok.watch.cache import Cache, Difference, difference
from commaok.watch.changes import Bookmark, Change, Notice, Resynced
from commaok.watch.errors import (
    Compacted,
    EventLoss,
    Expired,
    Malformed,
    Missed,
    Rewound,
    Stalled,
    Unavailable,
    WatchError,
)
from commaok.watch.events import Event, KeyValue, Position
from commaok.watch.source import Batch, EventStream, Source, through

CHUNK = 1000
"""The default of ``chunk``."""

GENERATION = 2**32
"""The changes of the n-th list stand at ``sub`` n times this and up, behind all that were seen at
the list's revision, and apart from those of another list there."""

MALFORMED_TRIES = 3
"""So often a position is resumed at before what comes there is taken to stay malformed."""


@dataclass(frozen=True, slots=True)
class Listing:
    """Reading the full state; nothing is delivered until it is complete."""

    since: Position | None
    reason: WatchError | None
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Applying:
    """The list is complete; the consumer has the first ``done`` changes that lead to it."""

    since: Position | None
    difference: Difference
    position: Position
    done: int


@dataclass(frozen=True, slots=True)
class Connecting:
    """The consumer has every event up to ``position``; the watch is to go on behind it."""

    position: Position
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Watching:
    """A watch is open; the consumer has every event up to ``position``.

    ``pending`` is the batch in hand, ``at`` the first of its events that the consumer has not.
    """

    position: Position
    stream: EventStream
    pending: tuple[Event, ...] = ()
    at: int = 0
    attempt: int = 0


@dataclass(frozen=True, slots=True)
class Waiting:
    """Too early to try again."""

    seconds: float
    then: "Listing | Connecting"


State = Listing | Applying | Connecting | Watching | Waiting


class Statistics(msgspec.Struct, frozen=True):
    """What a reflector has been through: counts since it was made."""

    state: str
    position: Position | None
    objects: int
    lists: int
    stale_lists: int
    watches: int
    events: int
    troubles: dict[str, int]


class Reflector:
    """Follows ``source``; ``next`` hands out what changed, a chunk at a time.

    Asking for the next chunk says that the last one has been taken: only then does the position
    move. While nobody asks, nothing is read, and the server keeps what comes.

    A connection on which nothing arrives is asked for progress every ``progress_every`` seconds,
    and given up for half-open when ``stalled_after`` seconds brought no answer. ``observer`` is
    told each trouble as it happens, whether or not it cost an event. ``chunk`` is about how many
    changes are handed out at once; a revision is never cut.
    """

    def __init__(
        self,
        source: Source,
        cache: Cache | None = None,
        *,
        progress_every: float = 1.0,
        stalled_after: float = 3.0,
        backoff: Backoff = GENTLE,
        dice: random.Random | None = None,
        observer: Callable[[WatchError], None] | None = None,
        chunk: int = CHUNK,
    ) -> None:
        self.cache = cache if cache is not None else Cache()
        self.state: State = Listing(None, None)
        self._source = source
        self._progress_every = progress_every
        self._stalled_after = stalled_after
        self._backoff = backoff
        self._dice = dice or random.Random()
        self._observer = observer
        self._chunk = chunk
        self._highest: Position | None = None
        self._lists = self._stale_lists = self._watches = self._events = 0
        self._troubles: dict[str, int] = {}

    @property
    def objects(self) -> Mapping[bytes, KeyValue]:
        """Every object, as of what was handed out last."""
        return self.cache.objects

    @property
    def position(self) -> Position | None:
        """The consumer has everything up to here; None before the first list is handed out."""
        match self.state:
            case Connecting(position) | Watching(position) | Waiting(_, Connecting(position)):
                return position
            case Listing(since) | Waiting(_, Listing(since)) | Applying(since):
                return since
        raise AssertionError(self.state)

    @property
    def to_come(self) -> int:
        """How many of the last list's changes have not been handed out."""
        state = self.state
        return len(state.difference) - state.done if isinstance(state, Applying) else 0

    def statistics(self) -> Statistics:
        """What it has been through."""
        return Statistics(
            type(self.state).__name__.lower(),
            self.position,
            len(self.objects),
            self._lists,
            self._stale_lists,
            self._watches,
            self._events,
            dict(self._troubles),
        )

    async def next(self) -> Sequence[Notice]:
        """What comes next, at least one notice.

        Cancelling changes nothing but what was waited for: ask again. What a transform or an
        index raises is raised here, with the event that it was about still to come.
        """
        while True:
            state, notices = await self.step(self.state)
            self.state = state
            if notices:
                return notices

    async def close(self) -> None:
        """End the watch, if there is one; ``next`` would open another."""
        if isinstance(self.state, Watching):
            stream, position = self.state.stream, self.state.position
            self.state = Connecting(position)
            await stream.close()

    async def step(self, state: State) -> tuple[State, Sequence[Notice]]:
        """From one state to the next, with what the consumer is to be told on the way."""
        match state:
            case Waiting(seconds, then):
                await asyncio.sleep(seconds)
                return then, ()
            case Listing():
                return await self._list(state)
            case Applying():
                return self._apply(state)
            case Connecting(position, attempt):
                self._watches += 1
                stream = self._source.watch(position)
                return Watching(position, stream, attempt=attempt), ()
            case Watching():
                return await (self._hand_over(state) if state.pending else self._watch(state))
        assert_never(state)

    async def _list(self, state: Listing) -> tuple[State, Sequence[Notice]]:
        listed: dict[bytes, KeyValue] = {}
        position: Position | None = None
        try:
            async with aclosing(self._source.pages()) as pages:
                async for page in pages:
                    position = page.position
                    listed.update((one.key, one) for one in page.objects)
            assert position is not None, "a list has a page"
            if self._highest is not None and position < self._highest:
                # A lagging replica's list would undo what was handed out. If the store's own
                # present is as old, the store itself was set back.
                head = await self._source.head()
                if head >= self._highest.main:
                    self._stale_lists += 1
                    return self._later(replace(state, attempt=state.attempt + 1)), ()
                if not isinstance(state.reason, Rewound):
                    rewound = Rewound(self._highest, head)
                    self._note(rewound)
                    state = replace(state, reason=rewound)
        except (Unavailable, Malformed, Compacted, Expired, Rewound) as error:
            self._note(error)
            reason = error if isinstance(error, Rewound) else state.reason
            return self._later(replace(state, reason=reason, attempt=state.attempt + 1)), ()
        self._lists += 1
        self._highest = position
        changes = difference(self.objects, listed)
        sub = self._lists * GENERATION - 1
        resynced = Resynced(state.since, position, state.reason, len(changes), sub)
        applying = Applying(state.since, changes, position, 0)
        return applying if changes else Connecting(position), (resynced,)

    def _apply(self, state: Applying) -> tuple[State, Sequence[Notice]]:
        main, changes = state.position.main, state.difference
        first = self._lists * GENERATION
        notices: list[Notice] = []
        gone = len(changes.gone)
        for number in range(state.done, min(state.done + self._chunk, len(changes))):
            sub = first + number
            change: Change
            try:
                if number < gone:
                    change = self.cache.delete(changes.gone[number], main, sub, synthesised=True)
                else:
                    new = changes.put[number - gone]
                    change = self.cache.put(new, main, sub, synthesised=True)
            except Exception:
                if not notices:
                    raise
                break  # what was applied is handed over first; it raises again with the next
            notices.append(change)
        done = state.done + len(notices)
        return Connecting(state.position) if done == len(changes) else replace(
            state, done=done
        ), notices

    async def _watch(self, state: Watching) -> tuple[State, Sequence[Notice]]:
        try:
            batch = await self._read(state)
        except WatchError as error:
            await state.stream.close()
            self._note(error)
            return self._after_trouble(state, error), ()
        self._highest = max(self._highest or batch.position, batch.position)
        if batch.events:
            return replace(state, pending=batch.events, at=0, attempt=0), ()
        moved = batch.position > state.position
        return (
            replace(state, position=batch.position, attempt=0),
            (Bookmark(batch.position),) if moved else (),
        )

    async def _read(self, state: Watching) -> Batch:
        silent = 0.0
        while True:
            try:
                async with asyncio.timeout(self._progress_every):
                    return await state.stream.read()
            except TimeoutError:
                silent += self._progress_every
            # Counted in waits, not taken from a clock: a machine that slept has not waited.
            if silent >= self._stalled_after:
                raise Stalled(state.position, silent)
            state.stream.request_progress()

    def _after_trouble(self, state: Watching, error: WatchError) -> State:
        attempt = state.attempt + 1
        keeps_malformed = isinstance(error, Malformed) and attempt >= MALFORMED_TRIES
        if keeps_malformed or (isinstance(error, EventLoss) and not isinstance(error, Stalled)):
            return self._later(Listing(state.position, error))
        return self._later(Connecting(state.position, attempt))

    def _later(self, then: Listing | Connecting) -> State:
        seconds = self._backoff.seconds(then.attempt, self._dice)
        return Waiting(seconds, then) if seconds else then

    async def _hand_over(self, state: Watching) -> tuple[State, Sequence[Notice]]:
        notices, missed = self._changes(state)
        if missed is not None and not notices:
            await state.stream.close()
            self._note(missed)
            return self._after_trouble(state, missed), ()
        at = state.at + len(notices)
        self._events += len(notices)
        last, events = state.pending[at - 1].mod_revision, len(state.pending)
        if at == events:
            return replace(state, position=through(last), pending=(), at=0), notices
        whole = state.pending[at].mod_revision != last
        position = through(last) if whole else notices[-1].position
        return replace(state, position=position, at=at), notices

    def _changes(self, state: Watching) -> tuple[list[Change], Missed | None]:
        """Bring the cache forward by about a chunk of what is pending, to a revision's end.

        Stops before an event that does not follow, and before one that something raises about:
        what came before it is handed over first.
        """
        changes: list[Change] = []
        events, follow = state.pending, self.cache.follow
        at, last, sub = state.at, state.position.main, state.position.sub
        enough = min(at + self._chunk, len(events))
        for number in range(at, len(events)):
            event = events[number]
            main = event.mod_revision
            if main != last:
                if number >= enough:
                    break
                last, sub = main, -1
            sub += 1
            try:
                changes.append(follow(event, main, sub))
            except Missed as missed:
                return changes, missed
            except Exception:
                if not changes:
                    raise
                break
        return changes, None

    def _note(self, error: WatchError) -> None:
        name = type(error).__name__
        self._troubles[name] = self._troubles.get(name, 0) + 1
        if self._observer is not None:
            self._observer(error)
