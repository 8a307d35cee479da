"""What ``EtcdSource`` needs of an etcd: ``EtcdClient`` has it, and so has the one in memory."""

from typing import Protocol

from commaok.watch.etcd.client import Range, ServerStatus
from commaok.watch.etcd.stream import WatchRequest, WatchResponse
from commaok.watch.events import NOW, Revision


class Responses(Protocol):
    """``WatchStream``'s part of it: watches multiplexed on one stream."""

    def create(self, request: WatchRequest) -> None:
        """See ``WatchStream.create``."""
        ...

    def request_progress(self) -> None:
        """See ``WatchStream.request_progress``."""
        ...

    async def read(self) -> list[WatchResponse]:
        """See ``WatchStream.read``."""
        ...

    async def close(self) -> None:
        """See ``WatchStream.close``."""
        ...


class EtcdApi(Protocol):
    """``EtcdClient``'s part of it: one endpoint."""

    async def range(
        self, key: bytes, range_end: bytes = b"", *, revision: Revision = NOW, limit: int = 0
    ) -> Range:
        """See ``EtcdClient.range``."""
        ...

    async def status(self) -> ServerStatus:
        """See ``EtcdClient.status``."""
        ...

    def watch_stream(self, *, bound: int) -> Responses:
        """See ``EtcdClient.watch_stream``."""
        ...

    async def close(self) -> None:
        """See ``EtcdClient.close``."""
        ...
