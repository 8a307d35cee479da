"""OK303: two steps on a ``sync.Map`` where one atomic step is meant."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK303", "sync-map-misuse", rules=f"{__name__}.rule")
