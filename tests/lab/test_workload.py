import asyncio
import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from commaok.lab.etcd import EtcdServer
from commaok.lab.workload import Workload, write
from commaok.watch.etcd import Delete, EtcdClient, EtcdUnavailable, Put
from commaok.watch.events import prefix_end


def _first(workload: Workload, seed: int, count: int) -> list[tuple[Put | Delete, ...]]:
    return list(itertools.islice(workload.operations(seed), count))


def test_the_same_seed_writes_the_same() -> None:
    workload = Workload(keys=50, prefixes=5)
    assert _first(workload, 3, 300) == _first(workload, 3, 300)
    assert _first(workload, 3, 300) != _first(workload, 4, 300)


@given(st.integers(), st.integers(1, 40), st.integers(1, 10))
def test_a_transaction_writes_no_key_twice_and_deletes_only_what_is_there(
    seed: int, keys: int, prefixes: int
) -> None:
    present: set[bytes] = set()
    for operations in _first(Workload(keys=keys, prefixes=prefixes), seed, 200):
        written = [operation.key for operation in operations]
        assert len(set(written)) == len(written) > 0
        for operation in operations:
            if isinstance(operation, Delete):
                assert operation.key in present
                present.remove(operation.key)
            else:
                present.add(operation.key)


def test_every_key_lies_under_exactly_one_prefix() -> None:
    workload = Workload(keys=60, prefixes=7)
    ranges = [(workload.prefix(n), prefix_end(workload.prefix(n))) for n in range(7)]
    for number in range(60):
        key = workload.key(number)
        assert sum(lo <= key < hi for lo, hi in ranges) == 1


def test_the_mix_has_its_shares() -> None:
    operations = _first(Workload(), 1, 5000)
    single = [one[0] for one in operations if len(one) == 1]
    puts = sum(isinstance(one, Put) for one in single) / 5000
    deletes = sum(isinstance(one, Delete) for one in single) / 5000
    assert abs(puts - 0.6) < 0.03
    assert abs(deletes - 0.15) < 0.03


def test_values_have_their_size() -> None:
    operations = _first(Workload(value_bytes=160), 1, 50)
    assert {len(one.value) for many in operations for one in many if isinstance(one, Put)} == {160}


async def test_writing_keeps_the_rate_and_knows_each_revision(etcd: EtcdServer) -> None:
    async with EtcdClient(etcd.endpoint) as client:
        before = (await client.status()).revision
        sent = await write(client, Workload(rate=200), seed=1, seconds=1.0)
        after = (await client.status()).revision
    known = [one.revision for one in sent if one.revision > before]
    assert known == list(range(before + 1, after + 1))
    assert len(sent) == pytest.approx(200, abs=20)


async def test_writing_to_a_dead_server_fails_as_one_error() -> None:
    async with EtcdClient("127.0.0.1:1", timeout=1) as client:
        with pytest.raises(EtcdUnavailable):
            async with asyncio.timeout(10):
                await write(client, Workload(), seed=1, seconds=5.0)
