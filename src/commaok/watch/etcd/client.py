"""Calls to one etcd endpoint, on a connection of its own."""

from collections.abc import Sequence
from types import TracebackType
from typing import Self, TypeVar

import grpc
import msgspec
from google.protobuf.message import Message

from commaok.errors import MachineError
from commaok.watch.etcd import rpc_pb2 as rpc
from commaok.watch.etcd.stream import CHANNEL_OPTIONS, WatchStream, decode_key_value, why
from commaok.watch.events import NOW, KeyValue, Revision

_ResponseT = TypeVar("_ResponseT", bound=Message)


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
        self.details = details


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
    cluster_id: int = 0


class ServerStatus(msgspec.Struct, frozen=True):
    """What a server says of itself; ``db_size`` in bytes."""

    version: str
    revision: Revision
    db_size: int
    member_id: int
    leader: int


class EtcdClient:
    """One endpoint (``host:port``), no retries hidden inside.

    Calls share one connection; every watch stream has one of its own, so that a fault on one is
    no fault on another and a busy stream delays no call. Messages of any size are received: a
    catch-up response is often larger than gRPC's default limit of 4 MiB. Use it inside a running
    event loop, as ``async with EtcdClient(...)``.
    """

    def __init__(self, endpoint: str, *, timeout: float = 5.0) -> None:
        self.endpoint = endpoint
        self._timeout = timeout
        self._channel = grpc.aio.insecure_channel(endpoint, options=CHANNEL_OPTIONS)

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
        """Close the calls' connection; streams have their own and are closed by themselves."""
        await self._channel.close()

    async def put(self, key: bytes, value: bytes) -> Revision:
        """Set a key; returns the revision of the change."""
        response = await self._answer(
            "KV/Put", rpc.PutResponse, rpc.PutRequest(key=key, value=value)
        )
        return Revision(response.header.revision)

    async def delete(self, key: bytes, range_end: bytes = b"") -> tuple[Revision, int]:
        """Remove a key or range; returns the store's revision and how many keys went."""
        request = rpc.DeleteRangeRequest(key=key, range_end=range_end)
        response = await self._answer("KV/DeleteRange", rpc.DeleteRangeResponse, request)
        return Revision(response.header.revision), response.deleted

    async def txn(self, operations: Sequence[Put | Delete]) -> Revision:
        """Do all operations at one revision; no key may be written twice."""
        request = rpc.TxnRequest(success=[_request_op(operation) for operation in operations])
        response = await self._answer("KV/Txn", rpc.TxnResponse, request)
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
        response = await self._answer("KV/Range", rpc.RangeResponse, request)
        return Range(
            Revision(response.header.revision),
            tuple(decode_key_value(kv) for kv in response.kvs),
            response.count,
            response.header.cluster_id,
        )

    async def compact(self, revision: Revision, *, physical: bool = False) -> None:
        """Forget history before ``revision``; ``physical`` waits until it is gone from disk."""
        await self._answer(
            "KV/Compact",
            rpc.CompactionResponse,
            rpc.CompactionRequest(revision=revision, physical=physical),
        )

    async def status(self) -> ServerStatus:
        """Version, revision and leader, as the endpoint sees them."""
        response = await self._answer("Maintenance/Status", rpc.StatusResponse, rpc.StatusRequest())
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
        return WatchStream(self.endpoint, bound=bound)

    async def _answer(
        self, method: str, response: type[_ResponseT], request: Message
    ) -> _ResponseT:
        call = self._channel.unary_unary(
            f"/etcdserverpb.{method}",
            request_serializer=type(request).SerializeToString,
            response_deserializer=response.FromString,
        )
        try:
            answer: _ResponseT = await call(request, timeout=self._timeout)
        except grpc.RpcError as error:
            raise EtcdUnavailable(self.endpoint, *why(error)) from error
        return answer


def _request_op(operation: Put | Delete) -> rpc.RequestOp:
    match operation:
        case Put(key, value):
            return rpc.RequestOp(request_put=rpc.PutRequest(key=key, value=value))
        case Delete(key, range_end):
            return rpc.RequestOp(
                request_delete_range=rpc.DeleteRangeRequest(key=key, range_end=range_end)
            )
