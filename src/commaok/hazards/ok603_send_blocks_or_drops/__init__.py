"""OK603: An event is sent under a lock, or dropped when nobody is ready to take it."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK603", "send-blocks-or-drops", rules=f"{__name__}.rule")
