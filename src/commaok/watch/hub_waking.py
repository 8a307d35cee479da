"""When the watchers of a hub are woken: together, and for at most half of the loop's time."""

import asyncio
import math
from typing import Final

from commaok.watch.hub_watcher import Log

PAUSE_SECONDS: Final = 0.002
"""The least time between two wake-ups of watchers: what is published meanwhile goes out together.
A wake-up that took longer is followed by as long a pause, so that waking never takes more than half
of the loop's time and the upstream is read on."""


class Waking:
    """Wakes the readers of logs that have something new. Without a ``pause``, at once each time."""

    def __init__(self, pause: float) -> None:
        self._loop = asyncio.get_running_loop()
        self._pause = pause
        self._dirty: list[Log] = []
        self._scheduled = False
        self._not_before = 0.0

    def mark(self, log: Log) -> None:
        """Have the readers of ``log`` woken."""
        if log.dirty:
            return
        log.dirty = True
        self._dirty.append(log)
        if not self._scheduled:
            self._schedule()

    def _schedule(self) -> None:
        if not self._pause or self._loop.time() >= self._not_before:
            self._scheduled = True
            self._loop.call_soon(self._wake)
        elif self._not_before < math.inf:
            self._scheduled = True
            self._loop.call_at(self._not_before, self._wake)

    def _wake(self) -> None:
        self._scheduled = False
        begun = self._loop.time()
        dirty, self._dirty = self._dirty, []
        for log in dirty:
            log.dirty = False
            for reader in log.readers:
                waiting = reader.waiting
                if waiting is not None and not waiting.done():
                    waiting.set_result(None)
        if self._pause:
            # Behind the tasks that were just woken, so that it sees how long they took.
            self._not_before = math.inf
            self._loop.call_soon(self._rest, begun)

    def _rest(self, begun: float) -> None:
        now = self._loop.time()
        self._not_before = now + max(now - begun, self._pause)
        if self._dirty:
            self._schedule()
