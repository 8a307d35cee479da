"""OK302: a map that several goroutines reach, and not all of them under its lock."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK302", "unsynchronised-shared-map", rules=f"{__name__}.rule")
