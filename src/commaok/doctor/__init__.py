"""What this machine has, what each thing unlocks, and how to get what is missing.

``examine`` is the way in; ``checks`` holds one function a thing.
"""

from commaok.doctor.checks import Check, Status, examine

__all__ = ["Check", "Status", "examine"]
