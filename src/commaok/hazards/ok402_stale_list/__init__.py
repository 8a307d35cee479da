"""OK402: a list at ResourceVersion "0" may be old, and decides something."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK402", "stale-list", rules=f"{__name__}.rule")
