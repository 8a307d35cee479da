import random

from commaok.audit.trend import steadiness


def _judged(samples: list[int]) -> str:
    return steadiness(samples, every=0.1, low=80, high=200).verdict


def test_a_count_in_its_range_holds_with_short_dips() -> None:
    samples = [200] * 60
    samples[20:35] = [0] * 15
    result = steadiness(samples, every=0.1, low=80, high=200)
    assert result.verdict == "holds"
    assert result.longest_below_seconds == 1.5
    assert result.share_in_range == 0.75


def test_a_long_dip_is_a_sudden_drop() -> None:
    result = steadiness([200] * 30 + [0] * 30, every=0.1, low=80, high=200)
    assert result.verdict == "violated"
    assert "sudden drop: below 80 for 3.0 s" in result.reason


def test_growth_above_the_range_is_a_leak() -> None:
    draw = random.Random(1)
    samples = [190 + number // 5 + draw.randrange(3) for number in range(100)]
    result = steadiness(samples, every=0.1, low=80, high=200)
    assert result.verdict == "violated"
    assert "steady growth" in result.reason
    assert result.slope_low > 0


def test_growth_towards_the_range_and_noise_are_none() -> None:
    assert _judged([100 + number for number in range(100)]) == "holds"
    draw = random.Random(1)
    assert _judged([150 + draw.randrange(-20, 20) for _ in range(100)]) == "holds"


def test_too_short_a_look_is_unknown_not_good() -> None:
    assert _judged([200] * 5) == "unknown"


def test_a_constant_count_has_no_slope() -> None:
    result = steadiness([150] * 100, every=0.1, low=80, high=200)
    assert (result.slope, result.slope_low, result.slope_high) == (0, 0, 0)
