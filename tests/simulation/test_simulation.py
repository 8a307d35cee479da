"""2,000 stories in CI; ``make simulate SEEDS=100000`` plays more, ``SEED=7`` one again."""

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from commaok.watch import reflector
from commaok.watch.cache import Difference, difference
from commaok.watch.events import Position, Revision
from commaok.watch.source import END
from tests.simulation.invariant import Violated
from tests.simulation.scenario import play

SEEDS = 2000
CHUNKS = 8


@pytest.mark.parametrize("chunk", range(CHUNKS))
def test_every_event_is_delivered_once_in_order_or_named_as_lost(chunk: int) -> None:
    for seed in range(chunk * SEEDS // CHUNKS, (chunk + 1) * SEEDS // CHUNKS):
        try:
            play(seed)
        except Exception as error:
            raise AssertionError(f"seed {seed} fails; again: make simulate SEED={seed}") from error


def test_a_seed_plays_the_same_story_in_every_process() -> None:
    digests = {
        subprocess.run(
            [sys.executable, "-m", "tests.simulation", "--seeds", "20"],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
            cwd=Path(__file__).parents[2],
            capture_output=True,
            text=True,
            check=True,
        ).stdout.split()[-1]
        for hash_seed in ("0", "1", "4711")
    }
    assert len(digests) == 1


def breaks_an_invariant(**sabotage: str) -> bool:
    for seed in range(60):
        try:
            play(seed, **sabotage)
        except Violated:
            return True
    return False


@pytest.mark.parametrize("sabotage", ["skip", "repeat"])
def test_a_notice_that_is_lost_or_repeated_on_the_way_is_found(sabotage: str) -> None:
    assert breaks_an_invariant(sabotage=sabotage)


def test_a_relist_that_makes_up_no_deletes_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    def without_deletes(known: dict, listed: dict) -> Difference:  # type: ignore[type-arg]
        return Difference((), difference(known, listed).put)

    monkeypatch.setattr(reflector, "difference", without_deletes)
    assert breaks_an_invariant()


def test_a_resume_one_revision_too_late_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    step: Callable[..., object] = reflector.Reflector.step

    async def late(self: reflector.Reflector, state: reflector.State):  # type: ignore[no-untyped-def]
        if isinstance(state, reflector.Connecting) and state.attempt:
            state = reflector.Connecting(Position(Revision(state.position.main + 1), END))
        return await step(self, state)  # type: ignore[misc]

    monkeypatch.setattr(reflector.Reflector, "step", late)
    assert breaks_an_invariant()


def test_a_stale_list_that_is_believed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    highest = property(lambda self: None, lambda self, value: None)
    monkeypatch.setattr(reflector.Reflector, "_highest", highest, raising=False)
    assert breaks_an_invariant()
