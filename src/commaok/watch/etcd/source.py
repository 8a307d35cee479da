"""etcd as a ``Source``: paged lists at one revision, watches as revision-aligned batches."""

from collections import deque
from collections.abc import AsyncGenerator, Callable
from typing import Final, Self

import msgspec

from commaok.watch.errors import (
    Compacted,
    Disconnected,
    Malformed,
    Missed,
    Rewound,
    Unavailable,
    WatchError,
)
from commaok.watch.etcd.api import EtcdApi, Responses
from commaok.watch.etcd.client import EtcdClient, EtcdUnavailable, Range
from commaok.watch.etcd.stream import StreamEnded, WatchRequest, WatchResponse
from commaok.watch.events import NOW, Event, KeyValue, Position, Revision, prefix_end
from commaok.watch.source import END, Batch, Page, through

FIRST_PAGE: Final = 10_000
LARGEST_PAGE: Final = 100_000
SMALL_PAGE_BYTES: Final = 4_000_000
"""A page below it is followed by one of twice the keys: each page makes etcd count all that is
left, which for a million small keys is most of the cost of a list."""


class Trust(msgspec.Struct, frozen=True):
    """What a server of some version can be trusted with; an unknown one with nothing.

    ``progress``: a bookmark does not overtake events (etcd #15220, 3.4.25 and 3.5.8).
    ``tombstones``: a compaction at a delete keeps it for watches from there (etcd #18089, 3.4.34
    and 3.5.16).
    """

    progress: bool
    tombstones: bool

    @classmethod
    def of(cls, version: str) -> Self:
        """By the version that the server says it is."""
        try:
            major, minor, patch = (int(part) for part in version.partition("-")[0].split("."))
        except ValueError:
            return cls(progress=False, tombstones=False)
        line, here = (major, minor), (major, minor, patch)
        return cls(
            progress=here >= (3, 5, 8) or (line == (3, 4) and patch >= 25),
            tombstones=here >= (3, 5, 16) or (line == (3, 4) and patch >= 34),
        )


DISTRUST: Final = Trust(progress=False, tombstones=False)


class EtcdSource:
    """The keys under ``prefix`` (empty is the whole keyspace) of the etcd at ``endpoints``.

    The endpoints (``host:port``) are members of one cluster; a call after one that failed, and
    each new watch, goes to the next.
    ``bound`` is how many events may wait in a watch: above it the server keeps them. ``timeout``,
    in seconds, is how long one read may take. ``prev_kv`` has events carry the state before, as
    far as it is not compacted. ``connect`` makes the client of an endpoint.

    Use it inside a running event loop; nothing is connected before it is needed.
    """

    def __init__(
        self,
        *endpoints: str,
        prefix: bytes = b"",
        bound: int,
        prev_kv: bool = False,
        timeout: float = 5.0,
        connect: Callable[[str], EtcdApi] | None = None,
    ) -> None:
        if not endpoints:
            raise ValueError("an etcd has at least one endpoint")
        self.prefix = prefix
        self._key = prefix or b"\0"
        self._range_end = prefix_end(prefix)
        self._endpoints = endpoints
        self._turn = 0
        self._bound = bound
        self._prev_kv = prev_kv
        self._connect = connect or (lambda endpoint: EtcdClient(endpoint, timeout=timeout))
        self._clients: dict[str, EtcdApi] = {}
        self._trust: dict[str, Trust] = {}
        self._cluster = 0
        self._watched = False

    @property
    def endpoint(self) -> str:
        """The endpoint in use."""
        return self._endpoints[self._turn % len(self._endpoints)]

    async def pages(self) -> AsyncGenerator[Page, None]:
        """See ``Source.pages``; linearizable, all pages at the first one's revision."""
        revision, start, limit = NOW, self._key, FIRST_PAGE
        while True:
            found = await self._read(start, self._range_end, revision=revision, limit=limit)
            if revision and found.cluster_id != self._cluster:
                raise Rewound(through(revision), found.revision)
            revision = revision or found.revision
            self._cluster = found.cluster_id
            yield Page(found.kvs, through(revision))
            if len(found.kvs) >= found.count or not found.kvs:
                return
            start = found.kvs[-1].key + b"\0"
            if limit < LARGEST_PAGE and _size(found.kvs) < SMALL_PAGE_BYTES:
                limit *= 2

    async def head(self) -> Revision:
        """See ``Source.head``."""
        return (await self._read(b"\0", limit=1)).revision

    def watch(self, after: Position) -> "EtcdEvents":
        """See ``Source.watch``."""
        # Also away from a member that answers nothing at all: that is found by who reads.
        self._turn += self._watched
        self._watched = True
        return EtcdEvents(self, self.endpoint, after)

    async def close(self) -> None:
        """See ``Source.close``; open watches are closed by themselves."""
        while self._clients:
            _, client = self._clients.popitem()
            await client.close()

    async def trust(self, endpoint: str) -> Trust:
        """What the server there can be trusted with; nothing while it does not say."""
        if endpoint not in self._trust:
            try:
                self._trust[endpoint] = Trust.of((await self.client(endpoint).status()).version)
            except EtcdUnavailable:
                await self._drop(endpoint)
                return DISTRUST
        return self._trust[endpoint]

    def client(self, endpoint: str) -> EtcdApi:
        """The connection for calls to ``endpoint``."""
        if endpoint not in self._clients:
            self._clients[endpoint] = self._connect(endpoint)
        return self._clients[endpoint]

    def request(self, start: Revision) -> WatchRequest:
        """To watch the range from ``start`` on."""
        return WatchRequest(
            key=self._key,
            range_end=self._range_end,
            start_revision=start,
            prev_kv=self._prev_kv,
        )

    def open_stream(self, endpoint: str, request: WatchRequest) -> Responses:
        """A stream of its own with this one watch."""
        stream = self.client(endpoint).watch_stream(bound=self._bound)
        stream.create(request)
        return stream

    def is_another_store(self, cluster_id: int) -> bool:
        """Whether a server that says it is of ``cluster_id`` is not of the one that was listed."""
        return self._cluster not in {0, cluster_id}

    async def _drop(self, endpoint: str) -> None:
        # A connection that does not answer may be half-open: the next call gets a new one. The
        # server may come back as another version.
        self._trust.pop(endpoint, None)
        client = self._clients.pop(endpoint, None)
        if client is not None:
            await client.close()

    async def _read(
        self, key: bytes, range_end: bytes = b"", *, revision: Revision = NOW, limit: int
    ) -> Range:
        endpoint = self.endpoint
        try:
            return await self.client(endpoint).range(key, range_end, revision=revision, limit=limit)
        except EtcdUnavailable as error:
            if "required revision has been compacted" in error.details:
                raise Compacted(through(revision), revision) from error
            self._turn += 1
            await self._drop(endpoint)
            raise Unavailable(f"etcd at {endpoint}", f"{error.code}: {error.details}") from error


class EtcdEvents:
    """One watch on a stream of its own: an ``EventStream``."""

    def __init__(self, source: EtcdSource, endpoint: str, after: Position) -> None:
        self._source = source
        self._endpoint = endpoint
        self._after = after
        self._position = after
        self._stream: Responses | None = None
        self._trust = DISTRUST
        self._ready: deque[Batch] = deque()
        self._fragments: list[Event] = []
        self._lags = False
        self._error: WatchError | None = None
        self._greeted = False

    async def read(self) -> Batch:
        """See ``EventStream.read``."""
        while self._lags or not self._ready:
            if self._lags:
                await self._check_for_rewind()
            elif self._error is not None:
                raise self._error
            else:
                await self._receive()
        return self._ready.popleft()

    def request_progress(self) -> None:
        """See ``EventStream.request_progress``."""
        if self._stream is not None:
            self._stream.request_progress()

    async def close(self) -> None:
        """See ``EventStream.close``."""
        if self._stream is not None:
            await self._stream.close()

    async def _receive(self) -> None:
        if self._stream is None:
            self._trust = await self._source.trust(self._endpoint)
            request = self._source.request(self._start())
            self._stream = self._source.open_stream(self._endpoint, request)
        try:
            responses = await self._stream.read()
        except StreamEnded as ended:
            self._error = (
                Malformed(ended.reason, position=self._position)
                if ended.malformed
                else Disconnected(ended.reason, clean=ended.clean)
            )
            return
        for response in responses:
            if self._error is None:
                self._take(response)

    def _start(self) -> Revision:
        main, sub = self._after
        # Where a compaction may have dropped the delete it stopped at, the revision that was seen
        # is asked for again: if that is compacted, so may be the delete behind it.
        again = sub < END or not self._trust.tombstones
        return Revision(max(main, 1)) if again else Revision(main + 1)

    def _take(self, response: WatchResponse) -> None:
        if not self._greeted:
            self._greeted = True
            if self._source.is_another_store(response.cluster_id):
                self._error = Rewound(self._after, response.revision)
                return
            self._lags = response.revision < self._after.main
        if response.canceled:
            self._error = (
                Compacted(self._position, response.compact_revision)
                if response.compact_revision
                else Disconnected(response.cancel_reason or "cancelled", clean=False)
            )
        elif response.events:
            self._fragments += response.events
            if not response.fragment:
                self._deliver()
        elif response.created:
            self._ready.append(Batch((), self._position))
        elif response.is_progress:
            if self._trust.progress and not self._fragments:
                self._position = max(self._position, through(response.revision))
            self._ready.append(Batch((), self._position))

    async def _check_for_rewind(self) -> None:
        """The server answered at a revision before the position: is it behind, or restored?"""
        head = await self._source.head()
        self._lags = False
        if head < self._after.main:
            self._ready.clear()
            self._error = Rewound(self._after, head)

    def _deliver(self) -> None:
        events, self._fragments = self._fragments, []
        if self._position == self._after and events[0].mod_revision <= self._after.main:
            events = _behind(events, self._after)
            if not events:
                return
        main, sub = self._position
        last = Revision(main + 1) if sub == END else main
        for event in events:
            if event.mod_revision < last:
                self._error = Missed(
                    f"revision {event.mod_revision} came after {max(main, last)}",
                    position=self._position,
                )
                return
            last = event.mod_revision
        self._position = through(last)
        self._ready.append(Batch(tuple(events), self._position))


def _behind(events: list[Event], after: Position) -> list[Event]:
    """What comes behind ``after``; what is up to it is there because etcd starts at revisions."""
    here = sum(event.mod_revision <= after.main for event in events)
    seen = here if after.sub == END else min(here, after.sub + 1)
    return events[seen:]


def _size(objects: tuple[KeyValue, ...]) -> int:
    return sum(len(one.key) + len(one.value) for one in objects)
