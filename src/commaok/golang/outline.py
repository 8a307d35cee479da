"""What a file declares at its top level, found without parsing it.

A tree-sitter parse runs at 6 MB/s and most files are only asked for a few declarations, so a
file's top level is cut into chunks by regular expressions, several times as fast, and a chunk is
parsed when somebody asks for a name in it. gofmt starts every top-level declaration at column 0;
a file that is laid out otherwise is recognised and cut by its tree instead.
"""

import re
from collections.abc import Iterator
from enum import Enum
from itertools import pairwise
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang.syntax import Source, parse, text_of

_NAME: Final = rb"[A-Za-z_\x80-\xff][\w\x80-\xff]*+"
_COLUMN_ZERO: Final = re.compile(rb"\n(?=[^\s/})])")
_KEYWORD: Final = re.compile(rb"(func|type|var|const|import|package)\b")
_LABEL: Final = re.compile(_NAME + rb":(?!=)")
_INDENTED: Final = re.compile(rb"\n[ \t]+(?:func[ \t]+[\w\x80-\xff]|import[ \t]+[\"(`])")
_CROWDED: Final = re.compile(rb"package[ \t]++[^\s;]++[ \t]*+;?[ \t]*[^\s;/]")
_LONG_TOKEN: Final = re.compile(
    rb"""
    (?: [^"'`/]++
      | "(?:[^"\\\n]++|\\.)*+"
      | '(?:[^'\\\n]++|\\.)*+'
      | `[^`\n]*+`
      | //[^\n]*+
      | /\*(?:[^*\n]++|\*(?!/))*+\*/
      | /(?![/*])
      | ["']
    )*+
    (/\*.*?\*/ | `[^`]*+`)
    """,
    re.DOTALL | re.VERBOSE,
)
"""The next raw string or block comment that spans lines, skipping all other tokens in C."""

_FUNCTION: Final = re.compile(rb"func[ \t]+(" + _NAME + rb")[ \t]*[\[(]")
_METHOD: Final = re.compile(
    rb"func[ \t]*\([ \t]*(?:" + _NAME + rb"[ \t]+)?\*?[ \t]*(" + _NAME + rb")(?:\[[^\]\n]*\])?"
    rb"[ \t]*,?[ \t]*\)[ \t]*(" + _NAME + rb")[ \t]*\("
)
_SINGLE: Final = re.compile(
    rb"(?:type|var|const)[ \t]+(" + _NAME + rb"(?:[ \t]*,[ \t]*" + _NAME + rb")*)"
)
_GROUP: Final = re.compile(rb"(?:type|var|const)[ \t]*\([ \t]*(?://[^\n]*)?\r?\n")
_GROUPED: Final = re.compile(
    rb"^\t(" + _NAME + rb"(?:[ \t]*,[ \t]*" + _NAME + rb")*)", re.MULTILINE
)
_ALIAS: Final = re.compile(
    rb"^(?:type[ \t]+|[ \t]+)(" + _NAME + rb")[ \t]*=[ \t]*(" + _NAME + rb")[ \t\r]*(?://[^\n]*)?$",
    re.MULTILINE,
)
_BODY: Final = re.compile(rb"\{[ \t]*(?://[^\n]*)?\r?\n")
_COMMENT: Final = re.compile(rb"//[^\n]*|/\*.*?\*/", re.DOTALL)
_IMPORT: Final = re.compile(rb"(?:(\.|" + _NAME + rb")[ \t]*)?(?:\"([^\"\n]*)\"|`([^`\n]*)`)")


class Kind(Enum):
    """The keyword of a top-level declaration."""

    FUNCTION = b"func"
    TYPE = b"type"
    VARIABLE = b"var"
    CONSTANT = b"const"


class Chunk(NamedTuple):
    """One top-level declaration, alone or a parenthesised group, as a range of bytes."""

    kind: Kind
    start: int
    end: int


class Import(NamedTuple):
    """An import as written: ``name`` is "" when the package's own name counts, or "." or "_"."""

    name: str
    path: str


class Outline(NamedTuple):
    """The top level of one file.

    A name may be listed for a group that mentions but does not declare it: the group's tree has
    the last word. A name that is declared is always listed.
    """

    imports: tuple[Import, ...]
    names: dict[str, list[Chunk]]
    methods: dict[str, dict[str, Chunk]]
    """By the receiver's base type, then by the method's name."""
    aliases: dict[str, str]
    """Names for other types of the package: a method may be declared on either name."""


class _Irregular(Exception):
    """The file is not laid out as gofmt would."""


def outline(source: Source) -> Outline:
    """The outline of a file, by its layout where gofmt made it, else by its tree."""
    try:
        return _by_layout(source.data, len(source.header))
    except _Irregular:
        return outline_by_tree(source)


def outline_by_tree(source: Source) -> Outline:
    """The outline of a file by its tree: right for any layout, and slow."""
    found = Outline((), {}, {}, {})
    imports: list[Import] = []
    kinds = {
        "function_declaration": Kind.FUNCTION,
        "method_declaration": Kind.FUNCTION,
        "type_declaration": Kind.TYPE,
        "var_declaration": Kind.VARIABLE,
        "const_declaration": Kind.CONSTANT,
    }
    was_parsed = source.parsed
    for node in source.root.named_children:
        if node.type == "import_declaration":
            imports.extend(_imports(source.data[node.start_byte : node.end_byte]))
        elif node.type in kinds:
            chunk = Chunk(kinds[node.type], node.start_byte, node.end_byte)
            _add_aliases(found, source.data, chunk)
            _add_parsed(found, source.data, chunk)
    if not was_parsed:
        source.release()
    return found._replace(imports=tuple(imports))


def signature_text(data: bytes, chunk: Chunk) -> bytes | None:
    """A function's text up to its body, or None when only a parse can tell where that begins."""
    body = _BODY.search(data, chunk.start, chunk.end)
    return data[chunk.start : body.start()] if body else None


def _by_layout(data: bytes, start: int) -> Outline:
    found = Outline((), {}, {}, {})
    imports: list[Import] = []
    hidden = _hidden(data, start)
    if _CROWDED.match(data, start):
        raise _Irregular
    for indented in _INDENTED.finditer(data, start):
        if not _inside(hidden, indented.end()):
            raise _Irregular
    starts: list[tuple[int, bytes]] = []
    for newline in _COLUMN_ZERO.finditer(data, max(start - 1, 0)):
        position = newline.end()
        if hidden and _inside(hidden, position):
            continue
        keyword = _KEYWORD.match(data, position)
        if keyword:
            starts.append((position, keyword[1]))
        elif not _LABEL.match(data, position):
            raise _Irregular
    starts.append((len(data), b""))
    for (begin, keyword_text), (end, _) in pairwise(starts):
        if keyword_text == b"import":
            imports.extend(_imports(data[begin:end]))
        elif keyword_text != b"package":
            _add(found, data, Chunk(Kind(keyword_text), begin, end))
    return found._replace(imports=tuple(imports))


def _hidden(data: bytes, start: int) -> list[tuple[int, int]]:
    """The raw strings and block comments that span lines: column 0 inside them means nothing."""
    if data.find(b"`", start) < 0 and data.find(b"/*", start) < 0:
        return []
    spans: list[tuple[int, int]] = []
    while token := _LONG_TOKEN.match(data, start):
        spans.append(token.span(1))
        start = token.end()
    return spans


def _inside(spans: list[tuple[int, int]], position: int) -> bool:
    return any(begin < position < end for begin, end in spans)


def _add(found: Outline, data: bytes, chunk: Chunk) -> None:
    if chunk.kind is Kind.FUNCTION:
        function = _FUNCTION.match(data, chunk.start, chunk.end)
        if function:
            found.names.setdefault(text_of(function[1]), []).append(chunk)
            return
        method = _METHOD.match(data, chunk.start, chunk.end)
        if method:
            found.methods.setdefault(text_of(method[1]), {})[text_of(method[2])] = chunk
            return
    else:
        _add_aliases(found, data, chunk)
        single = _SINGLE.match(data, chunk.start, chunk.end)
        if single:
            _add_names(found, single[1], chunk)
            return
        group = _GROUP.match(data, chunk.start, chunk.end)
        if group:
            for names in _GROUPED.finditer(data, group.end(), chunk.end):
                _add_names(found, names[1], chunk)
            if data.find(b"\n ", group.end(), chunk.end) < 0:
                return
    _add_parsed(found, data, chunk)


def _add_aliases(found: Outline, data: bytes, chunk: Chunk) -> None:
    if chunk.kind is Kind.TYPE:
        for alias in _ALIAS.finditer(data, chunk.start, chunk.end):
            found.aliases[text_of(alias[1])] = text_of(alias[2])


def _add_names(found: Outline, names: bytes, chunk: Chunk) -> None:
    for name in names.split(b","):
        chunks = found.names.setdefault(text_of(name.strip()), [])
        if not chunks or chunks[-1] is not chunk:
            chunks.append(chunk)


def _add_parsed(found: Outline, data: bytes, chunk: Chunk) -> None:
    """Read the names out of a chunk's own tree."""
    for node in parse(data[chunk.start : chunk.end]).root_node.named_children:
        if node.type == "method_declaration":
            receiver = text_of(node.child_by_field_name("receiver"))
            base = re.search(r"(?:^|[\s*(])(\w+)\s*(?:\[[^\]]*\])?[\s,)]*$", receiver)
            if base:
                methods = found.methods.setdefault(base[1], {})
                methods[text_of(node.child_by_field_name("name"))] = chunk
            continue
        for spec in _specs(node):
            for name in spec.children_by_field_name("name"):
                if name.is_named:
                    _add_names(found, name.text or b"", chunk)


def _specs(node: Node) -> Iterator[Node]:
    if node.type == "function_declaration":
        yield node
    for child in node.named_children:
        if child.type == "var_spec_list":
            yield from child.named_children
        elif child.type in ("type_spec", "type_alias", "var_spec", "const_spec"):
            yield child


def _imports(text: bytes) -> Iterator[Import]:
    plain = _COMMENT.sub(b" ", text).removeprefix(b"import")
    for spec in _IMPORT.finditer(plain):
        yield Import(text_of(spec[1] or b""), text_of(spec[2] or spec[3] or b""))
