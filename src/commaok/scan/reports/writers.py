"""The formats for programs, by name."""

from collections.abc import Callable, Mapping
from typing import Final

from commaok.scan.reports import ReportFormat
from commaok.scan.reports.machines import as_checkstyle, as_github, as_json
from commaok.scan.reports.report import Report
from commaok.scan.reports.sarif import as_sarif

WRITERS: Final[Mapping[ReportFormat, Callable[[Report], str]]] = {
    ReportFormat.JSON: as_json,
    ReportFormat.SARIF: as_sarif,
    ReportFormat.GITHUB: as_github,
    ReportFormat.CHECKSTYLE: as_checkstyle,
}
