"""OK503: A queue with AddRateLimited whose ``Forget`` is never called: delays only grow."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK503", "missing-forget", rules=f"{__name__}.rule")
