"""The Go files below some paths, as ``./...`` would list them and tests too."""

import os
from collections.abc import Iterable, Iterator
from typing import NamedTuple

SKIPPED = frozenset(("vendor", "testdata", "node_modules"))


class Unreachable(NamedTuple):
    """A folder or file that could not be looked into; it was stepped over."""

    path: str
    reason: str


def go_files(
    paths: Iterable[str | os.PathLike[str]], skipped: frozenset[str] = SKIPPED
) -> Iterator[str | Unreachable]:
    """Every Go file below ``paths``, in a stable order, each once.

    Folders that the go command leaves out (``skipped``, and those that start with "." or "_") are
    left out unless they are named. Symbolic links to folders are not followed: what they lead to
    is either below ``paths`` as well, or somebody else's.
    """
    seen: set[str] = set()
    folders: dict[str, str] = {}
    for given in paths:
        for found in _below(os.fspath(given), skipped):
            if isinstance(found, Unreachable):
                yield found
            elif (real := _real(found, folders)) not in seen:
                seen.add(real)
                yield found


def _real(path: str, folders: dict[str, str]) -> str:
    """Where a file really lies; that of its folder is looked up once."""
    if os.path.islink(path):
        return os.path.realpath(path)
    folder, name = os.path.split(path)
    if folder not in folders:
        folders[folder] = os.path.realpath(folder)
    return os.path.join(folders[folder], name)


def _below(path: str, skipped: frozenset[str]) -> Iterator[str | Unreachable]:
    if not os.path.isdir(path):
        yield path if os.path.exists(path) else Unreachable(path, "there is no such file")
        return
    missed: list[Unreachable] = []

    def note(error: OSError) -> None:
        missed.append(Unreachable(str(error.filename), error.strerror or str(error)))

    for folder, inner, names in os.walk(path, onerror=note):
        inner[:] = sorted(
            name for name in inner if name not in skipped and not name.startswith((".", "_"))
        )
        for name in sorted(names):
            if name.endswith(".go") and not name.startswith((".", "_")):
                yield os.path.join(folder, name)
        yield from missed
        missed.clear()
    yield from missed
