"""``//commaok:ignore OK101 reason``: a finding that somebody looked at and accepts.

The comment stands at the end of the finding's line or alone on the line above it. The reason is
required: without one nothing is ignored. A comment that ignores nothing is a finding itself, of
the engine's own rule ``OK000``, so that none outlives its cause.
"""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Final

from commaok.scan.findings import Finding, Ground, Place

IGNORES: Final = "OK000"
"""The rule about ignore comments, which belongs to the engine."""

_COMMENT: Final = re.compile(
    rb"^(?P<before>[^\n]*?)//commaok:ignore\b[ \t]*"
    rb"(?P<ids>[A-Z]+\d+(?:,[A-Z]+\d+)*)?(?P<reason>[^\n]*)",
    re.MULTILINE,
)


@dataclass(slots=True)
class Ignore:
    """One comment: the line whose findings it accepts, and for which hazards."""

    place: Place
    line: int
    rules: tuple[str, ...]
    reason: str
    used: set[str] = field(default_factory=set)


def ignores(data: bytes, path: str) -> list[Ignore]:
    """The ignore comments of a file."""
    if b"//commaok:ignore" not in data:
        return []
    found: list[Ignore] = []
    for match in _COMMENT.finditer(data):
        before = match["before"]
        line = data.count(b"\n", 0, match.start()) + 1
        start = match.start() + len(before)
        column, end = len(before) + 1, match.end()
        place = Place(path, line, column, line, column + end - start, start, end)
        identities = tuple((match["ids"] or b"").decode().split(",")) if match["ids"] else ()
        reason = match["reason"].decode("utf-8", "replace").strip()
        found.append(Ignore(place, line if before.strip() else line + 1, identities, reason))
    return found


def heeded(
    findings: Iterable[Finding], comments: Iterable[Ignore], ran: Collection[str]
) -> list[Finding]:
    """The findings that no comment accepts, and what is wrong with the comments.

    ``ran`` are the rules that were run: about the others no comment can be called unused.
    """
    by_line: dict[tuple[int, str], Ignore] = {}
    for comment in comments:
        for identity in comment.rules if comment.reason else ():
            by_line[comment.line, identity] = comment
    kept: list[Finding] = []
    for found in findings:
        accepted = by_line.get((found.place.line, found.rule))
        if accepted is None:
            kept.append(found)
        else:
            accepted.used.add(found.rule)
    return kept + [wrong for comment in comments for wrong in _wrong(comment, ran)]


def _wrong(comment: Ignore, ran: Collection[str]) -> Iterable[Finding]:
    if not comment.rules or not comment.reason:
        missing = "a reason" if comment.rules else "a hazard and a reason"
        message = f"this comment ignores nothing: it lacks {missing}"
        yield _finding(comment, message, Ground("incomplete", f"it lacks {missing}"))
        return
    for identity in comment.rules:
        if identity in ran and identity not in comment.used:
            message = f"there is no finding of {identity} here to ignore"
            yield _finding(comment, message, Ground("unused", "it ignores nothing"))


def _finding(comment: Ignore, message: str, ground: Ground) -> Finding:
    return Finding(comment.place, message, evidence=(ground,), rule=IGNORES)
