"""A whole run: trials over seeds, then the sweep over fault rates; kept as they finish."""

import asyncio
import datetime
import importlib.metadata
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

import msgspec

from commaok.audit.history import Subject
from commaok.errors import CommaokError
from commaok.lab.etcd import EtcdBinary, EtcdServer, running_etcd, scratch_directory
from commaok.lab.experiment import Experiment
from commaok.lab.result import Result, Server, SweepPoint, Trial, trial_of, variant_result
from commaok.lab.tasks import alongside
from commaok.lab.trial import Observed, Plan, run_trial

TRIAL_OVERHEAD_SECONDS = 1.3
"""What a trial takes besides its own seconds; only for the progress display."""

Progress = Callable[[str, float], None]
"""Told what is going on, and the share of the run that is done, several times a second."""


class Interrupted(Exception):
    """Somebody stopped the run before its first trial was finished."""


async def run(
    experiment: Experiment,
    plan: Plan,
    binary: EtcdBinary,
    *,
    seeds: Sequence[int],
    sweep: Sequence[float] = (),
    progress: Progress = lambda _doing, _share: None,
) -> Result:
    """Run every variant under every seed, then once per fault rate of ``sweep``.

    Being cancelled, SIGTERM, or a failure ends the run early: the result then holds the trials
    that finished and says why there are no more. Raises Interrupted or the failure if none did.
    """
    collected = _Collected(experiment, plan, binary, seeds, sweep, progress)
    with _stopped_by_sigterm(), scratch_directory() as directory:
        try:
            async with running_etcd(binary, directory) as server:
                await collected.collect(server)
            return collected.result("complete", "")
        except asyncio.CancelledError:
            if not collected.seeds_done:
                raise Interrupted from None
            return collected.result("interrupted", "stopped by the user")
        except CommaokError as error:
            if not collected.seeds_done:
                raise
            return collected.result("failed", str(error))


class _Collected:
    """What has been measured so far."""

    def __init__(
        self,
        experiment: Experiment,
        plan: Plan,
        binary: EtcdBinary,
        seeds: Sequence[int],
        sweep: Sequence[float],
        progress: Progress,
    ) -> None:
        self._experiment = experiment
        self._plan = plan
        self._sweep_plan = msgspec.structs.replace(
            plan, seconds=max(plan.seconds / 2, plan.quiet_seconds + 1)
        )
        self._binary = binary
        self._seeds = seeds
        self._rates = sweep
        self._progress = progress
        self._started = datetime.datetime.now(datetime.UTC)
        self._clock = time.monotonic()
        self._trials: dict[Subject, list[Trial]] = {one.name: [] for one in experiment.variants}
        self._sweep: list[SweepPoint] = []
        self.seeds_done: list[int] = []

    async def collect(self, server: EtcdServer) -> None:
        """All trials, in order."""
        for number, seed in enumerate(self._seeds):
            doing = f"seed {seed} ({number + 1} of {len(self._seeds)})"
            observed = await self._trial(server, self._plan, seed, doing)
            for name, one in observed.items():
                self._trials[name].append(trial_of(seed, one, self._plan))
            self.seeds_done.append(seed)
        for rate in self._rates:
            plan = msgspec.structs.replace(self._sweep_plan, fault_rate=rate)
            doing = f"sweep: {rate:g} faults a second"
            observed = await self._trial(server, plan, self._seeds[0], doing)
            self._sweep.extend(
                _sweep_point(name, rate, one.measurement.lost, one.measurement.due, 1)
                for name, one in observed.items()
            )

    def result(self, ended: str, reason: str) -> Result:
        """What there is, as a result."""
        variants = tuple(
            variant_result(variant, tuple(self._trials[variant.name]))
            for variant in self._experiment.variants
        )
        own_rate = [
            _sweep_point(
                one.name, self._plan.fault_rate, one.summary.lost, one.summary.due, len(one.trials)
            )
            for one in variants
        ]
        return Result(
            experiment=self._experiment.name,
            hazard=self._experiment.hazard,
            title=self._experiment.title,
            question=self._experiment.question,
            commaok=importlib.metadata.version("commaok"),
            server=Server("etcd", self._binary.version, self._binary.source),
            started=self._started,
            seconds=time.monotonic() - self._clock,
            ended=ended,
            reason=reason,
            parameters=self._plan,
            seeds=tuple(self.seeds_done),
            seeds_planned=len(self._seeds),
            variants=variants,
            sweep=tuple(sorted([*self._sweep, *own_rate], key=lambda one: one.fault_rate)),
            sweep_seconds=self._sweep_plan.seconds,
            claimed_loss_before=self._experiment.claimed_loss_before,
            claimed_loss_after=self._experiment.claimed_loss_after,
        )

    async def _trial(
        self, server: EtcdServer, plan: Plan, seed: int, doing: str
    ) -> dict[Subject, Observed]:
        async with alongside(self._tell(plan, doing)):
            try:
                return await run_trial(server, self._experiment.variants, plan, seed=seed)
            except CommaokError as error:
                # Whatever noticed it first, a dead server is the cause.
                await asyncio.sleep(0.3)
                if not server.alive():
                    raise server.died() from error
                raise

    async def _tell(self, plan: Plan, doing: str) -> None:
        def expected(one: Plan) -> float:
            return one.seconds + TRIAL_OVERHEAD_SECONDS

        total = len(self._seeds) * expected(self._plan)
        total += len(self._rates) * expected(self._sweep_plan)
        done = len(self.seeds_done) * expected(self._plan)
        done += len(self._sweep) / len(self._experiment.variants) * expected(self._sweep_plan)
        start = time.monotonic()
        while True:
            spent = min(time.monotonic() - start, expected(plan))
            self._progress(doing, (done + spent) / total)
            await asyncio.sleep(0.2)


def _sweep_point(name: str, rate: float, lost: int, due: int, seeds: int) -> SweepPoint:
    return SweepPoint(str(name), rate, lost / max(due, 1), lost, due, seeds)


@contextmanager
def _stopped_by_sigterm() -> Iterator[None]:
    loop, task = asyncio.get_running_loop(), asyncio.current_task()
    assert task is not None
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    try:
        yield
    finally:
        loop.remove_signal_handler(signal.SIGTERM)
