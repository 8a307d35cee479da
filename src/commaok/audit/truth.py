"""Ground truth: every committed event, from the server itself.

Revisions are dense: each mutating transaction takes exactly one and yields at least one event.
A watch of the whole keyspace must therefore see every revision, and a gap convicts the recorder.
"""

import asyncio
import time

from commaok.audit.history import History
from commaok.errors import CommaokError
from commaok.watch.etcd import EtcdClient, StreamEnded, WatchRequest
from commaok.watch.events import Revision

_BOUND = 200_000


class TruthIncomplete(CommaokError):
    """The recorder itself missed something: nothing can be concluded from this observation."""

    def __init__(self, cause: str) -> None:
        super().__init__(
            f"The record of what really happened is incomplete: {cause}.",
            "No figure of this observation can be trusted; run it again.",
        )


class TruthRecorder:
    """Records a server's events from ``start`` on into ``history``, on a connection of its own.

    ``run`` records until cancelled; ``reached`` waits until a revision has been recorded.
    """

    def __init__(self, client: EtcdClient, history: History, *, start: Revision) -> None:
        self._client = client
        self._history = history
        self._next = start
        self._sub = 0
        self._progress = asyncio.Condition()

    async def run(self) -> None:
        """Record; raises TruthIncomplete when the stream ends or skips a revision."""
        stream = self._client.watch_stream(bound=_BOUND)
        stream.create(WatchRequest.prefix(b"", start=self._next))
        try:
            while True:
                for response in await stream.read():
                    if response.canceled:
                        reason = response.cancel_reason or "no reason given"
                        raise TruthIncomplete(f"the server cancelled its watch ({reason})")
                    at = time.monotonic()
                    for event in response.events:
                        self._history.committed(event, self._sub_of(event.mod_revision), at)
                async with self._progress:
                    self._progress.notify_all()
        except StreamEnded as ended:
            raise TruthIncomplete(f"its stream ended ({ended.reason})") from ended
        finally:
            await stream.close()

    async def reached(self, revision: Revision) -> None:
        """Wait until everything up to ``revision`` is recorded."""
        async with self._progress:
            await self._progress.wait_for(lambda: self._next > revision)

    def _sub_of(self, revision: Revision) -> int:
        if revision == self._next - 1:
            self._sub += 1
        elif revision == self._next:
            self._next = Revision(revision + 1)
            self._sub = 0
        else:
            raise TruthIncomplete(f"revision {self._next - 1} was followed by {revision}")
        return self._sub
