"""One reader of an informer's notices, with a position of its own."""

from collections.abc import Iterator, Sequence
from itertools import islice
from types import TracebackType
from typing import Protocol, Self

from commaok.watch.changes import Added, Notice, Resynced
from commaok.watch.errors import SlowConsumer
from commaok.watch.events import NOW, KeyValue, Position
from commaok.watch.source import through

AT_ONCE = 1000
"""The most notices that ``read`` returns."""


class NoticeLog(Protocol):
    """What a consumer reads from; notices are numbered from 0, and the first ones forgotten."""

    def since(self, number: int, limit: int) -> Sequence[Notice]:
        """The notices from ``number`` on."""
        ...

    def taken(self) -> None:
        """A consumer has moved on: there may be room."""
        ...

    def forget(self, consumer: "Consumer") -> None:
        """The consumer is gone; idempotent."""
        ...

    async def more(self, number: int) -> None:
        """Wait for a notice ``number``; raises what ended the log, StopAsyncIteration if closed."""
        ...


class Consumer:
    """Notices in order, each once; made by ``Informer.consumer``.

    Iterate it, or ``read`` many at once. Asking for more says that what was handed out before has
    been processed: only then does ``position`` move. Cancelling a read loses nothing. One reader
    at a time; leave it with ``async with`` or ``close``, so that nobody waits for it.
    """

    def __init__(self, log: NoticeLog, number: int, start: Position | None) -> None:
        self._log = log
        self._snapshot: Iterator[Notice] = iter(())
        self._listing = -1
        self._listed: Position | None = None
        self._processed = self._next = number
        self._held: Notice | None = None
        self._position = start
        self._ended = False

    @property
    def position(self) -> Position | None:
        """Everything up to here was processed; None before the first list is."""
        return self._position

    @property
    def processed(self) -> int:
        """The number of the first notice that was not processed yet."""
        return self._processed

    def begin_with(self, objects: Sequence[KeyValue], at: Position, *, to_come: int) -> None:
        """Hand out ``objects`` first, as of a list at ``at``, of which ``to_come`` are to come."""
        self._snapshot = _as_list(objects, at, to_come)
        self._listing = 1 + len(objects)
        self._listed = None if to_come else at

    def end(self) -> None:
        """Too slow: the next read raises SlowConsumer."""
        self._ended = True

    async def read(self, limit: int = AT_ONCE) -> Sequence[Notice]:
        """What comes next, at least one notice and at most ``limit``.

        Raises SlowConsumer when this consumer was ended for being slow, what ended the informer
        when it failed, and StopAsyncIteration when it was closed.
        """
        self._acknowledge()
        self._check()
        notices: Sequence[Notice] = list(islice(self._snapshot, limit))
        if notices:
            self._listing -= len(notices)
        else:
            while not (notices := self._log.since(self._next, limit)):
                await self._log.more(self._next)
                self._check()
            self._next += len(notices)
        self._held = notices[-1]
        return notices

    def close(self) -> None:
        """Stop consuming; idempotent. What was handed out last counts as not processed."""
        self._log.forget(self)

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Notice:
        return (await self.read(1))[0]

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def _check(self) -> None:
        if self._ended:
            raise SlowConsumer(self._position or through(NOW))

    def _acknowledge(self) -> None:
        if self._held is None:
            return
        held, self._held = self._held, None
        if self._listing > 0:  # a list is processed when all its objects are
            return
        if self._listing == 0:
            self._listing, self._position = -1, self._listed
        else:
            self._position = held.position
        self._processed = self._next
        self._log.taken()


def _as_list(objects: Sequence[KeyValue], at: Position, to_come: int) -> Iterator[Notice]:
    yield Resynced(None, at, None, len(objects) + to_come, -1)
    for sub, one in enumerate(objects):
        yield Added(at.main, sub, None, one, synthesised=True)
