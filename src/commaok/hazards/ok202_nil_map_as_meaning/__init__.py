"""OK202: nil and empty told apart in a map whose encoding cannot keep them apart."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK202", "nil-map-as-meaning", rules=f"{__name__}.rule")
