"""A server of a ``MemoryStore``: what an etcd does, response by response, with faults to inject.

Streams pull: what a stream has not read yet is not in flight, so a broken stream loses exactly
what its reader has not got. All waiting is done on the running event loop's clock.
"""

import asyncio
import itertools
from collections import deque
from collections.abc import Callable

from commaok.watch.etcd.client import EtcdUnavailable, Range, ServerStatus
from commaok.watch.etcd.stream import NO_WATCH, StreamEnded, WatchRequest, WatchResponse
from commaok.watch.events import ANY_ID, NOW, Event, EventKind, Revision, WatchId
from commaok.watch.memory.store import (
    CompactedError,
    FutureError,
    MemoryStore,
    in_range,
    with_previous,
)

CURRENT = "3.6.0"


class MemoryServer:
    """Serves one store.

    The attributes are faults, and may be set at any time: ``delay`` and ``call_delay`` seconds
    before each response and call; ``refusing`` fails calls and new streams; ``silent`` makes
    everything new hang; ``replica`` is what lists are served from, such as an old copy of the
    store; ``fragment`` splits responses after so many events; ``forgets_previous`` leaves
    ``prev_kv`` out; ``eager_progress`` answers progress requests at once, ahead of events (etcd
    #15220).
    """

    def __init__(self, store: MemoryStore, *, version: str = CURRENT) -> None:
        self.store = store
        self.version = version
        self.delay = 0.0
        self.call_delay = 0.0
        self.refusing = False
        self.silent = False
        self.replica: MemoryStore | None = None
        self.fragment = 0
        self.forgets_previous = False
        self.eager_progress = False
        self.streams: list[MemoryStream] = []

    def connect(self, endpoint: str) -> "MemoryClient":
        """A client; there is but one endpoint."""
        return MemoryClient(self, endpoint)

    def end_streams(self, ended: StreamEnded) -> None:
        """End every open stream so; what they had not read is lost to them."""
        for stream in list(self.streams):
            stream.end(ended)

    def reset(self) -> None:
        """Reset every connection."""
        self.end_streams(StreamEnded("unavailable: connection reset", clean=False))

    def finish(self) -> None:
        """End every stream in order: a clean end of file."""
        self.end_streams(StreamEnded("the server ended the stream", clean=True))

    def garble(self) -> None:
        """Let the next frame of every stream be one that cannot be read."""
        self.end_streams(StreamEnded("cannot be decoded", clean=False, malformed=True))

    def stall(self) -> None:
        """Let every open stream carry nothing any more, for ever; new ones work."""
        for stream in self.streams:
            stream.stalled = True

    def cut_after(self, events: int, ended: StreamEnded) -> None:
        """End every open stream so, after it delivered so many more events."""
        for stream in self.streams:
            stream.cut_after(events, ended)


class MemoryClient:
    """An ``EtcdApi`` on a ``MemoryServer``."""

    def __init__(self, server: MemoryServer, endpoint: str = "memory") -> None:
        self.endpoint = endpoint
        self._server = server

    async def range(
        self, key: bytes, range_end: bytes = b"", *, revision: Revision = NOW, limit: int = 0
    ) -> Range:
        """See ``EtcdClient.range``."""
        await self._call()
        lists = bool(range_end) and not revision
        store = (lists and self._server.replica) or self._server.store
        present = store.revision
        try:
            found = store.range(key, range_end, revision=revision or present)
        except CompactedError:
            raise self._failed("out_of_range", "required revision has been compacted") from None
        except FutureError:
            raise self._failed("out_of_range", "required revision is a future revision") from None
        return Range(
            present, tuple(found[:limit] if limit else found), len(found), store.cluster_id
        )

    async def status(self) -> ServerStatus:
        """See ``EtcdClient.status``."""
        await self._call()
        return ServerStatus(self._server.version, self._server.store.revision, 0, 1, 1)

    def watch_stream(self, *, bound: int) -> "MemoryStream":
        """See ``EtcdClient.watch_stream``."""
        return MemoryStream(self._server, bound=bound)

    async def close(self) -> None:
        """Nothing to release."""

    async def _call(self) -> None:
        if self._server.silent:
            await asyncio.sleep(5.0)
            raise self._failed("deadline_exceeded", "no answer")
        if self._server.call_delay:
            await asyncio.sleep(self._server.call_delay)
        if self._server.refusing:
            raise self._failed("unavailable", "connection refused")

    def _failed(self, code: str, details: str) -> EtcdUnavailable:
        return EtcdUnavailable(self.endpoint, code, details)


class _Watch:
    """One watch: where it stands, and whether it has been answered."""

    def __init__(self, watch_id: WatchId, request: WatchRequest, next_revision: Revision) -> None:
        self.id = watch_id
        self.request = request
        self.next_revision = next_revision

    def wants(self, event: Event) -> bool:
        unwanted = self.request.no_put if event.kind is EventKind.PUT else self.request.no_delete
        return not unwanted and in_range(event.key, self.request.key, self.request.range_end)


class MemoryStream:
    """Watches on one stream: ``Responses``, with at most about ``bound`` events a response."""

    def __init__(self, server: MemoryServer, *, bound: int) -> None:
        self._server = server
        self._store = server.store
        self._bound = bound
        self._watches: dict[WatchId, _Watch] = {}
        self._split: deque[WatchResponse] = deque()
        self._answers: list[Callable[[], WatchResponse]] = []
        self._ids = itertools.count(1)
        self._progress_wanted = False
        self._ended: StreamEnded | None = None
        self._left: tuple[int, StreamEnded] | None = None
        self._waiting: asyncio.Future[None] | None = None
        self.stalled = server.silent
        if server.refusing:
            self._ended = StreamEnded("unavailable: connection refused", clean=False)
        server.streams.append(self)
        self._store.on_commit.append(self._wake)

    def create(self, request: WatchRequest) -> None:
        """See ``WatchStream.create``."""
        self._answers.append(lambda: self._create(request))
        self._wake()

    def cancel(self, watch_id: WatchId) -> None:
        """See ``WatchStream.cancel``."""
        if self._watches.pop(watch_id, None) is not None:
            self._answers.append(lambda: self._response(watch_id, canceled=True))
            self._wake()

    def request_progress(self) -> None:
        """See ``WatchStream.request_progress``."""
        self._progress_wanted = True
        self._wake()

    async def read(self) -> list[WatchResponse]:
        """See ``WatchStream.read``."""
        while True:
            if self._server.delay:
                await asyncio.sleep(self._server.delay)
            if self._ended is not None:
                raise self._ended
            if not self.stalled and self._split:
                return [self._split.popleft()]
            if not self.stalled and (responses := self._take()):
                if not self._server.fragment:
                    return responses
                self._split += responses
                continue
            if self._ended is None:
                self._waiting = asyncio.get_running_loop().create_future()
                try:
                    await self._waiting
                finally:
                    self._waiting = None

    async def close(self) -> None:
        """See ``WatchStream.close``."""
        self.end(StreamEnded("cancelled: closed here", clean=True))

    def end(self, ended: StreamEnded) -> None:
        """The stream ends; a stalled one does not get to know, unless it is closed here."""
        if self.stalled and not ended.reason.startswith("cancelled"):
            return
        self._ended = self._ended or ended
        if self in self._server.streams:
            self._server.streams.remove(self)
            self._store.on_commit.remove(self._wake)
        self._wake()

    def cut_after(self, events: int, ended: StreamEnded) -> None:
        """End the stream once it has delivered so many more events."""
        self._left = (events, ended)

    def _wake(self) -> None:
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_result(None)

    def _take(self) -> list[WatchResponse]:
        responses = [answer() for answer in self._answers]
        self._answers.clear()
        if self._progress_wanted and self._server.eager_progress:
            responses.append(self._progress())
        for watch in list(self._watches.values()):
            responses += self._events(watch)
        if self._progress_wanted and self._ended is None and self._is_caught_up():
            responses.append(self._progress())
        return responses

    def _create(self, request: WatchRequest) -> WatchResponse:
        watch_id = request.watch_id
        if watch_id == ANY_ID:
            watch_id = next(one for one in map(WatchId, self._ids) if one not in self._watches)
        elif watch_id in self._watches:
            return self._response(
                NO_WATCH, created=True, canceled=True, reason="duplicate watch ID provided"
            )
        start = request.start_revision or Revision(self._store.revision + 1)
        self._watches[watch_id] = _Watch(watch_id, request, start)
        return self._response(watch_id, created=True)

    def _events(self, watch: _Watch) -> list[WatchResponse]:
        store = self._store
        if watch.next_revision < store.compacted:
            del self._watches[watch.id]
            return [self._response(watch.id, canceled=True, compact_revision=store.compacted)]
        wanted: list[Event] = []
        while not wanted and watch.next_revision <= store.revision and self._ended is None:
            events = store.events(watch.next_revision, limit=self._bound)
            wanted = [self._seen(watch, event) for event in events if watch.wants(event)]
            if self._left is not None:
                wanted = self._cut(wanted)
            last = events[-1].mod_revision if events else store.revision
            watch.next_revision = Revision(last + 1)
        return self._responses(watch.id, wanted)

    def _cut(self, events: list[Event]) -> list[Event]:
        """What still gets through before the cut: only whole revisions do, as in etcd."""
        assert self._left is not None
        left, ended = self._left
        if len(events) < left:
            self._left = (left - len(events), ended)
            return events
        boundary = events[left - 1].mod_revision if left else 0
        self.end(ended)
        return [event for event in events if event.mod_revision <= boundary]

    def _seen(self, watch: _Watch, event: Event) -> Event:
        if not watch.request.prev_kv or self._server.forgets_previous:
            return event
        return with_previous(event, self._store.before(event))

    def _responses(self, watch_id: WatchId, events: list[Event]) -> list[WatchResponse]:
        size = self._server.fragment or len(events) or 1
        parts = [events[at : at + size] for at in range(0, len(events), size)]
        return [
            self._response(watch_id, events=tuple(part), fragment=part is not parts[-1])
            for part in parts
        ]

    def _is_caught_up(self) -> bool:
        return all(watch.next_revision > self._store.revision for watch in self._watches.values())

    def _progress(self) -> WatchResponse:
        self._progress_wanted = False
        return self._response(NO_WATCH)

    def _response(
        self,
        watch_id: WatchId,
        *,
        created: bool = False,
        canceled: bool = False,
        reason: str = "",
        compact_revision: Revision = NOW,
        fragment: bool = False,
        events: tuple[Event, ...] = (),
    ) -> WatchResponse:
        store = self._store
        return WatchResponse(
            watch_id,
            store.revision,
            created,
            canceled,
            reason,
            compact_revision,
            fragment,
            events,
            store.cluster_id,
        )
