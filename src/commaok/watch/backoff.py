"""How long to wait before trying again."""

import random
from typing import Final

import msgspec

_MOST_DOUBLINGS: Final = 62  # beyond any cap; keeps 2**n from growing without end


class Backoff(msgspec.Struct, frozen=True):
    """How long to wait after the n-th failure in a row: doubling from ``base`` to ``cap`` seconds.

    ``jitter`` is the part of a delay that chance may take away, so that those who failed together
    do not return together; a delay never leaves ``[base, cap]``.
    """

    base: float
    cap: float
    jitter: float = 0.5

    def __post_init__(self) -> None:
        if not 0 < self.base <= self.cap:
            raise ValueError(f"back-off needs 0 < base <= cap, not {self.base} and {self.cap}")
        if not 0 <= self.jitter <= 1:
            raise ValueError(f"jitter is a part, from 0 to 1, not {self.jitter}")

    def seconds(self, failures: int, chance: random.Random) -> float:
        """The delay after ``failures`` failures in a row; without any there is none."""
        if failures <= 0:
            return 0.0
        longest = min(self.cap, self.base * 2.0 ** min(failures - 1, _MOST_DOUBLINGS))
        return max(self.base, longest * (1.0 - self.jitter * chance.random()))


GENTLE: Final = Backoff(base=0.05, cap=1.0)
"""What sources are come back to with."""
