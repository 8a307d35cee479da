"""One etcd stream behind one link: creates answered in order, silence noticed, ids spent."""

import asyncio
import time
from collections import deque
from collections.abc import Callable
from typing import Final

from commaok.watch.etcd import StreamEnded, WatchRequest, WatchResponse, WatchStream
from commaok.watch.events import ANY_ID, Revision, WatchId

PROBE_SECONDS: Final = 0.1
"""A stream that said nothing for so long is asked for a progress notification."""

SILENCE_SECONDS: Final = 0.45
"""A stream that said nothing for so long, though asked, is dead: half-open connections end so."""

BOUND: Final = 10_000

# A watch on a key that nobody writes: a server since 3.5.8 answers a progress request only where
# there is a watch, and its creation is the first sign of life.
_HEARTBEAT: Final = WatchRequest(key=b"\0commaok/heartbeat", watch_id=ANY_ID)


class Refused(Exception):
    """A registration was refused; ``by`` says by whom: ``registry`` or ``etcd``."""

    def __init__(self, by: str, reason: str) -> None:
        super().__init__(f"{by}: {reason}")
        self.by = by


class Stream:
    """Not alive until the server has answered once, and never again after ``end``."""

    def __init__(self, link: int, endpoint: str) -> None:
        self.link = link
        self.alive = False
        self.spent: set[WatchId] = set()
        self.bookmark = Revision(0)
        self._heard = time.monotonic()
        self._creates: deque[tuple[asyncio.Future[None], Callable[[WatchResponse], None]]] = deque()
        self._wire = WatchStream(endpoint, bound=BOUND)
        heartbeat = self._send_create(_HEARTBEAT, self._first_sign)
        heartbeat.add_done_callback(lambda done: done.cancelled() or done.exception())

    async def create(self, request: WatchRequest, enter: Callable[[WatchResponse], None]) -> None:
        """Ask for a watch; ``enter`` is called with the answer before any event that follows it.

        Raises StreamEnded, or Refused as etcd refuses.
        """
        if not self.alive:
            raise StreamEnded("the stream is gone", clean=False)
        await self._send_create(request, enter)

    def cancel(self, watch_id: WatchId) -> None:
        """Cancel a watch at the server; its id is spent on this stream.

        etcd hands events that were under way to a cancelled watch to the next one of its id.
        """
        self.spent.add(watch_id)
        self._wire.cancel(watch_id)

    def ask_progress(self) -> None:
        """Ask for a bookmark."""
        self._wire.request_progress()

    async def read(self) -> list[WatchResponse]:
        """What arrived, each to be offered to ``handled``; asks a silent server for a sign.

        Raises StreamEnded when the stream ended or stayed silent.
        """
        while True:
            try:
                async with asyncio.timeout(PROBE_SECONDS):
                    return await self._wire.read()
            except TimeoutError:
                if time.monotonic() - self._heard > SILENCE_SECONDS:
                    raise StreamEnded("silent though asked", clean=False) from None
                self.ask_progress()

    def handled(self, response: WatchResponse) -> bool:
        """Take what is the stream's own, answers to creates and bookmarks; False if it is not."""
        self._heard = time.monotonic()
        if response.created:
            self._answered(response)
            return True
        if response.is_progress:
            self.bookmark = max(self.bookmark, response.revision)
            return True
        return False

    def end(self, ended: StreamEnded) -> None:
        """Nothing more comes; whoever waits for an answer gets ``ended``."""
        self.alive = False
        for waiting, _ in self._creates:
            if not waiting.done():
                waiting.set_exception(ended)
        self._creates.clear()

    async def close(self) -> None:
        """Let go of the connection."""
        await self._wire.close()

    def _send_create(
        self, request: WatchRequest, enter: Callable[[WatchResponse], None]
    ) -> asyncio.Future[None]:
        answered: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._creates.append((answered, enter))
        self._wire.create(request)
        return answered

    def _answered(self, response: WatchResponse) -> None:
        waiting, enter = self._creates.popleft()
        if response.canceled:
            if not waiting.done():
                waiting.set_exception(Refused("etcd", response.cancel_reason))
            return
        enter(response)
        if not waiting.done():
            waiting.set_result(None)

    def _first_sign(self, _created: WatchResponse) -> None:
        self.alive = True
