"""Findings for people: the line, a caret, why events are lost here, and the fix."""

from collections.abc import Iterator
from functools import cache
from pathlib import Path

from commaok.scan.findings import Finding, Ground, Severity
from commaok.scan.reports.report import Report

_COLOURS = {Severity.ERROR: "31;1", Severity.WARNING: "33;1", Severity.NOTE: "36;1"}
_TAB = "    "


def as_text(report: Report, *, colour: bool = False) -> str:
    """One paragraph a finding."""
    lines = [line for found in report.findings for line in _finding(found, report, colour=colour)]
    return "".join(line + "\n" for line in lines)


def _finding(found: Finding, report: Report, *, colour: bool) -> Iterator[str]:
    at = found.place
    painted = _COLOURS[found.severity]
    title = _paint(
        f"{found.severity.label}: {found.rule} {report.name(found.rule)}", painted, colour
    )
    yield f"{_paint(f'{at.path}:{at.line}:{at.column}', '1', colour)}: {title}"
    yield f"  {found.message}"
    line = _line(at.path, at.line)
    if line is not None:
        raw = line.encode()
        before = raw[: at.column - 1].decode("utf-8", "replace").expandtabs(4)
        end = at.end_column - 1 if at.end_line == at.line else len(raw)
        marked = raw[at.column - 1 : end].decode("utf-8", "replace").expandtabs(4)
        number = str(at.line)
        yield f"  {number} | {line.expandtabs(4)}"
        caret = _paint("^" * max(len(marked), 1), painted, colour)
        yield f"  {' ' * len(number)} | {' ' * len(before)}{caret}"
    yield from (_ground("evidence", each, at.path) for each in found.evidence)
    yield from (_ground("here", each, at.path) for each in found.consequence)
    yield from (_ground("see", each, at.path) for each in found.related)
    if found.fix is not None:
        option = "--fix" if found.fix.kind == "preserving" else "--fix --unsafe-fixes"
        yield f"    {'fix':>8}: {found.fix.description} ({found.fix.kind}; {option})"
    yield ""


def _ground(word: str, ground: Ground, path: str) -> str:
    if ground.at is None or (ground.at.path == path and word == "here"):
        return f"    {word:>8}: {ground.text}"
    return f"    {word:>8}: {ground.text} ({ground.at.path}:{ground.at.line})"


def _line(path: str, number: int) -> str | None:
    lines = _lines(path)
    return lines[number - 1].rstrip("\r") if 0 < number <= len(lines) else None


@cache
def _lines(path: str) -> list[str]:
    try:
        return Path(path).read_bytes().decode("utf-8", "replace").split("\n")
    except OSError:
        return []


def _paint(text: str, code: str, colour: bool) -> str:
    return f"\x1b[{code}m{text}\x1b[0m" if colour else text
