"""Intervals over seeds. A trial is one draw: its events share faults and are not independent."""

import itertools
from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import stats

CONFIDENCE = 0.95


class Interval(msgspec.Struct, frozen=True):
    """An estimate with its 95 % interval, and how that was made; None where it cannot be."""

    estimate: float
    low: float | None
    high: float | None
    method: str


class Quantiles(msgspec.Struct, frozen=True):
    """Of ``count`` values, in their own unit; None when there are none."""

    count: int
    p50: float | None
    p99: float | None
    max: float | None


def loss_interval(trials: Sequence[tuple[int, int]]) -> Interval:
    """The share of events lost over trials of ``(lost, due)``.

    Student's t over the trials' shares. Where no trial lost anything there is no spread to learn
    from: then the upper bound is Clopper-Pearson's for that many events, taken as independent,
    so it says how much a run of this size could show at best.
    """
    lost, due = (sum(column) for column in zip(*trials, strict=True))
    estimate = lost / due if due else 0.0
    if lost == 0:
        high = float(stats.binomtest(0, due).proportion_ci(CONFIDENCE).high) if due else None
        return Interval(0.0, 0.0, high, "Clopper-Pearson over events (nothing was lost)")
    if len(trials) < 2:
        return Interval(estimate, None, None, "none: one seed shows no spread")
    shares = np.array([lost / due for lost, due in trials if due])
    error = float(np.std(shares, ddof=1)) / len(shares) ** 0.5
    margin = float(stats.t.ppf((1 + CONFIDENCE) / 2, len(shares) - 1)) * error
    mean = float(np.mean(shares))
    return Interval(
        mean, max(0.0, mean - margin), min(1.0, mean + margin), f"t over {len(shares)} seeds"
    )


def quantiles(values: Sequence[float]) -> Quantiles:
    """Median, 99th percentile and maximum."""
    if not values:
        return Quantiles(0, None, None, None)
    p50, p99, top = (float(found) for found in np.quantile(np.asarray(values), [0.5, 0.99, 1.0]))
    return Quantiles(len(values), p50, p99, top)


def crossing(points: Sequence[tuple[float, float]], level: float) -> float | None:
    """Where a curve of ``(x, y)``, x rising and positive, first reaches ``level``.

    Between two points it is a straight line over log x. None when the level is never reached or
    is passed before the first point.
    """
    for (x0, y0), (x1, y1) in itertools.pairwise(points):
        if y0 < level <= y1:
            share = (level - y0) / (y1 - y0)
            return float(np.exp(np.log(x0) + share * (np.log(x1) - np.log(x0))))
    return None
