"""An etcd in memory, for simulations and for tests of what stands on a source.

``MemoryStore`` is the store, ``MemoryServer`` serves it to any number of clients through links
that can be made to fail, ``MemorySource`` is the ``Source`` on it. The source is ``EtcdSource``:
what is simulated is the code that talks to a real etcd, down to single responses.
"""

from commaok.watch.memory.server import MemoryServer
from commaok.watch.memory.source import MemorySource
from commaok.watch.memory.store import CompactedError, FutureError, MemoryStore

__all__ = ["CompactedError", "FutureError", "MemoryServer", "MemorySource", "MemoryStore"]
