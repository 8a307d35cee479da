import pytest
from hypothesis import given
from hypothesis import strategies as st

from commaok.lab.statistics import crossing, loss_interval, quantiles


def test_the_interval_is_students_over_the_seeds() -> None:
    # Shares 0.1, 0.2, 0.3: mean 0.2, s = 0.1, t(0.975, 2) = 4.302653, margin 0.248414.
    interval = loss_interval([(10, 100), (20, 100), (30, 100)])
    assert interval.estimate == pytest.approx(0.2)
    assert interval.low == 0.0
    assert interval.high == pytest.approx(0.448414, abs=1e-6)


def test_losing_nothing_still_has_an_upper_bound_above_zero() -> None:
    interval = loss_interval([(0, 1000)] * 3)
    assert (interval.estimate, interval.low) == (0.0, 0.0)
    assert interval.high == pytest.approx(1 - 0.025 ** (1 / 3000))


def test_one_seed_that_lost_has_no_interval() -> None:
    interval = loss_interval([(1, 10)])
    assert (interval.estimate, interval.low, interval.high) == (0.1, None, None)


def test_nothing_due_proves_nothing() -> None:
    assert loss_interval([(0, 0)]).high is None


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(50, 99)), min_size=2, max_size=8))
def test_the_interval_holds_its_estimate_and_stays_a_share(trials: list[tuple[int, int]]) -> None:
    interval = loss_interval(trials)
    assert interval.low is not None
    assert interval.high is not None
    assert 0 <= interval.low <= interval.estimate + 1e-12
    assert interval.estimate <= interval.high + 1e-12 <= 1 + 2e-12


def test_quantiles_of_nothing_are_none() -> None:
    assert quantiles([]).p50 is None
    assert quantiles([1.0, 2.0, 3.0]).max == 3.0


def test_a_crossing_lies_on_the_line_over_the_logarithm() -> None:
    assert crossing([(1, 0.0), (100, 0.2)], 0.1) == pytest.approx(10)
    assert crossing([(1, 0.0), (10, 0.1)], 0.1) == pytest.approx(10)


def test_a_level_outside_the_sweep_is_not_reached() -> None:
    assert crossing([(1, 0.0), (10, 0.05)], 0.1) is None
    assert crossing([(1, 0.3), (10, 0.5)], 0.1) is None
