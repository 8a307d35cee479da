"""The ``Source`` on a store in memory."""

from commaok.watch.etcd.source import EtcdSource
from commaok.watch.memory.server import MemoryServer
from commaok.watch.memory.store import MemoryStore


class MemorySource(EtcdSource):
    """The keys under ``prefix`` of a store in memory; parameters are ``EtcdSource``'s.

    ``server`` is where its faults are injected.
    """

    def __init__(
        self,
        store: MemoryStore | MemoryServer,
        *,
        prefix: bytes = b"",
        bound: int = 1000,
        prev_kv: bool = False,
    ) -> None:
        self.server = store if isinstance(store, MemoryServer) else MemoryServer(store)
        super().__init__(
            "memory", prefix=prefix, bound=bound, prev_kv=prev_kv, connect=self.server.connect
        )
