"""What a change brought in: findings on its lines, and findings that were not there before it.

A change can bring in a finding on a line that it does not touch, by storing a nil elsewhere or by
giving a map another type. So findings outside the changed lines are compared with those of the
old revision, whose files are laid out beside for that.
"""

import os
import re
import subprocess
import tarfile
import tempfile
from collections.abc import Callable, Iterable, Sequence
from io import BytesIO
from pathlib import Path
from typing import Final

from commaok.errors import MachineError, UsageError
from commaok.scan.baseline import SCHEMA, Baseline, Known, unknown
from commaok.scan.findings import Finding, Severity

_HUNK: Final = re.compile(r"^@@ -\S+ \+(\d+)(?:,(\d+))? @@")

Rescan = Callable[[Sequence[str], Path, Path], Iterable[Finding]]
"""Scan these files of a folder (the old tree); the findings name files of the other folder."""

Changed = dict[str, set[int]]
"""The lines that were added or changed, by real path."""


def changed_lines(revision: str, folder: Path) -> Changed:
    """The lines of Go files below a folder's repository that differ from a revision."""
    top = _git(folder, "rev-parse", "--show-toplevel").decode().strip()
    text = _git(
        Path(top), "diff", "--unified=0", "--no-color", "--no-ext-diff", "--no-renames",
        "--src-prefix=a/", "--dst-prefix=b/", revision, "--", "*.go",
    ).decode("utf-8", "replace")  # fmt: skip
    found: Changed = {}
    path = ""
    for line in text.splitlines():
        if line.startswith("+++ b/"):
            path = os.path.realpath(os.path.join(top, line[6:].rstrip("\t")))
        elif hunk := _HUNK.match(line):
            start, count = int(hunk[1]), int(hunk[2] or "1")
            found.setdefault(path, set()).update(range(start, start + count))
    untracked = _git(Path(top), "ls-files", "--others", "--exclude-standard", "-z", "--", "*.go")
    for name in untracked.decode("utf-8", "replace").split("\0"):
        if name:
            new = os.path.realpath(os.path.join(top, name))
            found[new] = set(range(1, new_lines(new) + 1))
    return found


def new_lines(path: str) -> int:
    """How many lines a file has."""
    try:
        return Path(path).read_bytes().count(b"\n") + 1
    except OSError:
        return 0


def brought_in(
    findings: Sequence[Finding], revision: str, folder: Path, rescan: Rescan
) -> list[Finding]:
    """The findings that a change since ``revision`` brought in."""
    changed = changed_lines(revision, folder)
    fresh: list[Finding] = []
    elsewhere: list[Finding] = []
    for found in findings:
        lines = changed.get(os.path.realpath(found.place.path), set())
        touched = not lines.isdisjoint(range(found.place.line, found.place.end_line + 1))
        (fresh if touched else elsewhere).append(found)
    if elsewhere and changed:
        old = _old_findings(elsewhere, revision, folder, rescan)
        # A finding that rose in rank was brought in as well: the change gave it its evidence.
        for rank in Severity:
            now = [found for found in elsewhere if found.severity == rank]
            fresh += unknown(now, _as_baseline(found for found in old if found.severity >= rank))
    return sorted(fresh, key=lambda found: (found.place.path, found.place.start))


def _old_findings(
    findings: Sequence[Finding], revision: str, folder: Path, rescan: Rescan
) -> list[Finding]:
    top = Path(_git(folder, "rev-parse", "--show-toplevel").decode().strip())
    with tempfile.TemporaryDirectory(prefix="commaok-") as temporary:
        archive = _git(top, "archive", "--format=tar", revision)
        with tarfile.open(fileobj=BytesIO(archive)) as tar:
            wanted = [each for each in tar if each.isfile() and _counts(each.name)]
            tar.extractall(temporary, wanted, filter="data")
        paths = sorted({found.place.path for found in findings})
        return list(rescan(paths, top, Path(temporary).resolve()))


def _as_baseline(findings: Iterable[Finding]) -> Baseline:
    counts: dict[tuple[str, str, str, str], int] = {}
    for found in findings:
        identity = (found.place.path, found.rule, found.function, found.text)
        counts[identity] = counts.get(identity, 0) + 1
    return Baseline(SCHEMA, tuple(Known(*each, count) for each, count in counts.items()))


def _counts(name: str) -> bool:
    return name.endswith((".go", "go.mod", "go.work", "modules.txt"))


def _git(folder: Path, *arguments: str) -> bytes:
    command = ["git", "-C", str(folder), *arguments]
    try:
        done = subprocess.run(command, capture_output=True, check=False)
    except OSError as error:
        raise MachineError("--since needs git, which is not here.", "Install git.") from error
    if done.returncode:
        reason = done.stderr.decode("utf-8", "replace").strip().partition("\n")[0]
        raise UsageError(f"git refused --since: {reason}.", "Name a revision of this repository.")
    return done.stdout
