"""Making fixes: files are replaced as a whole, and only by something that still parses."""

import codecs
import difflib
import os
import tempfile
from collections.abc import Iterable
from itertools import groupby
from pathlib import Path

import msgspec

from commaok.golang.syntax import Source
from commaok.scan.findings import Finding
from commaok.scan.fixing import chosen, edited
from commaok.scan.results import Notice


class Mended(msgspec.Struct, frozen=True):
    """What was done to one file."""

    path: str
    before: bytes
    after: bytes
    findings: tuple[Finding, ...]

    def diff(self) -> str:
        """The change as a unified diff."""
        before = self.before.decode("utf-8", "replace").splitlines(keepends=True)
        after = self.after.decode("utf-8", "replace").splitlines(keepends=True)
        return "".join(difflib.unified_diff(before, after, f"a/{self.path}", f"b/{self.path}"))


def mend(
    findings: Iterable[Finding], *, unsafe: bool, write: bool
) -> tuple[list[Mended], list[Notice]]:
    """Make the fixes of findings that can be made at once, and say what was left alone and why."""
    done: list[Mended] = []
    left: list[Notice] = []
    ordered = sorted(findings, key=lambda found: found.place.path)
    for path, group in groupby(ordered, key=lambda found: found.place.path):
        taken = chosen(group, unsafe=unsafe)
        if not taken:
            continue
        try:
            before = Path(path).read_bytes()
            mended = _mended(path, before, taken)
            if isinstance(mended, Notice):
                left.append(mended)
                continue
            if write:
                _replace(Path(path), mended.after)
        except OSError as error:
            left.append(Notice(path, f"was not fixed: {error.strerror or error}."))
            continue
        done.append(mended)
    return done, left


def _mended(path: str, before: bytes, taken: list[Finding]) -> Mended | Notice:
    source = Source(path, before)
    if source.generated:
        return Notice(path, "was not fixed: it is generated.")
    if before.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return Notice(path, "was not fixed: it is not UTF-8.")
    for found in taken:
        now = before[found.place.start : found.place.end].decode("utf-8", "replace")
        if " ".join(now.split()) != found.text:
            return Notice(path, "was not fixed: it changed while it was scanned.")
    after = edited(before, taken)
    if Source(path, after).root.has_error and not source.root.has_error:
        return Notice(path, "was not fixed: the result would not be Go, a mistake of ours.")
    return Mended(path, before, after, tuple(taken))


def _replace(path: Path, data: bytes) -> None:
    """Put new content in place of a file, whole or not at all, with the mode it had."""
    real = path.resolve()
    handle, name = tempfile.mkstemp(dir=real.parent, prefix=f".{real.name}.")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(data)
        Path(name).chmod(real.stat().st_mode & 0o7777)
        Path(name).replace(real)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
