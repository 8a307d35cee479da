"""What is stored in a map, anywhere it can be reached from: the evidence of half the catalogue.

A map is known by the variable or field that holds it, or by its named type. Copies of a map under
other names are followed one step: ``m := r.watchers``.
"""

import enum
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from tree_sitter import Node

from commaok.golang import Object, ObjectKind
from commaok.golang.syntax import expressions, text_of
from commaok.golang.types import Named, Pointer, Struct
from commaok.scan.file import File, Use

_ZERO_TEXTS: Final = frozenset(('""', "``", "0", "0.0", "false"))
_MADE: Final = re.compile(r"(?:^|\.)(?:make$|new$|[Nn]ew(?:[A-Z]\w*)?$)")
"""By convention a function named New returns something."""

_UPDATES: Final = frozenset(("inc_statement", "dec_statement"))


class Stored(enum.Enum):
    """What a value that is put into a map is, as far as the source tells."""

    NIL = "nil"
    TYPED_NIL = "a typed nil"
    MAYBE_NIL = "the result of a function that can return nil"
    ZERO = "the zero value"
    NEVER_NIL = "a value that cannot be nil"
    VALUE = "a value"


class Store(NamedTuple):
    """A place that puts ``value`` under ``key``; ``key`` is None in literals without one."""

    file: File
    node: Node
    key: Node | None
    value: Node
    what: Stored


class MapFacts(NamedTuple):
    """Everything the module does with one map, its tests left out."""

    stores: tuple[Store, ...]
    deletes: tuple[Use, ...]
    guarded: tuple[Use, ...]
    """Reads with comma-ok."""
    counted: bool
    """Whether values are counted up or down: absent and zero are then meant to be the same."""
    escapes: bool
    """Whether the map is handed to code that could store in it unseen."""

    @property
    def never_nil(self) -> bool:
        """Whether everything that is stored in the map is seen, and none of it can be nil."""
        seen = all(store.what is Stored.NEVER_NIL for store in self.stores)
        return seen and bool(self.stores) and not self.escapes


_NONE: Final = MapFacts((), (), (), counted=False, escapes=True)


def map_object(file: File, operand: Node) -> Object | None:
    """The variable or field that a map expression names, seen through one local name for it."""
    operand = bare(operand)
    found = file.types.object(operand)
    if found is None or found.kind not in (ObjectKind.VARIABLE, ObjectKind.FIELD):
        return None
    if found.is_local and found.kind is ObjectKind.VARIABLE:
        for use in file.uses_here(found):
            value = _defined_as(use.node)
            if value is not None and value.type == "selector_expression":
                return file.types.object(value) or found
    return found


def map_facts(file: File, operand: Node) -> MapFacts:
    """What the module does with the map that an expression of ``file`` names."""
    known = map_object(file, operand)
    if known is None:
        return _NONE
    uses = list(file.package.uses_in_module(known))
    kind = file.types.of(operand)
    named = kind.element if isinstance(kind, Pointer) else kind
    if known.is_local and isinstance(named, Named):
        uses += _uses_by_type(file, named)
    stores: list[Store] = []
    deletes: list[Use] = []
    guarded: list[Use] = []
    counted = escapes = False
    for use in uses:
        expression = whole(use.node)
        parent = expression.parent
        if parent is None:
            continue
        if parent.type == "index_expression" and _is(parent, "operand", expression):
            stores += _index_stores(use.file, parent)
            counted = counted or _is_counted(parent)
            if is_comma_ok(parent):
                guarded.append(Use(use.file, parent))
        elif parent.type == "argument_list":
            if (call := parent.parent) is not None and _callee_text(call) == "delete":
                deletes.append(Use(use.file, call))
            else:
                escapes = escapes or _callee_text(parent.parent) not in ("len", "clear", "copy")
        else:
            stores += _literal_stores(use.file, expression)
    return MapFacts(tuple(stores), tuple(deletes), tuple(guarded), counted, escapes)


def what_is_stored(file: File, value: Node) -> Stored:
    """What an expression that is put into a map can be."""
    value = bare(value)
    if value.type == "nil":
        return Stored.NIL
    if text_of(value) in _ZERO_TEXTS:
        return Stored.ZERO
    if value.type in ("func_literal", "unary_expression") or value.type.endswith("_literal"):
        if is_empty_struct(file, value):
            return Stored.ZERO
        address = value.type != "unary_expression" or value.children[0].type == "&"
        return Stored.NEVER_NIL if address else Stored.VALUE
    if value.type in ("call_expression", "type_conversion_expression"):
        return _call_gives(file, value)
    if value.type == "identifier" and _never_assigned(file, value):
        return Stored.TYPED_NIL if isinstance(file.types.of(value), Pointer) else Stored.NIL
    if value.type == "identifier" and _dereferenced_before(file, value):
        return Stored.NEVER_NIL
    if value.type == "identifier" and (last := _last_assigned(file, value)) is not None:
        return Stored.NEVER_NIL if _is_made(last) else Stored.VALUE
    return Stored.VALUE


def is_made_here(file: File, operand: Node) -> bool:
    """Whether a map is a variable that a function declares for itself, and no parameter."""
    held = map_object(file, operand)
    if held is None or not held.is_local or isinstance(file.types.of(operand), Named):
        return False
    return any(
        _defined_as(use.node) is not None
        or (use.node.parent is not None and use.node.parent.type == "var_spec")
        for use in file.uses_here(held)
    )


def is_empty_struct(file: File, value: Node) -> bool:
    """Whether an expression is ``T{}`` of a struct: its zero value."""
    if value.type != "composite_literal" or expressions(value.child_by_field_name("body")):
        return False
    return isinstance(file.types.of(value).underlying, Struct)


def whole(name: Node) -> Node:
    """The selector that a field's name ends, in its parentheses; or the name itself."""
    node = name
    parent = node.parent
    if parent is not None and parent.type == "selector_expression" and _is(parent, "field", node):
        node = parent
    while node.parent is not None and node.parent.type == "parenthesized_expression":
        node = node.parent
    return node


def bare(node: Node) -> Node:
    """An expression without the parentheses around it."""
    while node.type == "parenthesized_expression":
        inner = expressions(node)
        if len(inner) != 1:
            return node
        node = inner[0]
    return node


def is_comma_ok(read: Node) -> bool:
    """Whether an index expression stands on the right of two names."""
    values = read.parent
    if values is None or values.type != "expression_list" or len(expressions(values)) != 1:
        return False
    statement = values.parent
    if statement is None:
        return False
    if statement.type == "var_spec":
        return len(statement.children_by_field_name("name")) >= 2
    left = statement.child_by_field_name("left")
    return left is not None and left.id != values.id and len(expressions(left)) == 2


def _uses_by_type(file: File, named: Named) -> Iterator[Use]:
    """The receivers of a named map type: in its methods the map goes by their names."""
    for other in file.package.files:
        if named.name.encode() not in other.data:
            continue
        for read in other.indexes:
            operand = bare(read.operand)
            if operand.type == "identifier" and other.types.of(operand) == named:
                yield Use(other, operand)


def _index_stores(file: File, read: Node) -> Iterator[Store]:
    targets = read.parent
    statement = targets.parent if targets is not None else None
    if targets is None or statement is None or targets.type != "expression_list":
        return
    if statement.type != "assignment_statement" or not _is(statement, "left", targets):
        return
    left = expressions(targets)
    right = expressions(statement.child_by_field_name("right"))
    position = next(number for number, each in enumerate(left) if each.id == read.id)
    key = read.child_by_field_name("index")
    operator = text_of(statement.child_by_field_name("operator"))
    if operator == "=" and len(left) == len(right):
        value = right[position]
        yield Store(file, statement, key, value, what_is_stored(file, value))


def _literal_stores(file: File, expression: Node) -> Iterator[Store]:
    """``m = map[K]V{k: nil}``, ``T{m: map[K]V{…}}`` and declarations with such a value."""
    value = _defined_as(expression)
    if value is None or value.type != "composite_literal":
        return
    kind = value.child_by_field_name("type")
    if kind is None or kind.type != "map_type":
        return
    for element in expressions(value.child_by_field_name("body")):
        key = _inner(element.child_by_field_name("key"))
        stored = _inner(element.child_by_field_name("value"))
        if key is not None and stored is not None and stored.type != "literal_value":
            yield Store(file, element, key, stored, what_is_stored(file, stored))


def _defined_as(name: Node) -> Node | None:
    """The expression that a name or selector is declared with, assigned, or set to in a literal."""
    parent = name.parent
    if parent is None:
        return None
    if parent.type == "literal_element" and parent.parent is not None:
        element = parent.parent
        if element.type == "keyed_element" and _is(element, "key", parent):
            return _inner(element.child_by_field_name("value"))
        return None
    if parent.type == "var_spec":
        names = parent.children_by_field_name("name")
        values = expressions(parent.child_by_field_name("value"))
    elif parent.type == "expression_list" and parent.parent is not None:
        statement = parent.parent
        if statement.type not in ("short_var_declaration", "assignment_statement"):
            return None
        if not _is(statement, "left", parent):
            return None
        names = expressions(parent)
        values = expressions(statement.child_by_field_name("right"))
    else:
        return None
    names = [each for each in names if each.is_named]
    if len(names) != len(values):
        return None
    return next(
        (value for each, value in zip(names, values, strict=True) if each.id == name.id), None
    )


def _call_gives(file: File, call: Node) -> Stored:
    arguments = expressions(call.child_by_field_name("arguments"))
    arguments = arguments or expressions(call)[1:]
    if len(arguments) == 1 and bare(arguments[0]).type == "nil":
        kind = file.types.of(call)
        if kind.can_be_nil:
            return Stored.TYPED_NIL if isinstance(kind, Pointer) else Stored.NIL
    if _is_made(call):
        return Stored.NEVER_NIL
    made = file.package.declaration(file.callee(call))
    if made is None or made.node.child_by_field_name("result") is None:
        return Stored.VALUE
    returns = returned(made.node)
    if any(len(values) == 1 and bare(values[0]).type == "nil" for values in returns):
        return Stored.MAYBE_NIL
    return Stored.VALUE


def returned(function: Node) -> list[list[Node]]:
    """The values of a function's own return statements."""
    found: list[list[Node]] = []
    waiting = [function.child_by_field_name("body")]
    while waiting:
        node = waiting.pop()
        if node is None or node.type == "func_literal":
            continue
        if node.type == "return_statement":
            found.append(expressions(next(iter(expressions(node)), None)))
        else:
            waiting.extend(node.named_children)
    return found


def _never_assigned(file: File, name: Node) -> bool:
    """Whether a variable is declared without a value, and only read after that."""
    wanted = file.types.object(name)
    if wanted is None or wanted.kind is not ObjectKind.VARIABLE or not wanted.is_local:
        return False
    if not file.types.of(name).can_be_nil:
        return False
    declared = False
    for use in file.uses_here(wanted):
        parent = use.node.parent
        if parent is None:
            return False
        if parent.type == "var_spec":
            declared = parent.child_by_field_name("value") is None
        elif parent.type in ("parameter_declaration", "range_clause") or (
            parent.type == "unary_expression" and parent.children[0].type == "&"
        ):
            return False
        elif parent.type == "expression_list" and parent.parent is not None:
            statement = parent.parent
            if statement.type != "return_statement" and _is(statement, "left", parent):
                return False
    return declared


def _is_made(value: Node) -> bool:
    """Whether an expression makes something: a literal, make, new, or a function named New."""
    value = bare(value)
    if value.type == "unary_expression":
        return value.children[0].type == "&"
    if value.type == "call_expression":
        return _MADE.search(_callee_text(value)) is not None
    return value.type in ("composite_literal", "func_literal")


def _dereferenced_before(file: File, name: Node) -> bool:
    """Whether a field of a local pointer was touched before: nil would have ended it there."""
    wanted = file.types.object(name)
    if wanted is None or not wanted.is_local or not isinstance(file.types.of(name), Pointer):
        return False
    for use in file.uses_here(wanted):
        parent = use.node.parent
        if parent is None or parent.type != "selector_expression":
            continue
        if use.node.start_byte < name.start_byte and _is(parent, "operand", use.node):
            member = file.types.object(parent)
            if member is not None and member.kind is ObjectKind.FIELD:
                return True
    return False


def _last_assigned(file: File, name: Node) -> Node | None:
    """What a local variable was last set to before a place, in the order of the text."""
    wanted = file.types.object(name)
    if wanted is None or not wanted.is_local:
        return None
    found = None
    for use in file.uses_here(wanted):
        if use.node.start_byte < name.start_byte:
            found = _defined_as(use.node) or found
    return found


def _is_counted(read: Node) -> bool:
    parent = read.parent
    if parent is None:
        return False
    if parent.type in _UPDATES:
        return True
    statement = parent.parent
    return (
        parent.type == "expression_list"
        and statement is not None
        and statement.type == "assignment_statement"
        and _is(statement, "left", parent)
        and text_of(statement.child_by_field_name("operator")) != "="
    )


def _inner(element: Node | None) -> Node | None:
    """The expression inside a literal's element."""
    return next(iter(expressions(element)), None) if element is not None else None


def _is(parent: Node, field: str, node: Node) -> bool:
    child = parent.child_by_field_name(field)
    return child is not None and child.id == node.id


def _callee_text(call: Node | None) -> str:
    return text_of(call.child_by_field_name("function")) if call is not None else ""
