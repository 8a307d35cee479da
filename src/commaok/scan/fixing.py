"""Fixes as edits of bytes: which can be made together, and the text that results."""

from collections.abc import Iterable

from commaok.scan.findings import Edit, Finding, FixKind


def chosen(findings: Iterable[Finding], *, unsafe: bool) -> list[Finding]:
    """The findings of one file whose fixes can be made at once, first come first served.

    A fix that overlaps one already taken waits for the next round; a changing fix is taken only
    where the user asked for unsafe ones.
    """
    taken: list[Finding] = []
    busy: list[Edit] = []
    for found in sorted(findings, key=lambda each: (each.place.start, each.rule)):
        fix = found.fix
        if fix is None or (fix.kind is FixKind.CHANGING and not unsafe):
            continue
        if not any(_collide(edit, other) for edit in fix.edits for other in busy):
            taken.append(found)
            busy.extend(fix.edits)
    return taken


def edited(data: bytes, findings: Iterable[Finding]) -> bytes:
    """A file's bytes with the fixes of these findings made; their edits must not overlap."""
    edits = {edit for found in findings if found.fix is not None for edit in found.fix.edits}
    for edit in sorted(edits, reverse=True):
        data = data[: edit.start] + edit.text.encode() + data[edit.end :]
    return data


def _collide(one: Edit, other: Edit) -> bool:
    if one.start == one.end or other.start == other.end:
        return one.start <= other.end and other.start <= one.end
    return one.start < other.end and other.start < one.end
