"""What the last scan of a module found, kept while nothing it rests on has changed.

A directory's findings rest on the bytes of its own files, on the *surfaces* (everything but bodies
of functions and remarks) of the packages it imports, directly or not, on the go.mod files, and,
where a rule asked who else in the module touches an object, on the files that import that package.
All of this is compared by content; sizes and times of change only save reading a file again, as in
git's index. One file a set of modules, replaced as a whole, so that parallel runs cannot tear it.

Not noticed: an edit inside the vendor directory or the module cache that leaves go.mod and
vendor/modules.txt as they are.
"""

import hashlib
import os
import re
import tempfile
from collections.abc import Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from commaok.golang import Program, Toolchain
from commaok.golang.files import go_files
from commaok.golang.modules import module_root
from commaok.scan.codebase import MOST_IMPORTERS, imports_of
from commaok.scan.discovery import Targets
from commaok.scan.results import FileResult
from commaok.scan.rules import Rule
from commaok.scan.version import version

LIMIT: Final = 128 * 1024 * 1024
"""The cache folder is kept below this many bytes; the longest unused goes first."""

_BODY: Final = re.compile(rb"^(func [^\n]*)\{\n.*?^\}", re.MULTILINE | re.DOTALL)
_REMARK: Final = re.compile(rb"^[ \t]*//(?!go:| ?\+build)[^\n]*\n?", re.MULTILINE)
_CONFIGURATION: Final = ("go.mod", "go.work", "vendor/modules.txt")


class _Known(msgspec.Struct, frozen=True, array_like=True):
    """A file's content in brief, and when it was read."""

    size: int
    changed: int
    content: bytes
    surface: bytes
    imports: tuple[str, ...]


class _Directory(msgspec.Struct, frozen=True, array_like=True):
    """A directory's results and what they rest on."""

    key: bytes
    asked: dict[str, bytes]
    results: dict[str, FileResult]


class _Stored(msgspec.Struct, array_like=True):
    signature: bytes
    files: dict[str, _Known]
    directories: dict[str, _Directory]


class Cache:
    """The kept findings of the modules around some targets, as one set of rules made them.

    ``folder`` is where caches lie; ``options`` is whatever else the findings depend on.
    """

    def __init__(
        self, folder: Path, targets: Targets, rules: Sequence[Rule], options: str = ""
    ) -> None:
        directories = [os.path.dirname(paths[0]) for paths in targets.directories]
        self._roots = _outermost({module_root(each) or each for each in directories})
        self._folder = folder
        where = "\0".join((os.getcwd(), *self._roots, options, *(rule.id for rule in rules)))
        self._file = folder / f"{_digest(where.encode()).hex()}.scan"
        signature = _signature(rules, self._roots)
        self._stored = _read(self._file, signature) or _Stored(signature, {}, {})
        self._files = self._looked_at()
        self._inside: dict[str, list[str]] = {}
        for path in self._files:
            self._inside.setdefault(os.path.dirname(path), []).append(path)
        program = Program()
        self._by_import = {program.import_path(each): each for each in self._inside}
        self._closures: dict[str, bytes] = {}
        self._importers: dict[str, list[bytes]] | None = None

    def split(self, targets: Targets) -> tuple[list[FileResult], list[tuple[str, ...]]]:
        """What is still right, and the directories that must be scanned."""
        kept: list[FileResult] = []
        waiting: list[tuple[str, ...]] = []
        for paths in targets.directories:
            directory = os.path.dirname(paths[0])
            known = self._stored.directories.get(directory)
            good = (
                known is not None
                and known.key == self._key(directory)
                and all(self._importing(path) == was for path, was in known.asked.items())
                and all(path in known.results for path in paths)
                and all(known.results[path].path == targets.names[path] for path in paths)
            )
            if good and known is not None:
                kept += [known.results[path] for path in paths]
            else:
                waiting.append(paths)
        return kept, waiting

    def keep(self, results: Iterable[FileResult], targets: Targets) -> None:
        """Remember new results; a cache that cannot be written is done without."""
        by_shown = {result.path: result for result in results}
        if not by_shown and self._stored.files == self._files:
            return
        for paths in targets.directories:
            found = {
                path: by_shown[targets.names[path]]
                for path in paths
                if targets.names[path] in by_shown
            }
            if found:
                directory = os.path.dirname(paths[0])
                asked = {path for result in found.values() for path in result.asked}
                self._stored.directories[directory] = _Directory(
                    self._key(directory), {path: self._importing(path) for path in asked}, found
                )
        self._stored.files = self._files
        with suppress(OSError):
            self._folder.mkdir(parents=True, exist_ok=True)
            _replace(self._file, msgspec.msgpack.encode(self._stored))
            _bound(self._folder, LIMIT)

    def _looked_at(self) -> dict[str, _Known]:
        """Every Go file of the modules, read again where size or time of change differ."""
        found: dict[str, _Known] = {}
        folders: dict[str, str] = {}
        for path in go_files(self._roots):
            if not isinstance(path, str):
                continue
            folder, name = os.path.split(path)
            if folder not in folders:
                folders[folder] = os.path.realpath(folder)
            real = os.path.join(folders[folder], name)
            try:
                status = os.stat(real)
                known = self._stored.files.get(real)
                stamp = (status.st_size, status.st_mtime_ns)
                if known is None or (known.size, known.changed) != stamp:
                    known = _known(real, *stamp)
            except OSError:
                continue
            found[real] = known
        return found

    def _key(self, directory: str) -> bytes:
        files = [self._files[path] for path in self._inside.get(directory, ())]
        names = [os.path.basename(path).encode() for path in self._inside.get(directory, ())]
        imported = {path for file in files for path in file.imports}
        return _digest(
            *names,
            *(file.content for file in files),
            *(self._closure(path) for path in sorted(imported)),
        )

    def _closure(self, imported: str) -> bytes:
        """The surface of a package and of everything that it imports."""
        if imported not in self._closures:
            self._closures[imported] = b""  # import cycles are errors, but must end
            files = [
                (path, self._files[path])
                for path in self._inside.get(self._by_import.get(imported, ""), ())
                if not path.endswith("_test.go")
            ]
            further = sorted({path for _, file in files for path in file.imports})
            self._closures[imported] = _digest(
                *(os.path.basename(path).encode() + file.surface for path, file in files),
                *map(self._closure, further),
            )
        return self._closures[imported]

    def _importing(self, imported: str) -> bytes:
        """The contents of all files that import a package, and of its own."""
        if self._importers is None:
            self._importers = {}
            for file in self._files.values():
                for path in file.imports:
                    self._importers.setdefault(path, []).append(file.content)
        importing = self._importers.get(imported, ())
        # Nobody looks into so many: see MOST_IMPORTERS.
        return b"" if len(importing) > MOST_IMPORTERS else _digest(*sorted(importing))


def default_folder() -> Path:
    """Where this user's programs keep what they can make again (XDG Base Directory)."""
    home = os.environ.get("XDG_CACHE_HOME", "")
    return (Path(home) if home else Path.home() / ".cache") / "commaok" / "scan"


def _known(path: str, size: int, changed: int) -> _Known:
    data = Path(path).read_bytes()
    surface = _digest(_REMARK.sub(b"", _BODY.sub(rb"\1", data)).rstrip())
    return _Known(size, changed, _digest(data), surface, tuple(imports_of(data[:32768])))


def _digest(*parts: bytes) -> bytes:
    state = hashlib.blake2b(digest_size=16)
    for part in parts:
        state.update(len(part).to_bytes(8, "little"))
        state.update(part)
    return state.digest()


def _signature(rules: Sequence[Rule], roots: Sequence[str]) -> bytes:
    """Our own code, the rules', the toolchain's place and the modules' configuration."""
    ours = Path(__file__).parent.parent
    code = {str(path) for room in ("golang", "scan") for path in (ours / room).glob("*.py")}
    code |= {rule.check.__code__.co_filename for rule in rules}
    code |= {
        str(path)
        for file in {rule.check.__code__.co_filename for rule in rules}
        for path in Path(file).parent.glob("*.py")
    }
    stamps = [f"{path} {_stamp(path)}" for path in sorted(code)]
    for root in roots:
        for name in _CONFIGURATION:
            path = Path(root, name)
            stamps.append(_digest(path.read_bytes()).hex() if path.is_file() else "")
    places = Toolchain.discover()
    return _digest(version().encode(), repr(places).encode(), "\n".join(stamps).encode())


def _stamp(path: str) -> str:
    with suppress(OSError):
        status = os.stat(path)
        return f"{status.st_size} {status.st_mtime_ns}"
    return ""


def _outermost(directories: Iterable[str]) -> list[str]:
    found: list[str] = []
    for each in sorted(directories):
        if not found or not each.startswith(found[-1].rstrip(os.sep) + os.sep):
            found.append(each)
    return found


def _read(file: Path, signature: bytes) -> _Stored | None:
    try:
        stored = msgspec.msgpack.decode(file.read_bytes(), type=_Stored)
        os.utime(file)
    except (OSError, msgspec.MsgspecError):
        return None
    return stored if stored.signature == signature else None


def _replace(file: Path, data: bytes) -> None:
    handle, name = tempfile.mkstemp(dir=file.parent, prefix=".new-")
    try:
        with os.fdopen(handle, "wb") as temporary:
            temporary.write(data)
        Path(name).replace(file)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def _bound(folder: Path, limit: int) -> None:
    """Delete what was not used for longest until the folder is below the limit."""
    files = [(each.stat(), each) for each in folder.iterdir() if each.is_file()]
    total = sum(status.st_size for status, _ in files)
    for status, each in sorted(files, key=lambda found: found[0].st_mtime):
        if total <= limit:
            break
        each.unlink(missing_ok=True)
        total -= status.st_size
