"""Is a count of running watchers steady? The diagnostic: no sudden drop, no steady growth."""

from collections.abc import Sequence

import msgspec
import numpy as np
from scipy import stats

PATIENCE_SECONDS = 2.0
"""A dip that ends within this time is a recovery; a longer one is a drop."""


class Steadiness(msgspec.Struct, frozen=True):
    """How a count behaved against its expected range ``[low, high]``.

    ``verdict`` is ``holds``, ``violated`` or ``unknown``, with the ``reason``. ``slope`` is per
    minute, with its 95 % interval.
    """

    verdict: str
    reason: str
    low: float
    high: float
    share_in_range: float
    longest_below_seconds: float
    slope: float
    slope_low: float
    slope_high: float


def steadiness(samples: Sequence[int], *, every: float, low: float, high: float) -> Steadiness:
    """Judge ``samples`` taken ``every`` so many seconds.

    Violated by a drop below ``low`` for longer than PATIENCE_SECONDS, or by growth: above
    ``high`` at the end, with a slope whose interval excludes 0.
    """
    if len(samples) * every < 2 * PATIENCE_SECONDS:
        reason = f"watched for less than {2 * PATIENCE_SECONDS:.0f} s"
        return Steadiness("unknown", reason, low, high, 0.0, 0.0, 0.0, 0.0, 0.0)
    counts = np.asarray(samples, dtype=float)
    minutes = np.arange(len(counts)) * every / 60
    fit = stats.linregress(minutes, counts)
    constant = float(np.ptp(counts)) == 0  # scipy gives no error for a perfect fit of a constant
    error = 0.0 if constant else float(fit.stderr)
    margin = float(stats.t.ppf(0.975, len(counts) - 2)) * error
    slope = float(fit.slope)
    below = _longest(counts < low) * every
    if below > PATIENCE_SECONDS:
        verdict, reason = "violated", f"sudden drop: below {low:.0f} for {below:.1f} s on end"
    elif counts[-1] > high and slope - margin > 0:
        verdict, reason = "violated", f"steady growth: {slope:+.0f} a minute, above {high:.0f}"
    else:
        verdict, reason = "holds", f"never below {low:.0f} for longer than {below:.1f} s"
    share = float(np.mean((counts >= low) & (counts <= high)))
    return Steadiness(
        verdict, reason, low, high, share, below, slope, slope - margin, slope + margin
    )


def _longest(flags: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int:
    """The length of the longest run of True."""
    longest = run = 0
    for flag in flags:
        run = run + 1 if flag else 0
        longest = max(longest, run)
    return longest
