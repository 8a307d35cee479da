"""Findings for programs: JSON, SARIF, GitHub's log commands, Checkstyle; ``text`` for people.

Each format is one function from a ``Report`` to a string; ``writers`` has them by name.
"""

from enum import StrEnum


class ReportFormat(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    CHECKSTYLE = "checkstyle"


__all__ = ["ReportFormat"]
