"""A thin client of etcd's v3 API that hides nothing a checker needs.

Existing Python clients drop response boundaries, header revisions or progress notifications (see
``docs/decisions/003-own-etcd-client.md``); this one hands every response over as it came.
The way in is ``EtcdSource`` to follow keys, and ``EtcdClient`` for what goes over the wire; its
``watch_stream()`` opens a ``WatchStream``.
``rpc_pb2`` is generated from ``rpc.proto`` (``make proto``).
"""

from commaok.watch.etcd.api import EtcdApi, Responses
from commaok.watch.etcd.client import Delete, EtcdClient, EtcdUnavailable, Put, ServerStatus
from commaok.watch.etcd.source import EtcdSource
from commaok.watch.etcd.stream import StreamEnded, WatchRequest, WatchResponse, WatchStream

__all__ = [
    "Delete",
    "EtcdApi",
    "EtcdClient",
    "EtcdSource",
    "EtcdUnavailable",
    "Put",
    "Responses",
    "ServerStatus",
    "StreamEnded",
    "WatchRequest",
    "WatchResponse",
    "WatchStream",
]
