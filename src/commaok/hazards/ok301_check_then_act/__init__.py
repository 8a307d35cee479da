"""OK301: a check and the write that depends on it, with the lock given up in between."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK301", "check-then-act", rules=f"{__name__}.rule")
