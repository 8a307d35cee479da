"""OK103: ``m[k] != nil`` on a map of interfaces is true for a stored typed nil."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK103", "typed-nil-in-interface-map", rules=f"{__name__}.rule")
