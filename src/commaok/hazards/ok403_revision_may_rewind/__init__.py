"""OK403: a revision is stored without asking whether it is newer than the one before."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK403", "revision-may-rewind", rules=f"{__name__}.rule")
