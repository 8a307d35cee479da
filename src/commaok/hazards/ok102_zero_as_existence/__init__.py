"""OK102: ``m[k] == ""`` decides whether ``k`` exists; a stored zero value is taken for absent."""

from commaok.hazards.catalogue import Hazard

HAZARD = Hazard("OK102", "zero-as-existence", rules=f"{__name__}.rule")
