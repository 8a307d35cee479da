"""A hub's core as a state machine, beside a model that remembers everything.

What must hold: every event that is due to a watcher is handed to it exactly once and in order, or
the watcher has ended with an error that says what it had processed.
"""

import asyncio
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from commaok.watch.errors import Compacted, Expired, SlowConsumer, WatchError
from commaok.watch.events import Event, EventKind, Position, Revision
from commaok.watch.hub_fanout import Fanout
from commaok.watch.hub_watcher import Watcher
from commaok.watch.matching import EVERYTHING, Key, Prefix, Range, Selector
from commaok.watch.source import Batch, through

KEYS = st.sampled_from([b"a/1", b"a/2", b"b/1", b"b", b"c"])
IDS = st.integers(0, 5)


def even(event: Event) -> bool:
    return event.mod_revision % 2 == 0


SELECTORS: list[tuple[Selector, Callable[[Event], bool] | None]] = [
    (EVERYTHING, None),
    (EVERYTHING, even),
    (Prefix(b"a/"), None),
    (Prefix(b"a/"), even),
    (Key(b"b"), None),
    (Range(b"a/2", b"b/2"), None),
]


class Registered:
    """A watcher and what the model says is due to it."""

    def __init__(
        self,
        watcher: Watcher,
        selector: tuple[Selector, Callable[[Event], bool] | None],
        history: list[Event],
        since: Position,
    ) -> None:
        self.watcher = watcher
        self.selector = selector
        self.history = history
        self.since = since
        self.got: list[Event] = []
        self.acknowledged = 0
        self.reached = since

    def due(self, until: Position) -> list[Event]:
        selector, where = self.selector
        return [
            event
            for event in self.history
            if self.since.main < event.mod_revision <= until.main
            and selector.wants(event.key)
            and (where is None or where(event))
        ]


class HubMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.runner = asyncio.Runner()
        self.revision = 1
        self.history: list[Event] = []
        self.model: dict[int, Registered] = {}
        self.lost: dict[int, tuple[Registered, WatchError]] = {}

        async def make() -> Fanout:
            return Fanout(through(Revision(1)), window=12, backlog=4, page=3, pause=0.0)

        self.fanout = self.runner.run(make())

    def teardown(self) -> None:
        self.runner.close()

    @rule(transactions=st.lists(st.lists(KEYS, min_size=1, max_size=4, unique=True), max_size=8))
    def publish(self, transactions: list[list[bytes]]) -> None:
        events = []
        for keys in transactions:
            self.revision += 1
            one = Revision(self.revision)
            events += [Event(EventKind.PUT, key, b"", one, one, 1, 0, None) for key in keys]

        async def put() -> None:
            self.fanout.publish(Batch(tuple(events), through(Revision(self.revision))))

        self.runner.run(put())
        self.history += events

    @rule(
        watch_id=IDS,
        selector=st.sampled_from(SELECTORS),
        back=st.none() | st.integers(0, 20),
    )
    def register(
        self,
        watch_id: int,
        selector: tuple[Selector, Callable[[Event], bool] | None],
        back: int | None,
    ) -> None:
        if watch_id in self.fanout:
            return
        after = None if back is None else through(Revision(max(1, self.revision - back)))
        since = self.fanout.position if after is None else after
        if after is not None and after < self.fanout.floor:
            with pytest.raises(Expired):
                self.fanout.register(watch_id, selector[0], where=selector[1], after=after)
            return
        watcher = self.fanout.register(watch_id, selector[0], where=selector[1], after=after)
        self.model[watch_id] = Registered(watcher, selector, self.history, since)

    @precondition(lambda self: self.model)
    @rule(data=st.data(), batches=st.integers(1, 5))
    def read(self, data: st.DataObject, batches: int) -> None:
        watch_id = data.draw(st.sampled_from(sorted(self.model)))
        one = self.model[watch_id]

        async def take() -> Batch | None:
            reading = asyncio.ensure_future(anext(one.watcher))
            for _ in range(50):  # long enough to replay the whole window without a match
                await asyncio.sleep(0)
                if reading.done():
                    return reading.result()
            reading.cancel()
            return None

        for _ in range(batches):
            one.acknowledged = len(one.got)
            try:
                batch = self.runner.run(take())
            except WatchError as error:
                self.lost_by(watch_id, one, error)
                return
            if batch is None:
                # It waits: all that is due was handed out.
                assert one.got == one.due(one.watcher.position)
                assert one.watcher.position == self.fanout.position
                return
            one.got += batch.events
            one.reached = batch.position
            assert one.got == one.due(one.reached)

    def lost_by(self, watch_id: int, one: Registered, error: WatchError) -> None:
        """A watcher ended: what it says it has is what it has, and the loss is reported."""
        del self.model[watch_id]
        assert watch_id not in self.fanout or self.fanout._watchers[watch_id] is not one.watcher
        position = one.watcher.position
        assert one.due(position) == one.got[: one.acknowledged]
        match error:
            case SlowConsumer(resume_from=resume_from):
                assert resume_from <= position
                # What is not acknowledged is due again to whoever resumes.
                assert set(map(id, one.due(resume_from))) <= set(map(id, one.got))
            case Compacted():
                assert error.position == position
                assert one.got == one.due(position)
            case _:
                raise error

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        watch_id = data.draw(st.sampled_from(sorted(self.model)))
        one = self.model.pop(watch_id)
        was_there = watch_id in self.fanout
        assert self.fanout.forget(watch_id) == was_there
        assert not self.fanout.forget(watch_id)
        if was_there:
            with pytest.raises(StopAsyncIteration):
                self.runner.run(_next(one.watcher))

    @rule(gap=st.integers(1, 5))
    def rebuild(self, gap: int) -> None:
        """The upstream lost ``gap`` revisions, and the hub begins anew behind them."""
        generation = self.fanout.generation
        self.revision += gap
        start = through(Revision(self.revision))
        self.fanout.rebuild(start, lambda position: Compacted(position, Revision(self.revision)))
        assert self.fanout.generation == generation + 1
        assert self.fanout.floor == self.fanout.position == start
        assert self.fanout.statistics().watchers == 0
        self.history = []

    @invariant()
    def bounds_hold(self) -> None:
        statistics = self.fanout.statistics()
        assert statistics.history <= 12 + 6 + 8 * 4
        for log in self.fanout._all_logs():
            assert len(log.events) <= 2 * 4 + 8 * 4
            assert log.head - log.base == len(log.events)


async def _next(watcher: Watcher) -> Batch:
    return await anext(watcher)


TestHubMachine = HubMachine.TestCase
TestHubMachine.settings = settings(max_examples=150, stateful_step_count=40, deadline=None)
