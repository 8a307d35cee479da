"""OK105: comma-ok says present, the value is used, and nil may have been stored."""

from collections.abc import Iterator
from typing import NamedTuple

from tree_sitter import Node

from commaok.golang import Index, ObjectKind
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Func, Interface, Map, Pointer, Type
from commaok.hazards.map_existence import evidence_of
from commaok.scan import Edit, File, Finding, Fix, FixKind, rule
from commaok.scan.branches import inside
from commaok.scan.maps import Stored, bare, is_comma_ok, map_facts


class Present(NamedTuple):
    """``value, ok := m[k]`` and the code that runs when ``ok``; ``condition`` is ``ok`` itself."""

    value: Node
    condition: Node
    block: Node


@rule("OK105", needs=(rb"\w+,[ \t]*\w+[ \t]*:?=[^\n]*\]", rb"\bnil\b"))
def present_but_nil(file: File) -> Iterator[Finding]:
    """A present value that is used without a look at whether it is nil."""
    for read in file.indexes:
        if not is_comma_ok(read.node):
            continue
        kind = file.types.of(read.operand).underlying
        if not isinstance(kind, Map) or not kind.value.can_be_nil:
            continue
        present = _present(read)
        if present is None:
            continue
        used = _used(file, present, kind.value)
        if used is None:
            continue
        facts = map_facts(file, read.operand)
        evidence = evidence_of(facts, Stored.NIL, Stored.TYPED_NIL, Stored.MAYBE_NIL)
        if not evidence:
            continue
        name = text_of(present.value)
        yield file.finding(
            used,
            f"the key is there, but {name} can be nil all the same: nil is stored under keys of "
            f"{text_of(read.operand)}",
            evidence=evidence,
            consequence=[file.ground("used", f"{name} is used here, which panics on nil", used)],
            related=[file.ground("read", "the key is looked up here", read.node)],
            fix=_fix(present),
        )


def _present(read: Index) -> Present | None:
    values = read.node.parent
    statement = values.parent if values is not None else None
    if statement is None or statement.type not in ("short_var_declaration", "assignment_statement"):
        return None
    names = expressions(statement.child_by_field_name("left"))
    if len(names) != 2 or text_of(names[0]) == "_":
        return None
    guard = statement.parent
    if guard is None or guard.type != "if_statement":
        guard = statement.next_named_sibling
    if guard is None or guard.type != "if_statement":
        return None
    condition = guard.child_by_field_name("condition")
    block = guard.child_by_field_name("consequence")
    if condition is None or block is None:
        return None
    if text_of(bare(condition)) != text_of(names[1]):
        return None
    return Present(names[0], condition, block)


def _used(file: File, present: Present, kind: Type) -> Node | None:
    """The first place that needs the value, unless a check or an assignment stands before it."""
    name = text_of(present.value)
    under = kind.underlying
    for each in inside(present.block, "identifier"):
        if text_of(each) != name:
            continue
        parent = each.parent
        if parent is None or parent.type in ("binary_expression", "type_switch_statement"):
            return None
        if parent.type == "expression_list" and parent.parent is not None:
            left = parent.parent.child_by_field_name("left")
            if left is not None and left.id == parent.id:
                return None
        first = parent.named_children[0].id == each.id if parent.named_children else False
        if parent.type == "selector_expression" and first:
            if isinstance(under, Interface):
                return parent
            member = file.types.object(parent)
            is_field = member is not None and member.kind is ObjectKind.FIELD
            return parent if isinstance(under, Pointer) and is_field else None
        if parent.type == "call_expression" and first and isinstance(under, Func):
            return parent
        if parent.type == "unary_expression" and parent.children[0].type == "*":
            return parent
    return None


def _fix(present: Present) -> Fix:
    """``ok && v != nil``: what holds nil goes the way of what is absent."""
    end = present.condition.end_byte
    edit = Edit(end, end, f" && {text_of(present.value)} != nil")
    return Fix(FixKind.CHANGING, "use the value only when it is not nil", (edit,))
