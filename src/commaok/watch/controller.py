"""Reconciling: from changes to keys to work, one worker a key, with back-off.

    controller = Controller(reconcile, concurrency=4)
    controller.follow(replica_sets)
    controller.follow(pods, keys=controller_keys(index, parse))
    await controller.run()

A change only says which key to look at; ``reconcile`` reads the state itself, from the informer's
cache. Several changes of a key while it is worked on are one run more. What waits is in memory
only: a new process lists, and every object is a change again.
"""

import asyncio
from collections.abc import AsyncIterable, Awaitable, Callable, Coroutine, Iterable
from typing import Generic, Protocol, TypeVar

import msgspec

from commaok.watch.owners import Owned, OwnerIndex, Uid
from commaok.watch.queue import KeyT, QueueShutDown, QueueStatistics, RateLimitedQueue

NoticeT = TypeVar("NoticeT")
StateT = TypeVar("StateT")
StateT_co = TypeVar("StateT_co", covariant=True)


class RequeueAfter(msgspec.Struct, frozen=True):
    """What ``reconcile`` returns when all went well and it wants the key again in ``seconds``."""

    seconds: float


Reconcile = Callable[[KeyT], Awaitable[RequeueAfter | None]]

OnError = Callable[[KeyT, BaseException, int], object]
"""Told of each failure: the key, what was raised, and how many failures in a row that makes."""


class Stopped(msgspec.Struct, Generic[KeyT], frozen=True):
    """How a controller ended: ``left`` are keys with work still to do, which a list finds again."""

    left: tuple[KeyT, ...]


class ControllerStatistics(msgspec.Struct, frozen=True):
    """A controller at one moment: how many runs went well, how many raised, and its queue."""

    succeeded: int
    failed: int
    queue: QueueStatistics


def key_of(notice: object) -> tuple[bytes, ...]:
    """The key of a change; none of what concerns no object, such as a bookmark."""
    key = getattr(notice, "key", None)
    if key is None:
        return ()
    if not isinstance(key, bytes):
        raise TypeError(f"{notice!r} has a key that is not bytes: pass keys= to follow()")
    return (key,)


class StateChange(Protocol[StateT_co]):
    """A change of an object: its state before and after, None where it was or is not there."""

    @property
    def old(self) -> StateT_co | None:
        """The state before."""

    @property
    def new(self) -> StateT_co | None:
        """The state after."""


def controller_keys(
    index: OwnerIndex, parse: Callable[[StateT], Owned]
) -> Callable[[object], tuple[Uid, ...]]:
    """From a change of an object to the uids of those that control it, keeping ``index`` by it.

    Where the controller changed both are named: one has lost an object, the other gained one.
    Notices without states, such as a bookmark, name nobody.
    """

    def keys(notice: object) -> tuple[Uid, ...]:
        if not (hasattr(notice, "old") and hasattr(notice, "new")):
            return ()
        change: StateChange[StateT] = notice
        old = None if change.old is None else parse(change.old)
        new = None if change.new is None else parse(change.new)
        named: list[Uid] = []
        for owned in (old, new):
            # The index may know more than the change: a delete can come without its last state.
            if owned is not None and owned.uid in index:
                controller = index.controller(owned.uid)
                if controller is not None:
                    named.append(controller.uid)
        if old is not None and (new is None or new.uid != old.uid):
            index.remove(old.uid)
        if new is not None:
            index.apply(new)
            controller = index.controller(new.uid)
            if controller is not None:
                named.append(controller.uid)
        return tuple(dict.fromkeys(named))

    return keys


class Controller(Generic[KeyT]):
    """Calls ``reconcile`` for every key that changed: at most ``concurrency`` at once, one a key.

    When it raises, the key comes again after its back-off and ``on_error`` is told; when it
    returns, its failures are forgotten. ``queue`` may be given, with a back-off of one's own.
    """

    def __init__(
        self,
        reconcile: Reconcile[KeyT],
        *,
        concurrency: int,
        queue: RateLimitedQueue[KeyT] | None = None,
        on_error: OnError[KeyT] | None = None,
    ) -> None:
        if concurrency < 1:
            raise ValueError("a controller needs at least one worker")
        self.queue: RateLimitedQueue[KeyT] = queue if queue is not None else RateLimitedQueue()
        self._reconcile = reconcile
        self._concurrency = concurrency
        self._on_error = on_error
        self._intakes: list[Coroutine[object, object, None]] = []
        self._stop = asyncio.Event()
        self._drain = True
        self._succeeded = self._failed = 0

    def follow(
        self,
        notices: AsyncIterable[NoticeT],
        keys: Callable[[NoticeT], Iterable[KeyT]] = key_of,  # type: ignore[assignment] # bytes keys
    ) -> None:
        """Work on ``keys(notice)`` for every notice; call it before ``run``.

        The next notice is asked for when the keys of the last are in the queue: what counts that
        as processed may.
        """
        self._intakes.append(self._take_in(notices, keys))

    async def run(self) -> Stopped[KeyT]:
        """Work until stopped, cancelled, or until what it follows ends.

        Either way no ``reconcile`` is interrupted: those that run are waited for, and what is
        ready by then still runs, unless ``stop`` said otherwise. Only a second cancellation cuts
        them short. Raises what a followed stream, ``keys`` or ``on_error`` raised, afterwards.
        """
        intakes = [asyncio.create_task(one) for one in self._intakes]
        self._intakes = []
        workers = [asyncio.create_task(self._work()) for _ in range(self._concurrency)]
        stop = asyncio.create_task(self._stop.wait())
        try:
            await self._until_over(intakes, workers, stop)
        finally:
            stop.cancel()
            left = await self._wind_up(intakes, workers)
        for task in (*intakes, *workers):
            if not task.cancelled() and (error := task.exception()) is not None:
                raise error
        return Stopped(left)

    def stop(self, *, drain: bool = True) -> None:
        """Have ``run`` end; without ``drain``, what is ready is left, and what runs is finished."""
        self._drain = self._drain and drain
        self._stop.set()

    def statistics(self) -> ControllerStatistics:
        """A record of the present; cheap."""
        return ControllerStatistics(self._succeeded, self._failed, self.queue.statistics())

    async def _take_in(
        self, notices: AsyncIterable[NoticeT], keys: Callable[[NoticeT], Iterable[KeyT]]
    ) -> None:
        async for notice in notices:
            for key in keys(notice):
                self.queue.add(key)

    async def _until_over(
        self,
        intakes: list[asyncio.Task[None]],
        workers: list[asyncio.Task[None]],
        stop: asyncio.Task[bool],
    ) -> None:
        waiting: set[asyncio.Task[None] | asyncio.Task[bool]] = {stop, *intakes, *workers}
        while True:
            done, waiting = await asyncio.wait(waiting, return_when=asyncio.FIRST_COMPLETED)
            if stop in done or any(worker.done() for worker in workers):
                return
            if all(intake.done() for intake in intakes):
                return
            if any(intake.done() and intake.exception() for intake in intakes):
                return

    async def _wind_up(
        self, intakes: list[asyncio.Task[None]], workers: list[asyncio.Task[None]]
    ) -> tuple[KeyT, ...]:
        for intake in intakes:
            intake.cancel()
        # A worker that is gone already raised; draining could wait for it in vain.
        drain = self._drain and not any(worker.done() for worker in workers)
        try:
            if intakes:
                await asyncio.wait(intakes)
            left = await self.queue.shut_down(drain=drain)
            await asyncio.wait(workers)
        except asyncio.CancelledError:
            for worker in workers:
                worker.cancel()
            await asyncio.wait(workers)
            raise
        return left

    async def _work(self) -> None:
        while True:
            try:
                key = await self.queue.get()
            except QueueShutDown:
                return
            try:
                await self._attempt(key)
            finally:
                self.queue.done(key)

    async def _attempt(self, key: KeyT) -> None:
        try:
            result = await self._reconcile(key)
        except asyncio.CancelledError as error:
            self._retry(key, error)
            task = asyncio.current_task()
            # Of something inside that was cancelled, it is a failure like any other.
            if task is not None and task.cancelling():
                raise
        except Exception as error:  # noqa: BLE001 # retried, counted and told
            self._retry(key, error)
        else:
            self._succeeded += 1
            self.queue.forget(key)
            if result is not None:
                self.queue.add_after(key, result.seconds)

    def _retry(self, key: KeyT, error: BaseException) -> None:
        self._failed += 1
        self.queue.add_rate_limited(key)
        if self._on_error is not None:
            self._on_error(key, error, self.queue.failures(key))
