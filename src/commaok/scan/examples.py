"""Examples that are their own tests: the comments in a hazard's Go files, and what is found.

``// want OK101`` on a line expects a finding there, ``// want OK101 error`` of that severity,
``// want OK101 OK104`` two. A third party's hazards are tested with the same two functions.
"""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple

from commaok.golang import Program
from commaok.scan.codebase import Codebase
from commaok.scan.findings import Finding
from commaok.scan.rules import Rule

_WANT: Final = re.compile(r"//\s*want((?:\s+[A-Z]+\d+(?:\s+(?:error|warning|note))?)+)")
_EACH: Final = re.compile(r"([A-Z]+\d+)(?:\s+(error|warning|note))?")


class Want(NamedTuple):
    """A finding that a comment asks for, or one that was made; ``severity`` may be left open."""

    file: str
    line: int
    rule: str
    severity: str


def wanted(folder: Path, rule: str) -> list[Want]:
    """What the comments below a folder ask of one rule."""
    return sorted(
        Want(path.relative_to(folder).as_posix(), number, each[1], each[2] or "")
        for path in folder.rglob("*.go")
        for number, line in enumerate(path.read_text("utf-8").splitlines(), 1)
        for comment in _WANT.finditer(line)
        for each in _EACH.finditer(comment[1])
        if each[1] == rule
    )


def findings(folder: Path, rules: Iterable[Rule]) -> list[Finding]:
    """What rules find below a folder, notes and tests included."""
    paths = sorted(folder.rglob("*.go"))
    names = {str(path.resolve()): path.relative_to(folder).as_posix() for path in paths}
    codebase = Codebase(Program(), names)
    chosen = tuple(rules)
    return [
        found
        for path in paths
        for rule in chosen
        if rule.tests or not path.name.endswith("_test.go")
        if rule.may_match(path.read_bytes())
        for found in rule.findings(codebase.open(str(path)))
    ]


def made(found: Sequence[Finding], wants: Sequence[Want]) -> list[Want]:
    """Findings in the words of ``wants``: severities only where a comment asks for one."""
    open_severity = {want[:3] for want in wants if not want.severity}
    shown = []
    for each in found:
        where = (each.place.path, each.place.line, each.rule)
        shown.append(Want(*where, "" if where in open_severity else each.severity.label))
    return sorted(shown)
