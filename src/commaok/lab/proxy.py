"""A TCP proxy that breaks connections on demand: reset, half-open, delay, refuse.

One ``Link`` is one listening port; whoever connects through it shares its faults. Bytes are
forwarded as they come, with back-pressure in both directions.
"""

import asyncio
import contextlib
import socket
import struct
from collections import deque
from typing import Final

_RST_ON_CLOSE: Final = struct.pack("ii", 1, 0)


class Link:
    """A loopback port before ``upstream`` whose connections can be broken; made by ``open``."""

    def __init__(self, upstream: tuple[str, int]) -> None:
        self._upstream = upstream
        self._connections: set[_Connection] = set()
        self._server: asyncio.Server | None = None
        self._refusing = False
        self.delay = 0.0
        """How many seconds later bytes go out than they came in, in both directions."""

    @classmethod
    async def open(cls, upstream: tuple[str, int]) -> "Link":
        """Listen on a free loopback port."""
        link = cls(upstream)
        loop = asyncio.get_running_loop()
        link._server = await loop.create_server(link._accepted, "127.0.0.1", 0)
        return link

    @property
    def endpoint(self) -> str:
        """Where to connect: ``host:port``."""
        assert self._server is not None
        host, port = self._server.sockets[0].getsockname()[:2]
        return f"{host}:{port}"

    def reset(self) -> None:
        """Reset every connection."""
        for connection in list(self._connections):
            connection.reset()

    def stall(self) -> None:
        """Let every present connection carry nothing any more; new ones work.

        A stalled connection stays open until its client gives it up.
        """
        for connection in self._connections:
            connection.stalled = True

    def refuse(self) -> None:
        """Reset every connection, and every new one until ``accept``."""
        self._refusing = True
        self.reset()

    def accept(self) -> None:
        """Take connections again."""
        self._refusing = False

    async def close(self) -> None:
        """Stop listening and reset what is left."""
        if self._server is not None:
            self._server.close()
        self.reset()
        await asyncio.sleep(0)  # lets the aborted transports tell their protocols

    def _accepted(self) -> "_Side":
        connection = _Connection(self)
        if self._refusing:
            connection.over = True
            return connection.client
        self._connections.add(connection)
        connection.connecting = asyncio.ensure_future(self._connect(connection))
        return connection.client

    async def _connect(self, connection: "_Connection") -> None:
        try:
            await asyncio.get_running_loop().create_connection(
                lambda: connection.server, *self._upstream
            )
        except OSError:
            connection.reset()

    def forget(self, connection: "_Connection") -> None:
        """The connection is over: there is nothing to break any more."""
        self._connections.discard(connection)


class _Connection:
    """Both sides of one proxied connection."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.stalled = False
        self.over = False
        self.client = _Side(self)
        self.server = _Side(self)
        self.client.other = self.server
        self.server.other = self.client
        self.connecting: asyncio.Task[None] | None = None

    def reset(self) -> None:
        self.over = True
        self.link.forget(self)
        for side in (self.client, self.server):
            side.reset()

    def close(self) -> None:
        """One side closed: so does the other, once what is under way has gone out."""
        self.over = True
        self.link.forget(self)
        for side in (self.client, self.server):
            side.close()


class _Side(asyncio.Protocol):
    """One socket; what comes in here goes out at the other side."""

    other: "_Side"

    def __init__(self, connection: _Connection) -> None:
        self._connection = connection
        self.transport: asyncio.Transport | None = None
        self._waiting: deque[bytes] = deque()  # late, or come before this side was connected

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if self._connection.over:
            self.reset()
            return
        while self._waiting:
            self._send_next()

    def data_received(self, data: bytes) -> None:
        self.other.send(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._connection.close()

    def pause_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.pause_reading()

    def resume_writing(self) -> None:
        if self.other.transport is not None:
            self.other.transport.resume_reading()

    def send(self, data: bytes) -> None:
        if self._connection.stalled:
            return
        late = self._connection.link.delay
        if self.transport is None:
            self._waiting.append(data)
        elif late or self._waiting:
            self._waiting.append(data)
            asyncio.get_running_loop().call_later(late, self._send_next)
        else:
            self.transport.write(data)

    def reset(self) -> None:
        self._waiting.clear()
        if self.transport is None:
            return
        wire: socket.socket | None = self.transport.get_extra_info("socket")
        if wire is not None:
            with contextlib.suppress(OSError):
                wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RST_ON_CLOSE)
        self.transport.abort()

    def close(self) -> None:
        if self.transport is not None and not self._waiting:
            self.transport.close()

    def _send_next(self) -> None:
        if self._waiting and self.transport is not None:
            data = self._waiting.popleft()
            if not self._connection.stalled:
                self.transport.write(data)
            if self._connection.over:
                self.close()
