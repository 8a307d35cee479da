"""OK401: a map from revisions to objects, where a transaction puts several at one revision."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Index
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Basic, Map, Slice, Struct, Type
from commaok.scan import File, Finding, Ground, rule
from commaok.scan.surroundings import declaration_of, within
from commaok.scan.watching import declared_as

_NAMES: Final = r"(?:rv|rev|revision|resourceVersion|modRevision|mainRev|mainRevision)"
_REVISION: Final = re.compile(
    r"(?:[\w.()\[\]]*\.)?(?:ResourceVersion|GetResourceVersion\(\)|ModRevision|CreateRevision|Header\.Revision)"
    rf"|(?:[\w.]*\.)?{_NAMES}"
)
_FORMATTED: Final = re.compile(
    r"(?:strconv\.(?:FormatUint|FormatInt|Itoa)|fmt\.Sprint|string|u?int(?:64)?)\((?P<value>[^,]+)(?:,\s*\d+)?\)"
)


@rule(
    "OK401",
    needs=(
        rb"[Rr]evision|[Rr]esourceVersion|[Rr][Vv]\b|[Rr]ev\b",
        rb"(?i)\[[\w.()]*(?:version|revision|\brv|\brev|key|id)\b[^\]\n]*\]\s*=[^=]|\.GetResourceVersion\(\)\]",
    ),
)
def cache_keyed_by_revision(file: File) -> Iterator[Finding]:
    """``m[revision] = object`` on a map that has no other part in its key."""
    for index in file.indexes:
        stored = _stored(index)
        if stored is None or not _is_revision(file, index.key):
            continue
        kept = file.types.of(index.operand).underlying
        # A map inside a map has the object's key outside.
        if not isinstance(kept, Map) or index.operand.type not in (
            "identifier",
            "selector_expression",
        ):
            continue
        if not _is_object(kept.value) or not isinstance(kept.key.underlying, Basic):
            continue
        yield file.finding(
            index.node,
            "one transaction writes many objects at one revision: under the revision alone the "
            "last one takes the place of all others",
            evidence=[file.ground("revision", "the key is a revision and nothing else", index.key)],
            consequence=_read_back(file, index),
        )


def _stored(index: Index) -> Node | None:
    """The value that an assignment stores under the index."""
    holder = index.node.parent
    assignment = holder.parent if holder is not None else None
    if assignment is None or assignment.type != "assignment_statement":
        return None
    left, right = assignment.child_by_field_name("left"), assignment.child_by_field_name("right")
    if not within(index.node, left) or index.node not in expressions(left):
        return None
    operator = text_of(assignment.child_by_field_name("operator"))
    return right if operator == "=" else None


def _is_revision(file: File, key: Node) -> bool:
    text = text_of(key)
    formatted = _FORMATTED.fullmatch(text)
    if _REVISION.fullmatch(formatted["value"] if formatted else text):
        return True
    made = declared_as(file, key) if key.type == "identifier" else None
    if made is None:
        return False
    formatted = _FORMATTED.fullmatch(text_of(made))
    return _REVISION.fullmatch(formatted["value"] if formatted else text_of(made)) is not None


def _is_object(value: Type) -> bool:
    """Whether a map keeps one thing for each key, and more than a mark."""
    under = value.underlying
    if isinstance(under, Struct):
        return bool(under.body.names())
    return not isinstance(under, Basic | Slice | Map)


def _read_back(file: File, index: Index) -> list[Ground]:
    """Where the map is read by a key again."""
    kept = file.types.object(index.operand)
    here = declaration_of(index.node)
    if kept is None:
        return []
    for use in file.package.uses(kept):
        if use.file is file and within(use.node, here):
            continue
        outer = use.node.parent
        if outer is not None and outer.type == "selector_expression":
            outer = outer.parent
        if outer is not None and outer.type == "index_expression":
            return [use.file.ground("served", "objects are looked up here", outer)]
    return []
