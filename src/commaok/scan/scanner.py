"""Scanning files in one process: prefilter, parse, run the rules, heed the ignore comments."""

from collections.abc import Mapping, Sequence

from commaok.golang import Program, UnreadableSource
from commaok.golang.syntax import Source
from commaok.scan.codebase import Codebase
from commaok.scan.file import File
from commaok.scan.findings import Finding
from commaok.scan.ignores import heeded, ignores
from commaok.scan.results import FileResult, Notice, Typed
from commaok.scan.rules import Rule


class Scanner:
    """Runs rules on one file after the other; what it learns about packages it keeps.

    ``names`` says how the files are shown, ``unsaved`` what an editor holds of some of them.
    """

    def __init__(
        self,
        rules: Sequence[Rule],
        names: Mapping[str, str],
        *,
        generated: bool = False,
        unsaved: Mapping[str, bytes] | None = None,
    ) -> None:
        self._rules = tuple(rules)
        self._generated = generated
        self._names = names
        program = Program()
        for path, data in (unsaved or {}).items():
            program.unsaved(path, data)
        self._codebase = Codebase(program, names)

    def directory(self, paths: Sequence[str]) -> list[FileResult]:
        """Scan files of one directory; their trees are let go of afterwards."""
        results: dict[str, FileResult] = {}
        found: list[Finding] = []
        for path in paths:
            result = self._scan(path, found)
            results[result.path] = result
        # A rule may find something where a function of this file is called: in a file beside it.
        by_file: dict[str, list[Finding]] = {}
        for each in _once(found):
            by_file.setdefault(each.place.path, []).append(each)
        ran = {rule.id for rule in self._rules}
        for path in paths:
            shown = self._names.get(path, path)
            comments = ignores(self._data(path), shown) if not results[shown].skipped else []
            kept = heeded(by_file.get(shown, ()), comments, ran)
            results[shown].findings = tuple(sorted(kept, key=lambda each: each.place.start))
        self._codebase.release()
        return list(results.values())

    def _data(self, path: str) -> bytes:
        try:
            return self._codebase.program.source(path).data
        except UnreadableSource:
            return b""

    def _scan(self, path: str, found: list[Finding]) -> FileResult:
        shown = self._names.get(path, path)
        try:
            source = self._codebase.program.source(path)
        except UnreadableSource as error:
            return FileResult(shown, notices=(Notice(shown, str(error)),))
        data = source.data
        result = FileResult(shown, lines=data.count(b"\n"), size=len(data))
        result.generated = source.generated
        if source.generated and not self._generated:
            result.skipped = True
            return result
        is_test = path.endswith("_test.go")
        wanted = [
            rule for rule in self._rules if (rule.tests or not is_test) and rule.may_match(data)
        ]
        notices: list[Notice] = []
        if wanted:
            self._codebase.asked.clear()
            file = self._codebase.open(path)
            notices += _problems(source, shown)
            for rule in wanted:
                found += _run(rule, file, notices)
            result.parsed = True
            result.typed = Typed(file.types.known, dict(file.types.unknown))
            result.asked = tuple(sorted(self._codebase.asked))
        result.notices = tuple(notices)
        return result


def _run(rule: Rule, file: File, notices: list[Notice]) -> list[Finding]:
    try:
        return list(rule.findings(file))
    except RecursionError:
        notices.append(Notice(file.path, f"{rule.id} stopped: the code is nested too deeply."))
    except Exception as error:  # noqa: BLE001 - one rule's mistake must not end the scan
        notices.append(
            Notice(
                file.path, f"{rule.id} failed, a mistake of ours: {type(error).__name__}: {error}."
            )
        )
    return []


def _problems(source: Source, shown: str) -> list[Notice]:
    """The first place that is no Go; the rest usually follows from it."""
    return [
        Notice(shown, f"{problem.message}; what surrounds it was left out", problem.line)
        for problem in source.problems()[:1]
    ]


def _once(findings: Sequence[Finding]) -> list[Finding]:
    """A rule may reach one place by two ways."""
    return list({(each.rule, each.place): each for each in findings}.values())
