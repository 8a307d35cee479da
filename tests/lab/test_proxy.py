import asyncio
import time
from collections.abc import AsyncIterator

import pytest

from commaok.lab.proxy import Link

Wire = tuple[asyncio.StreamReader, asyncio.StreamWriter]


@pytest.fixture
async def link() -> AsyncIterator[Link]:
    """A link before a server that sends back whatever comes."""

    async def echo(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(65536):
                writer.write(data)
                await writer.drain()
        except ConnectionError:
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(echo, "127.0.0.1", 0)
    link = await Link.open(server.sockets[0].getsockname()[:2])
    yield link
    await link.close()
    server.close()


async def connected(link: Link) -> Wire:
    host, port = link.endpoint.split(":")
    return await asyncio.open_connection(host, int(port))


async def echoed(wire: Wire, data: bytes) -> bytes:
    wire[1].write(data)
    async with asyncio.timeout(5):
        return await wire[0].readexactly(len(data))


async def test_bytes_go_through_unchanged_in_both_directions(link: Link) -> None:
    wire = await connected(link)
    data = bytes(range(256)) * 20_000
    assert await echoed(wire, data) == data
    wire[1].close()


async def test_a_reset_breaks_every_connection_and_new_ones_work(link: Link) -> None:
    wires = [await connected(link) for _ in range(2)]
    for wire in wires:
        await echoed(wire, b"there")
    link.reset()
    for reader, writer in wires:
        with pytest.raises(ConnectionResetError):
            async with asyncio.timeout(5):
                await reader.read(1)
        writer.close()
    wire = await connected(link)
    assert await echoed(wire, b"again") == b"again"
    wire[1].close()


async def test_a_stalled_connection_says_nothing_and_does_not_end(link: Link) -> None:
    wire = await connected(link)
    await echoed(wire, b"there")
    link.stall()
    wire[1].write(b"anyone?")
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.3):
            await wire[0].read(1)
    other = await connected(link)
    assert await echoed(other, b"new") == b"new"
    for _, writer in (wire, other):
        writer.close()


async def test_a_delay_keeps_order_and_ends(link: Link) -> None:
    wire = await connected(link)
    await echoed(wire, b"there")
    link.delay = 0.1
    start = time.monotonic()
    late = asyncio.ensure_future(echoed(wire, b"abc"))
    await asyncio.sleep(0.02)
    link.delay = 0.0
    assert await late == b"abc"
    assert time.monotonic() - start >= 0.1
    assert await echoed(wire, b"def") == b"def"
    wire[1].close()


async def test_refusing_resets_old_and_new_connections_until_accepting(link: Link) -> None:
    old = await connected(link)
    await echoed(old, b"there")
    link.refuse()
    for reader, writer in (old, await connected(link)):
        with pytest.raises(ConnectionError):
            async with asyncio.timeout(5):
                if not await reader.read(1):
                    raise ConnectionResetError
        writer.close()
    link.accept()
    wire = await connected(link)
    assert await echoed(wire, b"again") == b"again"
    wire[1].close()


async def test_a_server_that_is_not_there_resets_the_client() -> None:
    link = await Link.open(("127.0.0.1", 1))
    reader, writer = await connected(link)
    with pytest.raises(ConnectionError):
        async with asyncio.timeout(5):
            if not await reader.read(1):
                raise ConnectionResetError
    writer.close()
    await link.close()


async def test_a_reader_that_stops_reading_stops_the_sender(link: Link) -> None:
    _, writer = await connected(link)
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(2):
            for _ in range(2000):
                writer.write(b"x" * 100_000)
                await writer.drain()
    writer.transport.abort()
