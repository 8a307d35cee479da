"""What a name refers to: from the innermost scope outwards to the predeclared names."""

from dataclasses import dataclass
from typing import Final

from commaok.golang.modules import Missing
from commaok.golang.packages import Package, PackageFile, Unit
from commaok.golang.scopes import Binding
from commaok.golang.types import PREDECLARED, Reason

BUILTINS: Final = frozenset(
    "append cap clear close complex copy delete imag len make max min new panic print println "
    "real recover".split()
)
CONSTANTS: Final = frozenset(("true", "false", "iota", "nil"))
UNIVERSE_TYPES: Final = frozenset(("error", "any", "comparable"))
_UNIVERSE: Final = BUILTINS | CONSTANTS | UNIVERSE_TYPES | PREDECLARED.keys()

MISSING: Final = {
    Missing.DEPENDENCY: Reason.DEPENDENCY,
    Missing.STANDARD_LIBRARY: Reason.STANDARD_LIBRARY,
    Missing.CGO: Reason.CGO,
    Missing.INVALID: Reason.UNRESOLVED_IMPORT,
}


@dataclass(frozen=True, slots=True)
class Bound:
    """Something declared in source that is here; ``unit`` is the tree that declares it."""

    unit: Unit
    binding: Binding

    @property
    def is_local(self) -> bool:
        """Whether a function declares it."""
        return self.binding.scope != 0


@dataclass(frozen=True, slots=True)
class Imported:
    """A package."""

    path: str


@dataclass(frozen=True, slots=True)
class Predeclared:
    """A name of the universe."""

    name: str


@dataclass(frozen=True, slots=True)
class Elsewhere:
    """A name of a package whose declaration is not here."""

    package: str
    name: str
    reason: Reason


@dataclass(frozen=True, slots=True)
class Undeclared:
    """Nothing that this build declares."""

    name: str
    reason: Reason = Reason.UNDECLARED


Referent = Bound | Imported | Predeclared | Elsewhere | Undeclared


def resolve(unit: Unit, name: str, offset: int) -> Referent:
    """What a name means at an offset of a unit's tree."""
    local = unit.scopes.lookup(name, offset)
    if local is not None:
        return Bound(unit, local)
    file = unit.file
    found = file.package.lookup(name, tests=file.is_test)
    if found is not None:
        return Bound(*found)
    universe = name in _UNIVERSE
    if not universe or _spelled_import(file, name):
        path = file.imported(name)
        if path is not None:
            return Imported(path)
    absent: Referent | None = None
    for path in file.dot_imports():
        dotted = member_of(file, path, name)
        if isinstance(dotted, Bound):
            return dotted
        if isinstance(dotted, Elsewhere):
            absent = dotted
    if universe:
        return Predeclared(name)
    if absent is None and file.package.partial:
        return Elsewhere(file.package.path, name, Reason.PARTIAL)
    return absent or Undeclared(name)


def member_of(file: PackageFile, path: str, name: str) -> Referent:
    """What ``name`` means in the package that ``file`` imports as ``path``."""
    if path == "unsafe":
        # Its source only looks like Go: the compiler knows what it means.
        return Elsewhere(path, name, Reason.PARTIAL)
    package = file.package.view.package(path, file.package)
    if isinstance(package, Missing):
        return Elsewhere(path, name, MISSING[package])
    tests = file.is_test and file.package.sees_tests_of(package)
    found = package.lookup(name, tests=tests)
    if found is not None:
        return Bound(*found)
    if package.partial:
        return Elsewhere(path, name, Reason.PARTIAL)
    return Elsewhere(package.path, name, Reason.OTHER_BUILD)


def universe(unit: Unit) -> Package:
    """The declarations of ``error``, ``any`` and ``comparable``."""
    return unit.file.package.view.universe


def _spelled_import(file: PackageFile, name: str) -> bool:
    """Whether an import could well be called ``name``: no need to open packages to say no."""
    return any(
        each.name == name or (not each.name and each.path.rpartition("/")[2] == name)
        for each in file.outline.imports
    )
