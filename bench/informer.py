"""How fast an informer takes a catch-up, and what an object costs: ``python -m bench.informer``.

An etcd is filled with KEYS keys and the informer lists them; then EVENTS changes are written in
transactions of 100 behind its back, and it catches up through one watch. CPU is this process's,
all threads, so that the figures are per core. Memory is resident memory before and after the list,
without the values' own bytes.
"""

import argparse
import asyncio
import gc
import os
import tempfile
import time
from pathlib import Path

from commaok.lab.etcd import find_etcd, running_etcd
from commaok.watch.etcd import EtcdClient, EtcdSource, Put
from commaok.watch.reflector import Connecting, Reflector

VALUE = b"v" * 100
BATCH = 100


def resident() -> int:
    with Path("/proc/self/statm").open() as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


async def fill(endpoint: str, keys: int, first: int = 0) -> None:
    async with EtcdClient(endpoint, timeout=30) as client:
        gate = asyncio.Semaphore(16)

        async def write(at: int) -> None:
            async with gate:
                await client.txn(
                    [Put(b"bench/objects/%018d" % key, VALUE) for key in range(at, at + BATCH)]
                )

        await asyncio.gather(*(write(at) for at in range(first, first + keys, BATCH)))


async def main(keys: int, events: int) -> None:
    with tempfile.TemporaryDirectory() as directory:
        async with running_etcd(find_etcd(), Path(directory)) as server:
            await fill(server.endpoint, keys)
            gc.collect()
            before, cpu, wall = resident(), time.process_time(), time.monotonic()
            source = EtcdSource(server.endpoint, prefix=b"bench/", bound=100_000, timeout=60)
            reflector = Reflector(source)
            listed = 0
            while listed < keys + 1:
                listed += len(await reflector.next())
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
            gc.collect()
            # The value's bytes object: its content and 33 bytes that any copy of it has.
            cost = (resident() - before) / keys - len(VALUE) - 33
            print(f"list: {keys} keys in {wall:.1f} s, {keys / cpu:,.0f} objects/s of CPU")
            print(f"memory: {cost:.0f} bytes an object over its value (keys of 32 bytes)")
            position = reflector.position
            await reflector.close()
            await fill(server.endpoint, events)
            assert position is not None
            reflector.state = Connecting(position)
            cpu, wall, taken = time.process_time(), time.monotonic(), 0
            while taken < events:
                taken += len(await reflector.next())
            cpu, wall = time.process_time() - cpu, time.monotonic() - wall
            print(
                f"catch-up: {taken} changes in {wall:.1f} s, {taken / cpu:,.0f} changes/s of CPU, "
                f"{taken / wall:,.0f} changes/s"
            )
            await reflector.close()
            await source.close()


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--keys", type=int, default=1_000_000)
    parser.add_argument("--events", type=int, default=300_000)
    arguments = parser.parse_args()
    asyncio.run(main(arguments.keys, arguments.events))
