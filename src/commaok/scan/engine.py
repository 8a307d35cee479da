"""A scan from paths to a result: what is cached stays unread, the rest is shared by processes."""

import gc
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Final, NamedTuple

from commaok.scan.discovery import Targets
from commaok.scan.results import FileResult, ScanResult, gathered
from commaok.scan.rules import Rule
from commaok.scan.scanner import Scanner

if TYPE_CHECKING:
    from commaok.scan.cache import Cache

Load = Callable[[Sequence[str]], Sequence[Rule]]
"""Where rules come from, by id. Other processes load them by themselves, so it is importable."""

Progress = Callable[[int, int], None]
"""Told how many files of how many are done."""

_ALONE: Final = 400_000
"""Fewer bytes than this are scanned before another process would have begun."""

_BATCHES: Final = 12
"""Batches a process: few keep neighbours together, many let a process that is done help out."""


class Plan(NamedTuple):
    """What to run on what."""

    targets: Targets
    load: Load
    rules: tuple[str, ...]
    generated: bool = False
    processes: int = 1


def scan(plan: Plan, cache: "Cache | None" = None, progress: Progress | None = None) -> ScanResult:
    """Scan the files of a plan."""
    start = time.perf_counter()
    results: list[FileResult] = []
    waiting: Sequence[tuple[str, ...]] = plan.targets.directories
    if cache is not None:
        results, waiting = cache.split(plan.targets)
    from_cache = len(results)
    for done in _scanned(plan, waiting):
        results += done
        if progress is not None:
            progress(len(results), plan.targets.count)
    if cache is not None:
        cache.keep(results[from_cache:], plan.targets)
    seconds = time.perf_counter() - start
    return gathered(results, plan.targets.notices, seconds, from_cache)


def _scanned(plan: Plan, waiting: Sequence[tuple[str, ...]]) -> Iterator[list[FileResult]]:
    sizes = [sum(map(_size, paths)) for paths in waiting]
    if plan.processes == 1 or sum(sizes) < _ALONE:
        _relax_collector()
        scanner = Scanner(plan.load(plan.rules), plan.targets.names, generated=plan.generated)
        for paths in waiting:
            yield scanner.directory(paths)
        return
    # A forked process has the rules and queries at once; where threads make forking unsafe
    # (macOS), the others import them anew.
    import multiprocessing  # noqa: PLC0415 - a single file needs none of it

    method = "fork" if sys.platform == "linux" else "spawn"
    plan.load(plan.rules)
    context = multiprocessing.get_context(method)
    setup = (plan.load, plan.rules, plan.targets.names, plan.generated)
    batches = _batches(waiting, sizes, plan.processes * _BATCHES)
    with context.Pool(plan.processes, _begin, setup) as pool:
        yield from pool.imap_unordered(_batch, batches)


_scanner: list[Scanner] = []


def _begin(load: Load, rules: Sequence[str], names: dict[str, str], generated: bool) -> None:
    _scanner[:] = [Scanner(load(rules), names, generated=generated)]
    _relax_collector()


def _relax_collector() -> None:
    """What a scan keeps it keeps to the end, and the rest holds no cycles worth hunting."""
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


def _batch(directories: Sequence[tuple[str, ...]]) -> list[FileResult]:
    return [result for paths in directories for result in _scanner[0].directory(paths)]


def _batches(
    waiting: Sequence[tuple[str, ...]], sizes: Sequence[int], count: int
) -> list[list[tuple[str, ...]]]:
    """Neighbours together, about the same number of bytes each."""
    share = sum(sizes) / count
    found: list[list[tuple[str, ...]]] = [[]]
    filled = 0
    for paths, size in zip(waiting, sizes, strict=True):
        if filled >= share:
            found.append([])
            filled = 0
        found[-1].append(paths)
        filled += size
    return found


def _size(path: str) -> int:
    try:
        return os.path.getsize(path)
    except OSError:
        return 0
