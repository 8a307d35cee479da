"""OK502: ``queue.Add`` on the error path puts a failing key back without any delay."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK502", "unthrottled-requeue", rules=f"{__name__}.rule")
