"""OK402: deciding by a list that may be older than what was seen before."""

import re
from collections.abc import Iterator
from typing import Final

from tree_sitter import Node

from commaok.golang import Finder
from commaok.golang.syntax import text_of
from commaok.scan import Call, File, Finding, Ground, rule
from commaok.scan.surroundings import around, calls_within, declaration_of, descendants, function_of

_KEYS: Final = Finder(
    """
    (keyed_element
      key: (literal_element (identifier) @key)
      value: (literal_element (interpreted_string_literal) @value))
    """
)
_SETS: Final = Finder(
    """
    (assignment_statement
      left: (expression_list (selector_expression field: (field_identifier) @key))
      right: (expression_list (interpreted_string_literal)))
    """
)
_READS: Final = ("List", "Get")
_WRITES: Final = (
    "Create",
    "Delete",
    "DeleteCollection",
    "Update",
    "UpdateStatus",
    "Patch",
    "Evict",
    "EvictV1",
)
_RELISTS: Final = frozenset(("ListFunc", "ListWithContextFunc", "WatchFunc"))


@rule(
    "OK402",
    needs=(
        rb"ResourceVersion[\"]?\s*[:=]\s*\"0\"",
        rb"ListOptions|GetOptions|options|opts",
        rb"\.(?:List|Get)\(",
    ),
)
def stale_list(file: File) -> Iterator[Finding]:
    """``ResourceVersion: "0"`` in the options of a List or Get, outside a reflector's."""
    for finder in (_KEYS, _SETS):
        for key in file.captures(finder).get("key", ()):
            if text_of(key) == "ResourceVersion":
                yield from _read_at_zero(file, key)


def _read_at_zero(file: File, key: Node) -> Iterator[Finding]:
    function = declaration_of(key)
    if function is None or not _is_zero(key) or _is_a_reflectors(key):
        return
    read = _read_with(file, key)
    # A list that a watch goes on from is brought up to date by it.
    if read is None or any(calls_within(file, function, "Watch", "NewListWatchFromClient")):
        return
    result = _result(read)
    yield file.finding(
        read.node,
        'ResourceVersion "0" takes whatever an apiserver has cached: it may be older than what was '
        "seen before, and lack what was created since",
        evidence=_decides(file, function, read, result),
        consequence=_acts(file, function, read),
        related=[file.ground("zero", "any version will do, says this", key)],
    )


def _is_zero(key: Node) -> bool:
    holder = key.parent.parent if key.parent is not None else None
    if holder is not None and holder.type == "expression_list":
        holder = holder.parent
    return re.search(r'[:=]\s*"0"$', text_of(holder)) is not None


def _is_a_reflectors(key: Node) -> bool:
    """Whether it stands in the ListFunc of a ListWatch: an informer watches from there."""
    function = function_of(key)
    return any(
        outer.type == "keyed_element" and text_of(outer.child_by_field_name("key")) in _RELISTS
        for outer in (around(function) if function is not None else ())
    )


def _read_with(file: File, key: Node) -> Call | None:
    """The List or Get that the options are given to, directly or through a variable."""
    function = function_of(key)
    if function is None:
        return None
    name = ""
    for outer in around(key):
        if outer.type == "argument_list" and outer.parent is not None:
            call = outer.parent
            return next((c for c in file.calls_named(*_READS) if c.node.id == call.id), None)
        if outer.type in ("short_var_declaration", "assignment_statement"):
            name = text_of(outer.child_by_field_name("left")).split(".")[0]
            break
    return next(
        (
            call
            for call in calls_within(file, function, *_READS)
            if name and call.node.start_byte > key.end_byte
            if any(text_of(each).lstrip("&") == name for each in call.arguments)
        ),
        None,
    )


def _result(read: Call) -> str:
    """The variable that holds what was read."""
    holder = read.node.parent.parent if read.node.parent is not None else None
    left = holder.child_by_field_name("left") if holder is not None else None
    return text_of(left).split(",")[0].strip()


def _decides(file: File, function: Node, read: Call, result: str) -> list[Ground]:
    """A condition after the read that asks about the result."""
    if not result or result == "_":
        return []
    asks = re.compile(rf"\b{re.escape(result)}\b")
    for statement in descendants(function, "if_statement", "range_clause"):
        if statement.start_byte < read.node.end_byte:
            continue
        asked = statement.child_by_field_name("condition") or statement.child_by_field_name("right")
        if asked is not None and asks.search(text_of(asked)):
            return [file.ground("decides", f"{result} decides here", asked)]
    return []


def _acts(file: File, function: Node, read: Call) -> list[Ground]:
    """A write after the read, in a function that does not also read what is current."""
    called = text_of(read.node.child_by_field_name("function"))
    for call in calls_within(file, function, read.name):
        fresh = call.node.id != read.node.id and '"0"' not in text_of(call.node)
        if fresh and text_of(call.node.child_by_field_name("function")) == called:
            return []
    for call in calls_within(file, function, *_WRITES):
        if call.node.start_byte > read.node.end_byte and len(call.arguments) > 1:
            return [file.ground("acts", f"{call.name} follows from it", call.node)]
    return []
