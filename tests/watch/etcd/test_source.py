from collections.abc import AsyncIterator

import pytest

from commaok.lab.etcd import EtcdServer
from commaok.watch.errors import Unavailable
from commaok.watch.etcd import EtcdClient, EtcdSource
from commaok.watch.etcd.source import Trust
from tests.watch.conformance import Conformance


class TestEtcdSource(Conformance):
    @pytest.fixture
    async def source(self, etcd: EtcdServer) -> AsyncIterator[EtcdSource]:
        source = EtcdSource(etcd.endpoint, prefix=b"k/", bound=1000, prev_kv=True)
        yield source
        await source.close()

    @pytest.fixture
    async def writer(self, etcd: EtcdServer) -> AsyncIterator[EtcdClient]:
        async with EtcdClient(etcd.endpoint) as client:
            yield client


@pytest.mark.parametrize(
    ("version", "progress", "tombstones"),
    [
        ("3.4.23", False, False),
        ("3.4.25", True, False),
        ("3.4.34", True, True),
        ("3.5.1", False, False),
        ("3.5.8", True, False),
        ("3.5.16", True, True),
        ("3.6.0-rc.1", True, True),
        ("4.0.0", True, True),
        ("Not provided", False, False),
    ],
)
def test_a_server_is_trusted_as_far_as_its_version_has_the_fixes(
    version: str, progress: bool, tombstones: bool
) -> None:
    assert Trust.of(version) == Trust(progress=progress, tombstones=tombstones)


async def test_a_call_that_one_member_does_not_answer_goes_to_the_next(etcd: EtcdServer) -> None:
    source = EtcdSource("127.0.0.1:1", etcd.endpoint, bound=10)
    with pytest.raises(Unavailable, match="127.0.0.1:1"):
        await source.head()
    assert await source.head() >= 1
    await source.close()


def test_a_source_without_an_endpoint_is_refused() -> None:
    with pytest.raises(ValueError, match="endpoint"):
        EtcdSource(bound=10)
