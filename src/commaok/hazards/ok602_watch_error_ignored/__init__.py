"""OK602: A watch says that history is gone, and its reader does not listen."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK602", "watch-error-ignored", rules=f"{__name__}.rule")
