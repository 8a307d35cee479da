"""How long to wait before trying again."""

import random
from typing import Final

import msgspec


class Backoff(msgspec.Struct, frozen=True):
    """Waits that double from ``base`` to ``cap`` seconds, each shortened by up to a half at random.

    The jitter keeps many clients of one server from coming back at the same moment.
    """

    base: float = 0.05
    cap: float = 1.0

    def wait(self, attempt: int, dice: random.Random) -> float:
        """Seconds before ``attempt``, counted from 1; attempt 0 waits for nothing."""
        if attempt <= 0:
            return 0.0
        full = min(self.cap, self.base * 2.0 ** min(attempt - 1, 60))
        return full * (0.5 + dice.random() / 2)


GENTLE: Final = Backoff()
"""What sources are come back to with."""
