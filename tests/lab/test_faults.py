import hashlib

from hypothesis import given
from hypothesis import strategies as st

from commaok.lab.faults import MIX, Fault, FaultKind, schedule


def _schedule(seed: int, rate: float = 20.0) -> tuple[Fault, ...]:
    return schedule(seed, rate=rate, seconds=30.0, links=8, watchers=200)


@given(st.integers())
def test_the_same_seed_gives_the_same_faults(seed: int) -> None:
    assert _schedule(seed) == _schedule(seed)


def test_the_schedule_of_a_seed_never_changes_between_versions() -> None:
    digest = hashlib.sha256(repr(_schedule(7)).encode()).hexdigest()
    assert digest == "1125a9d5169d90c3a853ca76e207e615b987e1a61f4ebbbf8a2af37d31f668e8"


def test_another_seed_gives_other_faults() -> None:
    assert _schedule(1) != _schedule(2)


@given(st.integers(), st.floats(0.1, 100), st.integers(1, 9), st.integers(1, 300))
def test_faults_are_in_order_in_time_and_have_targets(
    seed: int, rate: float, links: int, watchers: int
) -> None:
    faults = schedule(seed, rate=rate, seconds=5.0, links=links, watchers=watchers)
    times = [fault.at for fault in faults]
    assert times == sorted(times)
    assert all(0 < at < 5.0 for at in times)
    for fault in faults:
        bound = watchers if fault.kind is FaultKind.CONSUMER else links
        assert 0 <= fault.target < bound


def test_every_kind_comes_with_its_share() -> None:
    faults = [fault for seed in range(40) for fault in _schedule(seed)]
    assert abs(len(faults) / (40 * 30 * 20) - 1) < 0.05
    for kind, share in MIX.items():
        assert abs(sum(fault.kind is kind for fault in faults) / len(faults) - share) < 0.01


def test_no_rate_means_no_faults() -> None:
    assert _schedule(1, rate=0) == ()
