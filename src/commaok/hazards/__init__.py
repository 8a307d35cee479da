"""The catalogue: one folder a hazard, everything about it in one place.

A hazard registers through the entry-point group ``commaok.hazards``, ours as a third party's;
``catalogue`` is the way in, ``rules`` and ``experiments`` lead to what each engine runs.
"""

from commaok.hazards.catalogue import Hazard, catalogue, experiments, rules

__all__ = ["Hazard", "catalogue", "experiments", "rules"]
