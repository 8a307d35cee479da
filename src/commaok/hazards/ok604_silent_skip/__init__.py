"""OK604: An event is dropped in its handler, with no count, log or error."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK604", "silent-skip", rules=f"{__name__}.rule")
