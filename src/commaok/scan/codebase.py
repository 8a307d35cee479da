"""Everything that is being scanned in one process: opens files, knows who imports whom."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from commaok.golang import Object, Program, UnreadableSource
from commaok.golang.files import go_files
from commaok.golang.packages import Package
from commaok.scan.file import File
from commaok.scan.package import PackageFacts

_IMPORTS: Final = re.compile(rb"^import\s*(?:\(([^)]*)\)|([^\n(]*))", re.MULTILINE)
MOST_IMPORTERS: Final = 500
"""A package that more files than this import is not looked for in them."""

MOST_FILES: Final = 40
"""An object that more files than this may name (``ObjectMeta.Labels``) is everybody's: what they
all do with it says little about one place, and takes seconds to read."""

_PATH: Final = re.compile(rb'["`]([^"`\n]+)["`]')


class Codebase:
    """The files of a scan and the modules around them.

    ``names`` says how the files that were found are shown; others are shown by their path.
    """

    def __init__(self, program: Program, names: Mapping[str, str] | None = None) -> None:
        self.program = program
        self._names = names or {}
        self._packages: dict[int, PackageFacts] = {}
        self._importers: dict[str, dict[str, list[str]]] = {}
        self.asked: set[str] = set()
        """The import paths whose importers somebody asked for: what a cached answer rests on."""

    def open(self, path: str) -> File:
        """A file as rules see it; raises ``UnreadableSource``."""
        file = self.program.file(path)
        return self._facts(file.package).open(file)

    def shown(self, path: str) -> str:
        """How a file is called in findings."""
        return self._names.get(path, path)

    def seeing(self, wanted: Object, package: PackageFacts) -> Iterator[File]:
        """The files of the module outside ``package`` that may name an exported object of it."""
        self.asked.add(wanted.package)
        name = b"." + wanted.name.encode()
        importing = self._importing(package.module_directory).get(wanted.package, ())
        naming = [
            path
            for path in (importing if len(importing) <= MOST_IMPORTERS else ())
            if not path.endswith("_test.go") and self._has(path, name)
        ]
        for path in naming if len(naming) <= MOST_FILES else ():
            file = self.program.file(path)
            if file.package is not package.package:
                yield self._facts(file.package).open(file)

    def _has(self, path: str, name: bytes) -> bool:
        try:
            return name in self.program.source(path).data
        except UnreadableSource:
            return False

    def release(self) -> None:
        """Let go of all trees; what was learnt about types stays."""
        for facts in self._packages.values():
            facts.forget()
        self._packages.clear()

    def _facts(self, package: Package) -> PackageFacts:
        found = self._packages.get(id(package))
        if found is None:
            found = self._packages[id(package)] = PackageFacts(package, self)
        return found

    def _importing(self, directory: str) -> dict[str, list[str]]:
        """By import path, the files below a directory that import it."""
        known = self._importers.get(directory)
        if known is None:
            known = self._importers[directory] = {}
            for path in go_files([directory]):
                if isinstance(path, str):
                    for imported in imports_of(_head(path)):
                        known.setdefault(imported, []).append(path)
        return known


def imports_of(data: bytes) -> list[str]:
    """The import paths that a file names, as far as regular expressions can tell."""
    return [
        path[1].decode("utf-8", "replace")
        for block in _IMPORTS.finditer(data)
        for path in _PATH.finditer(block[1] or block[2] or b"")
    ]


def _head(path: str) -> bytes:
    """The first part of a file: imports stand before every other declaration."""
    try:
        with Path(path).open("rb") as file:
            return file.read(32768)
    except OSError:
        return b""


__all__ = ["Codebase", "imports_of"]
