"""Which files form a package, and where a package declares a name.

A ``Program`` opens files; each belongs to a ``Package`` of a ``View``: one workspace as one build
sees it. Everything is read when asked for and kept: a file's text and outline once in a process,
its whole tree only while somebody looks at it.
"""

import os
import re
from bisect import bisect_right
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tree_sitter import Node, Tree

from commaok.golang.constraints import Build, file_constraint, holds, satisfying
from commaok.golang.modules import (
    Missing,
    Toolchain,
    Workspace,
    module_root,
    workspace_at,
)
from commaok.golang.outline import Chunk, Kind, Outline, outline, signature_text
from commaok.golang.scopes import Binding, Scopes
from commaok.golang.syntax import Source, UnreadableSource, parse, read_source
from commaok.golang.types import Site, Type

KNOWN: Final = str(Path(__file__).with_name("known"))
"""The shipped table of external types: Go declarations, by import path."""

_VERSION: Final = re.compile(r"v\d+")


class Unit:
    """One top-level declaration as a tree, with what is known about it so far.

    ``base`` is what a node's offset lacks to be an offset in the file.
    """

    __slots__ = (
        "_scopes",
        "_tree",
        "base",
        "bound",
        "declared",
        "file",
        "root",
        "types",
        "working",
    )

    def __init__(self, file: "PackageFile", base: int, root: Node, tree: Tree) -> None:
        self.file = file
        self.base = base
        self.root = root
        self._tree = tree
        self._scopes: Scopes | None = None
        self.types: dict[int, Type] = {}
        """Of expressions, by node id."""
        self.bound: dict[int, Type] = {}
        """Of names, by the offset of the name."""
        self.declared: dict[int, Type] = {}
        """What type names stand for, by the offset of the name."""
        self.working: set[int] = set()
        """Names whose type is being found: meeting one again is a cycle."""

    @property
    def scopes(self) -> Scopes:
        """The names inside, found on first use."""
        if self._scopes is None:
            self._scopes = Scopes(self.root)
        return self._scopes

    def site(self, offset: int) -> Site:
        """A place of this tree as a place of the file."""
        return Site(self.file.source.path, self.base + offset)


class PackageFile:
    """A file as a member of a package."""

    def __init__(self, package: "Package", source: Source) -> None:
        self.package = package
        self.source = source
        self.is_test = source.path.endswith("_test.go")
        self._units: dict[int, Unit] = {}
        self._tops: list[Node] = []
        self._starts: list[int] = []
        self._packages: dict[str, str | None] = {}

    @property
    def outline(self) -> Outline:
        """What the file declares and imports."""
        return self.package.view.program.outline(self.source)

    def unit(self, chunk: Chunk) -> Unit:
        """The tree of one top-level declaration; of a function, its signature alone."""
        unit = self._units.get(chunk.start)
        if unit is None:
            unit = self._units[chunk.start] = self._parsed(chunk)
        return unit

    def unit_of(self, node: Node) -> Unit:
        """The top-level declaration that holds a node of the file's whole tree, body and all."""
        tree = self.source.tree
        # Node.first_named_child_for_byte would do this in C, and has crashed on broken files.
        if not self._tops:
            self._tops = tree.root_node.named_children
            self._starts = [top.start_byte for top in self._tops]
        last = bisect_right(self._starts, node.start_byte) - 1
        root = self._tops[last] if last >= 0 else tree.root_node
        if node.start_byte >= root.end_byte or node.end_byte > root.end_byte:
            root = tree.root_node
        # A key below zero: signatures and bodies of one declaration are different trees.
        key = -root.start_byte - 1
        unit = self._units.get(key)
        if unit is None or unit.root.id != root.id:
            unit = self._units[key] = Unit(self, 0, root, tree)
        return unit

    def forget_bodies(self) -> None:
        """Let go of the whole tree and everything that refers to it."""
        self._units = {key: unit for key, unit in self._units.items() if key >= 0}
        self._tops, self._starts = [], []
        self.source.release()

    def imported(self, name: str) -> str | None:
        """The import path that a package name stands for in this file."""
        if name not in self._packages:
            self._packages[name] = self._find_import(name)
        return self._packages[name]

    def dot_imports(self) -> list[str]:
        """The packages whose names this file uses bare."""
        return [each.path for each in self.outline.imports if each.name == "."]

    def _parsed(self, chunk: Chunk) -> Unit:
        data = self.source.data
        if chunk.kind is Kind.FUNCTION:
            head = signature_text(data, chunk)
            tree = parse(head) if head is not None else None
            if tree is not None and not tree.root_node.has_error:
                return Unit(self, chunk.start, tree.root_node, tree)
        tree = parse(data[chunk.start : chunk.end])
        return Unit(self, chunk.start, tree.root_node, tree)

    def _find_import(self, name: str) -> str | None:
        plain = [each.path for each in self.outline.imports if not each.name]
        for each in self.outline.imports:
            if each.name == name:
                return each.path
        likely = [path for path in plain if name in _likely_names(path)]
        view = self.package.view
        absent: list[str] = []
        for path in (*likely, *(path for path in plain if path not in likely)):
            package = view.package(path, self.package)
            if isinstance(package, Package) and package.name:
                if package.name == name:
                    return path
            else:
                absent.append(path)
        sure = [path for path in absent if path in likely]
        unsure = [path for path in absent if name in re.split(r"[-./_]", path)]
        return next(iter(sure or (unsure if len(unsure) == 1 else [])), None)


class Package:
    """The files with one package clause in one directory, as one build takes them."""

    def __init__(self, view: "View", path: str, directory: str, *, partial: bool = False) -> None:
        self.view = view
        self.path = path
        self.directory = directory
        self.partial = partial
        """Whether this is the shipped table: what it does not list may exist all the same."""
        self.name = ""
        self.files: list[PackageFile] = []
        self.test_files: list[PackageFile] = []
        self._names: dict[str, list[tuple[PackageFile, Chunk]]] | None = None
        self._found: dict[tuple[str, bool], tuple[Unit, Binding] | None] = {}
        self._methods: dict[str, dict[str, list[tuple[PackageFile, Chunk]]]] = {}

    def lookup(self, name: str, *, tests: bool) -> tuple[Unit, Binding] | None:
        """The package-level declaration of a name; ``tests`` looks into in-package tests too."""
        key = (name, tests)
        if key not in self._found:
            self._found[key] = self._lookup(name, tests=tests)
        return self._found[key]

    def method(self, receiver: str, name: str) -> tuple[Unit, Node] | None:
        """The method of a type declared in this package."""
        self._index()
        for file, chunk in self._methods.get(receiver, {}).get(name, ()):
            unit = file.unit(chunk)
            for node in unit.root.named_children:
                if node.type == "method_declaration":
                    return unit, node
        return None

    def method_names(self, receiver: str) -> list[str]:
        """The methods of a type declared in this package."""
        self._index()
        return list(self._methods.get(receiver, ()))

    def sees_tests_of(self, other: "Package") -> bool:
        """Whether code here is built together with the in-package tests of ``other``."""
        return other is self or (self.path == other.path + "_test")

    def _lookup(self, name: str, *, tests: bool) -> tuple[Unit, Binding] | None:
        for file, chunk in self._index().get(name, ()):
            if file.is_test and not tests and file not in self.files:
                continue
            unit = file.unit(chunk)
            binding = unit.scopes.top.get(name)
            if binding is not None:
                return unit, binding
        return None

    def _index(self) -> dict[str, list[tuple[PackageFile, Chunk]]]:
        if self._names is None:
            self._names = {}
            for file in (*self.files, *self.test_files):
                for name, chunks in file.outline.names.items():
                    self._names.setdefault(name, []).extend((file, chunk) for chunk in chunks)
                for receiver, methods in file.outline.methods.items():
                    known = self._methods.setdefault(receiver, {})
                    for name, chunk in methods.items():
                        known.setdefault(name, []).append((file, chunk))
            for file in (*self.files, *self.test_files):
                for alias, target in file.outline.aliases.items():
                    for name, places in self._methods.get(alias, {}).items():
                        self._methods.setdefault(target, {}).setdefault(name, []).extend(places)
        return self._names


class View:
    """A workspace as one build sees it."""

    def __init__(self, program: "Program", workspace: Workspace, build: Build) -> None:
        self.program = program
        self.workspace = workspace
        self.build = build
        self._packages: dict[str, Package | Missing] = {}
        self._directories: dict[str, list[Package]] = {}
        self.universe = self._assemble(Package(self, "", os.path.join(KNOWN, "builtin")))
        """What Go declares before any package does, as far as source can say it."""

    def package(self, path: str, importer: Package | None = None) -> Package | Missing:
        """The package that an import path means to its importer."""
        goroot = self.workspace.toolchain.goroot
        if importer is not None and goroot and "." in path.partition("/")[0]:
            root = os.path.join(goroot, "src")
            if importer.directory.startswith(root + os.sep):
                # GOROOT has a vendor directory of its own, and cmd another.
                prefix = "cmd/vendor/" if importer.path.startswith("cmd/") else "vendor/"
                vendored = self._package(prefix + path)
                if isinstance(vendored, Package):
                    return vendored
        return self._package(path)

    def in_directory(self, directory: str, path: str | None = None) -> list[Package]:
        """The packages of a directory, its external tests last."""
        if directory not in self._directories:
            shown = path if path is not None else self.workspace.import_path(directory)
            self._directories[directory] = self._read(directory, shown)
        return self._directories[directory]

    def _package(self, path: str) -> Package | Missing:
        if path not in self._packages:
            self._packages[path] = self._found(path)
        return self._packages[path]

    def _found(self, path: str) -> Package | Missing:
        located = self.workspace.locate(path)
        if isinstance(located, Missing):
            known = os.path.join(KNOWN, path)
            if located in (Missing.CGO, Missing.INVALID) or not os.path.isdir(known):
                return located
            return self._assemble(Package(self, path, known, partial=True))
        packages = self.in_directory(os.path.realpath(located), path)
        candidates = [each for each in packages if each.files]
        # A directory may hold a stray "package main" beside the package that is imported.
        libraries = [each for each in candidates if each.name != "main"]
        if libraries or candidates:
            return (libraries or candidates)[0]
        return Package(self, path, located)

    def _assemble(self, package: Package) -> Package:
        for source in self._sources(package.directory):
            package.name = source.package_name
            package.files.append(PackageFile(package, source))
        return package

    def _read(self, directory: str, path: str) -> list[Package]:
        by_name: dict[str, Package] = {}
        for source in self._sources(directory):
            name = source.package_name
            is_test = source.path.endswith("_test.go")
            external = is_test and name.endswith("_test")
            if name not in by_name:
                by_name[name] = Package(self, path + "_test" if external else path, directory)
                by_name[name].name = name
            package = by_name[name]
            file = PackageFile(package, source)
            (package.test_files if is_test and not external else package.files).append(file)
        return sorted(
            by_name.values(), key=lambda each: (each.path.endswith("_test"), -len(each.files))
        )

    def _sources(self, directory: str) -> Iterator[Source]:
        try:
            names = sorted(os.listdir(directory))
        except OSError:
            return
        for name in names:
            if not name.endswith(".go") or name.startswith(("_", ".")):
                continue
            if not holds(file_constraint(name, b""), self.build.satisfies):
                continue
            try:
                source = self.program.source(os.path.join(directory, name))
            except UnreadableSource:
                continue
            if self._takes(name, source):
                yield source

    def _takes(self, name: str, source: Source) -> bool:
        if not self.build.cgo and self.program.uses_c(source):
            return False
        return holds(file_constraint(name, source.header), self.build.satisfies)


class Program:
    """Everything read so far, in one process."""

    def __init__(self, build: Build | None = None, toolchain: Toolchain | None = None) -> None:
        self.build = build or Build()
        self.toolchain = toolchain if toolchain is not None else Toolchain.discover()
        self._sources: dict[str, Source] = {}
        self._outlines: dict[str, Outline] = {}
        self._workspaces: dict[str, Workspace] = {}
        self._workspace_of: dict[str, Workspace] = {}
        self._views: dict[tuple[int, Build], View] = {}

    def source(self, path: str) -> Source:
        """A file's text; raises ``UnreadableSource``."""
        source = self._sources.get(path)
        if source is None:
            source = self._sources[path] = read_source(path)
        return source

    def uses_c(self, source: Source) -> bool:
        """Whether a file imports "C" and so takes part only where cgo is on."""
        if b'"C"' not in source.data:
            return False
        return any(each.path == "C" for each in self.outline(source).imports)

    def outline(self, source: Source) -> Outline:
        """What a file declares."""
        found = self._outlines.get(source.path)
        if found is None:
            found = self._outlines[source.path] = outline(source)
        return found

    def import_path(self, directory: str) -> str:
        """The import path of a directory, as its workspace names it."""
        return self._workspace(directory).import_path(directory)

    def file(self, path: str | os.PathLike[str]) -> PackageFile:
        """Open a file as a member of its package, in the build nearest to the one asked for.

        A file that no build takes in stands alone. Raises ``UnreadableSource``.
        """
        given = os.path.abspath(os.fspath(path))
        directory = os.path.realpath(os.path.dirname(given))
        name = os.path.basename(given)
        source = self.source(os.path.join(directory, name))
        workspace = self._workspace(directory)
        wanted = self.build
        if not wanted.cgo and self.uses_c(source):
            wanted = Build(wanted.goos, wanted.goarch, wanted.tags, cgo=True)
        build = satisfying(file_constraint(name, source.header), wanted)
        view = self._view(workspace, build or self.build)
        for package in view.in_directory(directory):
            for file in (*package.files, *package.test_files):
                if file.source is source:
                    return file
        alone = Package(view, workspace.import_path(directory), directory)
        alone.name = source.package_name
        alone.files.append(PackageFile(alone, source))
        return alone.files[0]

    def _view(self, workspace: Workspace, build: Build) -> View:
        key = (id(workspace), build)
        if key not in self._views:
            self._views[key] = View(self, workspace, build)
        return self._views[key]

    def _workspace(self, directory: str) -> Workspace:
        """The workspace of a directory; an outer module takes in those it replaces."""
        known = self._workspace_of.get(directory)
        if known is None:
            known = self._workspace_of[directory] = self._find_workspace(directory)
        return known

    def _find_workspace(self, directory: str) -> Workspace:
        root = module_root(directory) or directory
        if root not in self._workspaces:
            found = workspace_at(root, self.toolchain)
            outer = module_root(os.path.dirname(root))
            if outer is not None:
                around = self._workspace(outer)
                if around.takes_in(root):
                    found = around
            self._workspaces[root] = found
        return self._workspaces[root]


def _likely_names(path: str) -> list[str]:
    parts = path.split("/")
    if len(parts) > 1 and _VERSION.fullmatch(parts[-1]):
        parts.pop()
    last = re.sub(r"\.v\d+$", "", parts[-1])
    plain = last.removeprefix("go-").removesuffix("-go").removesuffix(".go")
    return [last, plain, plain.replace("-", ""), plain.replace("-", "_")]
