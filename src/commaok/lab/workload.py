"""The writer: a seeded mix of puts, deletes and transactions over keys under prefixes."""

import asyncio
import random
import time
from collections.abc import Iterator
from typing import Final

import msgspec

from commaok.lab.tasks import first_failure
from commaok.watch.etcd import Delete, EtcdClient, Put
from commaok.watch.events import Revision

ROOT: Final = b"/commaok/lab/"

TICK_SECONDS: Final = 0.01
"""Writes go out in small bursts this far apart: a timer for each would cost more than the write."""


class Workload(msgspec.Struct, frozen=True, kw_only=True):
    """What is written: sizes, shares and the rate.

    ``rate`` is in revisions a second; a transaction of several keys takes one. ``puts`` and
    ``deletes`` are the shares of single-key operations, the rest are transactions of 2 to
    ``transaction_keys`` keys. ``value_bytes`` is a value's size.
    """

    keys: int = 2000
    prefixes: int = 200
    rate: float = 500.0
    puts: float = 0.6
    deletes: float = 0.15
    transaction_keys: int = 6
    value_bytes: int = 64

    def prefix(self, number: int) -> bytes:
        """The prefix with this number."""
        return b"%s%04d/" % (ROOT, number)

    def key(self, number: int) -> bytes:
        """The key with this number; keys are dealt to the prefixes in turn."""
        return b"%s%06d" % (self.prefix(number % self.prefixes), number // self.prefixes)

    def operations(self, seed: int) -> Iterator[tuple[Put | Delete, ...]]:
        """Endless transactions, each a tuple of operations on distinct keys, decided by the seed.

        A delete is of a key that an earlier operation put, so that it takes a revision.
        """
        draw = random.Random(f"workload {seed}")
        present: dict[int, None] = {}
        while True:
            kind = draw.random()
            if kind < self.puts:
                numbers = [int(draw.random() * self.keys)]
                deletes = 0
            elif kind < self.puts + self.deletes and present:
                numbers = [self._some(draw, present)]
                deletes = 1
            else:
                size = min(2 + int(draw.random() * (self.transaction_keys - 1)), self.keys)
                numbers = list(dict.fromkeys(int(draw.random() * self.keys) for _ in range(size)))
                deletes = int(draw.random() * 2) if numbers[0] in present else 0
            for number in numbers[:deletes]:
                present.pop(number)
            for number in numbers[deletes:]:
                present[number] = None
            yield (
                *(Delete(self.key(number)) for number in numbers[:deletes]),
                *(Put(self.key(number), self._value(draw)) for number in numbers[deletes:]),
            )

    def _some(self, draw: random.Random, present: dict[int, None]) -> int:
        # Any key that is there, without a list of them all: the next one from a drawn number on.
        start = int(draw.random() * self.keys)
        return next(
            number % self.keys
            for number in range(start, start + self.keys)
            if number % self.keys in present
        )

    def _value(self, draw: random.Random) -> bytes:
        return b"%016x" % draw.getrandbits(64) * max(1, self.value_bytes // 16)


class Sent(msgspec.Struct, frozen=True, gc=False):
    """A write that was acknowledged: its revision, and when it was sent (``time.monotonic``).

    An event of that revision was committed after it was sent: that is what recovery times need,
    and all that is taken from the writer. What was committed is the server's word.
    """

    revision: Revision
    at: float


async def write(
    client: EtcdClient, workload: Workload, *, seed: int, seconds: float, in_flight: int = 32
) -> list[Sent]:
    """Write at the workload's rate for ``seconds``; falls behind rather than flood the server.

    ``in_flight`` bounds the writes under way. These may overtake each other, so a delete can come
    before its key's put; it then takes no revision and answers with another write's. Of two times
    for a revision the earlier is kept: it is a bound that holds for either. Raises what the client
    raises; writes under way are then cancelled, their outcome unknown.
    """
    sent: dict[Revision, float] = {}
    room = asyncio.Semaphore(in_flight)
    start = time.monotonic()

    async def one(operations: tuple[Put | Delete, ...]) -> None:
        try:
            at = time.monotonic()
            revision = await client.txn(operations)
            sent[revision] = min(at, sent.get(revision, at))
        finally:
            room.release()

    with first_failure():
        async with asyncio.TaskGroup() as writes:
            for count, operations in enumerate(workload.operations(seed)):
                due = start + count / workload.rate
                if max(due, time.monotonic()) > start + seconds:
                    break
                if due > time.monotonic():
                    await asyncio.sleep(TICK_SECONDS)
                await room.acquire()
                writes.create_task(one(operations))
    return [Sent(revision, at) for revision, at in sorted(sent.items())]
