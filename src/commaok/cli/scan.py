"""``commaok scan``: the Go lines that lose watch events, ranked, explained, mended.

An editor runs it on every save: what only some options need is imported where they are read.
"""

import os
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Annotated, Final

import msgspec
import typer

from commaok import hazards
from commaok.errors import UsageError
from commaok.scan.discovery import Targets, targets
from commaok.scan.engine import Plan, scan
from commaok.scan.findings import Finding, Severity
from commaok.scan.ignores import IGNORES
from commaok.scan.reports import ReportFormat
from commaok.scan.reports.report import Report, RuleName
from commaok.scan.reports.text import as_text
from commaok.scan.results import Notice, ScanResult
from commaok.scan.settings import Found, Level, Settings, chosen, read_settings

_CACHED: Final = 40
"""Fewer files than this are scanned in less time than it takes to see what is cached."""

_ROUNDS: Final = 10
"""A fix that waited for an overlapping one is made in the next round; this many are enough."""

_OWN: Final = RuleName(IGNORES, "ignore-comment")

app = typer.Typer(add_completion=False)


@app.command("scan")
def scan_command(
    paths: Annotated[
        list[str] | None,
        typer.Argument(help="Files, folders, ./... patterns, a go.mod or go.work; default: ."),
    ] = None,
    *,
    select: Annotated[str, typer.Option(help="Hazards to look for: OK101,OK6")] = "",
    ignore: Annotated[str, typer.Option(help="Hazards to leave out: OK102,OK3")] = "",
    min_severity: Annotated[Level | None, typer.Option(help="What to show at least.")] = None,
    since: Annotated[
        str, typer.Option(metavar="REV", help="Only what changed since this git revision.")
    ] = "",
    output: Annotated[
        ReportFormat, typer.Option("--format", help="What to print.")
    ] = ReportFormat.TEXT,
    baseline: Annotated[str, typer.Option(help="Findings in this file are not shown.")] = "",
    write_baselined: Annotated[
        str, typer.Option("--write-baseline", metavar="FILE", help="Write what is found there.")
    ] = "",
    statistics: Annotated[bool, typer.Option(help="Count findings by hazard instead.")] = False,
    stats: Annotated[bool, typer.Option(help="Say what was read and what it took.")] = False,
    fix: Annotated[bool, typer.Option("--fix", help="Make the preserving fixes.")] = False,
    unsafe_fixes: Annotated[
        bool, typer.Option("--unsafe-fixes", help="Also fixes that change what the code does.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Show fixes, change no file.")] = False,
    generated: Annotated[bool, typer.Option(help="Look at generated files too.")] = False,
    no_cache: Annotated[bool, typer.Option("--no-cache", help="Read everything anew.")] = False,
    processes: Annotated[int, typer.Option(min=0, help="0: one a core, at most two.")] = 0,
) -> int:
    """Find the Go lines that lose watch events."""
    found = read_settings(Path.cwd())
    settings = msgspec.structs.replace(
        found.settings,
        select=_listed(select) or found.settings.select,
        ignore=_listed(ignore) or found.settings.ignore,
        min_severity=min_severity or found.settings.min_severity,
        generated=generated or found.settings.generated,
        processes=processes or found.settings.processes,
        cache=found.settings.cache and not no_cache,
        baseline=baseline or found.settings.baseline,
    )
    job = _Job(paths or ["."], settings, found)
    result = job.run()
    if fix and not diff:
        result = _fix(job, result, unsafe=unsafe_fixes)
    report = _report(job, result, since=since, keep_known=bool(write_baselined))
    if write_baselined:
        from commaok.scan.baseline import write_baseline

        write_baseline(Path(write_baselined), report.findings)
        _say(f"{len(report.findings)} findings are known now: {write_baselined}")
        return 0
    if diff:
        from commaok.scan.mending import mend

        mended, left = mend(report.findings, unsafe=unsafe_fixes, write=False)
        sys.stdout.write("".join(each.diff() for each in mended))
        _notices(left)
        return 1 if mended else 0
    _print(report, output, statistics=statistics, stats=stats)
    return 1 if report.findings else 0


class _Job:
    """One scan as the options want it; can be run again after fixes."""

    def __init__(self, paths: Sequence[str], settings: Settings, found: Found) -> None:
        self.paths = paths
        self.settings = settings
        self.base = Path(found.file).parent if found.file else Path.cwd()
        known = [hazard for hazard in hazards.catalogue() if hazard.rules]
        _check((*settings.select, *settings.ignore), [hazard.id for hazard in known])
        self.hazards = [hazard for hazard in known if chosen(hazard.id, settings)]

    def run(self) -> ScanResult:
        return self.scan(targets(self.paths, self.settings.exclude, self.base))

    def scan(self, found: Targets, *, cached: bool = True) -> ScanResult:
        settings = self.settings
        identities = tuple(hazard.id for hazard in self.hazards)
        processes = settings.processes or min(2, os.cpu_count() or 1)
        plan = Plan(found, hazards.rules, identities, settings.generated, processes)
        cache = None
        if cached and settings.cache and found.count >= _CACHED:
            from commaok.scan.cache import Cache, default_folder

            options = f"generated={settings.generated}"
            cache = Cache(default_folder(), found, hazards.rules(identities), options)
        progress = _progress if sys.stderr.isatty() else None
        try:
            return scan(plan, cache, progress)
        finally:
            if progress is not None:
                sys.stderr.write("\r\x1b[K")

    def rescan(self, paths: Sequence[str], top: Path, old: Path) -> Iterable[Finding]:
        """What was found in files of ``top`` as they were in the tree ``old``."""
        places = {str(old / Path(path).resolve().relative_to(top)): path for path in paths}
        there = [path for path in places if Path(path).is_file()]
        found = targets(there)
        shown = {real: places[real] for real in found.names}
        return self.scan(msgspec.structs.replace(found, names=shown), cached=False).findings


def _report(job: _Job, result: ScanResult, *, since: str, keep_known: bool) -> Report:
    findings = [found for found in result.findings if _own_wanted(found, job.settings)]
    lowest = Severity[job.settings.min_severity.upper()]
    shown = [found for found in findings if found.severity >= lowest]
    hidden = {f"below {lowest.label}": len(findings) - len(shown)}
    if since:
        from commaok.scan.since import brought_in

        kept = brought_in(shown, since, Path.cwd(), job.rescan)
        hidden["not brought in by the change"] = len(shown) - len(kept)
        shown = kept
    if job.settings.baseline and not keep_known:
        from commaok.scan.baseline import read_baseline, unknown

        kept = unknown(shown, read_baseline(job.base / job.settings.baseline))
        hidden["known by the baseline"] = len(shown) - len(kept)
        shown = kept
    names = [RuleName(each.id, each.name, _summary(each)) for each in job.hazards]
    return Report(
        findings=tuple(shown),
        notices=result.notices,
        stats=result.stats,
        rules=(_OWN, *names),
        hidden={why: count for why, count in hidden.items() if count},
    )


def _fix(job: _Job, result: ScanResult, *, unsafe: bool) -> ScanResult:
    """Make fixes and scan again until nothing is left that can be fixed."""
    from commaok.scan.mending import Mended, mend

    lowest = Severity[job.settings.min_severity.upper()]
    made: list[Mended] = []
    for _ in range(_ROUNDS):
        wanted = [found for found in result.findings if found.severity >= lowest]
        mended, left = mend(wanted, unsafe=unsafe, write=True)
        _notices(left)
        if not mended:
            break
        made += mended
        result = job.run()
    if made:
        count = sum(len(each.findings) for each in made)
        files = len({each.path for each in made})
        _say(f"{count} fixed in {files} file{'s' if files != 1 else ''}")
    return result


def _print(report: Report, output: ReportFormat, *, statistics: bool, stats: bool) -> None:
    if output is not ReportFormat.TEXT:
        from commaok.scan.reports.writers import WRITERS

        sys.stdout.write(WRITERS[output](report))
        return
    if statistics:
        counts = Counter((found.rule, found.severity.label) for found in report.findings)
        for (rule, severity), count in sorted(counts.items()):
            sys.stdout.write(f"{count:6} {severity:7} {rule} {report.name(rule)}\n")
    else:
        colour = sys.stdout.isatty() and "NO_COLOR" not in os.environ
        sys.stdout.write(as_text(report, colour=colour))
    _notices(report.notices)
    if stats:
        _say_stats(report)
    severities = Counter(found.severity.label for found in report.findings)
    parts = [f"{count} {label}{'s' if count != 1 else ''}" for label, count in severities.items()]
    hidden = [f"{count} {why}" for why, count in report.hidden.items()]
    summary = ", ".join(parts) or "nothing found"
    files = report.stats.files
    _say(
        f"{summary} in {files} file{'s' if files != 1 else ''}" + "".join(f"; {x}" for x in hidden)
    )


def _say_stats(report: Report) -> None:
    took = report.stats
    unknowns = sum(took.unknown.values())
    share = 100 * (1 - unknowns / took.typed) if took.typed else 100.0
    _say(
        f"{took.files} files ({took.generated} generated, {took.parsed} parsed, {took.from_cache} "
        f"from the cache), {took.lines} lines, {took.bytes / 1e6:.1f} MB in {took.seconds:.2f} s"
    )
    _say(f"{took.typed} types asked, {share:.2f} % known")
    for reason, count in took.unknown.items():
        _say(f"  {count:6} unknown: {reason}")


def _progress(done: int, total: int) -> None:
    sys.stderr.write(f"\r{done} of {total} files\x1b[K")
    sys.stderr.flush()


def _notices(notices: Iterable[Notice]) -> None:
    for notice in notices:
        where = f"{notice.path}:{notice.line}" if notice.line else notice.path
        said = notice.message.removeprefix(f"{notice.path} ")
        sys.stderr.write(f"{where}: {said}\n")


def _say(text: str) -> None:
    sys.stderr.write(f"{text}\n")


def _summary(hazard: hazards.Hazard) -> str:
    lines = [line.strip() for line in hazard.page().splitlines()[1:]]
    return next((line for line in lines if line), hazard.name)


def _own_wanted(found: Finding, settings: Settings) -> bool:
    return found.rule != IGNORES or not (settings.ignore and IGNORES.startswith(settings.ignore))


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _check(wanted: Sequence[str], known: Sequence[str]) -> None:
    for each in wanted:
        if not any(identity.startswith(each) for identity in (*known, IGNORES)):
            raise UsageError(f"There is no hazard {each}.", "`commaok rules` lists them.")
