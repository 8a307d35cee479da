"""OK601: A watch closes, and its reader ends, spins, or goes on from now."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK601", "watch-close-unhandled", rules=f"{__name__}.rule")
