"""The files that say which modules a build uses: ``go.mod`` and ``go.work``.

Read as https://go.dev/ref/mod#go-mod-file defines them; directives that do not move an import to
another directory are skipped.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, NamedTuple

_COMMENT: Final = re.compile(r"//[^\n]*")
_WORD: Final = re.compile(r'"([^"\n]*)"|`([^`]*)`|(\S+)')
_GO: Final = re.compile(r"1\.(\d+)")


class ModuleVersion(NamedTuple):
    """A module at a version."""

    path: str
    version: str


class Replacement(NamedTuple):
    """Where a replaced module comes from: a directory when ``version`` is empty, else a module."""

    path: str
    version: str


@dataclass(frozen=True, slots=True)
class GoMod:
    """What one go.mod or go.work says."""

    module: str = ""
    go_minor: int = 0
    """17 for ``go 1.17``; 0 when it is not said."""
    requires: tuple[ModuleVersion, ...] = ()
    replaces: dict[ModuleVersion, Replacement] = field(default_factory=dict)
    """A version of "" stands for every version."""
    uses: tuple[str, ...] = ()
    """Of a go.work: the directories of its modules."""

    def replacement(self, path: str, version: str) -> Replacement | None:
        """What stands in for a module at a version, if anything does."""
        exact = self.replaces.get(ModuleVersion(path, version))
        return exact or self.replaces.get(ModuleVersion(path, ""))


def parse_gomod(text: str) -> GoMod:
    """Parse a go.mod or go.work; lines that make no sense are skipped, as the build finds them."""
    module = ""
    go_minor = 0
    requires: list[ModuleVersion] = []
    replaces: dict[ModuleVersion, Replacement] = {}
    uses: list[str] = []
    for words in _directives(text):
        match words:
            case ["module", path]:
                module = path
            case ["go", version]:
                minor = _GO.match(version)
                go_minor = int(minor[1]) if minor else 0
            case ["require", path, version, *_]:
                requires.append(ModuleVersion(path, version))
            case ["replace", path, "=>", *target] if target:
                replaces[ModuleVersion(path, "")] = _replacement(target)
            case ["replace", path, version, "=>", *target] if target:
                replaces[ModuleVersion(path, version)] = _replacement(target)
            case ["use", directory]:
                uses.append(directory)
            case _:
                pass
    return GoMod(module, go_minor, tuple(requires), replaces, tuple(uses))


def read_gomod(path: Path) -> GoMod | None:
    """Parse the file at ``path``; None when there is none or it cannot be read."""
    try:
        return parse_gomod(path.read_text("utf-8", "replace"))
    except OSError:
        return None


def version_key(version: str) -> tuple[tuple[int, int, str], ...]:
    """Orders versions as https://semver.org does, a pre-release before its release."""
    core, _, pre = version.lstrip("v").partition("+")[0].partition("-")
    parts = [_part(piece) for piece in core.split(".")]
    if pre:
        parts.append((-1, 0, ""))
        parts.extend(_part(piece) for piece in pre.split("."))
    else:
        parts.append((0, 0, ""))
    return tuple(parts)


def _part(piece: str) -> tuple[int, int, str]:
    return (0, int(piece[:18]), "") if piece.isdecimal() else (1, 0, piece)


def _replacement(words: list[str]) -> Replacement:
    return Replacement(words[0], words[1] if len(words) > 1 else "")


def _directives(text: str) -> Iterator[list[str]]:
    block = ""
    for line in _COMMENT.sub("", text).splitlines():
        words = [first or second or third for first, second, third in _WORD.findall(line)]
        if not words:
            continue
        if block:
            if words == [")"]:
                block = ""
            else:
                yield [block, *words]
        elif words[-1] == "(" and len(words) == 2:
            block = words[0]
        else:
            yield words
