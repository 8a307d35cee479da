"""What the files of a package say together, and the other packages of its module."""

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Final

from tree_sitter import Node

from commaok.golang import Callee, Finder, Object
from commaok.golang.packages import Package, PackageFile
from commaok.scan.file import File, Use

if TYPE_CHECKING:
    from commaok.scan.codebase import Codebase

_GOROUTINES: Final = Finder("(go_statement) @go")


class PackageFacts:
    """The files of a package, and what they say together; each is parsed when it is looked into."""

    def __init__(self, package: Package, codebase: "Codebase") -> None:
        self._package = package
        self._codebase = codebase
        self._files: dict[str, File] = {}
        self._uses: dict[Object, list[Use]] = {}

    @property
    def path(self) -> str:
        """The import path."""
        return self._package.path

    @property
    def package(self) -> Package:
        """The package as the reader of Go knows it."""
        return self._package

    @property
    def module_directory(self) -> str:
        """Where the main module around it begins."""
        main = self._package.view.workspace.main_of(self._package.directory)
        return main.directory if main is not None else self._package.directory

    @property
    def directory(self) -> str:
        """Where its files lie."""
        return self._package.directory

    def open(self, file: PackageFile) -> File:
        """The file as rules see it."""
        path = file.source.path
        found = self._files.get(path)
        if found is None:
            found = self._files[path] = File(self, file, self._codebase.shown(path))
        return found

    @cached_property
    def files(self) -> Sequence[File]:
        """All of its files in this build but its tests."""
        return [self.open(file) for file in self._package.files]

    @cached_property
    def goroutines(self) -> Sequence[Use]:
        """The ``go`` statements of the package."""
        return [
            Use(file, node)
            for file in self.files
            if b"go " in file.data
            for node in file.captures(_GOROUTINES).get("go", ())
        ]

    def uses(self, wanted: Object) -> Sequence[Use]:
        """Where the package (without its tests) names an object, its declaration included."""
        found = self._uses.get(wanted)
        if found is None:
            found = [use for file in self.files for use in file.uses_here(wanted)]
            self._uses[wanted] = found
        return found

    def uses_in_module(self, wanted: Object) -> Sequence[Use]:
        """The same in every package of the module, where the object can be seen outside its own."""
        found = list(self.uses(wanted))
        if wanted.is_local or not wanted.name[:1].isupper() or not wanted.package:
            return found
        seen = {file.source.path for file in self.files}
        for file in self._codebase.seeing(wanted, self):
            if file.source.path not in seen:
                found.extend(file.uses_here(wanted))
        return found

    def callers(self, function: Node, file: File) -> Sequence[Use]:
        """The calls in the package of a function or method declared in ``file``."""
        name = function.child_by_field_name("name")
        wanted = file.types.object(name) if name is not None else None
        if wanted is None:
            return ()
        return [
            Use(use.file, call)
            for use in self.uses(wanted)
            if (call := _called_as(use.node)) is not None
        ]

    def declaration(self, callee: Callee | None) -> Use | None:
        """The declaration in this package of what a call calls."""
        if callee is None or callee.package != self.path:
            return None
        wanted = f"{callee.receiver}.{callee.name}" if callee.receiver else callee.name
        name = callee.name.encode()
        for file in self.files:
            if name in file.data:
                for node in file.functions:
                    if file.function_name(node) == wanted:
                        return Use(file, node)
        return None

    def forget(self) -> None:
        """Let go of every tree."""
        for file in (*self._package.files, *self._package.test_files):
            file.forget_bodies()
        self._files.clear()
        self._uses.clear()
        self.__dict__.pop("files", None)
        self.__dict__.pop("goroutines", None)


def _called_as(name: Node) -> Node | None:
    """The call whose function a name is."""
    node = name
    parent = node.parent
    if parent is not None and parent.type == "selector_expression":
        node, parent = parent, parent.parent
    if parent is None or parent.type != "call_expression":
        return None
    function = parent.child_by_field_name("function")
    return parent if function is not None and function.id == node.id else None
