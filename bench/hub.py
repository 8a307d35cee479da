"""How fast one hub reaches many watchers, beside an asyncio.Queue for each of them.

One process, one core, plain asyncio; no network and no server: events are put into the hub, and
every watcher is a task that takes them. "Per wake-up" is how many events are published before the
watchers run. Throughput is measured without the pause between wake-ups that a hub makes by default
(each publication is delivered before the next), latency with it. Medians of the rounds.

    python -m bench.hub [--rounds 3] [--quick]
"""

import argparse
import asyncio
import gc
import statistics
import sys
import time
import tracemalloc
from collections.abc import Awaitable, Callable
from functools import partial

from rich.console import Console
from rich.table import Table

from commaok.watch.events import Event, EventKind, Position, Revision
from commaok.watch.hub_fanout import Fanout
from commaok.watch.hub_waking import PAUSE_SECONDS
from commaok.watch.matching import EVERYTHING, Prefix, Selector
from commaok.watch.source import Batch, through

START = Position(Revision(1), 0)


class Events:
    """Makes batches of put events at ever later revisions."""

    def __init__(self) -> None:
        self.revision = 1

    def batch(self, keys: list[bytes]) -> Batch:
        events = []
        for key in keys:
            self.revision += 1
            one = Revision(self.revision)
            events.append(Event(EventKind.PUT, key, b"value", one, one, 1, 0, None))
        return Batch(tuple(events), through(Revision(self.revision)))


class OursHub:
    """The hub's core, with a task a watcher."""

    name = "hub"

    def __init__(self, pause: float = 0.0) -> None:
        self.fanout = Fanout(through(Revision(1)), window=16_384, backlog=4_096, pause=pause)
        self.delivered = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.took: list[float] = []

    def add(self, number: int, selector: Selector, *, timed: bool = False) -> None:
        watcher = self.fanout.register(number, selector)

        async def take() -> None:
            async for batch in watcher:
                self.delivered += len(batch.events)

        async def take_timed() -> None:
            async for batch in watcher:
                now = time.perf_counter()
                self.delivered += len(batch.events)
                self.took.extend(now - float(event.value) for event in batch.events)

        self.tasks.append(asyncio.create_task(take_timed() if timed else take()))

    def publish(self, batch: Batch) -> None:
        self.fanout.publish(batch)


class QueueHub:
    """The naive one: a queue a watcher, every selector asked about every event."""

    name = "queue each"

    def __init__(self, pause: float = 0.0) -> None:
        self.queues: list[tuple[Selector, asyncio.Queue[Event]]] = []
        self.delivered = 0
        self.tasks: list[asyncio.Task[None]] = []
        self.took: list[float] = []

    def add(self, number: int, selector: Selector, *, timed: bool = False) -> None:
        queue: asyncio.Queue[Event] = asyncio.Queue(100_000)
        self.queues.append((selector, queue))

        async def take() -> None:
            while True:
                await queue.get()
                self.delivered += 1

        async def take_timed() -> None:
            while True:
                event = await queue.get()
                self.delivered += 1
                self.took.append(time.perf_counter() - float(event.value))

        self.tasks.append(asyncio.create_task(take_timed() if timed else take()))

    def publish(self, batch: Batch) -> None:
        for event in batch.events:
            for selector, queue in self.queues:
                if selector.wants(event.key):
                    queue.put_nowait(event)


AnyHub = OursHub | QueueHub
Make = Callable[..., AnyHub]


async def finish(hub: AnyHub) -> None:
    for task in hub.tasks:
        task.cancel()
    await asyncio.gather(*hub.tasks, return_exceptions=True)


async def throughput(
    make: Make, selectors: list[Selector], keys: list[list[bytes]], due: int
) -> float:
    """Seconds of CPU to publish the lists of keys, one after the other, and have all delivered."""
    hub = make()
    for number, selector in enumerate(selectors):
        hub.add(number, selector)
    await asyncio.sleep(0.05)
    made = Events()
    batches = [made.batch(one) for one in keys]
    each = due // len(keys)
    expected = 0
    gc.collect()
    begun = time.process_time()
    for batch in batches:
        hub.publish(batch)
        expected += each
        while hub.delivered < expected:
            await asyncio.sleep(0)
    took = time.process_time() - begun
    assert hub.delivered == due, (hub.delivered, due)
    await finish(hub)
    return took


async def to_everybody(make: Make, watchers: int, per_wake: int, wakes: int) -> float:
    if make is QueueHub:
        wakes = max(1, wakes // per_wake)
    keys = [[b"k/%d" % (wake % 100)] * per_wake for wake in range(wakes)]
    due = watchers * per_wake * wakes
    return due / await throughput(make, [EVERYTHING] * watchers, keys, due)


async def to_prefixes(make: Make, prefixes: int, per_wake: int, wakes: int) -> float:
    """Every event goes to one watcher, every time to others."""
    selectors: list[Selector] = [Prefix(b"/registry/%05d/" % one) for one in range(prefixes)]
    keys = [
        [
            b"/registry/%05d/k" % ((wake * per_wake + one) * 7919 % prefixes)
            for one in range(per_wake)
        ]
        for wake in range(wakes)
    ]
    due = per_wake * wakes
    return due / await throughput(make, selectors, keys, due)


async def to_nobody(make: Make, prefixes: int, per_wake: int, wakes: int) -> float:
    selectors: list[Selector] = [Prefix(b"/registry/%05d/" % one) for one in range(prefixes)]
    keys = [[b"/elsewhere/%05d/k" % one for one in range(per_wake)] for _ in range(wakes)]
    return per_wake * wakes / await throughput(make, selectors, keys, 0)


async def growth(make: Make, watchers: int) -> float:
    """Microseconds an event that one watcher wants takes beside others that do not want it."""
    return 1e6 / await to_prefixes(make, watchers, 1, 20_000 if make is OursHub else 2000)


async def memory(make: Make, watchers: int, *, waiting: bool) -> float:
    """Bytes a watcher of a prefix of its own, registered or with its task waiting as well."""
    gc.collect()
    hub = make()
    selectors = [Prefix(b"/registry/%05d/" % one) for one in range(watchers)]
    tracemalloc.start()
    before = tracemalloc.get_traced_memory()[0]
    if waiting:
        for number, selector in enumerate(selectors):
            hub.add(number, selector)
        await asyncio.sleep(0.05)
    else:
        assert isinstance(hub, OursHub)
        kept = [hub.fanout.register(number, one) for number, one in enumerate(selectors)]
        assert len(kept) == watchers
    gc.collect()
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    await finish(hub)
    return used / watchers


async def latency(
    make: Make, watchers: int, rate: int, seconds: float, *, frozen: bool
) -> tuple[float, float]:
    """p50 and p99 from put to delivery, in ms, under a paced load.

    ``frozen`` is as a server does it: what was imported is not looked at again by every full
    garbage collection, which stops the loop for some 20 ms here.
    """
    hub = make(pause=PAUSE_SECONDS)
    for number in range(watchers):
        hub.add(number, EVERYTHING, timed=number % 10 == 0)
    await asyncio.sleep(0.05)
    made = Events()
    gc.collect()
    if frozen:
        gc.freeze()
    begun = time.perf_counter()
    sent = 0
    while sent < rate * seconds:
        due = int((time.perf_counter() - begun) * rate)
        while sent < due:
            made.revision += 1
            revision = Revision(made.revision)
            # Due at its time on the schedule, however late the loop came to it.
            put = b"%.9f" % (begun + sent / rate)
            event = Event(EventKind.PUT, b"k", put, revision, revision, 1, 0, None)
            hub.publish(Batch((event,), through(revision)))
            sent += 1
        await asyncio.sleep(0.0005)
    deadline = time.perf_counter() + 60
    while hub.delivered < sent * watchers and time.perf_counter() < deadline:
        await asyncio.sleep(0.01)
    took = sorted(hub.took)
    await finish(hub)
    gc.unfreeze()
    assert len(took) == sent * ((watchers + 9) // 10), "not everything arrived"
    return took[len(took) // 2] * 1e3, took[int(len(took) * 0.99)] * 1e3


def median_of(rounds: int, measure: Callable[[], Awaitable[float]]) -> float:
    async def once() -> float:
        return await measure()

    return statistics.median(asyncio.run(once()) for _ in range(rounds))


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--quick", action="store_true", help="a tenth of the events")
    arguments = parser.parse_args()
    rounds = 1 if arguments.quick else arguments.rounds
    less = 10 if arguments.quick else 1
    table = Table("", "hub", "queue each", "ratio", "bar")
    missed = 0

    def row(
        label: str,
        bar: float,
        unit: str,
        measure: Callable[[Make], Awaitable[float]],
        *,
        naive: bool = True,
        most: bool = False,
    ) -> None:
        nonlocal missed
        ours = median_of(rounds, lambda: measure(OursHub))
        theirs = median_of(1, lambda: measure(QueueHub)) if naive else None
        met = not bar or (ours <= bar if most else ours >= bar)
        missed += not met
        sign = "≤" if most else "≥"
        table.add_row(
            label,
            f"{ours:,.1f}" if ours < 100 else f"{ours:,.0f}",
            "" if theirs is None else f"{theirs:,.1f}" if theirs < 100 else f"{theirs:,.0f}",
            "" if theirs is None else f"{theirs / ours if most else ours / theirs:.1f}",
            f"{sign} {bar:,.0f} {unit}{'' if met else ' MISSED'}" if bar else unit,
        )
        print(label, round(ours, 2), theirs and round(theirs, 2), file=sys.stderr)

    for per_wake, bar in ((1, 250e3), (10, 2e6), (100, 10e6)):
        row(
            f"1,000 watchers of everything, {per_wake} a wake-up",
            bar,
            "deliveries/s",
            partial(to_everybody, watchers=1000, per_wake=per_wake, wakes=600 // less),
        )
    row(
        "10,000 watchers of a prefix each, 1 a wake-up",
        40e3,
        "events/s",
        lambda make: to_prefixes(make, 10_000, 1, (30_000 if make is OursHub else 200) // less),
    )
    row(
        "the same, 100 a wake-up",
        80e3,
        "events/s",
        lambda make: to_prefixes(make, 10_000, 100, (600 if make is OursHub else 10) // less or 1),
    )
    row(
        "events nobody wants, beside 10,000 prefixes",
        1e6,
        "events/s",
        lambda make: to_nobody(make, 10_000, 1000, 300 // less if make is OursHub else 1),
    )
    for watchers in (100, 1000, 10_000):
        row(
            f"an event one of {watchers:,} wants",
            0,
            "µs",
            partial(growth, watchers=watchers),
            most=True,
            naive=watchers < 10_000,
        )
    row(
        "memory a registered watcher",
        1024,
        "B",
        lambda make: memory(make, 10_000, waiting=False),
        naive=False,
        most=True,
    )
    row(
        "memory with a waiting task",
        3072,
        "B",
        lambda make: memory(make, 10_000, waiting=True),
        most=True,
    )

    async def quantile(make: Make, which: int, *, frozen: bool) -> float:
        return (await latency(make, 1000, 1000, seconds=2.0, frozen=frozen))[which]

    paced = "1,000 watchers, 1,000 events/s, put to delivery"
    frozen = partial(quantile, frozen=True)
    row(f"{paced}, p50", 0, "ms", partial(frozen, which=0), most=True)
    row(f"{paced}, p99", 25, "ms", partial(frozen, which=1), most=True)
    row(
        f"{paced}, p99 without gc.freeze()",
        0,
        "ms",
        partial(quantile, which=1, frozen=False),
        most=True,
    )
    Console().print(table)
    return 1 if missed else 0


if __name__ == "__main__":
    raise SystemExit(main())
