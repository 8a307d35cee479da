"""What a scan yields: findings a file, what could not be read, and what it took."""

from collections import Counter
from collections.abc import Iterable

import msgspec

from commaok.scan.findings import Finding


class Notice(msgspec.Struct, frozen=True):
    """Something that was stepped over, and why. Line 0 means the whole file."""

    path: str
    message: str
    line: int = 0


class Typed(msgspec.Struct):
    """How many expressions rules asked the types of, and why some had no answer."""

    known: int = 0
    unknown: dict[str, int] = msgspec.field(default_factory=dict)


class FileResult(msgspec.Struct):
    """What the scan of one file yields. Before ignores by severity, after ignore comments."""

    path: str
    lines: int = 0
    size: int = 0
    parsed: bool = False
    generated: bool = False
    skipped: bool = False
    """Whether it was left alone for being generated."""
    findings: tuple[Finding, ...] = ()
    notices: tuple[Notice, ...] = ()
    typed: Typed = msgspec.field(default_factory=Typed)
    asked: tuple[str, ...] = ()
    """Import paths whose importers the findings rest on."""


class Stats(msgspec.Struct, frozen=True):
    """What a scan looked at and what it took."""

    files: int
    lines: int
    bytes: int
    parsed: int
    generated: int
    from_cache: int
    typed: int
    unknown: dict[str, int]
    seconds: float


class ScanResult(msgspec.Struct, frozen=True):
    """Everything that was found, in the order of paths and lines."""

    findings: tuple[Finding, ...]
    notices: tuple[Notice, ...]
    stats: Stats


def gathered(
    files: Iterable[FileResult], notices: Iterable[Notice], seconds: float, from_cache: int
) -> ScanResult:
    """One result of many files'."""
    results = sorted(files, key=lambda each: each.path)
    unknown: Counter[str] = Counter()
    for each in results:
        unknown.update(each.typed.unknown)
    findings = sorted(
        (found for each in results for found in each.findings),
        key=lambda found: (found.place.path, found.place.start, found.rule),
    )
    stats = Stats(
        files=len(results),
        lines=sum(each.lines for each in results),
        bytes=sum(each.size for each in results),
        parsed=sum(each.parsed for each in results),
        generated=sum(each.generated for each in results),
        from_cache=from_cache,
        typed=sum(each.typed.known for each in results) + unknown.total(),
        unknown=dict(unknown.most_common()),
        seconds=round(seconds, 3),
    )
    every = [*notices, *(notice for each in results for notice in each.notices)]
    return ScanResult(tuple(findings), tuple(every), stats)
