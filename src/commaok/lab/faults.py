"""What breaks when: a schedule that a seed decides and nothing else."""

import enum
import math
import random
from typing import Final

import msgspec


class FaultKind(enum.Enum):
    """How something breaks."""

    RESET = "reset"
    """One connection is reset (RST)."""
    STALL = "half-open"
    """One connection carries no byte any more, in either direction; nobody is told."""
    DELAY = "delay"
    """One connection's bytes arrive late for a while."""
    CUT = "cut"
    """All connections are reset, and new ones refused until it ends."""
    CONSUMER = "consumer"
    """One watcher's consumer fails at the next event; its stream lives on."""


class Fault(msgspec.Struct, frozen=True):
    """One thing that breaks, ``at`` seconds after the writer started.

    ``target`` is a link's number for faults of one connection, a watcher's for a failing
    consumer, and means nothing for a cut. ``seconds`` is how long a delay or cut lasts;
    ``delay`` how late bytes arrive.
    """

    at: float
    kind: FaultKind
    target: int
    seconds: float = 0.0
    delay: float = 0.0


MIX: Final = {
    FaultKind.CONSUMER: 0.66,
    FaultKind.RESET: 0.16,
    FaultKind.DELAY: 0.10,
    FaultKind.STALL: 0.065,
    FaultKind.CUT: 0.015,
}
"""Shares of the kinds. A consumer fault breaks one watcher, a reset or stall all of one stream,
a cut all of them; the shares keep each path exercised hundreds of times in a default run."""


def schedule(
    seed: int, *, rate: float, seconds: float, links: int, watchers: int
) -> tuple[Fault, ...]:
    """Faults for a trial of ``seconds``: a Poisson process of ``rate`` per second.

    The same arguments give the same schedule in every process and Python version: only
    ``random()`` is drawn, whose sequence Python guarantees for a seed.
    """
    draw = random.Random(f"faults {seed}")
    kinds = list(MIX)
    weights = list(MIX.values())
    faults: list[Fault] = []
    if rate <= 0:
        return ()
    at = _exponential(draw, rate)
    while at < seconds:
        kind = _pick(draw, kinds, weights)
        targets = watchers if kind is FaultKind.CONSUMER else links
        target = int(draw.random() * targets)
        length, delay = draw.random(), draw.random()
        match kind:
            case FaultKind.DELAY:
                fault = Fault(at, kind, target, 0.2 + 0.4 * length, 0.02 + 0.13 * delay)
            case FaultKind.CUT:
                fault = Fault(at, kind, 0, 0.1 + 0.4 * length)
            case _:
                fault = Fault(at, kind, target)
        faults.append(fault)
        at += _exponential(draw, rate)
    return tuple(faults)


def _exponential(draw: random.Random, rate: float) -> float:
    # random.expovariate is not promised to keep its formula; random() is promised to keep its own.

    return -math.log(1.0 - draw.random()) / rate


def _pick(draw: random.Random, kinds: list[FaultKind], weights: list[float]) -> FaultKind:
    mark = draw.random() * sum(weights)
    for kind, weight in zip(kinds, weights, strict=True):
        mark -= weight
        if mark < 0:
            return kind
    return kinds[-1]
