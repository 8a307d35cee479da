"""One seed, one story: a writer, a faulty server, an informer and consumers of different speed."""

import asyncio
import contextlib
import hashlib
import random
from collections.abc import Awaitable, Callable, Sequence

from commaok.watch.changes import Notice
from commaok.watch.consumer import Consumer
from commaok.watch.errors import Expired, SlowConsumer
from commaok.watch.etcd import Delete, Put, StreamEnded
from commaok.watch.events import Event, Position, Revision
from commaok.watch.informer import Informer, Retry
from commaok.watch.memory import MemoryServer, MemorySource, MemoryStore
from commaok.watch.memory.store import Backup
from commaok.watch.simulation import SimulatedLoop, run
from tests.simulation.invariant import Ledger, Violated

PREFIX = b"k/"
TRANSACTIONS = 40
SETTLE_SECONDS = 120.0


class Story:
    def __init__(self, loop: SimulatedLoop, *, sabotage: str = "") -> None:
        self.loop = loop
        self.dice = random.Random(loop.dice.random())
        old = self.dice.random() < 0.3
        self.store = MemoryStore(keeps_tombstones=not old)
        self.server = MemoryServer(self.store, version="3.5.1" if old else "3.6.0")
        self.server.eager_progress = old
        self.histories: list[list[tuple[Position, Event]]] = [[]]
        self.ledgers: list[Ledger] = []
        self.sabotage = sabotage
        self.bound = self.dice.choice((1, 4, 64))
        self.informer = Informer(
            MemorySource(
                self.server,
                prefix=PREFIX,
                bound=self.dice.choice((1, 3, 50)),
                prev_kv=self.dice.random() < 0.5,
            ),
            bound=self.bound,
            patience=self.dice.choice((None, None, 5.0)),
            dice=random.Random(self.dice.random()),
        )
        self.lost: set[str] = set()
        self.happened: list[str] = []
        self.backup: tuple[Backup, int] | None = None
        self.stop = False

    # What is written.

    def write(self) -> None:
        dice = self.dice
        operations: list[Put | Delete] = []
        for key in dice.sample(range(8), dice.choice((1, 1, 1, 2, 4))):
            name = (b"other/%d" if dice.random() < 0.1 else b"k/%d") % key
            if dice.random() < 0.3:
                operations.append(Delete(name))
            else:
                operations.append(Put(name, b"%d" % dice.randrange(1000)))
        before = self.store.revision
        if self.store.txn(operations) > before:
            self._record(Revision(before + 1))

    def _record(self, revision: Revision) -> None:
        events = [one for one in self.store.events(revision) if one.key.startswith(PREFIX)]
        self.histories[-1] += [
            (Position(one.mod_revision, sub), one) for sub, one in enumerate(events)
        ]

    async def writer(self) -> None:
        for _ in range(TRANSACTIONS):
            await asyncio.sleep(self.dice.expovariate(5))
            for _ in range(self.dice.choice((1, 1, 1, 5))):
                self.write()

    # What goes wrong.

    async def faults(self) -> None:
        kinds: list[Callable[[], Awaitable[None]]] = [
            self.reset, self.finish, self.garble, self.half_open, self.delay, self.refuse,
            self.cut, self.compact, self.compact_at_resume, self.compact_on_tombstone, self.lag,
            self.split, self.recreate_in_gap, self.rewind, self.clock_jump, self.silence,
            self.forget_previous,
        ]  # fmt: skip
        while not self.stop:
            await asyncio.sleep(self.dice.expovariate(1.0))
            fault = self.dice.choice(kinds)
            self.happened.append(f"{self.loop.time():.3f} {fault.__name__}")
            await fault()

    async def reset(self) -> None:
        self.server.reset()

    async def finish(self) -> None:
        self.server.finish()

    async def garble(self) -> None:
        self.server.garble()

    async def half_open(self) -> None:
        self.server.stall()

    async def delay(self) -> None:
        self.server.delay = self.dice.choice((0.01, 0.3, 2.0))
        await asyncio.sleep(self.dice.random() * 3)
        self.server.delay = 0.0

    async def refuse(self) -> None:
        self.server.refusing = True
        self.server.reset()
        await asyncio.sleep(self.dice.random() * 3)
        self.server.refusing = False

    async def silence(self) -> None:
        self.server.silent = True
        self.server.stall()
        await asyncio.sleep(self.dice.random() * 8)
        self.server.silent = False

    async def cut(self) -> None:
        ended = StreamEnded("cut", clean=self.dice.random() < 0.5)
        self.server.cut_after(self.dice.randrange(4), ended)

    async def compact(self) -> None:
        self._compact(self.store.revision - self.dice.choice((0, 1, 5)))
        if self.dice.random() < 0.5:
            self.server.reset()

    async def compact_at_resume(self) -> None:
        position = self.informer.position
        self.server.reset()
        for _ in range(self.dice.randrange(3)):
            self.write()
        if position is not None:
            self._compact(position.main + self.dice.choice((0, 1, 2)))

    async def compact_on_tombstone(self) -> None:
        self.server.reset()
        key = b"k/%d" % self.dice.randrange(8)
        before = self.store.revision
        revision, gone = self.store.delete(key)
        if gone:
            self._record(Revision(before + 1))
            self._compact(revision)

    def _compact(self, revision: int) -> None:
        if self.store.compacted < revision <= self.store.revision:
            if not self.store.keeps_tombstones:
                # An old etcd also drops the delete for an open watch that is behind, and no
                # client can tell (docs/watch.md); for one that resumes, the source can.
                self.server.reset()
            self.store.compact(Revision(revision))

    async def lag(self) -> None:
        self.server.replica = self.store.copy()
        await asyncio.sleep(self.dice.random() * 2)
        self.server.reset()
        for _ in range(2):
            self.write()
        self._compact(self.store.revision)
        await asyncio.sleep(self.dice.random() * 2)
        self.server.replica = None

    async def split(self) -> None:
        self.server.fragment = self.dice.choice((0, 1, 2))
        self.server.delay = self.dice.choice((0.0, 0.01))
        await asyncio.sleep(self.dice.random() * 2)
        if self.dice.random() < 0.5:
            self.server.reset()
        self.server.delay = 0.0

    async def recreate_in_gap(self) -> None:
        self.server.reset()
        key = b"k/%d" % self.dice.randrange(8)
        for operation in (Delete(key), Put(key, b"again")):
            before = self.store.revision
            if self.store.txn([operation]) > before:
                self._record(Revision(before + 1))
        if self.dice.random() < 0.7:
            self._compact(self.store.revision)

    async def rewind(self) -> None:
        if self.backup is None or self.dice.random() < 0.5:
            self.backup = (self.store.backup(), len(self.histories[-1]))
            return
        backup, known = self.backup
        if backup.revision == self.store.revision:
            return  # nothing is undone: nobody could tell
        self.backup = None
        self.server.reset()
        self.store.restore(backup, cluster_id=self.store.cluster_id + 1)
        self.server.reset()
        self.histories.append(self.histories[-1][:known])

    async def clock_jump(self) -> None:
        self.loop.jump(self.dice.choice((1.0, 60.0, 3600.0)))

    async def forget_previous(self) -> None:
        self.server.forgets_previous = not self.server.forgets_previous

    # Who is told.

    def ledger(self, name: str) -> Ledger:
        ledger = Ledger(name, self.histories[-1])
        self.ledgers.append(ledger)
        return ledger

    async def reader(self, name: str, pause: float, *, cancels: bool) -> None:
        ledger = self.ledger(name)
        consumer = self.informer.consumer()
        while True:
            try:
                await self._read(ledger, consumer, pause, cancels=cancels)
            except SlowConsumer as slow:
                self.happened.append(f"{self.loop.time():.3f} {name} is slow")
                try:
                    consumer = self._resumed(consumer, slow)
                except Expired:
                    self.lost.add(name)  # named: starts over with a ledger of its own
                    self.ledgers.remove(ledger)
                    ledger = self.ledger(name)
                    consumer = self.informer.consumer()

    def _resumed(self, consumer: Consumer, slow: SlowConsumer) -> Consumer:
        if consumer.position is None:
            raise Expired(None)
        return self.informer.consumer(after=slow.resume_from)

    async def _read(
        self, ledger: Ledger, consumer: Consumer, pause: float, *, cancels: bool
    ) -> None:
        while True:
            while cancels and self.dice.random() < 0.5:
                # What a cancelled read would have returned must come with the next.
                with contextlib.suppress(TimeoutError):
                    async with asyncio.timeout(self.dice.choice((0.0, 0.0, 0.05))):
                        await self.informer.synced()
                        await asyncio.sleep(0)
                        await self._more(ledger, consumer)
            await self._more(ledger, consumer)
            if pause:
                await asyncio.sleep(pause * self.dice.random())

    async def _more(self, ledger: Ledger, consumer: Consumer) -> None:
        for notice in await consumer.read(self.dice.choice((1, 2, 50))):
            self.account(ledger, notice)

    def account(self, ledger: Ledger, notice: Notice) -> None:
        if self.sabotage == "skip" and self.dice.random() < 0.02:
            return
        ledger.account(notice, self.histories)
        if self.sabotage == "repeat" and self.dice.random() < 0.02:
            ledger.account(notice, self.histories)

    def handler(self) -> Callable[[Notice], Awaitable[None]]:
        ledger = self.ledger("handler")

        async def handle(notice: Notice) -> None:
            if self.dice.random() < 0.1:
                raise OSError("the handler's own trouble")
            await asyncio.sleep(0)
            if self.dice.random() < 0.05:
                raise OSError("and after a while")
            self.account(ledger, notice)

        return handle

    async def play(self) -> str:
        if self.dice.random() < 0.5:
            for _ in range(10):
                self.write()
        self.informer.on_change(retry=Retry())(self.handler())
        async with self.informer:
            readers = [
                asyncio.ensure_future(self.reader(name, pause, cancels=cancels))
                for name, pause, cancels in (
                    ("quick", 0.0, False),
                    ("restless", 0.01, True),
                    ("slow", self.dice.choice((0.0, 0.5, 4.0)), False),
                )
            ]
            faults = asyncio.ensure_future(self.faults())
            await self.writer()
            await self.end_of_faults(faults)
            await self.settled(readers)
            for reader in readers:
                reader.cancel()
            await asyncio.gather(*readers, return_exceptions=True)
        return self.digest()

    async def end_of_faults(self, faults: "asyncio.Future[None]") -> None:
        self.stop = True
        faults.cancel()
        await asyncio.gather(faults, return_exceptions=True)
        server = self.server
        server.delay = server.call_delay = 0.0
        server.refusing = server.silent = False
        server.replica, server.fragment = None, 0
        # One more event, so that a loss at the very end cannot hide.
        before = self.store.revision
        self.store.put(b"k/last", b"%d" % self.store.revision)
        self._record(Revision(before + 1))

    async def settled(self, readers: Sequence["asyncio.Future[None]"]) -> None:
        deadline = self.loop.time() + SETTLE_SECONDS * 20
        state = self.store.range(PREFIX, b"k0")
        while True:
            for reader in readers:
                if reader.done():
                    reader.result()
            try:
                for ledger in self.ledgers:
                    ledger.settle(state)
            except Violated:
                if self.loop.time() > deadline:
                    raise
                await asyncio.sleep(1.0)
            else:
                return

    def digest(self) -> str:
        told = [line for ledger in self.ledgers for line in (ledger.name, *ledger.told)]
        return hashlib.blake2b("\n".join(told + self.happened).encode(), digest_size=8).hexdigest()


def play(seed: int, *, sabotage: str = "") -> str:
    """Play the story of ``seed``; its digest is the same in every process."""
    return run(lambda loop: Story(loop, sabotage=sabotage).play(), seed)
