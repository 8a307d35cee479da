"""Run asyncio code in virtual time, with scheduling that a seed decides.

``run(main, seed)`` is the way in. With a ``MemorySource`` a whole watch stack runs in it: an hour
of faults in milliseconds, the same for the same seed.
"""

from commaok.watch.simulation.loop import BudgetSpent, Deadlock, SimulatedLoop, run

__all__ = ["BudgetSpent", "Deadlock", "SimulatedLoop", "run"]
