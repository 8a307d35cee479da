"""Formats that programs read, in one function each."""

from itertools import groupby
from xml.sax.saxutils import quoteattr

import msgspec

from commaok.scan.findings import Finding, Severity
from commaok.scan.reports.report import Report

SCHEMA = "commaok.scan/1"

_GITHUB = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "notice"}
_CHECKSTYLE = {Severity.ERROR: "error", Severity.WARNING: "warning", Severity.NOTE: "info"}


def as_json(report: Report) -> str:
    """One object; ``schema`` names its version. Offsets count bytes, lines and columns from 1."""
    findings = [
        {"severity": found.severity.label, "name": report.name(found.rule)}
        | msgspec.to_builtins(found)
        for found in report.findings
    ]
    content = {
        "schema": SCHEMA,
        "findings": findings,
        "notices": report.notices,
        "hidden": report.hidden,
        "stats": report.stats,
    }
    return msgspec.json.encode(content).decode() + "\n"


def as_github(report: Report) -> str:
    """Workflow commands, which GitHub shows beside the changed lines."""
    lines = []
    for found in report.findings:
        at = found.place
        where = f"file={_property(at.path)},line={at.line},endLine={at.end_line},col={at.column}"
        title = _property(f"{found.rule} {report.name(found.rule)}".strip())
        command = _GITHUB[found.severity]
        lines.append(f"::{command} {where},title={title}::{_data(_sentence(found))}\n")
    return "".join(lines)


def as_checkstyle(report: Report) -> str:
    """Checkstyle's XML, which most CI servers read."""
    lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">']
    for path, group in groupby(report.findings, key=lambda found: found.place.path):
        lines.append(f"  <file name={quoteattr(path)}>")
        lines += [
            f'    <error line="{found.place.line}" column="{found.place.column}" '
            f'severity="{_CHECKSTYLE[found.severity]}" message={quoteattr(_sentence(found))} '
            f'source="commaok.{found.rule}"/>'
            for found in group
        ]
        lines.append("  </file>")
    return "\n".join([*lines, "</checkstyle>", ""])


def _sentence(found: Finding) -> str:
    grounds = [ground.text for ground in (*found.evidence, *found.consequence)]
    return "; ".join([found.message, *grounds])


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")
