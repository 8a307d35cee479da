"""An event loop whose clock jumps to the next timer, and whose dice choose which task goes first.

Only the order of ready tasks is shuffled: the order of plain callbacks is documented as first in,
first out. No threads, no sockets, no signals: what needs them is no matter for a simulation. It
stands on private parts of asyncio's base loop, which its tests pin for each Python version.
"""

import asyncio
import contextlib
import random
import time
from asyncio import base_events
from collections import deque
from collections.abc import Callable, Coroutine
from typing import Any, Final, TypeVar

_T = TypeVar("_T")

STEPS: Final = 2_000_000
WALL_SECONDS: Final = 10.0


class Deadlock(Exception):
    """Nothing is ready and no timer is set: what is waited for can never happen."""


class BudgetSpent(Exception):
    """Too many steps or too much real time: something spins."""


class SimulatedLoop(base_events.BaseEventLoop):
    """A loop in virtual time; ``dice`` are the seed's, for the scenario as for the scheduling."""

    _ready: deque[Any]
    _scheduled: list[asyncio.TimerHandle]

    def __init__(self, seed: int, *, steps: int = STEPS) -> None:
        super().__init__()
        self.dice = random.Random(seed)
        self.steps = 0
        self._turns = 0
        self.failures: list[dict[str, Any]] = []
        self._now = 0.0
        self._most_steps = steps
        self._give_up_at = time.monotonic() + WALL_SECONDS
        self._selector = _Clock(self)
        self._clock_resolution = 1e-9
        self.set_exception_handler(lambda _, context: self.failures.append(context))

    def time(self) -> float:
        """Virtual seconds since the loop was made."""
        return self._now

    def jump(self, seconds: float) -> None:
        """Let the clock jump ahead, as when a machine was asleep."""
        self._now += seconds

    def advance(self, timeout: float | None) -> None:
        """Go to the next timer, which is ``timeout`` away."""
        if timeout is None:
            raise Deadlock(f"nothing is ready and no timer is set at {self._now:g} s")
        if timeout > 0:
            self._now = self._scheduled[0].when()

    def _process_events(self, event_list: object) -> None:
        ready = self._ready
        self.steps += len(ready)
        if self.steps > self._most_steps:
            raise BudgetSpent(f"{self.steps} steps in {self._now:g} virtual seconds")
        self._turns += 1
        if not self._turns & 1023 and time.monotonic() > self._give_up_at:
            raise BudgetSpent(f"{WALL_SECONDS:g} s of real time")
        tasks = [at for at, handle in enumerate(ready) if _is_task_step(handle)]
        if len(tasks) > 1:
            handles = [ready[at] for at in tasks]
            self.dice.shuffle(handles)
            for at, handle in zip(tasks, handles, strict=True):
                ready[at] = handle

    def _write_to_self(self) -> None:
        """Nothing sleeps, so nothing must be woken."""

    def run_in_executor(self, *_: object) -> Any:
        """No threads in a simulation."""
        raise NotImplementedError

    async def shutdown_default_executor(self, *_: object) -> None:
        """There is none."""


class _Clock:
    """The selector of a loop without sockets: waiting is moving the clock."""

    def __init__(self, loop: SimulatedLoop) -> None:
        self._loop = loop

    def select(self, timeout: float | None) -> tuple[()]:
        self._loop.advance(timeout)
        return ()

    def close(self) -> None:
        pass


def run(main: Callable[[SimulatedLoop], Coroutine[Any, Any, _T]], seed: int) -> _T:
    """Run ``main`` to its end in a loop of its own; what it left running is cancelled.

    Raises Deadlock or BudgetSpent, and RuntimeError when a callback or forgotten task failed.
    """
    loop = SimulatedLoop(seed)
    try:
        asyncio.set_event_loop(loop)
        result = loop.run_until_complete(main(loop))
    finally:
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        with contextlib.suppress(Deadlock, BudgetSpent):
            loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
        asyncio.set_event_loop(None)
        loop.close()
    if loop.failures:
        raise RuntimeError(f"failed in the background: {loop.failures[0]}")
    return result


def _is_task_step(handle: Any) -> bool:
    return isinstance(getattr(handle._callback, "__self__", None), asyncio.Task)  # noqa: SLF001 # asyncio's own
