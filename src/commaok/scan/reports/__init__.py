"""Findings for programs: JSON, SARIF, GitHub's log commands, Checkstyle; ``text`` for people.

Each format is one function from a report to a string.
"""

from collections.abc import Callable, Mapping
from enum import StrEnum

from commaok.scan.reports.machines import as_checkstyle, as_github, as_json
from commaok.scan.reports.report import Report
from commaok.scan.reports.sarif import as_sarif
from commaok.scan.reports.text import as_text


class ReportFormat(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    SARIF = "sarif"
    GITHUB = "github"
    CHECKSTYLE = "checkstyle"


WRITERS: Mapping[ReportFormat, Callable[[Report], str]] = {
    ReportFormat.JSON: as_json,
    ReportFormat.SARIF: as_sarif,
    ReportFormat.GITHUB: as_github,
    ReportFormat.CHECKSTYLE: as_checkstyle,
}

__all__ = ["WRITERS", "Report", "ReportFormat", "as_text"]
