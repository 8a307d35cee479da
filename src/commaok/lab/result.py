"""What a run leaves behind: ``result.json``, from which the report can be made again."""

import datetime
from pathlib import Path
from typing import Final, Literal

import msgspec

from commaok.audit.measure import Counts, Measurement
from commaok.audit.trend import Steadiness, steadiness
from commaok.errors import MachineError, UsageError
from commaok.lab.experiment import Variant
from commaok.lab.statistics import Interval, Quantiles, crossing, loss_interval, quantiles
from commaok.lab.trial import SAMPLE_SECONDS, Observed, Plan

SCHEMA: Final = "commaok.lab.result/1"
FILE: Final = "result.json"


class Trial(Counts, frozen=True, kw_only=True):
    """One variant under one seed; episodes are summed up to keep the file small.

    ``recoveries`` are the seconds from fault to recovery of watchers that came back by
    themselves, ``since_possible`` the same from when a connection was possible again.
    """

    seed: int
    endings: dict[str, int]
    recoveries: tuple[float, ...]
    since_possible: tuple[float, ...]
    counts: dict[str, int]
    running: tuple[int, ...]
    steadiness: Steadiness
    slot_seconds: float
    dues: tuple[int, ...]
    losses: tuple[int, ...]


class Summary(Counts, frozen=True, kw_only=True):
    """A variant over all its seeds. ``restarted`` and ``never`` count episodes that an operator
    ended, or nobody; ``steady`` of the ``steady_of`` trials that could be judged had their
    watchers running as expected."""

    loss: Interval
    recovery: Quantiles
    since_possible: Quantiles
    recovered: int
    restarted: int
    never: int
    steady: int
    steady_of: int


class VariantResult(msgspec.Struct, frozen=True):
    """One variant: what it is, its trials, and their summary."""

    name: str
    title: str
    source: str
    trials: tuple[Trial, ...]
    summary: Summary


class SweepPoint(msgspec.Struct, frozen=True):
    """The loss of a variant at one fault rate (per second); ``seeds`` trials."""

    variant: str
    fault_rate: float
    loss: float
    lost: int
    due: int
    seeds: int


class Server(msgspec.Struct, frozen=True):
    """The server of the run."""

    program: str
    version: str
    source: str


class Result(msgspec.Struct, frozen=True, kw_only=True):
    """A whole run. ``ended`` is ``complete``, ``interrupted`` or ``failed`` with the ``reason``."""

    schema: Literal["commaok.lab.result/1"] = SCHEMA
    experiment: str
    hazard: str
    title: str
    question: str
    commaok: str
    server: Server
    started: datetime.datetime
    seconds: float
    ended: str
    reason: str
    parameters: Plan
    seeds: tuple[int, ...]
    seeds_planned: int
    variants: tuple[VariantResult, ...]
    sweep: tuple[SweepPoint, ...]
    sweep_seconds: float
    claimed_loss_before: float | None
    claimed_loss_after: float | None

    def reaches_claim(self, variant: str) -> float | None:
        """The fault rate at which the variant's sweep reaches the claimed loss before the fix."""
        if self.claimed_loss_before is None:
            return None
        points = [(one.fault_rate, one.loss) for one in self.sweep if one.variant == variant]
        return crossing(sorted(points), self.claimed_loss_before)


def trial_of(seed: int, observed: Observed, plan: Plan) -> Trial:
    """One variant's observation, summed up."""
    measured: Measurement = observed.measurement
    endings: dict[str, int] = {}
    for episode in measured.episodes:
        endings[episode.ending] = endings.get(episode.ending, 0) + 1
    back = [episode for episode in measured.episodes if episode.ending == "itself"]
    return Trial(
        seed=seed,
        **measured.counted(),
        endings=endings,
        recoveries=tuple(round(one.seconds or 0.0, 4) for one in back),
        since_possible=tuple(round(one.since_possible or 0.0, 4) for one in back),
        counts=observed.counts,
        running=observed.running,
        steadiness=steadiness(
            observed.running,
            every=SAMPLE_SECONDS,
            low=plan.expected_share * plan.watchers,
            high=plan.watchers,
        ),
        slot_seconds=measured.slot_seconds,
        dues=measured.dues,
        losses=measured.losses,
    )


def variant_result(variant: Variant, trials: tuple[Trial, ...]) -> VariantResult:
    """A variant's trials with their summary."""
    summary = Summary(
        loss=loss_interval([(trial.lost, trial.due) for trial in trials]),
        **Counts.total(trials).counted(),
        recovery=quantiles([one for trial in trials for one in trial.recoveries]),
        since_possible=quantiles([one for trial in trials for one in trial.since_possible]),
        recovered=sum(trial.endings.get("itself", 0) for trial in trials),
        restarted=sum(trial.endings.get("restart", 0) for trial in trials),
        never=sum(trial.endings.get("never", 0) for trial in trials),
        steady=sum(trial.steadiness.verdict == "holds" for trial in trials),
        steady_of=sum(trial.steadiness.verdict != "unknown" for trial in trials),
    )
    return VariantResult(str(variant.name), variant.title, variant.source, trials, summary)


def save(result: Result, directory: Path) -> Path:
    """Write ``result.json``; the file appears whole or not at all. Raises MachineError."""
    path = directory / FILE
    part = path.with_suffix(".json.part")
    try:
        directory.mkdir(parents=True, exist_ok=True)
        part.write_bytes(msgspec.json.format(msgspec.json.encode(result), indent=1))
        part.replace(path)
    except OSError as error:
        raise unwritable(directory, error) from error
    return path


def load(directory: Path) -> Result:
    """Read a ``result.json``; raises UsageError when there is none, or none of ours."""
    path = directory / FILE
    try:
        return msgspec.json.decode(path.read_bytes(), type=Result)
    except OSError as error:
        raise UsageError(
            f"There is no result in {directory}: {error.strerror or error}.",
            "Name a folder that `commaok lab run --out` wrote.",
        ) from error
    except msgspec.MsgspecError as error:
        raise UsageError(
            f"{path} is not a result of this version ({SCHEMA}): {error}.",
            "Run the experiment again, or use the version of commaok that wrote it.",
        ) from error


def unwritable(directory: Path, error: OSError) -> MachineError:
    """The error for an output folder that cannot be written."""
    return MachineError(
        f"{directory} cannot be written: {error.strerror or error}.",
        "Choose another folder with --out.",
    )
