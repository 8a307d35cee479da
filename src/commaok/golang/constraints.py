"""Build constraints: which files take part in a build.

Defined in https://pkg.go.dev/cmd/go#hdr-Build_constraints: ``//go:build`` lines, the older
``// +build`` lines, and ``_GOOS``, ``_GOARCH``, ``_GOOS_GOARCH`` at the end of a file's name.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Final

KNOWN_OS: Final = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios js linux nacl netbsd openbsd plan9 "
    "solaris wasip1 windows zos".split()
)
KNOWN_ARCH: Final = frozenset(
    "386 amd64 amd64p32 arm armbe arm64 arm64be loong64 mips mipsle mips64 mips64le mips64p32 "
    "mips64p32le ppc ppc64 ppc64le riscv riscv64 s390 s390x sparc sparc64 wasm".split()
)
UNIX: Final = frozenset(
    "aix android darwin dragonfly freebsd hurd illumos ios linux netbsd openbsd solaris".split()
)
IMPLIED: Final = {"android": "linux", "illumos": "solaris", "ios": "darwin"}
"""A system that also satisfies another system's tag."""

PLATFORMS: Final = (
    ("linux", "amd64"),
    ("windows", "amd64"),
    ("darwin", "arm64"),
    ("freebsd", "amd64"),
    ("linux", "arm64"),
    ("linux", "386"),
    ("linux", "arm"),
    ("linux", "s390x"),
    ("linux", "ppc64le"),
    ("linux", "mips64le"),
    ("linux", "riscv64"),
    ("openbsd", "amd64"),
    ("netbsd", "amd64"),
    ("solaris", "amd64"),
    ("dragonfly", "amd64"),
    ("plan9", "amd64"),
    ("aix", "ppc64"),
    ("js", "wasm"),
    ("wasip1", "wasm"),
    ("windows", "arm64"),
    ("android", "arm64"),
    ("ios", "arm64"),
)
"""Tried in this order when a file is not part of the build asked for."""

MAX_DEPTH: Final = 100
NEWEST_GO: Final = 99
"""Release tags ``go1.N`` hold up to here: a newer file is read, not left out."""

_TOKEN: Final = re.compile(r"\s*(?:(&&|\|\||[!()])|([^\s!()&|]+))")
_BUILD_LINE: Final = re.compile(rb"^//go:build[ \t]+([^\r\n]*)", re.MULTILINE)
_PLUS_LINE: Final = re.compile(rb"^//[ \t]*\+build[ \t]+([^\r\n]*)", re.MULTILINE)
_LAST_BLANK: Final = re.compile(rb".*\n[ \t]*\r?\n", re.DOTALL)
_RELEASE: Final = re.compile(r"go1\.(\d+)")
_TAG: Final = re.compile(r"[\w.]+")


class ConstraintSyntaxError(ValueError):
    """A constraint line that Go would refuse too."""


@dataclass(frozen=True, slots=True)
class Tag:
    """A word that a build satisfies or not."""

    name: str


@dataclass(frozen=True, slots=True)
class Not:
    """``!x``."""

    operand: "Constraint"


@dataclass(frozen=True, slots=True)
class All:
    """``x && y && …``; of nothing, true."""

    operands: tuple["Constraint", ...]


@dataclass(frozen=True, slots=True)
class Any:
    """``x || y || …``; of nothing, false."""

    operands: tuple["Constraint", ...]


Constraint = Tag | Not | All | Any


@dataclass(frozen=True, slots=True)
class Build:
    """What a build is for: operating system, architecture, tags, and whether cgo is on."""

    goos: str = "linux"
    goarch: str = "amd64"
    tags: frozenset[str] = field(default_factory=frozenset)
    cgo: bool = False

    def satisfies(self, tag: str) -> bool:
        """Whether this build has ``tag``."""
        if tag in (self.goos, self.goarch, "gc") or tag in self.tags:
            return True
        if tag == "cgo":
            return self.cgo
        if tag == "unix":
            return self.goos in UNIX
        if IMPLIED.get(self.goos) == tag:
            return True
        release = _RELEASE.fullmatch(tag)
        return release is not None and 1 <= int(release[1][:4]) <= NEWEST_GO


def holds(constraint: Constraint, satisfied: Callable[[str], bool]) -> bool:
    """Evaluate a constraint over its tags."""
    match constraint:
        case Tag(name):
            return satisfied(name)
        case Not(operand):
            return not holds(operand, satisfied)
        case All(operands):
            return all(holds(operand, satisfied) for operand in operands)
        case Any(operands):
            return any(holds(operand, satisfied) for operand in operands)


def parse_constraint(text: str) -> Constraint:
    """Parse the expression of a ``//go:build`` line; raises ``ConstraintSyntaxError``."""
    tokens = list(_tokens(text))
    tokens.reverse()
    found = _either(tokens, 0)
    if tokens:
        raise ConstraintSyntaxError(f"unexpected {tokens[-1]!r} in {text!r}")
    return found


def parse_plus_build(lines: list[str]) -> Constraint:
    """Parse ``+build`` lines: lines are and-ed, words or-ed, commas and-ed."""
    conjunction: list[Constraint] = []
    for line in lines:
        words: list[Constraint] = []
        for word in line.split():
            terms = [_plus_term(term) for term in word.split(",")]
            words.append(terms[0] if len(terms) == 1 else All(tuple(terms)))
        conjunction.append(words[0] if len(words) == 1 else Any(tuple(words)))
    return conjunction[0] if len(conjunction) == 1 else All(tuple(conjunction))


def written(constraint: Constraint) -> str:
    """A constraint as a ``//go:build`` line writes it."""
    match constraint:
        case Tag(name):
            return name
        case Not(operand):
            return f"!{_grouped(operand)}"
        case All(operands):
            return " && ".join(_grouped(operand) for operand in operands)
        case Any(operands):
            return " || ".join(_grouped(operand) for operand in operands)


def file_constraint(name: str, header: bytes) -> Constraint:
    """Everything that decides whether a file is built: its name and the comments at its top.

    A line that Go would refuse counts as unsatisfied, as it does for Go.
    """
    parts = [Tag(tag) for tag in _tags_of_name(name)]
    lines = _BUILD_LINE.findall(header)
    try:
        if lines:
            return All((*parts, parse_constraint(lines[0].decode("utf-8", "replace"))))
        if b"+build" in header:
            # A +build line counts only when a blank line stands between it and the package clause.
            above = _LAST_BLANK.match(header)
            older = _PLUS_LINE.findall(above.group()) if above else []
            if older:
                plus = parse_plus_build([line.decode("utf-8", "replace") for line in older])
                return All((*parts, plus))
    except ConstraintSyntaxError:
        return Any(())
    return All(tuple(parts))


def satisfying(constraint: Constraint, wanted: Build) -> Build | None:
    """The build nearest to ``wanted`` that takes a file with this constraint in, if any does."""
    if holds(constraint, wanted.satisfies):
        return wanted
    extra = frozenset(set(_positive(constraint)) - KNOWN_OS - KNOWN_ARCH - {"cgo", "unix", "gc"})
    for tags in (wanted.tags, wanted.tags | extra):
        for cgo in (wanted.cgo, True):
            asked = replace(wanted, tags=tags, cgo=cgo)
            for goos, goarch in ((wanted.goos, wanted.goarch), *PLATFORMS):
                build = replace(asked, goos=goos, goarch=goarch)
                if holds(constraint, build.satisfies):
                    return build
    return None


def _tokens(text: str) -> Iterator[str]:
    position = 0
    text = text.rstrip()
    while position < len(text):
        token = _TOKEN.match(text, position)
        if token is None or (token[2] is not None and not _TAG.fullmatch(token[2])):
            raise ConstraintSyntaxError(f"unexpected {text[position]!r} in {text!r}")
        yield token[1] or token[2]
        position = token.end()


def _either(tokens: list[str], depth: int) -> Constraint:
    operands = [_both(tokens, depth)]
    while tokens and tokens[-1] == "||":
        tokens.pop()
        operands.append(_both(tokens, depth))
    return operands[0] if len(operands) == 1 else Any(tuple(operands))


def _both(tokens: list[str], depth: int) -> Constraint:
    operands = [_operand(tokens, depth)]
    while tokens and tokens[-1] == "&&":
        tokens.pop()
        operands.append(_operand(tokens, depth))
    return operands[0] if len(operands) == 1 else All(tuple(operands))


def _operand(tokens: list[str], depth: int) -> Constraint:
    if not tokens:
        raise ConstraintSyntaxError("a constraint ends where a tag is due")
    if depth > MAX_DEPTH:
        raise ConstraintSyntaxError("a constraint is nested too deeply")
    word = tokens.pop()
    if word == "!":
        if tokens and tokens[-1] == "!":
            raise ConstraintSyntaxError("a double negation is not allowed")
        return Not(_operand(tokens, depth + 1))
    if word == "(":
        found = _either(tokens, depth + 1)
        if not tokens or tokens.pop() != ")":
            raise ConstraintSyntaxError("a parenthesis is not closed")
        return found
    if word in ("&&", "||", ")"):
        raise ConstraintSyntaxError(f"unexpected {word!r}")
    return Tag(word)


def _plus_term(term: str) -> Constraint:
    name = term.removeprefix("!")
    if not _TAG.fullmatch(name):
        raise ConstraintSyntaxError(f"{term!r} is not a tag")
    return Not(Tag(name)) if term.startswith("!") else Tag(name)


def _grouped(constraint: Constraint) -> str:
    plain = isinstance(constraint, Tag | Not)
    return written(constraint) if plain else f"({written(constraint)})"


def _tags_of_name(name: str) -> list[str]:
    words = name.removesuffix(".go").removesuffix("_test").split("_")[1:]
    if len(words) >= 2 and words[-2] in KNOWN_OS and words[-1] in KNOWN_ARCH:
        return words[-2:]
    if words and (words[-1] in KNOWN_OS or words[-1] in KNOWN_ARCH):
        return words[-1:]
    return []


def _positive(constraint: Constraint) -> Iterator[str]:
    match constraint:
        case Tag(name):
            yield name
        case All(operands) | Any(operands):
            for operand in operands:
                yield from _positive(operand)
        case Not():
            return
