import asyncio
import time

import pytest

from commaok.watch.simulation import BudgetSpent, Deadlock, SimulatedLoop, run


def order(seed: int) -> list[int]:
    async def main(loop: SimulatedLoop) -> list[int]:
        done: list[int] = []

        async def one(number: int) -> None:
            await asyncio.sleep(0)
            done.append(number)

        await asyncio.gather(*(one(number) for number in range(6)))
        return done

    return run(main, seed)


def test_an_hour_passes_at_once() -> None:
    async def main(loop: SimulatedLoop) -> float:
        await asyncio.sleep(3600)
        return loop.time()

    began = time.monotonic()
    assert run(main, 0) == 3600
    assert time.monotonic() - began < 1


def test_the_seed_decides_which_task_goes_first() -> None:
    assert order(1) == order(1)
    assert len({tuple(order(seed)) for seed in range(20)}) > 10


def test_callbacks_keep_their_order() -> None:
    async def main(loop: SimulatedLoop) -> list[int]:
        called: list[int] = []
        for number in range(10):
            loop.call_soon(called.append, number)
        await asyncio.sleep(1)
        return called

    assert all(run(main, seed) == list(range(10)) for seed in range(10))


def test_waiting_for_what_cannot_happen_is_a_deadlock() -> None:
    async def main(loop: SimulatedLoop) -> None:
        await loop.create_future()

    with pytest.raises(Deadlock):
        run(main, 0)


def test_a_spin_ends_with_the_budget() -> None:
    async def main(loop: SimulatedLoop) -> None:
        loop._most_steps = 1000
        while True:
            await asyncio.sleep(0)

    with pytest.raises(BudgetSpent):
        run(main, 0)


def test_a_timeout_after_a_jump_of_the_clock_is_due() -> None:
    async def main(loop: SimulatedLoop) -> float:
        loop.call_later(1, loop.jump, 100)
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(50):
                await asyncio.sleep(2000)
        return loop.time()

    assert run(main, 0) == 101


def test_a_callback_that_fails_is_not_lost() -> None:
    async def main(loop: SimulatedLoop) -> None:
        loop.call_soon(lambda: 1 / 0)
        await asyncio.sleep(1)

    with pytest.raises(RuntimeError, match="division"):
        run(main, 0)


def test_threads_are_refused() -> None:
    async def main(loop: SimulatedLoop) -> None:
        await asyncio.to_thread(print)

    with pytest.raises(NotImplementedError):
        run(main, 0)
