"""Go source text and its syntax tree.

A ``Source`` is read once and parsed at most once. Offsets are byte offsets into ``data``, which is
the file as it lies on disk, except that a byte order mark is blanked out and UTF-16 is recoded.
"""

import codecs
import os
import re
from pathlib import Path
from typing import Final, NamedTuple

import tree_sitter_go
from tree_sitter import Language, Node, Parser, Query, QueryCursor, Tree

from commaok.errors import CommaokError

LANGUAGE: Final = Language(tree_sitter_go.language())
MAX_BYTES: Final = 32 * 1024 * 1024
"""Larger files are refused: they are generated tables, and a tree takes ten times their size."""

MAX_PROBLEMS: Final = 20

_PARSER: Final = Parser(LANGUAGE)
_HEADER: Final = re.compile(rb"(?:\s++|//[^\n]*+|/\*.*?\*/)*+", re.DOTALL)
_PACKAGE: Final = re.compile(rb"package\s+([^\s;/]+)")
_GENERATED: Final = re.compile(rb"^// Code generated .* DO NOT EDIT\.\r?$", re.MULTILINE)


class UnreadableSource(CommaokError):
    """A Go file that cannot be read as text; it is reported and stepped over."""


class Problem(NamedTuple):
    """A place that is not Go: lines and columns count from 1, columns in bytes as Go's do."""

    line: int
    column: int
    message: str


class Source:
    """One Go file: its text, the comments before its package clause, and its tree on demand."""

    __slots__ = ("_tree", "data", "header", "package_name", "path")

    def __init__(self, path: str, data: bytes) -> None:
        self.path = path
        self.data = _as_utf8(data)
        self._tree: Tree | None = None
        start = _HEADER.match(self.data)
        self.header = self.data[: start.end()] if start else b""
        """Everything before the package clause: build constraints and the generated mark."""
        clause = _PACKAGE.match(self.data, len(self.header))
        self.package_name = text_of(clause.group(1)) if clause else ""
        """Empty when the file has no package clause where Go wants it."""

    @property
    def tree(self) -> Tree:
        """The syntax tree, parsed on first use and kept until ``release``."""
        if self._tree is None:
            self._tree = parse(self.data)
        return self._tree

    @property
    def root(self) -> Node:
        """The tree's root."""
        return self.tree.root_node

    @property
    def parsed(self) -> bool:
        """Whether the tree is in memory."""
        return self._tree is not None

    def release(self) -> None:
        """Let go of the tree, which is ten times the text; nodes in use keep it alive."""
        self._tree = None

    @property
    def generated(self) -> bool:
        """Whether the header says ``// Code generated … DO NOT EDIT.``."""
        return _GENERATED.search(self.header) is not None

    def problems(self) -> list[Problem]:
        """The first syntax errors, in order; the tree is good outside them."""
        found: list[Problem] = []
        waiting = [self.root] if self.root.has_error else []
        while waiting and len(found) < MAX_PROBLEMS:
            node = waiting.pop()
            if node.is_missing:
                found.append(self._problem(node, f"expected {node.type}"))
            elif node.is_error:
                found.append(self._problem(node, "syntax error"))
            else:
                waiting.extend(child for child in reversed(node.children) if child.has_error)
        return found

    def _problem(self, node: Node, message: str) -> Problem:
        return Problem(node.start_point[0] + 1, node.start_point[1] + 1, message)


def read_source(path: str | os.PathLike[str], limit: int = MAX_BYTES) -> Source:
    """Read a Go file of at most ``limit`` bytes; raises ``UnreadableSource``."""
    name = os.fspath(path)
    try:
        with Path(name).open("rb") as file:
            data = file.read(limit + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise UnreadableSource(f"{name} cannot be read: {reason}.", "It was left out.") from error
    if len(data) > limit:
        raise UnreadableSource(f"{name} is larger than {limit} bytes.", "It was left out.")
    return Source(name, data)


def parse(data: bytes) -> Tree:
    """The tree of a whole file, or of any run of top-level declarations cut out of one."""
    return _PARSER.parse(data)


def text_of(data: Node | bytes | None) -> str:
    """A name or token as text; bytes that are not UTF-8 survive as replacement characters."""
    raw = data.text if isinstance(data, Node) else data
    return raw.decode("utf-8", "replace") if raw else ""


def expressions(node: Node | None) -> list[Node]:
    """The named children without comments: the elements of a list."""
    if node is None:
        return []
    return [child for child in node.named_children if child.type != "comment"]


class Finder:
    """A compiled query: the search runs in C, Python sees the captures only."""

    __slots__ = ("_query",)

    def __init__(self, pattern: str) -> None:
        self._query = Query(LANGUAGE, pattern)

    def captures(self, node: Node) -> dict[str, list[Node]]:
        """Every captured node under ``node``, by capture name."""
        return QueryCursor(self._query).captures(node)


def _as_utf8(data: bytes) -> bytes:
    if data.startswith(codecs.BOM_UTF8):
        return b"   " + data[3:]
    for mark, encoding in ((codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be")):
        if data.startswith(mark):
            return data[2:].decode(encoding, "replace").encode()
    return data
