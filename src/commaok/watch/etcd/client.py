"""Calls to one etcd endpoint, on a connection of its own."""

import asyncio
from collections.abc import Sequence
from types import TracebackType
from typing import Any, Final, Protocol, Self, TypeVar

import grpc
import msgspec
from google.protobuf.message import Message

from commaok.errors import MachineError
from commaok.watch.etcd import rpc_pb2 as rpc
from commaok.watch.etcd.stream import WatchStream, decode_key_value, why
from commaok.watch.events import NOW, KeyValue, Revision

KEEPALIVE_SECONDS: Final = 10.0
"""How long a silent connection goes unquestioned; etcd refuses pings more often than every 5 s."""

_Response_co = TypeVar("_Response_co", bound=Message, covariant=True)


class EtcdUnavailable(MachineError):
    """The endpoint did not answer, or refused; ``code`` is gRPC's name for why.

    A write that failed so has an unknown outcome: it may have been committed.
    """

    def __init__(self, endpoint: str, code: str, details: str) -> None:
        super().__init__(
            f"etcd at {endpoint} did not answer ({code}: {details}).",
            "Is it running, and is the address right?",
        )
        self.code = code


class Put(msgspec.Struct, frozen=True):
    """Set ``key`` to ``value``."""

    key: bytes
    value: bytes


class Delete(msgspec.Struct, frozen=True):
    """Remove ``key``, or the range from it to ``range_end``; removing nothing takes no revision."""

    key: bytes
    range_end: bytes = b""


class Range(msgspec.Struct, frozen=True):
    """What a range read at one revision found; ``count`` is the keys there, ``kvs`` those sent."""

    revision: Revision
    kvs: tuple[KeyValue, ...]
    count: int


class ServerStatus(msgspec.Struct, frozen=True):
    """What a server says of itself; ``db_size`` in bytes."""

    version: str
    revision: Revision
    db_size: int
    member_id: int
    leader: int


class _Unary(Protocol[_Response_co]):
    def future(self, request: Message, timeout: float | None = None) -> "grpc.Future[Any]": ...


class EtcdClient:
    """One endpoint (``host:port``), one connection, no retries hidden inside.

    Subchannels are not shared: two clients of the same endpoint have two connections, so that a
    fault on one is no fault on the other. Messages of any size are received: a catch-up response
    is often larger than gRPC's default limit of 4 MiB. Use it inside a running event loop, as
    ``async with EtcdClient(...)``.
    """

    def __init__(
        self,
        endpoint: str,
        *,
        timeout: float = 5.0,
        keepalive: float = KEEPALIVE_SECONDS,
    ) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._loop = asyncio.get_running_loop()
        self._channel = grpc.insecure_channel(
            endpoint,
            options=[
                ("grpc.max_receive_message_length", -1),
                ("grpc.max_send_message_length", -1),
                ("grpc.use_local_subchannel_pool", 1),
                ("grpc.keepalive_time_ms", int(keepalive * 1000)),
                ("grpc.keepalive_timeout_ms", int(keepalive * 1000)),
                ("grpc.http2.max_pings_without_data", 0),
                ("grpc.enable_http_proxy", 0),
                ("grpc.enable_retries", 0),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 1000),
            ],
        )
        self._put = self._unary("KV/Put", rpc.PutResponse)
        self._txn = self._unary("KV/Txn", rpc.TxnResponse)
        self._range = self._unary("KV/Range", rpc.RangeResponse)
        self._delete = self._unary("KV/DeleteRange", rpc.DeleteRangeResponse)
        self._compact = self._unary("KV/Compact", rpc.CompactionResponse)
        self._status = self._unary("Maintenance/Status", rpc.StatusResponse)
        self._watch = self._channel.stream_stream(
            "/etcdserverpb.Watch/Watch",
            request_serializer=rpc.WatchRequest.SerializeToString,
            response_deserializer=rpc.WatchResponse.FromString,
        )

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Close the connection; streams on it end."""
        await asyncio.to_thread(self._channel.close)

    async def put(self, key: bytes, value: bytes) -> Revision:
        """Set a key; returns the revision of the change."""
        response = await self._answer(self._put, rpc.PutRequest(key=key, value=value))
        return Revision(response.header.revision)

    async def delete(self, key: bytes, range_end: bytes = b"") -> tuple[Revision, int]:
        """Remove a key or range; returns the store's revision and how many keys went."""
        request = rpc.DeleteRangeRequest(key=key, range_end=range_end)
        response = await self._answer(self._delete, request)
        return Revision(response.header.revision), response.deleted

    async def txn(self, operations: Sequence[Put | Delete]) -> Revision:
        """Do all operations at one revision; no key may be written twice."""
        request = rpc.TxnRequest(success=[_request_op(operation) for operation in operations])
        response = await self._answer(self._txn, request)
        return Revision(response.header.revision)

    async def range(
        self,
        key: bytes,
        range_end: bytes = b"",
        *,
        revision: Revision = NOW,
        limit: int = 0,
    ) -> Range:
        """Read a key or range, at a past revision if one is given; ``limit`` 0 is everything."""
        request = rpc.RangeRequest(key=key, range_end=range_end, revision=revision, limit=limit)
        response = await self._answer(self._range, request)
        return Range(
            Revision(response.header.revision),
            tuple(decode_key_value(kv) for kv in response.kvs),
            response.count,
        )

    async def compact(self, revision: Revision, *, physical: bool = False) -> None:
        """Forget history before ``revision``; ``physical`` waits until it is gone from disk."""
        await self._answer(
            self._compact, rpc.CompactionRequest(revision=revision, physical=physical)
        )

    async def status(self) -> ServerStatus:
        """Version, revision and leader, as the endpoint sees them."""
        response = await self._answer(self._status, rpc.StatusRequest())
        header = response.header
        return ServerStatus(
            response.version,
            Revision(header.revision),
            response.db_size,
            header.member_id,
            response.leader,
        )

    def watch_stream(self, *, bound: int) -> WatchStream:
        """Open a stream; ``bound`` is how many events may wait for the event loop.

        Opening does not wait for the server: a server that is not there shows when it is read.
        """
        return WatchStream(self._watch, bound=bound)

    def _unary(self, method: str, response: type[_Response_co]) -> _Unary[_Response_co]:
        return self._channel.unary_unary(
            f"/etcdserverpb.{method}",
            request_serializer=lambda message: message.SerializeToString(),
            response_deserializer=response.FromString,
        )

    async def _answer(self, call: _Unary[_Response_co], request: Message) -> _Response_co:
        answered: asyncio.Future[_Response_co] = self._loop.create_future()
        sent = call.future(request, timeout=self._timeout)
        sent.add_done_callback(lambda done: self._call_loop(_hand_over, done, answered))
        try:
            return await answered
        except asyncio.CancelledError:
            sent.cancel()
            raise
        except grpc.RpcError as error:
            raise EtcdUnavailable(self.endpoint, *why(error)) from error

    def _call_loop(self, function: Any, *arguments: object) -> None:
        if not self._loop.is_closed():
            self._loop.call_soon_threadsafe(function, *arguments)


def _hand_over(done: "grpc.Future[Any]", answered: asyncio.Future[Any]) -> None:
    if answered.done():
        return
    if done.cancelled():
        answered.cancel()
        return
    error = done.exception()
    if error is None:
        answered.set_result(done.result())
    else:
        answered.set_exception(error)


def _request_op(operation: Put | Delete) -> rpc.RequestOp:
    match operation:
        case Put(key, value):
            return rpc.RequestOp(request_put=rpc.PutRequest(key=key, value=value))
        case Delete(key, range_end):
            return rpc.RequestOp(
                request_delete_range=rpc.DeleteRangeRequest(key=key, range_end=range_end)
            )
