"""OK104: ``m[k].f`` and its like, where an absent key yields nil."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK104", "unchecked-value-use", rules=f"{__name__}.rule")
