from hypothesis import given
from hypothesis import strategies as st

from commaok.watch.events import Position, Revision, prefix_end


def _in_range(key: bytes, lo: bytes, hi: bytes) -> bool:
    return lo <= key and (hi == b"\0" or key < hi)


@given(st.binary(max_size=6), st.binary(max_size=8))
def test_a_prefix_range_holds_exactly_the_keys_that_start_with_it(
    prefix: bytes, key: bytes
) -> None:
    assert _in_range(key, prefix, prefix_end(prefix)) == key.startswith(prefix)


def test_a_prefix_of_ff_bytes_ends_with_the_keyspace() -> None:
    assert prefix_end(b"\xff\xff") == b"\0"
    assert prefix_end(b"") == b"\0"
    assert prefix_end(b"a\xff") == b"b"


def test_positions_sort_by_revision_then_by_order_in_the_transaction() -> None:
    positions = [Position(Revision(2), 0), Position(Revision(1), 9), Position(Revision(1), 0)]
    assert sorted(positions) == [(1, 0), (1, 9), (2, 0)]
