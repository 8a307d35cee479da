"""Which files a scan is about, from what the user named."""

import fnmatch
import os
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec

from commaok.errors import UsageError
from commaok.golang.files import Unreachable, go_files
from commaok.golang.gomod import read_gomod
from commaok.scan.results import Notice


class Targets(msgspec.Struct, frozen=True):
    """The files to scan by directory, how each is shown, and what could not be looked into."""

    directories: tuple[tuple[str, ...], ...]
    names: dict[str, str]
    notices: tuple[Notice, ...]

    @property
    def count(self) -> int:
        """How many files."""
        return len(self.names)


def targets(paths: Sequence[str], exclude: Sequence[str] = (), base: Path | None = None) -> Targets:
    """The Go files that paths name: files, folders, ``./...`` patterns, modules and workspaces.

    ``exclude`` are glob patterns relative to ``base``. Raises UsageError when a path is nowhere.
    """
    names: dict[str, str] = {}
    by_directory: dict[str, list[str]] = {}
    notices: list[Notice] = []
    folders: dict[str, str] = {}
    for found in go_files(_roots(paths)):
        if isinstance(found, Unreachable):
            notices.append(Notice(found.path, f"cannot be looked into: {found.reason}."))
            continue
        folder = os.path.dirname(found)
        directory = folders.get(folder) or folders.setdefault(folder, os.path.realpath(folder))
        real = os.path.join(directory, os.path.basename(found))
        if exclude and _excluded(real, exclude, base or Path.cwd()):
            continue
        names[real] = os.path.normpath(found)
        by_directory.setdefault(directory, []).append(real)
    return Targets(tuple(map(tuple, by_directory.values())), names, tuple(notices))


def _roots(paths: Sequence[str]) -> Iterable[str]:
    for given in paths:
        path = given.removesuffix("...").rstrip("/") or "." if given.endswith("...") else given
        if not os.path.lexists(path):
            raise UsageError(f"There is no {given}.", "Name files, folders or ./... patterns.")
        if os.path.basename(path) == "go.work":
            yield from _used(path)
        elif os.path.basename(path) == "go.mod":
            yield os.path.dirname(path) or "."
        elif os.path.isfile(path) and not path.endswith(".go"):
            raise UsageError(f"{given} is no Go file.", "Name files, folders or ./... patterns.")
        else:
            yield path


def _used(path: str) -> Iterable[str]:
    work = read_gomod(Path(path))
    folder = os.path.dirname(path)
    return [os.path.normpath(os.path.join(folder, used)) for used in work.uses] if work else []


def _excluded(path: str, patterns: Sequence[str], base: Path) -> bool:
    relative = os.path.relpath(path, base)
    parts = relative.split(os.sep)
    prefixes = [os.sep.join(parts[:count]) for count in range(1, len(parts) + 1)]
    return any(
        fnmatch.fnmatchcase(prefix, pattern.removesuffix("/**").rstrip("/"))
        for pattern in patterns
        for prefix in prefixes
    )
