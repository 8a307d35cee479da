"""A result as a run would leave it, made without a run."""

import datetime

from commaok.audit.history import Subject
from commaok.audit.measure import Episode, Measurement
from commaok.lab.experiment import Running, Site, Variant
from commaok.lab.result import Result, Server, SweepPoint, trial_of, variant_result
from commaok.lab.trial import Observed, Plan


def _never_built(_site: Site) -> Running:
    raise NotImplementedError


def _observed(lost: int, endings: tuple[str, ...]) -> Observed:
    episodes = tuple(
        Episode("reset", ending, 0.5 if ending == "itself" else None, 0.25) for ending in endings
    )
    measurement = Measurement(
        due=100,
        delivered=100 - lost,
        lost=lost,
        duplicated=0,
        out_of_order=0,
        not_genuine=0,
        restarts=endings.count("restart"),
        faults={"reset": 3},
        episodes=episodes,
        slot_seconds=1.0,
        dues=(50, 50),
        losses=(lost, 0),
    )
    return Observed(measurement, (200,) * 60, {"streams lost": 3})


def made_result() -> Result:
    """Two variants, two seeds."""
    plan = Plan(seconds=2.0)
    variants = []
    for name, lost, endings in (
        ("before", 20, ("restart", "never")),
        ("after", 0, ("itself", "itself")),
    ):
        variant = Variant(Subject(name), name, f"class {name}: ...", _never_built)
        trials = tuple(
            trial_of(seed, _observed(lost + seed * bool(lost), endings), plan) for seed in (0, 1)
        )
        variants.append(variant_result(variant, trials))
    return Result(
        experiment="made",
        hazard="OK000",
        title="A made component",
        question="Does it lose events?",
        commaok="0",
        server=Server("etcd", "1.2.3", "PATH"),
        started=datetime.datetime(2026, 1, 2, 3, 4, 5, tzinfo=datetime.UTC),
        seconds=9.0,
        ended="complete",
        reason="",
        parameters=plan,
        seeds=(0, 1),
        seeds_planned=2,
        variants=tuple(variants),
        sweep=tuple(
            SweepPoint(name, rate, rate / 100 if name == "before" else 0.0, 0, 100, 1)
            for name in ("before", "after")
            for rate in (1.0, 5.0, 28.0)
        ),
        sweep_seconds=1.0,
        claimed_loss_before=0.082,
        claimed_loss_after=0.00001,
    )
