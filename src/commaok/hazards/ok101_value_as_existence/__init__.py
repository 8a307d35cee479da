"""OK101: ``m[k] != nil`` decides whether ``k`` exists; a stored nil is taken for absent."""

from typing import TYPE_CHECKING

from commaok.hazards.catalogue import Hazard

if TYPE_CHECKING:
    from commaok.lab.experiment import Experiment


def _experiment() -> "Experiment":
    from commaok.hazards.ok101_value_as_existence.experiment import WATCH_MANAGER  # noqa: PLC0415

    return WATCH_MANAGER


HAZARD = Hazard("OK101", "value-as-existence", _experiment, rules=f"{__name__}.rule")
