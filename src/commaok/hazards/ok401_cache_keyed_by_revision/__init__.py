"""OK401: objects are kept under their revision alone, and one revision has many."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK401", "cache-keyed-by-revision", rules=f"{__name__}.rule")
