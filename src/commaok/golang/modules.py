"""From an import path to the directory that holds it, as the go command would decide.

The order: the main modules, GOROOT, the vendor directory, replacements by directory, the module
cache at the versions that minimal version selection picks, GOPATH. Nothing is fetched: what is not
on this machine is ``Missing`` with a reason that can be counted.
"""

import os
import re
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

from commaok.golang.gomod import GoMod, ModuleVersion, read_gomod, version_key

_UPPER: Final = re.compile(r"[A-Z]")
_PRUNED_SINCE: Final = 17
"""From ``go 1.17`` on a go.mod lists every module that its packages need."""


class Missing(Enum):
    """Why an import has no directory."""

    DEPENDENCY = "the dependency's source is not here"
    STANDARD_LIBRARY = "GOROOT is not here"
    CGO = "it is C"
    INVALID = "it is no import path"


@dataclass(frozen=True, slots=True)
class Toolchain:
    """Where Go keeps source on this machine; empty where it is absent."""

    goroot: str = ""
    modcache: str = ""
    gopath: str = ""

    @classmethod
    def discover(cls) -> "Toolchain":
        """Find them as the go command does, without starting it."""
        home = Path.home()
        settings = _go_env(home)
        gopath = settings.get("GOPATH", "").split(os.pathsep)[0] or str(home / "go")
        modcache = settings.get("GOMODCACHE", "") or str(Path(gopath, "pkg", "mod"))
        goroot = settings.get("GOROOT", "") or _goroot(home)
        return cls(
            goroot if Path(goroot, "src", "builtin").is_dir() else "",
            modcache if Path(modcache).is_dir() else "",
            gopath if Path(gopath, "src").is_dir() else "",
        )


@dataclass(frozen=True, slots=True)
class MainModule:
    """A module whose packages are being looked at: its path, directory and go.mod."""

    path: str
    directory: str
    gomod: GoMod

    def import_path(self, directory: str) -> str:
        """The import path of a directory inside this module."""
        relative = os.path.relpath(directory, self.directory).replace(os.sep, "/")
        if relative == ".":
            return self.path
        vendored = "/vendor/" in f"/{relative}/"
        if self.path == "std":
            return relative
        if vendored and self.path != "cmd":
            return relative.rpartition("vendor/")[2]
        return f"{self.path}/{relative}"


class Workspace:
    """One or more main modules and where their imports lie."""

    def __init__(self, mains: Iterable[MainModule], toolchain: Toolchain) -> None:
        self.mains = tuple(mains)
        self.toolchain = toolchain
        self._versions: dict[str, str] | None = None
        self._located: dict[str, str | Missing] = {}
        self._all_versions = False
        self._replaced: dict[str, list[tuple[str, str]]] = {}

    def locate(self, path: str) -> str | Missing:
        """The directory of the package with this import path, or why there is none."""
        if path not in self._located:
            self._located[path] = self._locate(path)
        return self._located[path]

    def main_of(self, directory: str) -> MainModule | None:
        """The main module whose tree holds ``directory``: the innermost one."""
        holding = [main for main in self.mains if _is_within(directory, main.directory)]
        return max(holding, key=lambda main: len(main.directory), default=None)

    def import_path(self, directory: str) -> str:
        """The import path of a directory that is being looked at."""
        main = self.main_of(directory)
        if main is None:
            return directory.strip("/")
        for replaced, local in self._replaced_by_directories(main):
            if _is_within(directory, local):
                relative = os.path.relpath(directory, local).replace(os.sep, "/")
                return replaced if relative == "." else f"{replaced}/{relative}"
        return main.import_path(directory)

    def takes_in(self, directory: str) -> bool:
        """Whether a nested module's directory is replaced by or used in this workspace."""
        if any(main.directory == directory for main in self.mains):
            return True
        return any(
            local == directory
            for main in self.mains
            for _, local in self._replaced_by_directories(main)
        )

    def _locate(self, path: str) -> str | Missing:
        if path == "C":
            return Missing.CGO
        if not path or path.startswith((".", "/")) or "\\" in path or "\0" in path:
            return Missing.INVALID
        for main in self.mains:
            inside = _below(path, main.path)
            found = _directory(main.directory, inside) if inside is not None else None
            if found:
                return found
        return self._in_goroot(path) or self._in_modules(path) or _missing(path)

    def _in_goroot(self, path: str) -> str | None:
        """GOROOT holds the paths without a dot in their first element, and its own vendor."""
        if not self.toolchain.goroot or "." in path.removeprefix("vendor/").partition("/")[0]:
            inside = path.startswith(("vendor/", "cmd/vendor/"))
            if not (inside and self.toolchain.goroot):
                return None
        return _directory(os.path.join(self.toolchain.goroot, "src"), path)

    def _in_modules(self, path: str) -> str | None:
        for main in self.mains:
            for replaced, local in self._replaced_by_directories(main):
                inside = _below(path, replaced)
                found = _directory(local, inside) if inside is not None else None
                if found:
                    return found
            vendored = _directory(os.path.join(main.directory, "vendor"), path)
            if vendored:
                return vendored
        found = self._in_cache(path)
        if found is None and self.toolchain.gopath:
            found = _directory(os.path.join(self.toolchain.gopath, "src"), path)
        return found

    def _in_cache(self, path: str) -> str | None:
        if not self.toolchain.modcache:
            return None
        while True:
            for module in _prefixes(path):
                version = self._selected().get(module)
                if version is None:
                    continue
                found = _directory(self._module_directory(module, version), path[len(module) + 1 :])
                if found:
                    return found
            if self._all_versions:
                return None
            self._select_all()

    def _selected(self) -> dict[str, str]:
        if self._versions is None:
            self._versions = {}
            for main in self.mains:
                for module, version in main.gomod.requires:
                    self._raise(module, version)
                if 0 < main.gomod.go_minor < _PRUNED_SINCE or not main.gomod.go_minor:
                    self._select_all()
        return self._versions

    def _raise(self, module: str, version: str) -> bool:
        assert self._versions is not None
        known = self._versions.get(module)
        if known is not None and version_key(known) >= version_key(version):
            return False
        self._versions[module] = version
        return True

    def _select_all(self) -> None:
        """Minimal version selection (https://go.dev/ref/mod#minimal-version-selection)."""
        self._all_versions = True
        waiting = list(self._selected().items())
        while waiting:
            module, version = waiting.pop()
            required = self._requirements(module, version)
            waiting.extend(each for each in required if self._raise(*each))

    def _requirements(self, module: str, version: str) -> tuple[ModuleVersion, ...]:
        replaced = self._replacement(module, version)
        if replaced is not None and not replaced[1]:
            gomod = read_gomod(Path(replaced[0], "go.mod"))
        else:
            name, chosen = replaced or (module, version)
            listing = Path(self.toolchain.modcache, "cache", "download", _escaped(name), "@v")
            gomod = read_gomod(listing / f"{_escaped(chosen)}.mod")
        return gomod.requires if gomod else ()

    def _replacement(self, module: str, version: str) -> tuple[str, str] | None:
        for main in self.mains:
            found = main.gomod.replacement(module, version)
            if found is None:
                continue
            if found.version:
                return found.path, found.version
            return os.path.normpath(os.path.join(main.directory, found.path)), ""
        return None

    def _module_directory(self, module: str, version: str) -> str:
        replaced = self._replacement(module, version)
        if replaced is not None and not replaced[1]:
            return replaced[0]
        name, chosen = replaced or (module, version)
        return os.path.join(self.toolchain.modcache, f"{_escaped(name)}@{_escaped(chosen)}")

    def _replaced_by_directories(self, main: MainModule) -> list[tuple[str, str]]:
        known = self._replaced.get(main.directory)
        if known is None:
            known = self._replaced[main.directory] = [
                (replaced.path, os.path.normpath(os.path.join(main.directory, target.path)))
                for replaced, target in main.gomod.replaces.items()
                if not target.version
            ]
        return known


def workspace_at(directory: str, toolchain: Toolchain) -> Workspace:
    """The workspace that a directory belongs to: go.work, else the go.mod above it, else itself."""
    for folder in _upwards(directory):
        work = read_gomod(Path(folder, "go.work"))
        if work is not None:
            mains = [_main(os.path.normpath(os.path.join(folder, used))) for used in work.uses]
            found = Workspace([main for main in mains if main is not None], toolchain)
            if found.main_of(directory):
                return found
    main = next((main for main in map(_main, _upwards(directory)) if main is not None), None)
    if main is None:
        main = MainModule(_gopath_import(directory, toolchain), directory, GoMod())
    return Workspace([main], toolchain)


def module_root(directory: str) -> str | None:
    """The nearest directory at or above this one with a go.mod."""
    for folder in _upwards(directory):
        if Path(folder, "go.mod").is_file():
            return folder
    return None


def _main(directory: str) -> MainModule | None:
    gomod = read_gomod(Path(directory, "go.mod"))
    if gomod is None:
        return None
    return MainModule(gomod.module or Path(directory).name, directory, gomod)


def _gopath_import(directory: str, toolchain: Toolchain) -> str:
    root = os.path.join(toolchain.gopath, "src") if toolchain.gopath else ""
    if root and _is_within(directory, root):
        return os.path.relpath(directory, root)
    return Path(directory).name or "main"


def _upwards(directory: str) -> list[str]:
    return [directory, *map(str, Path(directory).parents)]


def _is_within(directory: str, root: str) -> bool:
    return directory == root or directory.startswith(root.rstrip(os.sep) + os.sep)


def _below(path: str, module: str) -> str | None:
    """What of ``path`` lies below ``module``; std's packages are named without it."""
    if path == module:
        return ""
    if module == "std":
        return path
    return path[len(module) + 1 :] if path.startswith(module + "/") else None


def _directory(root: str, inside: str) -> str | None:
    found = os.path.join(root, inside) if inside else root
    try:
        has_go = any(name.endswith(".go") for name in os.listdir(found))
    except OSError:
        return None
    return found if has_go else None


def _prefixes(path: str) -> list[str]:
    parts = path.split("/")
    return ["/".join(parts[:count]) for count in range(len(parts), 0, -1)]


def _missing(path: str) -> Missing:
    has_dot = "." in path.partition("/")[0]
    return Missing.DEPENDENCY if has_dot else Missing.STANDARD_LIBRARY


def _escaped(name: str) -> str:
    """Upper-case letters are written ``!x`` in the module cache."""
    return _UPPER.sub(lambda letter: "!" + letter[0].lower(), name)


def _go_env(home: Path) -> dict[str, str]:
    """GOROOT, GOPATH and GOMODCACHE: from ``go env -w``'s file, the environment above it."""
    settings: dict[str, str] = {}
    written = Path(os.environ.get("GOENV") or home / ".config" / "go" / "env")
    try:
        lines = written.read_text("utf-8", "replace").splitlines()
    except OSError:
        lines = []
    for line in lines:
        name, _, value = line.partition("=")
        settings[name] = value
    for name in ("GOROOT", "GOPATH", "GOMODCACHE"):
        if os.environ.get(name):
            settings[name] = os.environ[name]
    return settings


def _goroot(home: Path) -> str:
    program = shutil.which("go")
    places = [Path(program).resolve().parent.parent] if program else []
    places += [Path("/usr/local/go"), Path("/usr/lib/go"), Path("/usr/lib/golang")]
    places += sorted(home.glob("sdk/go*"), reverse=True)
    return str(next((place for place in places if (place / "src" / "builtin").is_dir()), ""))
