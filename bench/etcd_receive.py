"""How fast a client takes watch events from a real etcd, beside its peers.

Three loads. ``catch-up``: history of 100-put transactions, read from revision 1 on. ``live``: one
event a response while another process writes as fast as it can. ``live 100-put``: the same with
transactions of 100 puts; ``behind`` is how long after the writer the client was done. Every
client runs in a process of its own, all in turn, several rounds; printed are medians per second
and per core (CPU second), and the ratio to ours. A client that is not installed is named and left
out.

    python -m bench.etcd_receive [--rounds 3] [--etcd PATH]
"""

import argparse
import asyncio
import contextlib
import importlib.util
import json
import os
import resource
import shutil
import statistics
import subprocess
import sys
import time
from collections.abc import AsyncIterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track
from rich.table import Table

from commaok.lab.etcd import find_etcd, running_etcd, scratch_directory
from commaok.watch.etcd import EtcdClient, Put, WatchRequest, WatchStream
from commaok.watch.events import Revision

TRANSACTIONS = 3000
PUTS = 100
LIVE_EVENTS = 12_000
PREFIX = {"catch-up": b"catch-up/", "live": b"live/", "live 100-put": b"live-100/"}
EVENTS = {
    "catch-up": TRANSACTIONS * PUTS,
    "live": LIVE_EVENTS,
    "live 100-put": TRANSACTIONS * PUTS,
}


async def ours(endpoint: str, prefix: bytes, start: int) -> AsyncIterator[int]:
    stream = WatchStream(endpoint, bound=200_000)
    stream.create(WatchRequest.prefix(prefix, start=Revision(start)))
    yield 0
    try:
        while True:
            yield sum(len(response.events) for response in await stream.read())
    finally:
        await stream.close()


async def aetcd(endpoint: str, prefix: bytes, start: int) -> AsyncIterator[int]:
    import aetcd as peer

    host, port = endpoint.split(":")
    options = {"grpc.max_receive_message_length": -1}
    async with peer.Client(host=host, port=int(port), options=options) as client:
        watch = await client.watch_prefix(prefix, start_revision=start)
        yield 0
        async for _ in watch:
            yield 1


async def etcd_sdk(endpoint: str, prefix: bytes, start: int) -> AsyncIterator[int]:
    import pyetcd as peer

    host, port = endpoint.split(":")
    options = {"grpc.max_receive_message_length": -1}.items()
    client = peer.client(host=host, port=int(port), grpc_options=options)
    events, _cancel = client.watch_prefix(prefix.decode(), start_revision=start)
    yield 0
    for _ in events:
        yield 1


CLIENTS = {
    "commaok": ("commaok", ours),
    "aetcd": ("aetcd", aetcd),
    "etcd-sdk-python": ("pyetcd", etcd_sdk),
}


def receive(name: str, endpoint: str, load: str, start: int) -> None:
    """The child: take the load's events and print what it cost."""

    async def take() -> None:
        count = 0
        begun, cpu = 0.0, 0.0
        receiving = CLIENTS[name][1](endpoint, PREFIX[load], start)
        async for events in receiving:
            if begun == 0.0:
                begun, cpu = time.monotonic(), time.process_time()
                print("ready", flush=True)
            count += events
            if count >= EVENTS[load]:
                break
        answer = {"seconds": time.monotonic() - begun, "cpu": time.process_time() - cpu}
        print(json.dumps(answer), flush=True)
        os._exit(0)  # a peer's threads may not end by themselves

    asyncio.run(take())


class Took(NamedTuple):
    """What a client took for a load: wall and CPU seconds, and seconds behind the writer."""

    seconds: float
    cpu: float
    behind: float


def etcdctl(endpoint: str, load: str, start: int) -> "subprocess.Popen[bytes]":
    program = shutil.which("etcdctl")
    assert program is not None
    return subprocess.Popen(
        [
            *(program, "--endpoints", endpoint, "watch", "--prefix", PREFIX[load].decode()),
            *("--rev", str(start)),
        ],
        env=os.environ | {"ETCDCTL_API": "3"},
        stdout=subprocess.PIPE,
    )


def measure_etcdctl(endpoint: str, load: str, start: int) -> Took:
    """Seconds and CPU seconds; an event is three lines: what, key, value."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    begun = time.monotonic()
    process = etcdctl(endpoint, load, start)
    assert process.stdout is not None
    writer = _writer(endpoint, load)
    lines = 0
    while lines < 3 * EVENTS[load]:
        lines += os.read(process.stdout.fileno(), 1 << 20).count(b"\n")
    seconds = time.monotonic() - begun
    done = time.monotonic()
    process.kill()
    process.wait()
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return Took(seconds, cpu, _behind(writer, done))


def measure(name: str, endpoint: str, load: str, start: int) -> Took | None:
    """Seconds and CPU seconds that a client took for the load; None if it failed."""
    if name == "etcdctl":
        return measure_etcdctl(endpoint, load, start)
    process = subprocess.Popen(
        [
            *(sys.executable, "-m", "bench.etcd_receive"),
            *("--receive", name, "--endpoint", endpoint, "--load", load, "--start", str(start)),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )
    assert process.stdout is not None
    process.stdout.readline()
    writer = _writer(endpoint, load)
    line = process.stdout.readline()
    done = time.monotonic()
    process.wait()
    behind = _behind(writer, done)
    if not line:
        return None
    answer = json.loads(line)
    return Took(answer["seconds"], answer["cpu"], behind)


def _behind(writer: "subprocess.Popen[str] | None", done: float) -> float:
    """How long before ``done`` the writer had its last answer."""
    if writer is None:
        return 0.0
    answer, _ = writer.communicate()
    return max(0.0, done - float(answer))


def _writer(endpoint: str, load: str) -> "subprocess.Popen[str] | None":
    if load == "catch-up":
        return None
    return subprocess.Popen(
        [
            *(sys.executable, "-m", "bench.etcd_receive"),
            *("--write", "--endpoint", endpoint, "--load", load),
        ],
        stdout=subprocess.PIPE,
        text=True,
    )


async def write_live(endpoint: str) -> None:
    """Single puts, 40 under way at a time."""
    async with EtcdClient(endpoint) as client:

        async def many(number: int) -> None:
            for index in range(LIVE_EVENTS // 40):
                await client.put(b"live/%d-%d" % (number, index), b"x" * 32)

        await asyncio.gather(*(many(number) for number in range(40)))


async def write_transactions(endpoint: str, load: str) -> None:
    """Transactions of 100 puts, four under way at a time."""
    async with EtcdClient(endpoint, timeout=30) as client:

        async def many(number: int) -> None:
            for index in range(TRANSACTIONS // 4):
                keys = (b"%s%d/%d/%d" % (PREFIX[load], number, index, put) for put in range(PUTS))
                await client.txn([Put(key, b"x" * 32) for key in keys])

        await asyncio.gather(*(many(number) for number in range(4)))


async def bench(rounds: int, etcd: Path | None) -> None:
    console = Console()
    binary = find_etcd(etcd)
    names = [name for name, (module, _) in CLIENTS.items() if importlib.util.find_spec(module)]
    names += ["etcdctl"] if shutil.which("etcdctl") else []
    for name in {*CLIENTS, "etcdctl"} - set(names):
        console.print(f"{name} is not installed: left out")
    measured: dict[tuple[str, str], list[Took]] = {}
    with scratch_directory() as directory:
        async with running_etcd(binary, directory) as server:
            await write_transactions(server.endpoint, "catch-up")
            runs = [(load, name) for _ in range(rounds) for load in EVENTS for name in names]
            for load, name in track(runs, "measuring", console=Console(stderr=True)):
                async with EtcdClient(server.endpoint) as client:
                    head = (await client.status()).revision
                start = 1 if load == "catch-up" else head + 1
                took = await asyncio.to_thread(measure, name, server.endpoint, load, start)
                if took is None:
                    console.print(f"{name} failed at {load}: left out of that round")
                else:
                    measured.setdefault((load, name), []).append(took)
    for load, events in EVENTS.items():
        title = f"{load}: {events:,} events, etcd {binary.version}, median of {rounds}"
        table = Table(title=title, title_justify="left", box=None)
        for heading in ("client", "events/s", "events/s and core", "ours is", "behind"):
            table.add_column(heading, justify="left" if heading == "client" else "right")
        own = statistics.median(one.cpu for one in measured[load, "commaok"])
        for name in names:
            rounds_taken = measured.get((load, name), [])
            if not rounds_taken:
                table.add_row(name, "failed", "", "")
                continue
            seconds = statistics.median(one.seconds for one in rounds_taken)
            cpu = statistics.median(one.cpu for one in rounds_taken)
            behind = statistics.median(one.behind for one in rounds_taken)
            table.add_row(
                name,
                f"{events / seconds:,.0f}",
                f"{events / cpu:,.0f}",
                f"{cpu / own:.1f}x",
                f"{behind:.2f} s",
            )
        console.print(table)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--etcd", type=Path)
    parser.add_argument("--receive", help=argparse.SUPPRESS)
    parser.add_argument("--write", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--endpoint", help=argparse.SUPPRESS)
    parser.add_argument("--load", help=argparse.SUPPRESS)
    parser.add_argument("--start", type=int, help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    if chosen.receive:
        receive(chosen.receive, chosen.endpoint, chosen.load, chosen.start)
    elif chosen.write and chosen.load == "live":
        asyncio.run(write_live(chosen.endpoint))
        print(time.monotonic())
    elif chosen.write:
        asyncio.run(write_transactions(chosen.endpoint, chosen.load))
        print(time.monotonic())
    else:
        with contextlib.suppress(KeyboardInterrupt):
            asyncio.run(bench(chosen.rounds, chosen.etcd))


if __name__ == "__main__":
    main()
