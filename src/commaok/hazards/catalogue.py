"""What a hazard is, and which there are."""

import importlib.metadata
from collections.abc import Callable
from functools import cache

import msgspec

from commaok.errors import MachineError
from commaok.lab.experiment import Experiment

GROUP = "commaok.hazards"


class Hazard(msgspec.Struct, frozen=True):
    """A class of mistake. ``experiment`` makes the one that reproduces its harm, if it has one.

    It is made on demand, so that listing hazards starts no machinery.
    """

    id: str
    name: str
    experiment: Callable[[], Experiment] | None = None


@cache
def catalogue() -> tuple[Hazard, ...]:
    """Every registered hazard, by id; raises MachineError where one cannot be loaded."""
    found: dict[str, Hazard] = {}
    for entry in importlib.metadata.entry_points(group=GROUP):
        source = entry.dist.name if entry.dist is not None else "an unknown package"
        try:
            hazard = entry.load()
        except Exception as error:
            raise MachineError(
                f"Hazard {entry.name} of {source} cannot be loaded: {error}.",
                f"Mend or uninstall {source}.",
            ) from error
        if not isinstance(hazard, Hazard) or hazard.id in found:
            raise MachineError(
                f"Hazard {entry.name} of {source} is no Hazard, or its id is taken.",
                f"Mend or uninstall {source}.",
            )
        found[hazard.id] = hazard
    return tuple(found[identity] for identity in sorted(found))


def experiments() -> dict[str, Experiment]:
    """The experiments of the catalogue, by name."""
    made = [hazard.experiment() for hazard in catalogue() if hazard.experiment is not None]
    return {experiment.name: experiment for experiment in made}
