"""Reads of a map without comma-ok, and the comparisons that decide something by their value.

Three ways lead from a read to a decision: ``if m[k] == nil``; ``v := m[k]`` and later ``if v ==
nil``; and a function of the package that does no more than ``return m[k]``, whose callers decide.
"""

import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang import Index, Object
from commaok.golang.syntax import Finder, expressions, text_of
from commaok.golang.types import Map, Type
from commaok.scan.file import File, Use
from commaok.scan.maps import bare, is_comma_ok, returned

_DIRECT: Final = re.compile(rb"\][ \t)]*[!=]=[ \t(]*(?:nil\b|\"\"|``|0\b|\w[\w.]*\{\})")
_INDEXED: Final = re.compile(
    rb"^[ \t]*+(?:if[ \t]++|var[ \t]++|\}[ \t]*+else[ \t]++if[ \t]++)?+"
    rb"(\w++)[ \t]*+:?=[ \t]*+[\w(*&][^\n;]*\][ \t]*(?:[;\n]|//)",
    re.MULTILINE,
)
_COMPARED: Final = re.compile(rb"[!=]=[ \t(]*+(?:nil\b|\"\"|``|0\b|\w[\w.]*\{\})")
_LAST_NAME: Final = re.compile(rb"(\w+)[ \t]*$")
_RETURNED: Final = re.compile(rb"\breturn[ \t]+[\w.]+\[[^\n]*\][ \t]*(?:\n|//)")
_COMPARISONS: Final = Finder('(binary_expression operator: ["==" "!="]) @comparison')


class Lookup(NamedTuple):
    """A read of a map's value alone.

    ``file`` and ``read`` are where the map is indexed; ``value`` is the expression that has the
    value where it is decided on: the same, or a call of a function that returns it.
    """

    file: File
    read: Index
    map: Map
    value: Node
    at: File
    variable: Object | None
    """The variable that ``value`` was put into, if the decision is about that."""


class Decision(NamedTuple):
    """A comparison of a looked-up value with ``other``; ``equal`` for ``==``."""

    lookup: Lookup
    comparison: Node
    compared: Node
    other: Node
    equal: bool


def may_decide(data: bytes) -> bool:
    """Whether a file's bytes can hold a decision: the rules' prefilter."""
    if _DIRECT.search(data) or _RETURNED.search(data):
        return True
    named = set(_INDEXED.findall(data))
    if not named:
        return False
    # Searched from the operator backwards: from the names on, every word would be a beginning.
    for compared in _COMPARED.finditer(data):
        start = compared.start()
        name = _LAST_NAME.search(data[max(0, start - 40) : start])
        if name is not None and name[1] in named:
            return True
    return False


def decisions(file: File) -> Iterator[Decision]:
    """Every decision by the value of a map in a file, and those by what its functions return."""
    comparisons = _comparisons(file)
    if not comparisons and not _RETURNED.search(file.data):
        return
    for lookup in lookups(file):
        yield from _decided(lookup, comparisons)
    for lookup in _returned_lookups(file):
        yield from _decided(lookup, _comparisons(lookup.at))


def lookups(file: File) -> Iterator[Lookup]:
    """The reads of maps that are compared or put into one variable, without comma-ok."""
    for read in file.indexes:
        around = _around(read.node)
        if around is None or is_comma_ok(read.node):
            continue
        if around.type not in ("binary_expression", "expression_list", "var_spec"):
            continue
        kind = file.types.of(read.operand).underlying
        if isinstance(kind, Map):
            variable = _variable(file, read.node)
            if around.type == "binary_expression" or variable is not None:
                yield Lookup(file, read, kind, read.node, file, variable)


def _returned_lookups(file: File) -> Iterator[Lookup]:
    """What callers get from functions whose only result is ``m[k]``."""
    if not _RETURNED.search(file.data):
        return
    by_node = {read.node.id: read for read in file.indexes}
    for function in file.functions:
        values = returned(function)
        if len(values) != 1 or len(values[0]) != 1:
            continue
        read = by_node.get(bare(values[0][0]).id)
        kind = file.types.of(read.operand).underlying if read is not None else None
        if read is None or not isinstance(kind, Map) or _checks(function):
            continue
        for use in file.package.callers(function, file):
            variable = _variable(use.file, use.node)
            yield Lookup(file, read, kind, use.node, use.file, variable)


def _decided(lookup: Lookup, comparisons: list[tuple[Node, Node, Node]]) -> Iterator[Decision]:
    file = lookup.at
    variable = lookup.variable
    uses: list[Use] | None = None
    for comparison, side, other in comparisons:
        compared = bare(side)
        if variable is None:
            matches = compared.id == lookup.value.id
        else:
            matches = (
                compared.type == "identifier"
                and text_of(compared) == variable.name
                and compared.start_byte > lookup.value.end_byte
                and file.types.object(compared) == variable
            )
            if matches:
                uses = uses if uses is not None else list(file.uses_here(variable))
                matches = not _set_between(uses, lookup.value.end_byte, compared.start_byte)
        if matches:
            equal = text_of(comparison.child_by_field_name("operator")) == "=="
            yield Decision(lookup, comparison, compared, other, equal)


def _comparisons(file: File) -> list[tuple[Node, Node, Node]]:
    """The comparisons with nil or a zero value: whole, the side looked at, the other."""
    found = []
    for node in file.captures(_COMPARISONS).get("comparison", ()):
        left, right = node.child_by_field_name("left"), node.child_by_field_name("right")
        if left is None or right is None:
            continue
        if is_nothing(right):
            found.append((node, left, right))
        elif is_nothing(left):
            found.append((node, right, left))
    return sorted(found, key=lambda each: each[0].start_byte)


def is_nothing(node: Node) -> bool:
    """Whether an expression is nil, an empty string, zero, or an empty composite literal."""
    node = bare(node)
    if node.type == "composite_literal":
        return not expressions(node.child_by_field_name("body"))
    return node.type == "nil" or text_of(node) in ('""', "``", "0")


def value_type(lookup: Lookup) -> Type:
    """The type of the map's values."""
    return lookup.map.value


def _around(node: Node) -> Node | None:
    around = node.parent
    while around is not None and around.type == "parenthesized_expression":
        around = around.parent
    return around


def _variable(file: File, value: Node) -> Object | None:
    """The one variable that a value is put into."""
    values = _around(value)
    if values is None or values.type != "expression_list" or len(expressions(values)) != 1:
        return None
    statement = values.parent
    if statement is None:
        return None
    if statement.type == "var_spec":
        names = [each for each in statement.children_by_field_name("name") if each.is_named]
    elif statement.type in ("short_var_declaration", "assignment_statement"):
        names = expressions(statement.child_by_field_name("left"))
        if values.id == (statement.child_by_field_name("left") or values).id:
            return None
    else:
        return None
    if len(names) != 1 or names[0].type != "identifier":
        return None
    found = file.types.object(names[0])
    return found if found is not None and found.is_local else None


def _set_between(uses: list[Use], start: int, end: int) -> bool:
    for use in uses:
        if start < use.node.start_byte < end:
            targets = use.node.parent
            statement = targets.parent if targets is not None else None
            if targets is None or statement is None:
                continue
            left = statement.child_by_field_name("left")
            if left is not None and left.id == targets.id:
                return True
    return False


def _checks(function: Node) -> bool:
    """Whether a function decides something before it returns the value."""
    body = function.child_by_field_name("body")
    return any(
        each.type in ("if_statement", "for_statement", "expression_switch_statement")
        for statements in (body.named_children if body is not None else ())
        for each in (
            statements.named_children if statements.type == "statement_list" else (statements,)
        )
    )
