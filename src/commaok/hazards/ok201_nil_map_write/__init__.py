"""OK201: assignment to a map that can be nil; it panics, and takes the event with it."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK201", "nil-map-write", rules=f"{__name__}.rule")
