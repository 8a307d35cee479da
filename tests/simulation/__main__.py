"""Play many seeds: ``python -m tests.simulation --seeds 100000``, or ``--seed 7`` once more."""

import argparse
import hashlib
import sys
import time
import traceback
from concurrent.futures import ProcessPoolExecutor

from tests.simulation.scenario import play

CHUNK = 100


def play_some(first: int, count: int) -> tuple[list[str], list[str], float]:
    """Digests, failures and CPU seconds of ``count`` seeds."""
    digests, failures = [], []
    began = time.process_time()
    for seed in range(first, first + count):
        try:
            digests.append(play(seed))
        except Exception as error:  # noqa: BLE001 # whatever it is, this seed finds it
            failures.append(f"seed {seed}: {type(error).__name__}: {error}")
    return digests, failures, time.process_time() - began


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--seeds", type=int, default=2000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--seed", type=int)
    arguments = parser.parse_args()
    if arguments.seed is not None:
        try:
            print(play(arguments.seed))
        except Exception:  # noqa: BLE001 # shown in full
            traceback.print_exc()
            return 1
        return 0
    starts = range(arguments.first, arguments.first + arguments.seeds, CHUNK)
    counts = [min(CHUNK, arguments.first + arguments.seeds - start) for start in starts]
    digest, failures, seconds = hashlib.blake2b(digest_size=8), 0, 0.0
    with ProcessPoolExecutor(arguments.processes) as pool:
        for digests, failed, spent in pool.map(play_some, starts, counts):
            digest.update("".join(digests).encode())
            seconds += spent
            failures += len(failed)
            for line in failed:
                print(f"{line}\n  again: make simulate SEED={line.split()[1][:-1]}", flush=True)
    print(
        f"{arguments.seeds} seeds, {failures} failed, {seconds:.1f} s of CPU "
        f"({arguments.seeds / seconds:.0f} seeds/s/core), digest {digest.hexdigest()}"
    )
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
