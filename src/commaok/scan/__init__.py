"""The engine that finds hazards in Go source: files in, findings and fixes out.

It names no hazard. A hazard's ``rule.py`` imports from here what it needs to say::

    @rule("OK999", needs=rb"\\.Frob\\(")
    def frobbing(file: File) -> Iterator[Finding]:
        for call in file.calls_named("Frob"):
            callee = file.callee(call.node)
            if callee is not None and callee.package == "example.com/frob":
                yield file.finding(call.node, "Frob drops the event that it was called for")
"""

from commaok.golang import Callee, Finder, Index, Object, ObjectKind, Types
from commaok.scan.file import Call, File, Use
from commaok.scan.findings import Edit, Finding, Fix, FixKind, Ground, Place, Severity
from commaok.scan.package import PackageFacts
from commaok.scan.rules import Rule, rule

__all__ = [
    "Call",
    "Callee",
    "Edit",
    "File",
    "Finder",
    "Finding",
    "Fix",
    "FixKind",
    "Ground",
    "Index",
    "Object",
    "ObjectKind",
    "PackageFacts",
    "Place",
    "Rule",
    "Severity",
    "Types",
    "Use",
    "rule",
]
