"""OK501: an owner reference is read or built as if ``Controller`` were always there."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK501", "controller-ref", rules=f"{__name__}.rule")
