"""What every format is made of."""

import msgspec

from commaok.scan.findings import Finding
from commaok.scan.results import Notice, Stats


class RuleName(msgspec.Struct, frozen=True):
    """A rule as reports name it."""

    id: str
    name: str
    summary: str = ""


class Report(msgspec.Struct, frozen=True):
    """Findings that are to be shown, beside what was left out and what it took."""

    findings: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    stats: Stats
    rules: tuple[RuleName, ...]
    hidden: dict[str, int]
    """How many findings are not shown, by why: notes, baseline, unchanged."""

    def name(self, rule: str) -> str:
        """A rule's name in words."""
        return next((each.name for each in self.rules if each.id == rule), "")
