"""One bidirectional Watch stream, response by response.

A thread reads gRPC and decodes; the event loop gets whatever has arrived, in order, in one
hand-over per wake-up. A hand-over per response would be several times slower at the tail when
responses come faster than the loop turns.
"""

import asyncio
import queue
import threading
from collections import deque
from typing import Final

import grpc
import msgspec

from commaok.watch.etcd import rpc_pb2 as rpc
from commaok.watch.events import (
    ANY_ID,
    NOW,
    Event,
    EventKind,
    KeyValue,
    Revision,
    WatchId,
    prefix_end,
)

NO_WATCH: Final = WatchId(-1)
"""The id on a refused create and on a progress response that speaks for the whole stream."""

KEEPALIVE_SECONDS: Final = 10.0
"""How long a silent connection goes unquestioned; etcd refuses pings more often than every 5 s."""

CHANNEL_OPTIONS: Final = (
    ("grpc.max_receive_message_length", -1),
    ("grpc.max_send_message_length", -1),
    ("grpc.use_local_subchannel_pool", 1),
    ("grpc.keepalive_time_ms", int(KEEPALIVE_SECONDS * 1000)),
    ("grpc.keepalive_timeout_ms", int(KEEPALIVE_SECONDS * 1000)),
    ("grpc.http2.max_pings_without_data", 0),
    ("grpc.enable_http_proxy", 0),
    ("grpc.enable_retries", 0),
    ("grpc.initial_reconnect_backoff_ms", 100),
    ("grpc.max_reconnect_backoff_ms", 1000),
)

PAUSE_SECONDS: Final = 0.002
"""The least time between two wake-ups of the loop by one stream: what arrives meanwhile is handed
over together, which costs a fast stream a fifth of the CPU and a slow one no more than this."""


class StreamEnded(Exception):
    """The stream carries nothing any more; what it has delivered stands, the rest is unknown.

    ``clean`` tells an end that the server or this client asked for from a broken connection.
    Either way the watches on it are gone at the server, and "ended" never means "complete".
    ``malformed`` tells that it ended because a response could not be read.
    """

    def __init__(self, reason: str, *, clean: bool, malformed: bool = False) -> None:
        super().__init__(reason)
        self.reason = reason
        self.clean = clean
        self.malformed = malformed


class WatchRequest(msgspec.Struct, frozen=True, kw_only=True):
    """What a watch asks for; names and meanings are etcd's (WatchCreateRequest).

    ``range_end`` empty is the one key, ``b"\\0"`` is every key from ``key`` on.
    ``start_revision`` may be ``NOW``, ``watch_id`` ``ANY_ID``.
    """

    key: bytes
    range_end: bytes = b""
    start_revision: Revision = NOW
    watch_id: WatchId = ANY_ID
    progress_notify: bool = False
    prev_kv: bool = False
    no_put: bool = False
    no_delete: bool = False
    fragment: bool = False

    @classmethod
    def prefix(
        cls, prefix: bytes, *, start: Revision = NOW, watch_id: WatchId = ANY_ID
    ) -> "WatchRequest":
        """Everything under ``prefix``; the empty prefix is the whole keyspace."""
        return cls(
            key=prefix or b"\0",
            range_end=prefix_end(prefix),
            start_revision=start,
            watch_id=watch_id,
        )


class WatchResponse(msgspec.Struct, frozen=True, gc=False):
    """One response as the server sent it.

    ``revision`` is the header's: the store's revision when the response was made.
    A refused create has ``created`` and ``canceled`` set and ``watch_id`` ``NO_WATCH``: creates
    are answered in the order they were sent. ``compact_revision`` is not 0 when the watch was
    cancelled because history from its start is compacted. ``cluster_id`` tells one store from
    another.
    """

    watch_id: WatchId
    revision: Revision
    created: bool
    canceled: bool
    cancel_reason: str
    compact_revision: Revision
    fragment: bool
    events: tuple[Event, ...]
    cluster_id: int = 0

    @property
    def is_progress(self) -> bool:
        """A bookmark: everything up to ``revision`` has been delivered."""
        return not (self.events or self.created or self.canceled)


class WatchStream:
    """Watches multiplexed on one gRPC stream with a connection of its own.

    ``bound`` is how many events may wait for the event loop. Above it the reader thread stops
    reading, HTTP/2 flow control closes, and the server keeps the rest: nothing is dropped. A
    single response may exceed the bound (a catch-up response holds up to 100,000 events).
    """

    def __init__(self, endpoint: str, *, bound: int) -> None:
        self._loop = asyncio.get_running_loop()
        self._bound = bound
        self._requests: queue.SimpleQueue[rpc.WatchRequest | None] = queue.SimpleQueue()
        self._lock = threading.Lock()
        self._room = threading.Condition(self._lock)
        self._arrived: deque[WatchResponse] = deque()
        self._waiting_events = 0
        self._ended: StreamEnded | None = None
        self._closing = False
        self._wake_scheduled = False
        self._last_hand_over = 0.0
        self._reader_waits: asyncio.Future[None] | None = None
        self._channel = grpc.insecure_channel(endpoint, options=CHANNEL_OPTIONS)
        self._call = self._channel.stream_stream(
            "/etcdserverpb.Watch/Watch",
            request_serializer=rpc.WatchRequest.SerializeToString,
            response_deserializer=rpc.WatchResponse.FromString,
        )(iter(self._requests.get, None))
        self._thread = threading.Thread(target=self._read, name="etcd-watch-stream", daemon=True)
        self._thread.start()

    def create(self, request: WatchRequest) -> None:
        """Ask for a watch; the answer comes as a response with ``created`` set."""
        filters = [
            kind
            for kind, wanted in (
                (rpc.WatchCreateRequest.NOPUT, request.no_put),
                (rpc.WatchCreateRequest.NODELETE, request.no_delete),
            )
            if wanted
        ]
        self._requests.put(
            rpc.WatchRequest(
                create_request=rpc.WatchCreateRequest(
                    key=request.key,
                    range_end=request.range_end,
                    start_revision=request.start_revision,
                    progress_notify=request.progress_notify,
                    filters=filters,
                    prev_kv=request.prev_kv,
                    watch_id=request.watch_id,
                    fragment=request.fragment,
                )
            )
        )

    def cancel(self, watch_id: WatchId) -> None:
        """Ask the server to end a watch.

        The answer has ``canceled`` set; a watch that is not there gets no answer. The id should
        not be used again on this stream: etcd hands events that were under way to the cancelled
        watch to a successor of the same id (``tests/watch/etcd/test_stream.py`` shows it).
        """
        self._requests.put(
            rpc.WatchRequest(cancel_request=rpc.WatchCancelRequest(watch_id=watch_id))
        )

    def request_progress(self) -> None:
        """Ask for a bookmark of the whole stream.

        Servers since 3.5.8 answer only while every watch of the stream is caught up; older ones
        answer at once and may overtake events that are still under way (etcd #15220).
        """
        self._requests.put(rpc.WatchRequest(progress_request=rpc.WatchProgressRequest()))

    async def read(self) -> list[WatchResponse]:
        """Every response that has arrived since the last call, at least one, in order.

        Raises StreamEnded once all that arrived has been read. Cancelling loses nothing. One
        reader at a time.
        """
        while True:
            batch = self._take()
            if batch:
                return batch
            if self._ended is not None:
                raise self._ended
            self._reader_waits = self._loop.create_future()
            try:
                # A response may have arrived between _take and here; its wake-up is still to come
                # on this loop, so it finds the future.
                await self._reader_waits
            finally:
                self._reader_waits = None

    async def close(self) -> None:
        """End the stream and wait until its thread is gone; what was not read is dropped."""
        with self._lock:
            self._closing = True
            self._room.notify_all()
        self._requests.put(None)
        await asyncio.to_thread(self._shut)

    def _shut(self) -> None:
        self._channel.close()  # cancels the call
        self._thread.join()

    def _take(self) -> list[WatchResponse]:
        with self._lock:
            batch = list(self._arrived)
            self._arrived.clear()
            if self._waiting_events >= self._bound:
                self._room.notify_all()
            self._waiting_events = 0
        return batch

    def _read(self) -> None:
        ended = StreamEnded("the server ended the stream", clean=True)
        try:
            for message in self._call:
                response = _decode(message)
                with self._lock:
                    while self._waiting_events >= self._bound and not self._closing:
                        self._room.wait()
                    self._arrived.append(response)
                    self._waiting_events += len(response.events)
                    wake = not self._wake_scheduled
                    self._wake_scheduled = True
                if wake:
                    self._call_loop()
        except grpc.RpcError as error:
            ended = _ended_by(error)
        except IndexError:
            # Protobuf hands on enum values that it does not know: an event of no known type.
            ended = StreamEnded("an event of an unknown type", clean=False, malformed=True)
        finally:
            self._requests.put(None)  # releases gRPC's own thread that waits for requests
            with self._lock:
                self._ended = ended
            self._call_loop()

    def _call_loop(self) -> None:
        try:
            self._loop.call_soon_threadsafe(self._wake)
        except RuntimeError:
            # The loop is closed: nobody is left to tell.
            with self._lock:
                self._closing = True

    def _wake(self) -> None:
        pause = self._last_hand_over + PAUSE_SECONDS - self._loop.time()
        if pause > 0:
            self._loop.call_later(pause, self._hand_over)
        else:
            self._hand_over()

    def _hand_over(self) -> None:
        self._last_hand_over = self._loop.time()
        with self._lock:
            self._wake_scheduled = False
        if self._reader_waits is not None and not self._reader_waits.done():
            self._reader_waits.set_result(None)


def _ended_by(error: grpc.RpcError) -> StreamEnded:
    code, details = why(error)
    return StreamEnded(
        f"{code}: {details}",
        clean=code == "cancelled",
        malformed="deserializing" in details,  # gRPC's own word for it; the code is "internal"
    )


def why(error: grpc.RpcError) -> tuple[str, str]:
    """gRPC's code, in lower case, and its details.

    An RpcError that a synchronous call raises is a Call as well, which the stubs cannot say.
    """
    call: object = error
    if isinstance(call, grpc.Call | grpc.aio.AioRpcError):
        return call.code().name.lower(), call.details() or "no details"
    return "unknown", str(error)


def _decode(message: rpc.WatchResponse) -> WatchResponse:
    return WatchResponse(
        WatchId(message.watch_id),
        Revision(message.header.revision),
        message.created,
        message.canceled,
        message.cancel_reason,
        Revision(message.compact_revision),
        message.fragment,
        tuple([_decode_event(event) for event in message.events]),
        message.header.cluster_id,
    )


# Indexing is several times faster than calling the enum.
_KINDS: Final = (EventKind.PUT, EventKind.DELETE)


def _decode_event(event: rpc.Event) -> Event:
    kv = event.kv
    return Event(
        _KINDS[event.type],
        kv.key,
        kv.value,
        kv.create_revision,  # type: ignore[arg-type] # NewType calls cost a third of the decode
        kv.mod_revision,  # type: ignore[arg-type]
        kv.version,
        kv.lease,
        decode_key_value(event.prev_kv) if event.HasField("prev_kv") else None,
    )


def decode_key_value(kv: rpc.KeyValue) -> KeyValue:
    """A stored key as our own value; upb objects pin the whole response they came in."""
    created, modified = kv.create_revision, kv.mod_revision
    return KeyValue(
        kv.key,
        kv.value,
        created if created != modified else modified,  # type: ignore[arg-type] # one object of two
        modified,  # type: ignore[arg-type]
        kv.version,
        kv.lease,
    )
