"""OK605: a struct is handed to other goroutines and written to afterwards."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK605", "torn-publication", rules=f"{__name__}.rule")
