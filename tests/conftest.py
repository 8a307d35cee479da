"""What several rooms' tests share: a real etcd, or a skip that says why there is none."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from commaok.lab.etcd import EtcdBinary, EtcdMissing, EtcdServer, find_etcd, running_etcd


@pytest.fixture(scope="session")
def etcd_binary() -> EtcdBinary:
    try:
        return find_etcd()
    except EtcdMissing as missing:
        pytest.skip(str(missing))


@pytest.fixture
async def etcd(etcd_binary: EtcdBinary, tmp_path: Path) -> AsyncIterator[EtcdServer]:
    async with running_etcd(etcd_binary, tmp_path) as server:
        yield server
