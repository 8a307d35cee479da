"""OK105: comma-ok says present, the value is used, and nil may have been stored."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK105", "present-but-nil", rules=f"{__name__}.rule")
